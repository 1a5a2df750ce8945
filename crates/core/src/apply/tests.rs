use futures::FutureExt;
use jiff::Timestamp;

use super::*;
use crate::cloud::{CreateRequest, Question};
use crate::desired::{Identity, Node, Origin};
use crate::object::Phase;
use crate::owner::Owner;
use crate::resource::target_group::{self, Attributes, HealthCheck, Protocol, Version};
use crate::resource::{Create, Spec, State, Wanted};
use crate::tag::{Tags, tags};

/// AWS that has one target group for whoever asks.
struct OneForAll;

impl Cloud for OneForAll {
    async fn sweep(&self, _kind: Kind, _parents: &[Object]) -> Result<Vec<Object>, CloudError> {
        Ok(Vec::new())
    }

    async fn read(&self, _kind: Kind, _ids: &[String]) -> Result<Vec<Object>, CloudError> {
        Ok(Vec::new())
    }

    async fn look_up(&self, question: &Question) -> Result<crate::cloud::Answer, CloudError> {
        panic!("nobody asks {question:?}")
    }

    async fn create(&self, request: &CreateRequest) -> Result<Object, CloudError> {
        let Create::TargetGroup(create) = &request.create else {
            panic!("it is a target group")
        };
        Ok(made(request.tags.clone(), create))
    }

    async fn update(&self, _object: &Object, change: &Change) -> Result<Reply, CloudError> {
        panic!("{change} of what is somebody else's")
    }

    async fn delete(&self, object: &Object, _snapshot: Option<&str>) -> Result<Deletion, CloudError> {
        panic!("{} is somebody else's", object.id)
    }
}

impl Journal for OneForAll {
    async fn record(&self, _memory: &Memory) -> Result<(), RecordIntent> {
        Ok(())
    }
}

impl Clock for OneForAll {
    fn now(&self) -> Timestamp {
        "2027-01-15T12:00:00Z".parse().unwrap()
    }
}

fn made(tags: Tags, create: &target_group::Create) -> Object {
    Object {
        id: "target-group-1".into(),
        tags,
        phase: Phase::Ready,
        created: None,
        state: State::TargetGroup(target_group::State::new(create)),
    }
}

fn spec() -> target_group::Spec {
    target_group::Spec {
        name: "shop".into(),
        vpc: "vpc".parse::<NodeId>().unwrap().of(&owner("HAStack/shop/ground")),
        port: 80,
        protocol: Protocol::Http,
        version: Version::Http1,
        health_check: HealthCheck {
            protocol: Protocol::Http,
            port: None,
            path: "/".into(),
            codes: "200".into(),
            interval_seconds: 15,
            timeout_seconds: 5,
            healthy_threshold: 2,
            unhealthy_threshold: 2,
        },
        attributes: Attributes::default(),
        healthy: 1,
    }
}

fn owner(text: &str) -> Owner {
    text.parse().unwrap()
}

/// A service that wants the target group.
fn desired(name: &str) -> Desired {
    let vpc = spec().vpc;
    Desired {
        nodes: [(
            "target-group/1".parse().unwrap(),
            Node::new(Spec::TargetGroup(spec()), Origin::Managed),
        )]
        .into(),
        neighbours: [(vpc, "vpc-1".to_owned())].into(),
        ..Desired::none(Identity {
            cluster: "c".into(),
            owner: owner(&format!("AutoScaledService/shop/{name}")),
            uid: "u".into(),
        })
    }
}

#[test]
fn what_two_get_who_ask_at_the_same_time_is_the_first_ones() {
    let now = OneForAll.now();
    let mut inventory = Inventory::new("c", Timing::default());
    inventory.swept(Kind::TargetGroup, Vec::new(), now, now);
    let inventory = Mutex::new(inventory);
    let pass = |name: &str, first: bool| {
        let engine = Engine {
            cloud: &OneForAll,
            journal: &OneForAll,
            inventory: &inventory,
            clock: &OneForAll,
            timing: Timing::default(),
            // The other has its answer once this one has asked.
            interrupted: &|| {
                if !first {
                    let node = "target-group/1".parse().unwrap();
                    let tags = tags("c", &owner("AutoScaledService/shop/a"), "u", &node, &Tags::new());
                    let create = spec().create(&Neighbours).unwrap();
                    inventory.lock().unwrap().created(made(tags, &create), now);
                }
                false
            },
        };
        engine
            .pass(&desired(name), &mut Memory::default())
            .now_or_never()
            .unwrap()
    };
    let second = pass("b", false);
    assert!(second.done.is_empty());
    assert_eq!(
        second.failures[0].error.message,
        "AWS answered with target-group-1, which is somebody else's"
    );
    let first = pass("a", true);
    assert!(first.failures.is_empty() && first.observed.objects.len() == 1);
}

struct Neighbours;

impl crate::resource::Refs for Neighbours {
    fn usable(&self, _node: &NodeId) -> Result<String, NodeId> {
        Ok("vpc-1".into())
    }

    fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
        self.usable(node)
    }
}
