//! What the parts of an Auto Scaling group have in common: scaling policies, scheduled actions and lifecycle hooks have no tags, so
//! they are whose the group is, and their names within the group tell which of its owner's resources they are.

use crate::kind::Kind;
use crate::owner::NodeId;

/// What the names of our parts begin with. What others put on a group is theirs.
const OURS: &str = "hastack-";

/// AWS's name of our part of this name.
pub fn aws_name(name: &str) -> String {
    format!("{OURS}{name}")
}

/// Which of the owner's resources the part with this name in AWS is; none unless it is one of ours.
pub fn node(kind: Kind, aws_name: &str) -> Option<NodeId> {
    let name = aws_name.strip_prefix(OURS).filter(|name| !name.is_empty())?;
    Some(NodeId::named(kind, name))
}

/// The id of a part, by which it is known here: AWS has none, and names are unique in a group only.
pub fn id(group: &str, aws_name: &str) -> String {
    format!("{group}/{aws_name}")
}

/// The group of the part with this id, and the part's name in AWS.
pub fn group_and_name(id: &str) -> (&str, &str) {
    id.split_once('/').unwrap_or((id, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_ours_is_known_by_its_name() {
        let node = NodeId::named(Kind::LifecycleHook, "drain/slowly");
        assert_eq!(self::node(Kind::LifecycleHook, &aws_name("drain/slowly")), Some(node));
    }

    #[test]
    fn a_part_of_somebody_else_is_not() {
        for name in ["drain", "hastack-", "my-hastack-drain"] {
            assert_eq!(node(Kind::LifecycleHook, name), None, "{name}");
        }
    }

    #[test]
    fn an_id_tells_group_and_name() {
        let id = id("web-0123", "hastack-drain/slowly");
        assert_eq!(group_and_name(&id), ("web-0123", "hastack-drain/slowly"));
    }
}
