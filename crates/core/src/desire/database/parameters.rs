//! The parameters of a database. The group of a major version is one of its own, so that an upgrade brings its parameters along.

use std::collections::BTreeMap;

use hastack_api::ManagedDatabaseSpec;

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
    let Some(node) = group(plan) else {
        return BTreeMap::new();
    };
    let spec = parameter_group::Spec {
        name: plan.identifier(&node),
        path: plan.path(&node),
        family: plan.family.clone(),
        parameters: plan.spec.parameters.clone(),
    };
    let spec = if is_aurora(plan.spec.engine) {
        Spec::DbClusterParameterGroup(spec)
    } else {
        Spec::DbParameterGroup(spec)
    };
    [(node, Node::new(spec, Origin::Managed))].into()
}

/// The parameter group, where there are parameters.
fn group(plan: &Plan<'_>) -> Option<NodeId> {
    let kind = if is_aurora(plan.spec.engine) {
        Kind::DbClusterParameterGroup
    } else {
        Kind::DbParameterGroup
    };
    (!plan.spec.parameters.is_empty()).then(|| NodeId::named(kind, plan.family.as_str()))
}

/// Gives a database its group, or that which AWS has.
pub(super) fn of(plan: &Plan<'_>, mut spec: database::Spec) -> database::Spec {
    spec.parameter_group = group(plan);
    spec.settings
        .insert(Setting::ParameterGroup, default_group(plan).into());
    spec
}

/// The group that AWS has for databases without parameters of their own.
fn default_group(plan: &Plan<'_>) -> String {
    format!("default.{}", plan.family)
}

/// The family of the groups of the version it is to have.
pub(super) fn family(spec: &ManagedDatabaseSpec, inputs: &Inputs) -> String {
    engine::family(spec.engine, &version(spec, inputs))
}

/// The version it is to have: what it has, where that is as good or may not be left.
fn version(spec: &ManagedDatabaseSpec, inputs: &Inputs) -> String {
    let seen = inputs.observed.keeper(&primary(spec), None);
    let is = match seen.map(|seen| &seen.object.state) {
        Some(State::DbInstance(database) | State::DbCluster(database)) => {
            database.settings.get(&Setting::Version).and_then(Value::text)
        }
        Some(_) | None => None,
    };
    let wanted = spec.version.as_str();
    let stays = |is: &&str| {
        let refused =
            version::is_major_upgrade(engine::word(spec.engine), is, wanted) && !spec.allow_major_version_upgrade;
        version::is_at_least(is, wanted) || refused
    };
    is.filter(stays).unwrap_or(wanted).to_owned()
}
