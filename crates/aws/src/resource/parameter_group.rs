//! What the parameter groups of instances and of clusters have in common; their calls differ in names only. Lists do not show their
//! tags, so their descriptions tell whose they are.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_rds::types::{ApplyMethod, Filter, Parameter};
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::parameter_group::{Create, State};
use hastack_core::tag::{path_of_cluster, tags_of_path};

use crate::Aws;

/// Parameters that somebody has set.
pub const SET: &str = "user";

/// AWS's word for a parameter that counts at once.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/parameter-groups-overview.html>
const DYNAMIC: &str = "dynamic";

/// The kind of a parameter group.
pub type Wrap = fn(State) -> AnyState;

/// The group with this name, family and description.
pub fn object(wrap: Wrap, name: Option<String>, family: Option<String>, description: Option<String>) -> Option<Object> {
    let path = description.unwrap_or_default();
    let tags = tags_of_path(&path).unwrap_or_default();
    let name = name?;
    Some(Object {
        id: name.clone(),
        tags,
        phase: Phase::Ready,
        created: None,
        state: wrap(State {
            name,
            path,
            family: family.unwrap_or_default(),
            parameters: None,
        }),
    })
}

/// The group that was just made, in which nothing is set.
pub fn made(wrap: Wrap, create: &Create) -> Option<Object> {
    let Create { name, path, family } = create;
    let object = object(wrap, Some(name.clone()), Some(family.clone()), Some(path.clone()))?;
    Some(with_parameters(object, Vec::new()))
}

/// Those that are this installation's.
pub fn ours(aws: &Aws, mut objects: Vec<Object>) -> Vec<Object> {
    let ours = path_of_cluster(&aws.cluster);
    objects.retain(|object| {
        matches!(
            &object.state,
            AnyState::DbParameterGroup(state) | AnyState::DbClusterParameterGroup(state) if state.path.starts_with(&ours)
        )
    });
    objects
}

/// The same with the parameters that are set in it.
pub fn with_parameters(mut object: Object, shown: Vec<Parameter>) -> Object {
    let parameters = shown
        .into_iter()
        .filter_map(|parameter| Some((parameter.parameter_name?, parameter.parameter_value?)));
    if let AnyState::DbParameterGroup(state) | AnyState::DbClusterParameterGroup(state) = &mut object.state {
        state.parameters = Some(parameters.collect());
    }
    object
}

/// Asks for these parameters only.
pub fn named<'a>(names: impl IntoIterator<Item = &'a String>) -> Filter {
    let names = names.into_iter().cloned().collect();
    Filter::builder().name("parameter-name").set_values(Some(names)).build()
}

/// The parameters to set. A dynamic one can count at once, which AWS refuses of a static one: that waits until the database is
/// started anew.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Parameter.html>
pub fn set(values: &BTreeMap<String, String>, shown: &[Parameter]) -> Vec<Parameter> {
    let parameters = values.iter().map(|(name, value)| {
        let parameter = Parameter::builder().parameter_name(name).parameter_value(value);
        parameter.apply_method(method(name, shown)).build()
    });
    parameters.collect()
}

/// The parameters to let be as AWS has them, likewise.
pub fn reset(names: &BTreeSet<String>, shown: &[Parameter]) -> Vec<Parameter> {
    let parameters = names.iter().map(|name| {
        let parameter = Parameter::builder().parameter_name(name);
        parameter.apply_method(method(name, shown)).build()
    });
    parameters.collect()
}

fn method(name: &str, shown: &[Parameter]) -> ApplyMethod {
    let mut shown = shown
        .iter()
        .filter(|parameter| parameter.parameter_name() == Some(name));
    match shown.next().and_then(Parameter::apply_type) {
        Some(DYNAMIC) => ApplyMethod::Immediate,
        _ => ApplyMethod::PendingReboot,
    }
}

#[cfg(test)]
mod tests;
