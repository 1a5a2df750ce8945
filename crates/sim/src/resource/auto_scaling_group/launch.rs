//! Launching the instances of a group. They are in the group's state; what others see of them is their network interfaces.

use hastack_core::resource::State as AnyState;
use hastack_core::resource::auto_scaling_group::{Instance, Launch, Lifecycle, State, TemplateVersion};
use hastack_core::resource::launch_template::Data;
use hastack_core::resource::network_interface;
use hastack_core::tag::FLEET;

use crate::world::World;

/// What makes the instances of a version never become healthy: this in its user data.
const FAILING: &str = "fail-rollout";

/// What a version of a launch template says, or why nothing can be launched from it.
pub(super) fn data(world: &World, version: Option<&TemplateVersion>) -> Result<Data, String> {
    let wrong = |problem: &str| format!("You must use a valid fully-formed launch template. {problem}");
    let Some(TemplateVersion { id, number }) = version else {
        return Err(wrong("There is none."));
    };
    let Some(AnyState::LaunchTemplate(template)) = world.state(id) else {
        return Err(wrong(&format!(
            "The specified launch template, with template ID {id}, does not exist."
        )));
    };
    let number = number.unwrap_or(template.latest);
    let version = template
        .history
        .as_ref()
        .and_then(|history| history.versions.get(&number));
    let version = version.ok_or_else(|| wrong(&format!("There is no version {number} of {id}.")))?;
    let data = world.launch_data.get(&version.description);
    let data = data.ok_or_else(|| wrong(&format!("Version {number} of {id} says nothing.")))?;
    if let Some(group) = data
        .security_group_ids
        .iter()
        .find(|group| world.must_exist(group).is_err())
    {
        return Err(wrong(&format!("The security group '{group}' does not exist")));
    }
    let has_role = world.states().any(|state| {
        matches!(state, AnyState::InstanceProfile(profile) if profile.name == data.profile_name && profile.role_arn.is_some())
    });
    if !has_role {
        return Err(wrong(&format!(
            "Invalid IAM Instance Profile name ({})",
            data.profile_name
        )));
    }
    Ok(data.clone())
}

/// Whether the instances of a version never become healthy.
pub(super) fn fails(world: &World, version: Option<&TemplateVersion>) -> bool {
    let data = data(world, version).ok();
    data.and_then(|data| data.user_data)
        .is_some_and(|text| text.contains(FAILING))
}

/// Whether an instance is what would be launched now.
pub(super) fn matches(instance: &Instance, launch: &Launch) -> bool {
    let types = launch.mixed.as_ref().map(|mixed| &mixed.types);
    instance.template == launch.template && types.is_none_or(|types| types.contains(&instance.instance_type))
}

/// Launches an instance where the group has the fewest.
pub(super) fn launch(world: &mut World, group: &State, launch: &Launch) -> Result<Instance, String> {
    let data = data(world, launch.template.as_ref())?;
    let mut zones: Vec<_> = group
        .settings
        .subnet_ids
        .iter()
        .filter_map(|id| zone(world, id))
        .collect();
    let crowd = |zone: &str| {
        group
            .instances
            .iter()
            .filter(|instance| instance.counts() && instance.zone == zone)
            .count()
    };
    zones.sort_by_key(|(_, _, zone)| crowd(zone));
    let Some((subnet_id, vpc_id, zone)) = zones.into_iter().next() else {
        return Err("There is no subnet.".to_owned());
    };
    let id = world.instance_id();
    let interface = network_interface::State {
        vpc_id,
        subnet_id,
        group_ids: data.security_group_ids,
        description: String::new(),
        in_use: true,
        managed: false,
        public: data.public_address,
        instance_id: Some(id.clone()),
        fleet: data.tags.get(FLEET).cloned(),
    };
    world.add_untagged(AnyState::NetworkInterface(interface));
    let types = launch.mixed.iter().flat_map(|mixed| &mixed.types);
    Ok(Instance {
        id,
        instance_type: types.chain([&data.instance_type]).next().cloned().unwrap_or_default(),
        zone,
        template: launch.template.clone(),
        lifecycle: Lifecycle::Pending,
        healthy: true,
    })
}

/// Takes away what others see of an instance.
pub(super) fn take_away(world: &mut World, instance: &str) {
    world.things.retain(|_, thing| {
        !matches!(&thing.object.state, AnyState::NetworkInterface(interface) if interface.instance_id.as_deref() == Some(instance))
    });
}

/// A subnet with its VPC and zone.
fn zone(world: &World, subnet_id: &str) -> Option<(String, String, String)> {
    match world.state(subnet_id)? {
        AnyState::Subnet(subnet) => Some((subnet_id.to_owned(), subnet.vpc_id.clone(), subnet.zone.clone())),
        _ => None,
    }
}
