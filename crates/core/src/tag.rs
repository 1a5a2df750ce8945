//! The tag scheme: the only memory of what is whose.
//!
//! | tag | value |
//! |---|---|
//! | `hastack.dev/cluster` | this installation, so that two of them share an account |
//! | `hastack.dev/owner` | the custom resource: `HAStack/<namespace>/<name>` |
//! | `hastack.dev/id` | which of the owner's resources it is: `subnet/private/us-east-1a` |
//! | `hastack.dev/uid` | the custom resource's uid, to tell apart two that had one name |
//! | `Name` | for people: `<name> <id>` |
//!
//! Ownership is cluster, owner and id together. A resource without all three is never touched. They are put on in the call that
//! creates the resource, so there is no moment in which it exists without them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::owner::{NodeId, Owner};

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// This installation.
pub const CLUSTER: &str = "hastack.dev/cluster";
/// The owning custom resource.
pub const OWNER: &str = "hastack.dev/owner";
/// Which of the owner's resources.
pub const ID: &str = "hastack.dev/id";
/// The owning custom resource's uid.
pub const UID: &str = "hastack.dev/uid";
/// The name people see in the AWS console.
pub const NAME: &str = "Name";

/// The most characters AWS accepts in a tag value.
const MAX_VALUE: usize = 256;

/// Whose a resource is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The owner.
    pub owner: Owner,
    /// Which of the owner's resources.
    pub node: NodeId,
}

/// A change of tags: one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Put these on, over what they had.
    Set(Tags),
    /// Take these off, by key.
    Remove(Vec<String>),
}

/// What differs between the tags a resource has and those it is to have. Of the others only those are taken off that we may have
/// put on: what somebody else's tools put on is theirs.
pub fn compare(is: &Tags, wanted: &Tags, ours: &BTreeSet<String>) -> Vec<Change> {
    let set: Tags = wanted
        .iter()
        .filter(|(key, value)| is.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let remove: Vec<_> = ours
        .iter()
        .filter(|key| is.contains_key(*key) && !wanted.contains_key(*key))
        .cloned()
        .collect();
    let set = (!set.is_empty()).then_some(Change::Set(set));
    let remove = (!remove.is_empty()).then_some(Change::Remove(remove));
    set.into_iter().chain(remove).collect()
}

impl Change {
    /// The tags after the change.
    pub fn fold(&self, tags: &mut Tags) {
        match self {
            Self::Set(set) => tags.extend(set.clone()),
            Self::Remove(keys) => tags.retain(|key, _| !keys.contains(key)),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(tags) => write!(
                formatter,
                "set tags {}",
                tags.keys().cloned().collect::<Vec<_>>().join(", ")
            ),
            Self::Remove(keys) => write!(formatter, "remove tags {}", keys.join(", ")),
        }
    }
}

/// All tags of a resource: the user's and ours.
pub fn tags(cluster: &str, owner: &Owner, uid: &str, node: &NodeId, extra: &Tags) -> Tags {
    let mut name = format!("{} {node}", owner.name);
    name.truncate(name.floor_char_boundary(MAX_VALUE));
    let ours = [
        (CLUSTER, cluster.to_owned()),
        (OWNER, owner.to_string()),
        (ID, node.to_string()),
        (UID, uid.to_owned()),
        (NAME, name),
    ];
    let mut tags = extra.clone();
    tags.extend(ours.map(|(key, value)| (key.to_owned(), value)));
    tags
}

/// Whose the resource with these tags is; none unless it is this installation's.
pub fn identity(cluster: &str, tags: &Tags) -> Option<Identity> {
    if tags.get(CLUSTER)? != cluster {
        return None;
    }
    Some(Identity {
        owner: tags.get(OWNER)?.parse().ok()?,
        node: tags.get(ID)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    fn sample() -> (Owner, NodeId) {
        (
            "HAStack/shop/web".parse().unwrap(),
            NodeId::named(Kind::Subnet, "private/us-east-1a"),
        )
    }

    #[test]
    fn tags_tell_whose_a_resource_is() {
        let (owner, node) = sample();
        let tags = tags("c1", &owner, "u1", &node, &Tags::new());
        assert_eq!(identity("c1", &tags), Some(Identity { owner, node }));
        assert_eq!(identity("c2", &tags), None, "another installation's");
    }

    #[test]
    fn a_users_tag_never_replaces_ours() {
        let (owner, node) = sample();
        let extra = Tags::from([(OWNER.to_owned(), "HAStack/other/other".to_owned())]);
        assert_eq!(tags("c1", &owner, "u1", &node, &extra)[OWNER], "HAStack/shop/web");
    }
}
