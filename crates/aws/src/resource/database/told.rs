//! What AWS tells of databases beside how they are: what it is about to do to them, what has happened to them, and their snapshots.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_rds::types::{
    DbClusterSnapshot, DbSnapshot, Event as ShownEvent, ResourcePendingMaintenanceActions, SourceType,
};
use aws_smithy_types::DateTime;
use hastack_core::cloud::CloudError;
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::database::State;
use hastack_core::resource::database::event::{Details, Event, Snapshot};
use hastack_core::tag::CLUSTER;

use super::state;
use crate::Aws;
use crate::action::Action;
use crate::resource::timestamp;

/// The most that AWS shows on one page of these lists.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html>
const PAGE: i32 = 100;

/// Minutes of events that are asked for: what happens while nobody looks for as long is not told.
const MINUTES: i32 = 60;

/// A snapshot that is whole, in AWS's words.
const AVAILABLE: &str = "available";

/// Those that are this installation's, with what AWS tells of them.
pub async fn ours(aws: &Aws, mut objects: Vec<Object>) -> Result<Vec<Object>, CloudError> {
    objects.retain(|object| object.tags.get(CLUSTER) == Some(&aws.cluster));
    told(aws, objects).await
}

/// Those of these ids, with what AWS tells of them and their newest snapshots.
pub async fn named(aws: &Aws, mut objects: Vec<Object>, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    objects.retain(|object| ids.contains(&object.id));
    let mut objects = told(aws, objects).await?;
    for object in &mut objects {
        let details = Details {
            last_snapshot: last_snapshot(aws, object).await?,
        };
        if let AnyState::DbInstance(state) | AnyState::DbCluster(state) = &mut object.state {
            state.details = Some(details);
        }
    }
    Ok(objects)
}

/// One list each shows it for all databases of the account.
async fn told(aws: &Aws, mut objects: Vec<Object>) -> Result<Vec<Object>, CloudError> {
    let Some(first) = objects.first() else {
        return Ok(objects);
    };
    let source = match &first.state {
        AnyState::DbCluster(_) => SourceType::DbCluster,
        _ => SourceType::DbInstance,
    };
    let mut maintenance = maintenance(aws).await?;
    let mut events = events(aws, source).await?;
    for object in &mut objects {
        if let AnyState::DbInstance(state) | AnyState::DbCluster(state) = &mut object.state {
            state.maintenance = maintenance.remove(&state.arn).into_iter().flatten().collect();
            state.events = events.remove(&object.id).unwrap_or_default();
            state.events.sort();
        }
    }
    Ok(objects)
}

/// What AWS is about to do, by ARN.
async fn maintenance(aws: &Aws) -> Result<BTreeMap<String, BTreeSet<String>>, CloudError> {
    let request = aws.rds.read.describe_pending_maintenance_actions().max_records(PAGE);
    let shown = aws.items(
        Action::DescribePendingMaintenanceActions,
        |marker| request.clone().set_marker(marker).send(),
        |page| (page.pending_maintenance_actions, page.marker),
    );
    let mut pending: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for resource in shown.await? {
        let texts = pending.entry(resource.resource_identifier.clone().unwrap_or_default());
        texts.or_default().extend(texts_of(resource));
    }
    Ok(pending)
}

fn texts_of(resource: ResourcePendingMaintenanceActions) -> impl Iterator<Item = String> {
    let actions = resource.pending_maintenance_action_details.unwrap_or_default();
    actions.into_iter().filter_map(|action| {
        let what = action.action?;
        let text = action.description.map(|text| format!("{what}: {text}"));
        Some(text.unwrap_or(what))
    })
}

/// What has happened, by identifier.
async fn events(aws: &Aws, source: SourceType) -> Result<BTreeMap<String, Vec<Event>>, CloudError> {
    let request = aws.rds.read.describe_events();
    let request = request.source_type(source).duration(MINUTES).max_records(PAGE);
    let shown = aws.items(
        Action::DescribeEvents,
        |marker| request.clone().set_marker(marker).send(),
        |page| (page.events, page.marker),
    );
    let mut events: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for shown in shown.await? {
        if let Some((id, event)) = event(shown) {
            events.entry(id).or_default().push(event);
        }
    }
    Ok(events)
}

fn event(shown: ShownEvent) -> Option<(String, Event)> {
    let event = Event {
        time: timestamp(shown.date?)?,
        message: shown.message?,
        categories: shown.event_categories.unwrap_or_default(),
    };
    Some((shown.source_identifier?, event))
}

/// The newest snapshot of what has data of its own, since it was made: earlier ones are of another one of the same name.
async fn last_snapshot(aws: &Aws, object: &Object) -> Result<Option<Snapshot>, CloudError> {
    if !state(object).is_some_and(State::holds_data) {
        return Ok(None);
    }
    let snapshots = match &object.state {
        AnyState::DbCluster(_) => of_cluster(aws, &object.id).await?,
        _ => of_instance(aws, &object.id).await?,
    };
    let since = |snapshot: &Snapshot| object.created.is_none_or(|created| snapshot.time >= created);
    Ok(snapshots.into_iter().filter(since).max_by_key(|snapshot| snapshot.time))
}

async fn of_instance(aws: &Aws, id: &str) -> Result<Vec<Snapshot>, CloudError> {
    let request = aws.rds.read.describe_db_snapshots();
    let request = request.db_instance_identifier(id).max_records(PAGE);
    let shown = aws.items(
        Action::DescribeDBSnapshots,
        |marker| request.clone().set_marker(marker).send(),
        |page| (page.db_snapshots, page.marker),
    );
    let snapshot = |shown: DbSnapshot| {
        let id = shown.db_snapshot_identifier;
        whole(id, shown.snapshot_create_time, shown.status.as_deref())
    };
    Ok(shown.await?.into_iter().filter_map(snapshot).collect())
}

async fn of_cluster(aws: &Aws, id: &str) -> Result<Vec<Snapshot>, CloudError> {
    let request = aws.rds.read.describe_db_cluster_snapshots();
    let request = request.db_cluster_identifier(id).max_records(PAGE);
    let shown = aws.items(
        Action::DescribeDBClusterSnapshots,
        |marker| request.clone().set_marker(marker).send(),
        |page| (page.db_cluster_snapshots, page.marker),
    );
    let snapshot = |shown: DbClusterSnapshot| {
        let id = shown.db_cluster_snapshot_identifier;
        whole(id, shown.snapshot_create_time, shown.status.as_deref())
    };
    Ok(shown.await?.into_iter().filter_map(snapshot).collect())
}

/// A snapshot, once it is whole.
fn whole(id: Option<String>, time: Option<DateTime>, status: Option<&str>) -> Option<Snapshot> {
    let time = time.filter(|_| status == Some(AVAILABLE)).and_then(timestamp)?;
    Some(Snapshot { id: id?, time })
}

#[cfg(test)]
mod tests;
