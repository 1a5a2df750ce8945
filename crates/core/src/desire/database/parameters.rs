//! The parameters of a database. The group of a major version is one of its own, so that an upgrade brings its parameters along.

use std::collections::BTreeMap;

use hastack_api::ManagedDatabaseSpec;

use super::upgrade::Upgrade;
use super::{Plan, engine, is_aurora, primary};
use crate::desire::Inputs;
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::database::setting::{Setting, Value};
use crate::resource::database::version;
use crate::resource::{Spec, State, database, parameter_group};

/// The nodes of this part.
pub(super) fn desire(plan: &Plan<'_>) -> BTreeMap<NodeId, Node> {
    of_family(plan, &plan.family).into_iter().collect()
}

/// The group of a family, where there are parameters.
pub(super) fn of_family(plan: &Plan<'_>, family: &str) -> Option<(NodeId, Node)> {
    let node = group(plan.spec, family)?;
    let spec = parameter_group::Spec {
        name: plan.identifier(&node),
        path: plan.path(&node),
        family: family.to_owned(),
        parameters: plan.spec.parameters.clone(),
    };
    let spec = if is_aurora(plan.spec.engine) {
        Spec::DbClusterParameterGroup(spec)
    } else {
        Spec::DbParameterGroup(spec)
    };
    Some((node, Node::new(spec, Origin::Managed)))
}

/// The parameter group of a family, where there are parameters.
pub(super) fn group(spec: &ManagedDatabaseSpec, family: &str) -> Option<NodeId> {
    let kind = if is_aurora(spec.engine) {
        Kind::DbClusterParameterGroup
    } else {
        Kind::DbParameterGroup
    };
    (!spec.parameters.is_empty()).then(|| NodeId::named(kind, family))
}

/// Gives a database its group, or that which AWS has.
pub(super) fn of(plan: &Plan<'_>, mut spec: database::Spec) -> database::Spec {
    spec.parameter_group = group(plan.spec, &plan.family);
    spec.settings
        .insert(Setting::ParameterGroup, default_group(&plan.family).into());
    spec
}

/// The group that AWS has for databases without parameters of their own.
pub(super) fn default_group(family: &str) -> String {
    format!("default.{family}")
}

/// The family of the groups of the version it is to have, or has as long as a copy of that is being made.
pub(super) fn family(spec: &ManagedDatabaseSpec, inputs: &Inputs, upgrade: Option<&Upgrade>) -> String {
    let version = match upgrade {
        Some(upgrade) => upgrade.from.clone(),
        None => version(spec, inputs),
    };
    engine::family(spec.engine, &version)
}

/// The version it has.
pub(super) fn version_of(spec: &ManagedDatabaseSpec, inputs: &Inputs) -> Option<String> {
    let seen = inputs.observed.keeper(&primary(spec), None)?;
    match &seen.object.state {
        State::DbInstance(database) | State::DbCluster(database) => {
            let version = database.settings.get(&Setting::Version).and_then(Value::text);
            version.map(str::to_owned)
        }
        _ => None,
    }
}

/// The version it is to have: what it has, where that is as good or may not be left.
fn version(spec: &ManagedDatabaseSpec, inputs: &Inputs) -> String {
    let wanted = spec.version.as_str();
    let stays = |is: &String| {
        let refused =
            version::is_major_upgrade(engine::word(spec.engine), is, wanted) && !spec.allow_major_version_upgrade;
        version::is_at_least(is, wanted) || refused
    };
    version_of(spec, inputs)
        .filter(stays)
        .unwrap_or_else(|| wanted.to_owned())
}
