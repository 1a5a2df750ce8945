//! What the parts of an Auto Scaling group, and of a cluster of databases, have in common: AWS shows no tags of theirs.

use std::collections::{BTreeMap, BTreeSet};

use hastack_core::cloud::{CloudError, ErrorKind};
use hastack_core::object::Object;
use hastack_core::resource::group_part::{group_and_name, node};
use hastack_core::tag::{Tags, tags_of_part};

use super::auto_scaling_group;
use crate::Aws;

/// The parts that are ours, with the tags that follow from their groups'.
pub fn ours(mut parts: Vec<Object>, groups: &[Object]) -> Vec<Object> {
    tag(&mut parts, groups);
    parts.retain(|part| !part.tags.is_empty());
    parts
}

/// The parts with the tags that follow from those of what they are part of, which `read` is asked for if there are any.
pub async fn tagged<R>(mut parts: Vec<Object>, read: impl FnOnce(Vec<String>) -> R) -> Result<Vec<Object>, CloudError>
where
    R: Future<Output = Result<Vec<Object>, CloudError>>,
{
    if parts.is_empty() {
        return Ok(parts);
    }
    let ids: Vec<_> = parts.iter().map(|part| part.id.clone()).collect();
    let wholes = read(groups_of(&ids)).await?;
    tag(&mut parts, &wholes);
    Ok(parts)
}

/// The parts with these ids, of what `list` shows of each of their groups.
pub async fn read<L>(aws: &Aws, ids: &[String], list: impl Fn(String) -> L) -> Result<Vec<Object>, CloudError>
where
    L: Future<Output = Result<Vec<Object>, CloudError>>,
{
    let mut parts = Vec::new();
    for group in groups_of(ids) {
        parts.extend(known(list(group).await)?);
    }
    parts.retain(|part| ids.contains(&part.id));
    tagged(
        parts,
        |groups| async move { auto_scaling_group::read(aws, &groups).await },
    )
    .await
}

/// The groups of the parts with these ids.
fn groups_of(ids: &[String]) -> Vec<String> {
    let groups: BTreeSet<_> = ids.iter().map(|id| group_and_name(id).0.to_owned()).collect();
    groups.into_iter().collect()
}

/// What is listed, where it is no error that the group does not exist any more.
pub fn known(listed: Result<Vec<Object>, CloudError>) -> Result<Vec<Object>, CloudError> {
    match listed {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed,
    }
}

fn tag(parts: &mut [Object], groups: &[Object]) {
    let groups: BTreeMap<_, _> = groups.iter().map(|group| (group.id.as_str(), &group.tags)).collect();
    for part in parts {
        part.tags = tags(part, &groups).unwrap_or_default();
    }
}

fn tags(part: &Object, groups: &BTreeMap<&str, &Tags>) -> Option<Tags> {
    let (group, name) = group_and_name(&part.id);
    let node = node(part.kind(), name)?;
    Some(tags_of_part(groups.get(group)?, &node))
}

#[cfg(test)]
pub mod testing {
    //! What the tests of the parts share.

    use hastack_core::owner::NodeId;
    use hastack_core::resource::{State, log_group};

    use super::*;
    use crate::testing::object;

    /// A group of this name that is ours. Of what kind a whole is makes no difference to its parts.
    pub fn group(name: &str) -> Object {
        let state = log_group::State {
            name: name.into(),
            retention_days: None,
        };
        object(name, State::LogGroup(state))
    }

    /// A part of such a group, as a sweep shows it.
    pub fn owned(node: &str, state: State) -> Object {
        let node: NodeId = node.parse().unwrap();
        let group = group(state.uses()[0]);
        let name = hastack_core::resource::group_part::aws_name(&node.name);
        let id = hastack_core::resource::group_part::id(&group.id, &name);
        Object {
            tags: tags_of_part(&group.tags, &node),
            ..object(&id, state)
        }
    }
}
