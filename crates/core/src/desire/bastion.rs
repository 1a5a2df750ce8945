//! The bastion of a stack.

use std::collections::BTreeMap;

use hastack_api::HAStackSpec;
use hastack_api::bastion::{BastionAccess, BastionSpec};

use super::ground::Ground;
use super::name::{digest, unique};
use super::{Inputs, SpecError};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::security_group::Allowance;
use crate::resource::{Spec, elastic_ip, instance, instance_profile, key_pair, role, security_group};

/// The word in the ids of its resources.
const BASTION: &str = "bastion";

/// The smallest instance there is.
const DEFAULT_TYPE: &str = "t4g.nano";

const SSH: u16 = 22;

/// The longest name of a role; of instance profiles AWS takes longer ones.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const LONGEST_ROLE: usize = 64;

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
        instance_type: instance_type.to_owned(),
        image_parameter: bastion.image_parameter.clone().unwrap_or_else(image),
        subnets: ground.public.iter().map(|place| place.subnet.clone()).collect(),
        groups: vec![node(Kind::SecurityGroup)],
        profile: node(Kind::InstanceProfile),
        profile_name: profile(ground).name,
        key,
        volume_size_gib: bastion.volume_size_gib,
    }
}

/// The architecture of an instance type: Graviton's families have a `g` after their generation, but for the first of them.
/// <https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html>
fn architecture(instance_type: &str) -> &'static str {
    let family = instance_type.split('.').next().unwrap_or_default();
    let series = family.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let options = series.trim_start_matches(|digit: char| digit.is_ascii_digit());
    if family == "a1" || options.starts_with('g') {
        "arm64"
    } else {
        "x86_64"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_has_the_architecture_of_the_instance_type() {
        for arm in [
            "t4g.nano",
            "m7g.large",
            "c7gn.xlarge",
            "x2gd.medium",
            "im4gn.large",
            "is4gen.medium",
            "a1.medium",
        ] {
            assert_eq!(architecture(arm), "arm64", "{arm}");
        }
        for x86 in [
            "t3.micro",
            "g4dn.xlarge",
            "m6i.large",
            "c6a.large",
            "gr6.4xlarge",
            "u7i-6tb.112xlarge",
            "t2.nano",
        ] {
            assert_eq!(architecture(x86), "x86_64", "{x86}");
        }
    }
}
