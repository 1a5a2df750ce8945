//! Who owns an AWS resource, and which of the owner's resources it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::kind::{Area, Kind, ReadKind};

/// The custom resource that owns AWS resources: `HAStack/shop/web`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    /// The custom resource's kind, such as `HAStack`.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// The kind of custom resource that has databases.
const MANAGED_DATABASE: &str = "ManagedDatabase";

impl Owner {
    /// Whether it can have one of a kind: who has no database needs no permission to look at any.
    pub fn may_have(&self, kind: Kind) -> bool {
        kind.row().area != Area::Database || self.kind == MANAGED_DATABASE
    }

    /// What tells what its group launches from what others' do: the value of the tag `hastack.dev/fleet`.
    pub fn fleet(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// A resource within its owner: `subnet/private/us-east-1a`. The value of the tag `hastack.dev/id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// What it is.
    pub kind: Kind,
    /// Which one; empty where an owner has only one.
    pub name: String,
    /// Whose it is, where another custom resource speaks of it.
    pub whose: Option<Box<Owner>>,
}

impl NodeId {
    /// The owner's only resource of this kind.
    pub fn only(kind: Kind) -> Self {
        Self::named(kind, "")
    }

    /// One of several of this kind.
    pub fn named(kind: Kind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            whose: None,
        }
    }

    /// The same of another custom resource.
    #[must_use]
    pub fn of(self, owner: &Owner) -> Self {
        Self {
            whose: Some(Box::new(owner.clone())),
            ..self
        }
    }
}

/// Resources of kinds that all areas have begin their name with the area they belong to.
const AREAS: [(&str, Area); 6] = [
    ("load-balancer", Area::LoadBalancer),
    ("file-system", Area::FileSystem),
    ("bastion", Area::Bastion),
    ("service", Area::Access),
    ("builder", Area::Image),
    ("managed-database", Area::Database),
];

impl NodeId {
    /// The part of a stack it belongs to.
    pub fn area(&self) -> Area {
        let first = self.name.split('/').next().unwrap_or_default();
        let named = AREAS.iter().find(|(word, _)| *word == first);
        named.map_or(self.kind.row().area, |(_, area)| *area)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, namespace, name } = self;
        write!(formatter, "{kind}/{namespace}/{name}")
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, name, whose } = self;
        if name.is_empty() {
            write!(formatter, "{kind}")?;
        } else {
            write!(formatter, "{kind}/{name}")?;
        }
        match whose {
            Some(owner) => write!(formatter, " of {}/{}", owner.kind, owner.name),
            None => Ok(()),
        }
    }
}

/// A text that is no owner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {0:?} as an owner: it is not kind/namespace/name")]
pub struct ReadOwner(pub String);

impl FromStr for Owner {
    type Err = ReadOwner;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(kind), Some(namespace), Some(name), None)
                if ![kind, namespace, name].iter().any(|part| part.is_empty()) =>
            {
                Ok(Self {
                    kind: kind.into(),
                    namespace: namespace.into(),
                    name: name.into(),
                })
            }
            (_, _, _, _) => Err(ReadOwner(text.into())),
        }
    }
}

impl FromStr for NodeId {
    type Err = ReadKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, name) = text.split_once('/').unwrap_or((text, ""));
        Ok(Self::named(kind.parse()?, name))
    }
}

impl Serialize for NodeId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NodeId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_reads_back_from_its_tag() {
        let owner: Owner = "HAStack/shop/web".parse().unwrap();
        assert_eq!(owner.to_string(), "HAStack/shop/web");
        assert!("HAStack/shop".parse::<Owner>().is_err());
        assert!("HAStack/shop/".parse::<Owner>().is_err());
    }

    #[test]
    fn a_resource_of_a_shared_kind_belongs_to_the_area_its_name_begins_with() {
        let area = |text: &str| text.parse::<NodeId>().unwrap().area();
        assert_eq!(area("security-group/bastion"), Area::Bastion);
        assert_eq!(area("elastic-ip/nat/us-east-1a"), Area::Network);
        assert_eq!(area("file-system"), Area::FileSystem);
    }

    #[test]
    fn a_node_id_reads_back_from_its_tag() {
        for text in ["vpc", "subnet/private/us-east-1a"] {
            assert_eq!(text.parse::<NodeId>().unwrap().to_string(), text);
        }
    }
}
