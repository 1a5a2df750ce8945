//! A service and its stack to test with.

use hastack_api::{AutoScaledService, HAStack};

use crate::cloud::{Answer, Image, ImageQuery, Question};
use crate::desire::Inputs;
use crate::desire::site::Site;
use crate::desired::Identity;

const IMAGE: &str = "ami-0123456789abcdef0";

/// The stack `shop/ground` with these parts; it says it has a file system's mount targets in two zones.
pub(super) fn stack(parts: &str) -> HAStack {
    let resource = |id: &str| format!("{{id: {id}, awsId: x, phase: Ready}}");
    let resources = ["mount-target/us-east-1a", "mount-target/us-east-1b", "vpc"].map(resource);
    let text = format!(
        "{{apiVersion: hastack.dev/v1alpha1, kind: HAStack, metadata: {{name: ground, namespace: shop}}, spec: {{region: us-east-1, network: {{cidr: 10.0.0.0/16}}, {parts}}}, status: {{resources: [{}]}}}}",
        resources.join(", ")
    );
    serde_yaml_ng::from_str(&text).unwrap()
}

/// The service `shop/<name>` on it with these parts.
pub(super) fn service(name: &str, parts: &str) -> AutoScaledService {
    let text = format!(
        "{{apiVersion: hastack.dev/v1alpha1, kind: AutoScaledService, metadata: {{name: {name}, namespace: shop}}, spec: {{stackRef: {{name: ground}}, image: {{id: {IMAGE}}}, instanceType: t3.micro, capacity: {{min: 1, max: 2}}, {parts}}}}}"
    );
    serde_yaml_ng::from_str(&text).unwrap()
}

/// What is known beside it.
pub(super) fn inputs() -> Inputs {
    let image = Image {
        id: IMAGE.to_owned(),
        name: "somebody's".to_owned(),
        architecture: "x86_64".to_owned(),
        root_device: "/dev/sda1".to_owned(),
    };
    let question = Question::Image(ImageQuery::Id(IMAGE.to_owned()));
    Inputs {
        answers: [(question, Answer::Image(Some(image)))].into(),
        ..Inputs::default()
    }
}

/// The stack as the service `shop/web` sees it.
pub(super) fn on<T>(stack: &HAStack, act: impl FnOnce(&Site<'_>) -> T) -> T {
    let identity = Identity {
        cluster: "c".into(),
        owner: "AutoScaledService/shop/web".parse().unwrap(),
        uid: "u".into(),
    };
    act(&Site::new(&identity, stack))
}
