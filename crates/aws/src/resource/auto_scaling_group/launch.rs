//! What instances are launched from, as the SDK spells it.

use aws_sdk_autoscaling::types::{
    InstancesDistribution, LaunchTemplate, LaunchTemplateOverrides, LaunchTemplateSpecification, MixedInstancesPolicy,
};
use hastack_core::resource::auto_scaling_group::{Launch, Mixed, TemplateVersion};

use super::{count, number};

/// The launch template with its version.
pub(in crate::resource) fn template_specification(launch: &Launch) -> Option<LaunchTemplateSpecification> {
    let TemplateVersion { id, number } = launch.template.as_ref()?;
    let version = number.map(|number| number.to_string());
    let specification = LaunchTemplateSpecification::builder().launch_template_id(id);
    Some(specification.set_version(version).build())
}

/// The policy in which the launch template stands where there are several types or spot instances.
pub(in crate::resource) fn mixed_instances_policy(launch: &Launch) -> Option<MixedInstancesPolicy> {
    let Mixed {
        types,
        on_demand_base,
        on_demand_percent,
        on_demand_strategy,
        spot_strategy,
    } = launch.mixed.as_ref()?;
    let overrides = types
        .iter()
        .map(|word| LaunchTemplateOverrides::builder().instance_type(word).build());
    let template = LaunchTemplate::builder()
        .set_launch_template_specification(template_specification(launch))
        .set_overrides(Some(overrides.collect()));
    let distribution = InstancesDistribution::builder()
        .on_demand_base_capacity(number(*on_demand_base))
        .on_demand_percentage_above_base_capacity(number(*on_demand_percent))
        .set_on_demand_allocation_strategy(on_demand_strategy.clone())
        .set_spot_allocation_strategy(spot_strategy.clone());
    let policy = MixedInstancesPolicy::builder().launch_template(template.build());
    Some(policy.instances_distribution(distribution.build()).build())
}

/// What AWS shows: one or the other.
pub(super) fn shown(template: Option<LaunchTemplateSpecification>, policy: Option<MixedInstancesPolicy>) -> Launch {
    let Some(policy) = policy else {
        return Launch {
            template: template.and_then(shown_template),
            mixed: None,
        };
    };
    let template = policy.launch_template;
    let overrides = template.as_ref().and_then(|template| template.overrides.clone());
    let types = overrides.unwrap_or_default().into_iter();
    let distribution = policy.instances_distribution;
    let distribution = distribution.unwrap_or_else(|| InstancesDistribution::builder().build());
    Launch {
        template: template
            .and_then(|template| template.launch_template_specification)
            .and_then(shown_template),
        mixed: Some(Mixed {
            types: types.filter_map(|one| one.instance_type).collect(),
            on_demand_base: count(distribution.on_demand_base_capacity),
            on_demand_percent: count(distribution.on_demand_percentage_above_base_capacity.or(Some(100))),
            on_demand_strategy: distribution.on_demand_allocation_strategy,
            spot_strategy: distribution.spot_allocation_strategy,
        }),
    }
}

/// A version by a word, such as `$Latest`, is whichever has that then.
pub(in crate::resource) fn shown_template(shown: LaunchTemplateSpecification) -> Option<TemplateVersion> {
    Some(TemplateVersion {
        id: shown.launch_template_id?,
        number: shown.version.and_then(|version| version.parse().ok()),
    })
}
