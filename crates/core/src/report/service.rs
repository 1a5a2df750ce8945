//! The status of a service, part by part.

use hastack_api::condition::ConditionType;
use hastack_api::service::rollout::RolloutStatus;
use hastack_api::service::routing::UnhealthyTarget;
use hastack_api::{AutoScaledService, AutoScaledServiceStatus};

use super::{Kept, Reported};
use crate::desire::chosen_image;
use crate::kind::{Area, Kind};
use crate::owner::NodeId;
use crate::resource::{State, auto_scaling_group, target_group};

/// What the word of a rollout is when every instance has the wanted version.
const DONE: &str = "Done";

impl Reported for AutoScaledService {
    const AREAS: &'static [(Area, ConditionType)] = &[
        (Area::Fleet, ConditionType::FleetReady),
        (Area::Image, ConditionType::ImageReady),
        (Area::Access, ConditionType::AccessReady),
        (Area::Routing, ConditionType::RoutingReady),
    ];

    fn fill(kept: &Kept<'_, Self>, status: &mut AutoScaledServiceStatus) {
        let service = kept.object;
        let name = service.metadata.name.as_deref().unwrap_or_default();
        let group = group(kept);
        let target_groups: Vec<_> = target_groups(kept).collect();
        status.selector = Some(format!("hastack.dev/service={name}"));
        status.replicas = group.and_then(|group| group.desired.try_into().ok());
        status.applied_desired = applied(service, group, status.applied_desired);
        status.healthy = group.map(|group| healthy(group, &target_groups));
        status.unhealthy_targets = target_groups.iter().flat_map(|targets| unhealthy(targets)).collect();
        status.image = kept
            .inputs
            .and_then(|inputs| chosen_image(&service.spec, inputs))
            .or(status.image.take());
        status.rollout = group.map(|group| rollout(kept, group));
        status.url = url(kept);
        let access = kept.get(&NodeId::named(Kind::SecurityGroup, "service"));
        status.security_group_id = access.map(|group| group.id.clone());
    }
}

fn group<'a>(kept: &'a Kept<'_, AutoScaledService>) -> Option<&'a auto_scaling_group::State> {
    match &kept.get(&NodeId::only(Kind::AutoScalingGroup))?.state {
        State::AutoScalingGroup(group) => Some(group),
        _ => None,
    }
}

/// The target groups that are wanted.
fn target_groups<'a>(kept: &'a Kept<'_, AutoScaledService>) -> impl Iterator<Item = &'a target_group::State> {
    kept.of(Kind::TargetGroup)
        .filter_map(|(_, object)| match &object.state {
            State::TargetGroup(state) => Some(state),
            _ => None,
        })
}

/// What was wanted when the group last had it: what scaling has done since is no change of ours.
fn applied(
    service: &AutoScaledService,
    group: Option<&auto_scaling_group::State>,
    earlier: Option<i32>,
) -> Option<i32> {
    let wanted = service.spec.capacity.desired?;
    let has_it = group.is_some_and(|group| group.desired == u32::from(wanted));
    if has_it { Some(wanted.into()) } else { earlier }
}

fn healthy(group: &auto_scaling_group::State, target_groups: &[&target_group::State]) -> String {
    let in_service = group.in_service();
    let healthy = target_groups.iter().map(|targets| targets.healthy()).max();
    format!("{}/{}", healthy.unwrap_or(in_service), group.desired)
}

fn unhealthy(targets: &target_group::State) -> impl Iterator<Item = UnhealthyTarget> {
    targets.unhealthy().map(|target| UnhealthyTarget {
        id: target.id.clone(),
        state: target.health.to_string(),
        reason: target.reason.clone(),
    })
}

fn rollout(kept: &Kept<'_, AutoScaledService>, group: &auto_scaling_group::State) -> RolloutStatus {
    let template = kept
        .get(&NodeId::only(Kind::LaunchTemplate))
        .map(|object| &object.state);
    let wanted = match template {
        Some(State::LaunchTemplate(template)) => template.newest_ours(),
        _ => None,
    };
    let has_it = |instance: &&auto_scaling_group::Instance| {
        let template = instance.template.as_ref();
        wanted.is_some() && template.and_then(|template| template.number) == wanted
    };
    let updated = group.instances.iter().filter(has_it).count();
    let refresh = match kept.of(Kind::InstanceRefresh).next().map(|(_, object)| &object.state) {
        Some(State::InstanceRefresh(state)) => Some(state),
        _ => None,
    };
    let newest = refresh.and_then(|state| state.refresh());
    let is_running = refresh.is_some_and(|state| state.running().is_some());
    let all = updated == group.instances.len() && !is_running;
    RolloutStatus {
        wanted_version: wanted,
        updated: updated.try_into().ok(),
        progress: if all {
            Some(DONE.to_owned())
        } else {
            refresh.and_then(super::super::resource::instance_refresh::State::progress)
        },
        instance_refresh_id: newest.map(|refresh| refresh.id.clone()),
        message: newest.and_then(|refresh| refresh.reason.clone()),
    }
}

/// Where the service answers: under its first host that is one, else where its stack does.
fn url(kept: &Kept<'_, AutoScaledService>) -> Option<String> {
    let routing = kept.object.spec.routing.as_ref()?;
    let stack = kept.inputs?.stack.as_ref()?.status.as_ref()?.url.as_ref()?;
    let plain = |host: &&String| !host.contains(['*', '?']);
    let Some(host) = routing.hosts.iter().flatten().find(plain) else {
        return Some(stack.clone());
    };
    let (scheme, _) = stack.split_once("://")?;
    Some(format!("{scheme}://{host}"))
}
