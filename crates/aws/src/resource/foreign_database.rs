//! A database instance, or a cluster, that is not ours and is in a cluster of ours or has a group of ours.

use hastack_core::cloud::{CloudError, Deletion};
use hastack_core::desire;
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};

use super::{db_cluster, db_instance, gone};
use crate::Aws;
use crate::action::Action;

/// The instances.
pub async fn sweep_instances(aws: &Aws, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
    if parents.is_empty() {
        return Ok(Vec::new());
    }
    Ok(touching(parents, foreign(aws, db_instance::describe(aws).await?)))
}

/// The clusters.
pub async fn sweep_clusters(aws: &Aws, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
    if parents.is_empty() {
        return Ok(Vec::new());
    }
    Ok(touching(parents, foreign(aws, db_cluster::describe(aws).await?)))
}

pub async fn read(aws: &Aws, kind: Kind, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    // A page of all takes no longer than asking for one.
    let all = if kind == Kind::ForeignDbCluster {
        db_cluster::describe(aws).await?
    } else {
        db_instance::describe(aws).await?
    };
    let mut objects = foreign(aws, all);
    objects.retain(|object| ids.contains(&object.id));
    Ok(objects)
}

/// A member has no data of its own, so AWS takes no snapshot of one.
pub async fn delete_instance(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws
        .rds
        .write
        .delete_db_instance()
        .db_instance_identifier(id)
        .skip_final_snapshot(true);
    gone(
        aws.send_write(Action::DeleteDBInstance, call.send()).await,
        Deletion::Started,
    )
}

/// It has data of its own, and is somebody else's.
pub fn delete_cluster() -> Deletion {
    Deletion::Started
}

/// Those in, or with, one of the parents.
fn touching(parents: &[Object], mut objects: Vec<Object>) -> Vec<Object> {
    objects.retain(|object| {
        let uses = object.state.uses();
        parents.iter().any(|parent| uses.contains(&parent.id.as_str()))
    });
    objects
}

/// Those that are not ours, copies among them.
fn foreign(aws: &Aws, all: Vec<Object>) -> Vec<Object> {
    let others = all
        .into_iter()
        .filter_map(|object| desire::foreign(&aws.cluster, object));
    others.map(shown).collect()
}

/// Whatever else AWS does to one, it is there until it is deleted.
fn shown(object: Object) -> Object {
    let phase = match object.phase {
        Phase::Deleting => Phase::Deleting,
        Phase::Pending | Phase::Ready | Phase::Failed | Phase::Deleted => Phase::Ready,
    };
    Object { phase, ..object }
}

#[cfg(test)]
mod tests;
