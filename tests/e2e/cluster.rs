//! The custom resources, as users apply and see them. A name such as `web` is a stack's, `service/web` a service's,
//! `database/orders` a database's.

use std::collections::BTreeSet;

use hastack_testbed::http::Client;
use serde_json::{Value, json};

use crate::aws::{items, text};
use crate::stage::Stage;
use crate::wait::until;

/// The smallest network.
pub const ONE_ZONE: &str =
    "network: {cidr: 10.0.0.0/16, availabilityZones: 1, natGateways: None, databaseSubnets: false}";
/// The smallest network a load balancer can stand in.
pub const TWO_ZONES: &str =
    "network: {cidr: 10.0.0.0/16, availabilityZones: 2, natGateways: None, databaseSubnets: false}";

/// The smallest network a database can stand in, with subnets of its own.
pub const DATABASE_ZONES: &str = "network: {cidr: 10.0.0.0/16, availabilityZones: 2, natGateways: None}";

/// A service of two instances behind the load balancer.
pub const BALANCED: &str = "image: {id: ami-0abcdef1234567890}\ninstanceType: t3.micro\ncapacity: {min: 2, max: 4}\nport: 80\nrouting: {paths: ['/*']}";

/// A stack called web with this part besides its network.
pub fn web(network: &str, part: &str) -> String {
    stack_with("web", &format!("{network}\n{part}"))
}

/// A stack with these lines in `spec.network`, and 10.0.0.0/16.
pub fn stack(name: &str, network: &str) -> String {
    stack_with(
        name,
        &format!("network:\n  cidr: 10.0.0.0/16\n  {}", network.replace('\n', "\n  ")),
    )
}

/// A stack in us-east-1 with these lines in `spec`.
pub fn stack_with(name: &str, spec: &str) -> String {
    let spec = spec.replace('\n', "\n  ");
    let head = format!("apiVersion: hastack.dev/v1alpha1\nkind: HAStack\nmetadata:\n  name: {name}\n");
    format!("{head}spec:\n  region: us-east-1\n  {spec}\n")
}

/// A service called web on the stack web, with these lines in `spec`.
pub fn service(spec: &str) -> String {
    service_called("web", spec)
}

/// A service on the stack web with these lines in `spec`.
pub fn service_called(name: &str, spec: &str) -> String {
    let spec = spec.replace('\n', "\n  ");
    let head = format!("apiVersion: hastack.dev/v1alpha1\nkind: AutoScaledService\nmetadata:\n  name: {name}\n");
    format!("{head}spec:\n  stackRef: {{name: web}}\n  {spec}\n")
}

/// A database called orders on the stack web, with these lines in `spec`.
pub fn database(spec: &str) -> String {
    let spec = spec.replace('\n', "\n  ");
    let head = "apiVersion: hastack.dev/v1alpha1\nkind: ManagedDatabase\nmetadata:\n  name: orders\n";
    format!("{head}spec:\n  stackRef: {{name: web}}\n  {spec}\n")
}

/// The kind of a custom resource as Kubernetes' paths have it, and its name there.
fn resource(name: &str) -> (&'static str, &str) {
    match name.split_once('/') {
        Some(("service", service)) => ("autoscaledservices", service),
        Some(("database", database)) => ("manageddatabases", database),
        Some(_) | None => ("hastacks", name),
    }
}

impl Stage {
    /// What kubectl says in this namespace; an error with what it complains about.
    pub async fn kubectl(&self, arguments: &[&str]) -> Result<String, String> {
        let arguments = [&["--namespace", &self.name], arguments].concat();
        self.ground.kubectl(&arguments).await
    }

    /// Applies a manifest, which must be accepted.
    pub async fn apply(&self, manifest: &str) {
        self.try_apply(manifest).await.unwrap();
    }

    /// Applies a manifest. An error is what the API server said against it.
    pub async fn try_apply(&self, manifest: &str) -> Result<String, String> {
        self.kubectl(&["apply", "--filename", &self.file(manifest)]).await
    }

    /// Applies a manifest of the stack web, and waits until it is ready.
    pub async fn build(&self, manifest: &str) {
        self.apply(manifest).await;
        self.await_ready("web").await;
    }

    /// Deletes the stack web, which must leave nothing in AWS.
    pub async fn clear(&self) {
        self.delete("web").await;
        self.await_gone("web").await;
        self.is_empty().await;
    }

    /// Asserts that there is nothing of ours in AWS.
    pub async fn is_empty(&self) {
        assert_eq!(self.aws.everything().await, BTreeSet::new());
    }

