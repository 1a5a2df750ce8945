//! `hastack plan`: what would be done, without asking anyone.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use hastack_api::{
    AutoScaledService, Custom, GROUP, HAStack, HAStackStatus, ManagedDatabase, ResourcePhase, ResourceStatus,
};
use hastack_core::cloud::{Answer, HostedZone, Image, ImageQuery, Question, Zone};
use hastack_core::desire::{Inputs, SpecError, Wanting, identity, owner};
use hastack_core::desired::Desired;
use hastack_core::inventory::{Inventory, Look};
use hastack_core::kind::{Kind, Lane};
use hastack_core::memory::Memory;
use hastack_core::object::Object;
use hastack_core::observed::Observed;
use hastack_core::plan::{Plan, Waiting, plan};
use hastack_core::timing::Timing;
use jiff::Timestamp;
use serde::Deserialize;
use serde_yaml_ng::Value;

use crate::args::PlanArgs;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read.
    #[error("cannot read {path:?}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("cannot read {path:?} as {what}")]
    Parse {
        /// Which.
        path: PathBuf,
        /// What it should hold.
        what: String,
        /// What is wrong.
        #[source]
        source: serde_yaml_ng::Error,
    },
    /// Standard output is closed.
    #[error("cannot print")]
    Print(#[source] io::Error),
    /// There is nothing to plan.
    #[error("cannot find a custom resource of {GROUP} in {path:?}")]
    Find {
        /// Where.
        path: PathBuf,
    },
    /// A spec cannot be met.
    #[error("cannot plan {name}")]
    Plan {
        /// Whose.
        name: String,
        /// What is wrong with it.
        #[source]
        source: Box<SpecError>,
    },
}

/// Prints the plan for each custom resource of a file.
pub fn print(args: &PlanArgs) -> Result<(), Error> {
    let PlanArgs {
        file,
        observed,
        zones,
        cluster_id,
    } = args;
    let objects: Vec<Object> = match observed {
        None => Vec::new(),
        Some(path) => serde_yaml_ng::from_str(&read(path)?).map_err(|source| Error::Parse {
            path: path.clone(),
            what: "a list of AWS resources".into(),
            source,
        })?,
    };
    let mut output = io::stdout().lock();
    let mut planned = 0;
    let assumed = Assumed {
        objects: &objects,
        zones,
        cluster: cluster_id,
    };
    let documents = documents(file)?;
    for document in &documents {
        let text = match document {
            Document::Stack(stack) => {
                planned += 1;
                plan_one(&**stack, Inputs::default(), &assumed)?
            }
            Document::Service(service) => {
                planned += 1;
                plan_one(&**service, beside(&**service, &documents, &assumed)?, &assumed)?
            }
            Document::Database(database) => {
                planned += 1;
                plan_one(&**database, beside(&**database, &documents, &assumed)?, &assumed)?
            }
            Document::Other { kind, name } => format!("{kind} {name}: not planned by this version\n"),
        };
        writeln!(output, "{text}").map_err(Error::Print)?;
    }
    if planned == 0 {
        return Err(Error::Find { path: file.clone() });
    }
    Ok(())
}

/// What is taken for granted, since nobody is asked.
struct Assumed<'a> {
    /// What exists.
    objects: &'a [Object],
    /// The zones of the region; none for the usual ones.
    zones: &'a [String],
    /// This installation.
    cluster: &'a str,
}

/// A document of the file.
enum Document {
    Stack(Box<HAStack>),
    Service(Box<AutoScaledService>),
    Database(Box<ManagedDatabase>),
    Other { kind: String, name: String },
}

fn documents(path: &Path) -> Result<Vec<Document>, Error> {
    let text = read(path)?;
    let parse = |what: &str, source| Error::Parse {
        path: path.to_owned(),
        what: what.to_owned(),
        source,
    };
    let mut documents = Vec::new();
    for document in serde_yaml_ng::Deserializer::from_str(&text) {
        let value = Value::deserialize(document).map_err(|source| parse("YAML", source))?;
        let field = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
        let (kind, version) = (field(&value, "kind"), field(&value, "apiVersion"));
        let name = value
            .get("metadata")
            .map_or_else(|| "?".into(), |metadata| field(metadata, "name"));
        if value.is_null() {
            continue;
        }
        let what = format!("{kind} {name}");
        match kind.as_str() {
            HAStack::KIND if version.starts_with(GROUP) => {
                let stack = object(value).map_err(|source| parse(&what, source))?;
                documents.push(Document::Stack(Box::new(stack)));
            }
            AutoScaledService::KIND if version.starts_with(GROUP) => {
                let service = object(value).map_err(|source| parse(&what, source))?;
                documents.push(Document::Service(Box::new(service)));
            }
            ManagedDatabase::KIND if version.starts_with(GROUP) => {
                let database = object(value).map_err(|source| parse(&what, source))?;
                documents.push(Document::Database(Box::new(database)));
            }
            _ => documents.push(Document::Other { kind, name }),
        }
    }
    Ok(documents)
}

