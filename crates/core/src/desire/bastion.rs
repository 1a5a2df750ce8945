//! The bastion of a stack.

use std::collections::BTreeMap;

use hastack_api::HAStackSpec;
use hastack_api::bastion::{BastionAccess, BastionSpec};

use super::architecture::architecture;
use super::ground::Ground;
use super::name::{LONGEST_ROLE, digest, unique};
use super::{Inputs, SpecError};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::instance::{ImageRef, Profile, Purpose, Volume};
use crate::resource::security_group::Allowance;
use crate::resource::{Spec, elastic_ip, instance, instance_profile, key_pair, role, security_group};

/// The word in the ids of its resources.
const BASTION: &str = "bastion";

/// What Amazon Linux calls its root volume.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html>
const ROOT_DEVICE: &str = "/dev/xvda";

/// The smallest instance there is.
const DEFAULT_TYPE: &str = "t4g.nano";

const SSH: u16 = 22;

/// How much of a key pair's name tells whose it is; what follows tells the key. AWS takes 255 bytes.
const LONGEST_KEY_OWNER: usize = 200;

/// The nodes of this part.
pub(super) fn desire(
    spec: &HAStackSpec,
    ground: &Ground<'_>,
    _inputs: &Inputs,
) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    let Some(bastion) = &spec.bastion else {
        return Ok(BTreeMap::new());
    };
    if ground.public.is_empty() {
        return Err(SpecError::PlacePart {
            field: "bastion",
            tier: "public",
        });
    }
    let node = |kind| NodeId::named(kind, BASTION);
    let key = key(bastion, ground);
    let mut specs = vec![
        (
            node(Kind::SecurityGroup),
            Spec::SecurityGroup(security_group(bastion, ground)),
        ),
        (node(Kind::Role), Spec::Role(role(ground))),
        (node(Kind::InstanceProfile), Spec::InstanceProfile(profile(ground))),
        (node(Kind::Instance), Spec::Instance(instance(bastion, &key, ground))),
    ];
    if let Some((_, Some(pair))) = key {
        specs.push((node(Kind::KeyPair), Spec::KeyPair(pair)));
    }
    if bastion.elastic_ip {
        let address = elastic_ip::Spec {
            instance: Some(node(Kind::Instance)),
        };
        specs.push((node(Kind::ElasticIp), Spec::ElasticIp(address)));
    }
    let managed = |(id, spec)| (id, Node::new(spec, Origin::Managed));
    Ok(specs.into_iter().map(managed).collect())
}

/// The name of the key that opens it, where one does, and the key pair itself where it is imported.
type Key = Option<(String, Option<key_pair::Spec>)>;

fn key(bastion: &BastionSpec, ground: &Ground<'_>) -> Key {
    if let Some(public_key) = &bastion.ssh_public_key {
        let public_key = public_key.trim();
        let node = NodeId::named(Kind::KeyPair, BASTION);
        let owner = unique(ground.identity, &node, LONGEST_KEY_OWNER);
        let name = format!("{owner}-{}", digest(public_key));
        let pair = key_pair::Spec {
            name: name.clone(),
            public_key: public_key.to_owned(),
        };
        return Some((name, Some(pair)));
    }
    bastion.key_name.clone().map(|name| (name, None))
}

fn security_group(bastion: &BastionSpec, ground: &Ground<'_>) -> security_group::Spec {
    let ranges = match bastion.access {
        Some(BastionAccess::SessionManager) => None,
        Some(BastionAccess::Ssh) | None => bastion.allowed_cidrs.as_ref(),
    };
    let let_in = |range: &String| Allowance::tcp(SSH, range);
    security_group::Spec {
        vpc: Ground::vpc(),
        name: ground.group_name(BASTION),
        ingress: ranges.into_iter().flatten().map(let_in).collect(),
        egress: vec![Allowance::anything()],
    }
}

/// Session Manager is the way in when the key is lost, so the role is the same with SSH.
fn role(ground: &Ground<'_>) -> role::Spec {
    let node = NodeId::named(Kind::Role, BASTION);
    role::Spec {
        name: unique(ground.identity, &node, LONGEST_ROLE),
        path: ground.path(&node),
        service: "ec2.amazonaws.com",
        managed_policies: [ground.managed_policy("AmazonSSMManagedInstanceCore")].into(),
        inline_policy: None,
    }
}

fn profile(ground: &Ground<'_>) -> instance_profile::Spec {
    let node = NodeId::named(Kind::InstanceProfile, BASTION);
    instance_profile::Spec {
        name: unique(ground.identity, &node, LONGEST_ROLE),
        path: ground.path(&node),
        role: NodeId::named(Kind::Role, BASTION),
    }
}

fn instance(bastion: &BastionSpec, key: &Key, ground: &Ground<'_>) -> instance::Spec {
    let node = |kind| NodeId::named(kind, BASTION);
    let instance_type = bastion.instance_type.as_deref().unwrap_or(DEFAULT_TYPE);
    let key = key.as_ref().map(|(name, pair)| instance::Key {
        name: name.clone(),
        pair: pair.as_ref().map(|_| node(Kind::KeyPair)),
    });
    let image = || {
        let architecture = architecture(instance_type);
        format!("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}")
    };
    instance::Spec {
        purpose: Purpose::Bastion,
        instance_type: instance_type.to_owned(),
        image: ImageRef::Parameter(bastion.image_parameter.clone().unwrap_or_else(image)),
        subnets: ground.public.iter().map(|place| place.subnet.clone()).collect(),
        groups: vec![node(Kind::SecurityGroup)],
        public_address: true,
        profile: Some(Profile {
            node: node(Kind::InstanceProfile),
            name: profile(ground).name,
        }),
        key,
        volume: Volume {
            device: ROOT_DEVICE.to_owned(),
            size_gib: Some(bastion.volume_size_gib),
        },
    }
}
