use std::collections::BTreeMap;

use hastack_api::service::image::ImageStatus;
use hastack_api::{AutoScaledService, HAStack};
use jiff::Timestamp;

use super::*;
use crate::cloud::{Answer, Image, ImageQuery};
use crate::desired::Identity;
use crate::resource::launch_template;

mod build;

const OLD: &str = "ami-00000000000000001";
const NEW: &str = "ami-00000000000000002";
const PARAMETER: &str = "image: {ssmParameter: /golden/web}";
const BUILD: &str = "image: {build: {from: {ssmParameter: /base}, script: make}}";

fn stack() -> HAStack {
    let resources = ["subnet/private/us-east-1a", "subnet/public/us-east-1a", "vpc"]
        .map(|id| format!("{{id: {id}, awsId: x, phase: Ready}}"));
    let text = format!(
        "{{apiVersion: hastack.dev/v1alpha1, kind: HAStack, metadata: {{name: ground, namespace: shop}}, spec: {{region: us-east-1, network: {{cidr: 10.0.0.0/16}}}}, status: {{resources: [{}]}}}}",
        resources.join(", ")
    );
    serde_yaml_ng::from_str(&text).unwrap()
}

fn spec(parts: &str) -> AutoScaledServiceSpec {
    let text = format!(
        "{{apiVersion: hastack.dev/v1alpha1, kind: AutoScaledService, metadata: {{name: web, namespace: shop}}, spec: {{stackRef: {{name: ground}}, instanceType: t3.micro, capacity: {{min: 1, max: 2}}, {parts}}}}}"
    );
    serde_yaml_ng::from_str::<AutoScaledService>(&text).unwrap().spec
}

fn identity() -> Identity {
    Identity {
        cluster: "c".into(),
        owner: "AutoScaledService/shop/web".parse().unwrap(),
        uid: "u".into(),
    }
}