fn object<K: Custom>(value: Value) -> Result<K, serde_yaml_ng::Error> {
    let mut object: K = serde_yaml_ng::from_value(value)?;
    let namespace = &mut object.meta_mut().namespace;
    namespace.get_or_insert_with(|| "default".to_owned());
    Ok(object)
}

/// What stands beside a custom resource in the file: its stack, as it is when it is built, and what else is on that.
fn beside<K: Wanting>(object: &K, documents: &[Document], assumed: &Assumed<'_>) -> Result<Inputs, Error> {
    let mut inputs = Inputs::default();
    let on_same = |other: Option<&str>| other.is_some() && other == object.stack_name();
    let itself = owner::<K>(object.meta());
    for document in documents {
        match document {
            Document::Stack(stack) if on_same(stack.metadata.name.as_deref()) => {
                inputs.stack = Some(built(stack, assumed)?);
            }
            Document::Service(other)
                if on_same(other.stack_name()) && owner::<AutoScaledService>(&other.metadata) != itself =>
            {
                inputs.services.push((**other).clone());
            }
            Document::Database(other)
                if on_same(other.stack_name()) && owner::<ManagedDatabase>(&other.metadata) != itself =>
            {
                inputs.databases.push((**other).clone());
            }
            Document::Stack(_)
            | Document::Service(_)
            | Document::Database(_)
            | Document::Other { kind: _, name: _ } => {}
        }
    }
    Ok(inputs)
}

/// A stack with a status as if all of it were there.
fn built(stack: &HAStack, assumed: &Assumed<'_>) -> Result<HAStack, Error> {
    let inputs = answered(stack, Inputs::default(), assumed);
    let desired = stack.desire(&inputs).map_err(|source| Error::Plan {
        name: identity(stack, assumed.cluster).owner.to_string(),
        source: Box::new(source),
    })?;
    let mut status = stack.status.clone().unwrap_or_default();
    let known: Vec<_> = status.resources.iter().map(|resource| resource.id.clone()).collect();
    let missing = desired.nodes.keys().filter(|node| !known.contains(&node.to_string()));
    let pretended = missing.map(|node| ResourceStatus {
        id: node.to_string(),
        aws_id: Some(format!("<{node}>")),
        resource_id: None,
        phase: ResourcePhase::Ready,
        external: false,
    });
    status.resources.extend(pretended);
    let built: HAStackStatus = status;
    Ok(stack.with_status(built))
}

/// The inputs with an answer to every question.
fn answered<K: Wanting>(object: &K, mut inputs: Inputs, assumed: &Assumed<'_>) -> Inputs {
    assumed.cluster.clone_into(&mut inputs.cluster);
    let region = object.region(inputs.stack.as_ref()).unwrap_or_default().to_owned();
    loop {
        let mut open = object.questions(&inputs);
        open.retain(|question| !inputs.answers.contains_key(question));
        if open.is_empty() {
            return inputs;
        }
        for question in open {
            let answer = answer(&question, &region, assumed);
            inputs.learn(question, answer);
        }
    }
}

/// What AWS would most likely answer.
fn answer(question: &Question, region: &str, assumed: &Assumed<'_>) -> Answer {
    match question {
        Question::Account => Answer::Account(String::new()),
        Question::Zones => {
            let names = match assumed.zones {
                [] => usual_zones(region),
                zones => zones.to_vec(),
            };
            let zone = |name| Zone { name, available: true };
            Answer::Zones(names.into_iter().map(zone).collect())
        }
        Question::HostedZones(text) => Answer::HostedZones(vec![assumed_zone(text)]),
        Question::Parameter(name) => Answer::Parameter(Some(format!("<{name}>"))),
        Question::Image(query) => Answer::Image(Some(assumed_image(query))),
    }
}

