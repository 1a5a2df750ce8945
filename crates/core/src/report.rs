//! What a pass means for the custom resource: its status and events. Pure; a status that says the same is the same.

mod conditions;
mod notice;

use std::collections::BTreeSet;

use hastack_api::{HAStack, HAStackStatus, NetworkStatus, ResourcePhase, ResourceStatus};
use jiff::Timestamp;

use crate::apply::Outcome;
use crate::cloud::CloudError;
use crate::desire::SpecError;
use crate::kind::Kind;
use crate::memory::Memory;
use crate::object::Object;
use crate::owner::NodeId;
use crate::plan::Waiting;
use crate::resource::State;

pub use notice::{Notice, notices};

/// The most lines of a plan that status keeps.
const MAX_PLAN_LINES: usize = 50;
/// The longest line of a plan that status keeps, in bytes.
const MAX_PLAN_LINE: usize = 500;

/// What came of a pass.
#[derive(Clone, Copy, Debug)]
pub enum Situation<'a> {
    /// The spec cannot be met; AWS was not called.
    Invalid(&'a SpecError),
    /// Something must be known first, and why it is not.
    Unknown(&'a str, Option<&'a CloudError>),
    /// A pass was made.
    Passed(&'a Outcome),
}

/// The whole status of a stack after a pass.
pub fn report(
    stack: &HAStack,
    situation: Situation<'_>,
    memory: &Memory,
    account: Option<&str>,
    now: Timestamp,
) -> HAStackStatus {
    let earlier = stack.status.clone().unwrap_or_default();
    if says_nothing_new(stack, &earlier, situation) {
        return earlier;
    }
    let mut status = earlier;
    status.observed_generation = stack.metadata.generation;
    status.intents = memory.intents();
    status.tag_keys = memory.tag_keys.iter().cloned().collect();
    status.account = account.map(str::to_owned).or(status.account);
    match situation {
        Situation::Invalid(_) => status.plan.clear(),
        Situation::Unknown(_, _) => {}
        Situation::Passed(outcome) => {
            status.plan = plan_lines(outcome);
            status.resources = resources(outcome, memory);
            status.progress = Some(progress(stack, outcome));
            status.network = Some(network(outcome, memory));
            status.zones = zones(outcome);
        }
    }
    conditions::set_all(stack, situation, &mut status.conditions, now);
    status
}

/// The status that outlasts a crash in the middle of a pass: the earlier one, with what memory holds.
pub fn record(earlier: &HAStackStatus, memory: &Memory) -> HAStackStatus {
    let mut status = earlier.clone();
    status.intents = memory.intents();
    status.tag_keys = memory.tag_keys.iter().cloned().collect();
    for (node, aws_id) in &memory.recorded {
        let id = node.to_string();
        match status.resources.iter_mut().find(|resource| resource.id == id) {
            Some(resource) => resource.aws_id = Some(aws_id.clone()),
            None => status.resources.push(ResourceStatus {
                id,
                aws_id: Some(aws_id.clone()),
                phase: ResourcePhase::Pending,
                external: false,
            }),
        }
    }
    status
}

/// Whether all there is to say is that we have not looked yet, which takes nothing from what was said before.
fn says_nothing_new(stack: &HAStack, earlier: &HAStackStatus, situation: Situation<'_>) -> bool {
    let unchanged = earlier.observed_generation.is_some()
        && earlier.observed_generation == stack.metadata.generation
        && stack.metadata.deletion_timestamp.is_none();
    let looking = match situation {
        Situation::Invalid(_) => false,
        Situation::Unknown(_, failure) => failure.is_none(),
        Situation::Passed(outcome) => {
            let looks = outcome.plan.waiting.iter().any(|waiting| match waiting {
                Waiting::Observation { kind: _, failure } => failure.is_none(),
                Waiting::Dependency { .. }
                | Waiting::Dependent { .. }
                | Waiting::Settling { .. }
                | Waiting::Confirmation { .. }
                | Waiting::Retry { .. } => false,
            });
            looks && outcome.done.is_empty() && outcome.failures.is_empty()
        }
    };
    unchanged && looking
}

fn plan_lines(outcome: &Outcome) -> Vec<String> {
    let text = outcome.plan.to_string();
    let mut lines: Vec<String> = text.lines().map(shorten).collect();
    let more = lines.len().saturating_sub(MAX_PLAN_LINES);
    if more > 0 {
        lines.truncate(MAX_PLAN_LINES);
        lines.push(format!("and {more} more"));
    }
    lines
}

fn shorten(line: &str) -> String {
    let end = line.floor_char_boundary(MAX_PLAN_LINE);
    line[..end].to_owned()
}

fn resources(outcome: &Outcome, memory: &Memory) -> Vec<ResourceStatus> {
    let phases = outcome.plan.phases.iter();
    phases
        .map(|(node, &phase)| ResourceStatus {
            id: node.to_string(),
            aws_id: keeper(outcome, memory, node)
                .map(|object| object.id.clone())
                .or_else(|| memory.recorded.get(node).cloned()),
            phase,
            external: outcome.plan.external.contains(node),
        })
        .collect()
}

fn progress(stack: &HAStack, outcome: &Outcome) -> String {
    let phases = &outcome.plan.phases;
    if stack.metadata.deletion_timestamp.is_some() {
        return format!("{} left", phases.len());
    }
    let ready = phases.values().filter(|phase| **phase == ResourcePhase::Ready).count();
    format!("{ready}/{}", phases.len())
}

fn network(outcome: &Outcome, memory: &Memory) -> NetworkStatus {
    let mut network = NetworkStatus::default();
    for node in outcome.observed.objects.keys() {
        let Some(object) = keeper(outcome, memory, node) else {
            continue;
        };
        let id = object.id.clone();
        match &object.state {
            State::Vpc(_) => network.vpc_id = Some(id),
            State::Subnet(subnet) => {
                let tier = match node.name.split('/').next() {
                    Some("public") => &mut network.public_subnet_ids,
                    Some("private") => &mut network.private_subnet_ids,
                    Some(_) | None => &mut network.database_subnet_ids,
                };
                tier.insert(subnet.zone.clone(), id);
            }
            State::NatGateway(gateway) => {
                if let Some(address) = &gateway.public_ip {
                    network.nat_addresses.insert(node.name.clone(), address.clone());
                }
            }
            State::DefaultSecurityGroup(_)
            | State::InternetGateway(_)
            | State::RouteTable(_)
            | State::ElasticIp(_)
            | State::VpcEndpoint(_) => {}
        }
    }
    network
}

fn zones(outcome: &Outcome) -> Option<String> {
    let zones: BTreeSet<_> = outcome
        .observed
        .all()
        .filter(|(node, _)| node.kind == Kind::Subnet)
        .filter_map(|(_, object)| match &object.state {
            State::Subnet(subnet) => Some(subnet.zone.as_str()),
            State::Vpc(_)
            | State::DefaultSecurityGroup(_)
            | State::InternetGateway(_)
            | State::RouteTable(_)
            | State::ElasticIp(_)
            | State::NatGateway(_)
            | State::VpcEndpoint(_) => None,
        })
        .collect();
    (!zones.is_empty()).then(|| zones.into_iter().collect::<Vec<_>>().join(","))
}

fn keeper<'a>(outcome: &'a Outcome, memory: &Memory, node: &NodeId) -> Option<&'a Object> {
    let recorded = memory.recorded.get(node).map(String::as_str);
    outcome.observed.keeper(node, recorded).map(|seen| &seen.object)
}

#[cfg(test)]
mod tests;