    /// Creates the DNS records that a stack asks for, where its domain is served.
    pub async fn create_records(&self, name: &str) {
        for record in items(&self.status(name).await["dnsRecords"]) {
            let said = json!({"type": record["type"], "name": record["name"], "value": record["value"]});
            let created = self.ground.stand_in.post("/mended/dns", &said.to_string()).await;
            created.unwrap();
        }
    }

    /// Applies a manifest of the service web on the stack web, and waits until it is ready.
    pub async fn build_service(&self, manifest: &str) {
        self.apply(manifest).await;
        self.await_ready("service/web").await;
    }

    /// Deletes the service web and then the stack web, which must leave nothing in AWS.
    pub async fn clear_service(&self) {
        self.delete("service/web").await;
        self.await_gone("service/web").await;
        self.clear().await;
    }

    /// Deletes a custom resource, without waiting for it.
    pub async fn delete(&self, name: &str) {
        let (kind, name) = resource(name);
        self.kubectl(&["delete", kind, name, "--wait=false"]).await.unwrap();
    }

    /// A custom resource, if there is one.
    pub async fn find(&self, name: &str) -> Option<Value> {
        let (kind, name) = resource(name);
        let path = format!("apis/hastack.dev/v1alpha1/namespaces/{}/{kind}/{name}", self.name);
        let object = self.read(&path).await;
        (object["kind"] != "Status").then_some(object)
    }

    /// The status of a custom resource.
    pub async fn status(&self, name: &str) -> Value {
        self.find(name).await.unwrap()["status"].clone()
    }

    /// The events about a custom resource.
    pub async fn events(&self, name: &str) -> Vec<Value> {
        let path = format!("apis/events.k8s.io/v1/namespaces/{}/events", self.name);
        let mut events = items(&self.read(&path).await["items"]);
        let (kind, name) = resource(name);
        events.retain(|event| {
            let regarding = &event["regarding"];
            regarding["name"] == name && format!("{}s", text(&regarding["kind"]).to_lowercase()) == kind
        });
        events
    }

    /// Waits for an event of this reason whose note contains `text`.
    pub async fn await_event(&self, name: &str, reason: &str, text: &str) {
        until(&format!("event {reason} of {name} with {text:?}"), async || {
            let events = self.events(name).await;
            let is_it = |event: &&Value| {
                event["reason"] == reason && event["note"].as_str().is_some_and(|note| note.contains(text))
            };
            events.iter().find(is_it).map(|_| ()).ok_or_else(|| notes(&events))
        })
        .await;
    }

    /// Waits until a custom resource is ready as its present spec wants it.
    pub async fn await_ready(&self, name: &str) {
        self.await_condition(name, "Ready", "True", "AsDesired").await;
    }

    /// Waits until a condition speaks of the present spec and has this status and reason. Answers with its message.
    pub async fn await_condition(&self, name: &str, kind: &str, status: &str, reason: &str) -> String {
        until(
            &format!("{kind}={status} ({reason}) of {}/{name}", self.name),
            async || {
                let stack = self.find(name).await.ok_or("there is none")?;
                let condition = condition(&stack["status"], kind);
                let is_new = condition["observedGeneration"] == stack["metadata"]["generation"];
                let is_it = is_new && condition["status"] == status && condition["reason"] == reason;
                if is_it {
                    Ok(text(&condition["message"]))
                } else {
                    Err(format!("{:#}", stack["status"]))
                }
            },
        )
        .await
    }

    /// Waits until there is no such custom resource any more.
    pub async fn await_gone(&self, name: &str) {
        until(&format!("{}/{name} is gone", self.name), async || {
            match self.find(name).await {
                Some(stack) => Err(format!("{:#}", stack["status"])),
                None => Ok(()),
            }
        })
        .await;
    }

    async fn read(&self, path: &str) -> Value {
        let answer = Client::default()
            .get(&format!("{}/{path}", self.ground.api))
            .await
            .unwrap();
        serde_json::from_slice(answer.body()).unwrap()
    }
}

/// A condition of a status.
pub fn condition(status: &Value, kind: &str) -> Value {
    let conditions = items(&status["conditions"]);
    let found = conditions.into_iter().find(|condition| condition["type"] == kind);
    found.unwrap_or_default()
}

/// What events say, a line each.
pub fn notes(events: &[Value]) -> String {
    let lines = events
        .iter()
        .map(|event| format!("{}: {}\n", text(&event["reason"]), text(&event["note"])));
    lines.collect()
}