fn assumed_image(query: &ImageQuery) -> Image {
    let (id, name, architecture) = match query {
        ImageQuery::Id(id) => (id.clone(), id.clone(), "x86_64".to_owned()),
        ImageQuery::Newest {
            owner: _,
            name,
            architecture,
        } => (format!("<newest {name}>"), name.clone(), architecture.clone()),
    };
    Image {
        id,
        name,
        architecture,
        root_device: "/dev/xvda".to_owned(),
    }
}

/// What a plan takes for granted, for people.
fn assumptions(inputs: &Inputs, region: &str, assumed: &Assumed<'_>) -> Vec<String> {
    let lines = inputs.answers.keys().filter_map(|question| match question {
        Question::Zones if assumed.zones.is_empty() => Some(format!(
            "assuming the zones {} (give others with --zones)",
            usual_zones(region).join(", ")
        )),
        Question::Account | Question::Image(ImageQuery::Id(_)) | Question::Zones => None,
        Question::HostedZones(text) => Some(format!(
            "assuming that there is one hosted zone {text} and that it serves the domain"
        )),
        Question::Parameter(name) => Some(format!("assuming that the SSM parameter {name} names an image")),
        Question::Image(ImageQuery::Newest { owner, name, .. }) => {
            Some(format!("assuming that {owner} has an image {name}"))
        }
    });
    let stack = inputs
        .stack
        .iter()
        .map(|_| "assuming that the stack is built".to_owned());
    stack.chain(lines).collect()
}

fn plan_one<K: Wanting>(object: &K, inputs: Inputs, assumed: &Assumed<'_>) -> Result<String, Error> {
    let (timing, now) = (Timing::default(), Timestamp::now());
    let memory = object.status().map(|status| Memory::recall(status)).unwrap_or_default();
    let mut inventory = inventory(assumed.cluster, assumed.objects, now);
    let nothing = Desired::none(identity(object, assumed.cluster));
    let region = object.region(inputs.stack.as_ref()).unwrap_or_default().to_owned();
    let mut inputs = Inputs { now, ..inputs };
    inputs.see(inventory.observe(&nothing, &memory));
    object.recall(&mut inputs);
    let inputs = answered(object, inputs, assumed);
    let desired = object.desire(&inputs).map_err(|source| Error::Plan {
        name: nothing.identity.owner.to_string(),
        source: Box::new(source),
    })?;
    inventory.observe(&desired, &memory);
    read_named(&mut inventory, assumed.objects, now);
    let observed = inventory.observe(&desired, &memory);
    let plan = plan(&desired, &observed, &memory, &timing, now);
    let owner = &desired.identity.owner;
    let mut lines = vec![format!(
        "{owner} in {region}: {} AWS resources wanted",
        desired.nodes.len()
    )];
    lines.extend(assumptions(&inputs, &region, assumed));
    if plan.is_done() {
        lines.push("nothing to do: all is as wanted".to_owned());
    }
    for (heading, section) in sections(&plan, &desired, &observed) {
        if !section.is_empty() {
            lines.push(format!("\n{heading}:\n  {}", section.join("\n  ")));
        }
    }
    lines.push(String::new());
    Ok(lines.join("\n"))
}

/// Reads what is asked for by name: there is none but those among `objects`.
fn read_named(inventory: &mut Inventory, objects: &[Object], now: Timestamp) {
    for look in inventory.due(now) {
        if let Look::Read(kind, ids) = look
            && kind.row().lane == Lane::Named
        {
            let there = objects
                .iter()
                .filter(|object| object.kind() == kind && ids.contains(&object.id));
            inventory.read(kind, &ids, there.cloned().collect(), now);
        }
    }
}