fn on<T>(act: impl FnOnce(&Site<'_>) -> T) -> T {
    act(&Site::new(&identity(), &stack()))
}

/// Answers every question until there are none: parameters name `named`, and there are these images.
fn answered(spec: &AutoScaledServiceSpec, inputs: Inputs, named: &str, images: &[&str]) -> Inputs {
    let image = |id: &str| {
        images.contains(&id).then(|| Image {
            id: id.to_owned(),
            name: "somebody's".into(),
            architecture: "x86_64".into(),
            root_device: "/dev/sda1".into(),
        })
    };
    let mut inputs = inputs;
    loop {
        let mut open = questions(spec, &inputs);
        open.retain(|question| !inputs.answers.contains_key(question));
        if open.is_empty() {
            return inputs;
        }
        for question in open {
            let answer = match &question {
                Question::Parameter(_) => Answer::Parameter(Some(named.to_owned())),
                Question::Image(ImageQuery::Id(id)) => Answer::Image(image(id)),
                Question::Image(ImageQuery::Newest { .. }) => Answer::Image(image(named)),
                other => panic!("nobody needs {other:?}"),
            };
            inputs.answers.insert(question, answer);
        }
    }
}

/// The id of the image that instances start from, or why there is none.
fn id(parts: &str, inputs: Inputs, named: &str, images: &[&str]) -> String {
    let spec = spec(parts);
    let inputs = answered(&spec, inputs, named, images);
    match on(|site| source(&spec, site, &inputs)) {
        Ok(launch_template::Image::Given(image)) => image.id,
        Ok(launch_template::Image::Node(node)) => node.to_string(),
        Err(error) => error.to_string(),
    }
}

/// A service that had [`OLD`] by this source, at this time.
fn pinned(source: &str, now: &str) -> Inputs {
    Inputs {
        now: now.parse().unwrap(),
        pinned: Some(ImageStatus {
            id: Some(OLD.into()),
            source: Some(source.into()),
            ..ImageStatus::default()
        }),
        ..Inputs::default()
    }
}

#[test]
fn an_image_is_the_one_that_is_named() {
    for parts in [
        "image: {id: ami-00000000000000002}",
        PARAMETER,
        "image: {filter: {owner: self, name: \"web-*\"}}",
    ] {
        assert_eq!(id(parts, Inputs::default(), NEW, &[NEW]), NEW, "{parts}");
    }
}

#[test]
fn what_names_no_image_is_said_by_its_field() {
    for (parts, named, error) in [
        (
            "image: {id: ami-00000000000000003}",
            NEW,
            "cannot find image.id: there is no image ami-00000000000000003",
        ),
        (
            PARAMETER,
            "ami-00000000000000003",
            "cannot find image.ssmParameter: there is no image ami-00000000000000003, which the parameter names",
        ),
        (
            PARAMETER,
            "{\"image_id\": 1}",
            "cannot find image.ssmParameter: there is no parameter /golden/web with the id of an image in it",
        ),
        (
            "instanceType: m7g.large, image: {filter: {owner: self, name: \"web-*\"}}",
            "ami-00000000000000003",
            "cannot find image.filter: there is no image of self for arm64 whose name matches \"web-*\"",
        ),
    ] {
        let parts = parts.replace("instanceType: m7g.large, ", "");
        let parts = parts.replace("name: \"web-*\"", "name: \"web-*\", architecture: arm64");
        assert_eq!(id(&parts, Inputs::default(), named, &[NEW]), error);
    }
}

#[test]
fn another_image_is_taken_up_only_as_the_spec_says() {
    const WINDOW: &str = "imageUpdate: Window, updateWindow: {start: \"03:30\"}";
    for (parts, source, now, image) in [
        ("", "ssm:/golden/web", "2027-01-15T12:00:00Z", OLD),
        ("", "ssm:/golden/another", "2027-01-15T12:00:00Z", NEW),
        ("imageUpdate: Rolling", "ssm:/golden/web", "2027-01-15T12:00:00Z", NEW),
        (WINDOW, "ssm:/golden/web", "2027-01-15T12:00:00Z", OLD),
        (WINDOW, "ssm:/golden/web", "2027-01-15T03:45:00Z", NEW),
    ] {
        let parts = format!("{PARAMETER}, {parts}");
        assert_eq!(id(&parts, pinned(source, now), NEW, &[OLD, NEW]), image, "{parts}");
    }
}

#[test]
fn an_image_that_stays_needs_nothing_that_names_it() {
    let inputs = pinned("ssm:/golden/web", "2027-01-15T12:00:00Z");
    assert_eq!(id(PARAMETER, inputs.clone(), "nothing", &[OLD]), OLD);
    let gone = id(PARAMETER, inputs, NEW, &[NEW]);
    assert!(
        gone.starts_with(&format!("cannot find status.image.id: there is no image {OLD}")),
        "{gone}"
    );
}

#[test]
fn an_image_in_use_stays_where_nothing_is_named_by_now() {
    const OPEN: &str = "imageUpdate: Window, updateWindow: {start: \"03:30\"}";
    for update in ["imageUpdate: Pinned", "imageUpdate: Rolling", OPEN] {
        let parts = format!("{PARAMETER}, {update}");
        let inputs = || pinned("ssm:/golden/web", "2027-01-15T03:45:00Z");
        for named in ["nothing", NEW] {
            assert_eq!(id(&parts, inputs(), named, &[OLD]), OLD, "{update} {named}");
        }
        // What names it was not looked up at all, as when AWS does not answer.
        let mut inputs = inputs();
        let known = answered(&spec("image: {id: ami-00000000000000001}"), inputs.clone(), "", &[OLD]);
        inputs.answers = known.answers;
        let spec = spec(&parts);
        let image = on(|site| source(&spec, site, &inputs));
        assert!(
            matches!(&image, Ok(launch_template::Image::Given(image)) if image.id == OLD),
            "{update} {image:?}"
        );
        assert_eq!(chosen(&spec, &inputs).unwrap().id.as_deref(), Some(OLD));
    }
    let rolling = format!("{PARAMETER}, imageUpdate: Rolling");
    let gone = id(&rolling, pinned("ssm:/golden/web", "2027-01-15T03:45:00Z"), NEW, &[]);
    assert_eq!(
        gone,
        format!("cannot find image.ssmParameter: there is no image {NEW}, which the parameter names")
    );
}

#[test]
fn the_status_says_since_when_an_image_is_in_use_and_which_one_is_newer() {
    let now = "2027-01-15T12:00:00Z";
    let status = |parts: &str, inputs: Inputs| {
        let spec = spec(parts);
        let inputs = answered(&spec, inputs, NEW, &[OLD, NEW]);
        let status = chosen(&spec, &inputs).unwrap();
        (
            status.id.unwrap(),
            status.since.unwrap().to_string(),
            status.newer,
            due(&spec, &inputs),
        )
    };
    let mut inputs = pinned("ssm:/golden/web", now);
    inputs.pinned.as_mut().unwrap().since = Some("2026-01-01T00:00:00Z".parse().unwrap());
    let kept = (
        OLD.to_owned(),
        "2026-01-01T00:00:00Z".to_owned(),
        Some(NEW.to_owned()),
        None,
    );
    assert_eq!(status(PARAMETER, inputs.clone()), kept);
    let taken_up = (NEW.to_owned(), now.to_owned(), None, None);
    assert_eq!(
        status(&format!("{PARAMETER}, imageUpdate: Rolling"), inputs.clone()),
        taken_up
    );
    let window = format!("{PARAMETER}, imageUpdate: Window, updateWindow: {{start: \"03:30\"}}");
    let next: Timestamp = "2027-01-16T03:30:00Z".parse().unwrap();
    assert_eq!(status(&window, inputs).3, Some(next));
}

#[test]
fn windows_must_be_given_where_they_count() {
    let spec = spec(&format!("{PARAMETER}, imageUpdate: Window"));
    assert_eq!(
        on(|site| desire(&spec, site, &Inputs::default())),
        Err(SpecError::LeaveOutWindow)
    );
}
