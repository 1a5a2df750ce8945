//! A virtual private cloud.

use hastack_core::resource::State as AnyState;
use hastack_core::resource::default_security_group;
use hastack_core::resource::security_group::{Peer, Rule};
use hastack_core::resource::vpc::{Change, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateVpc",
        describe: "DescribeVpcs",
        delete: "DeleteVpc",
    };
    const DETAILS: &'static [&'static str] = &["DescribeVpcAttribute"];

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::EnableDnsHostnames => "ModifyVpcAttribute",
        }
    }

    fn create(_world: &World, Create { cidr }: &Create) -> Result<Self, Refusal> {
        Ok(Self {
            cidr: cidr.clone(),
            dns_hostnames: Some(false),
        })
    }

    fn created(&self, world: &mut World, id: &str) {
        let rule = |peer| Rule {
            protocol: "-1".into(),
            ports: None,
            peer,
        };
        let group = default_security_group::State {
            vpc_id: id.to_owned(),
            ingress: vec![rule(Peer::Group("self".into()))],
            egress: vec![rule(Peer::Cidr("0.0.0.0/0".into()))],
        };
        world.add_untagged(AnyState::DefaultSecurityGroup(group));
    }

    fn holds(&self, _id: &str) -> bool {
        false
    }

    fn gone(&self, world: &mut World, id: &str) {
        world.things.retain(
            |_, other| !matches!(&other.object.state, AnyState::DefaultSecurityGroup(group) if group.vpc_id == id),
        );
    }

    fn hide(&mut self) {
        self.dns_hostnames = None;
    }
}