/// The plan, in the order in which it comes true.
fn sections(plan: &Plan, desired: &Desired, observed: &Observed) -> [(&'static str, Vec<String>); 3] {
    let later = |waiting: &Waiting| match waiting {
        Waiting::Dependency { node, on } if !observed.objects.contains_key(node) => {
            let spec = desired.nodes.get(node).map(|wanted| format!(": {}", wanted.spec));
            format!("create {node}{} (after {on})", spec.unwrap_or_default())
        }
        Waiting::Dependency { .. }
        | Waiting::Observation { .. }
        | Waiting::Dependent { .. }
        | Waiting::Occupant { .. }
        | Waiting::Dependents { .. }
        | Waiting::Settling { .. }
        | Waiting::Process { .. }
        | Waiting::Confirmation { .. }
        | Waiting::Retry { .. } => waiting.to_string(),
    };
    [
        ("now", plan.steps.iter().map(ToString::to_string).collect()),
        ("then", plan.waiting.iter().map(later).collect()),
        ("refused", plan.blocked.iter().map(ToString::to_string).collect()),
    ]
}

/// An inventory that has seen `objects` and knows that there is nothing else.
fn inventory(cluster: &str, objects: &[Object], now: Timestamp) -> Inventory {
    let mut by_kind: BTreeMap<Kind, Vec<Object>> = Kind::all().map(|kind| (kind, Vec::new())).collect();
    for object in objects {
        by_kind.entry(object.kind()).or_default().push(object.clone());
    }
    let mut inventory = Inventory::new(cluster, Timing::default());
    for (kind, objects) in by_kind {
        inventory.swept(kind, objects, now, now);
    }
    inventory
}

/// A hosted zone of this id or name: where only the id is known, one that serves every domain.
fn assumed_zone(text: &str) -> HostedZone {
    let name = text.trim_end_matches('.');
    let (id, name) = if name.contains('.') {
        ("HOSTEDZONE", name)
    } else {
        (text, "")
    };
    HostedZone {
        id: id.to_owned(),
        name: name.to_owned(),
    }
}

/// The names most regions' zones have.
fn usual_zones(region: &str) -> Vec<String> {
    ('a'..='f').map(|letter| format!("{region}{letter}")).collect()
}

fn read(path: &Path) -> Result<String, Error> {
    let text = if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    text.map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan_stack(stack: &HAStack, zones: &[String]) -> Result<String, Error> {
        let assumed = Assumed {
            objects: &[],
            zones,
            cluster: "test",
        };
        plan_one(stack, Inputs::default(), &assumed)
    }

    fn stack(network: &serde_json::Value) -> HAStack {
        serde_json::from_value(json!({
            "apiVersion": "hastack.dev/v1alpha1",
            "kind": "HAStack",
            "metadata": {"name": "web", "namespace": "shop", "uid": "1"},
            "spec": {"region": "eu-west-1", "network": network},
        }))
        .unwrap()
    }

    #[test]
    fn a_plan_shows_everything_in_the_order_in_which_it_comes_true() {
        let network =
            json!({"cidr": "10.0.0.0/16", "availabilityZones": 1, "natGateways": "None", "databaseSubnets": false});
        let text = plan_stack(&stack(&network), &["eu-west-1a".into()]).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "HAStack/shop/web in eu-west-1: 7 AWS resources wanted");
        let now = lines.iter().position(|line| *line == "now:").unwrap();
        let then = lines.iter().position(|line| *line == "then:").unwrap();
        assert_eq!(lines[now + 1], "  create vpc: 10.0.0.0/16");
        assert!(now < then, "{text}");
        assert!(lines[then..].iter().any(|line| line.ends_with("(after vpc)")), "{text}");
        assert!(!text.contains("assuming"), "{text}");
    }

    #[test]
    fn zones_that_are_assumed_are_named() {
        let text = plan_stack(&stack(&json!({"cidr": "10.0.0.0/16"})), &[]).unwrap();
        assert!(text.contains("assuming the zones eu-west-1a, eu-west-1b"), "{text}");
    }

    #[test]
    fn a_hosted_zone_that_is_assumed_is_named() {
        for hosted_zone in ["example.com", "Z0123456789"] {
            let tls = json!({"domain": "shop.example.com", "hostedZone": hosted_zone});
            let mut stack = stack(&json!({"cidr": "10.0.0.0/16"}));
            stack.spec.load_balancer = Some(serde_json::from_value(json!({"tls": tls})).unwrap());
            let text = plan_stack(&stack, &[]).unwrap();
            assert!(text.contains(&format!("one hosted zone {hosted_zone}")), "{text}");
            assert!(
                text.contains("  create certificate/shop.example.com: shop.example.com"),
                "{text}"
            );
            assert!(
                text.contains("  create dns-record/address/shop.example.com: A shop.example.com -> load-balancer (after load-balancer)"),
                "{text}"
            );
            assert!(text.contains("  create dns-record/caa/shop.example.com: CAA"), "{text}");
        }
    }

    #[test]
    fn a_spec_that_cannot_be_met_is_refused_with_its_name() {
        let error = plan_stack(&stack(&json!({"cidr": "10.0.0.0/27"})), &[]).unwrap_err();
        assert_eq!(error.to_string(), "cannot plan HAStack/shop/web");
    }
}
