//! The launch template of a service.

use std::collections::BTreeMap;

use hastack_api::AutoScaledServiceSpec;
use hastack_api::auto_scaled_service::Placement;
use hastack_api::service::launch::RootVolumeSpec;

use super::{access, image, user_data};
use crate::desire::name::unique;
use crate::desire::site::Site;
use crate::desire::{Inputs, SpecError};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::launch_template::Volume;
use crate::resource::{Spec, launch_template};
use crate::tag::{FLEET, NAME, Tags};

/// The longest name AWS accepts.
const LONGEST_NAME: usize = 128;

/// What a gp3 volume does where nothing is said, and how it hangs together.
/// <https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html#gp3-ebs-volume-type>
const LEAST_IOPS: u16 = 3000;
const MOST_IOPS_A_GIB: u32 = 500;
const IOPS_A_MIB: u32 = 4;

/// The nodes of this part.
pub(super) fn desire(
    spec: &AutoScaledServiceSpec,
    site: &Site<'_>,
    inputs: &Inputs,
) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    let instance_types = spec.instance_type.iter().chain(spec.instance_types.iter().flatten());
    let wanted = launch_template::Spec {
        name: unique(site.identity, &template(), LONGEST_NAME),
        image: image::source(spec, site, inputs)?,
        instance_type: instance_types.take(1).cloned().collect(),
        key_name: spec.key_name.clone(),
        profile: access::profile(),
        profile_name: access::profile_name(site),
        security_groups: vec![access::group()],
        public_address: match spec.placement {
            Placement::Public => true,
            Placement::Private => false,
        },
        volume: volume(&spec.root_volume)?,
        detailed_monitoring: spec.detailed_monitoring,
        user_data: user_data::user_data(spec, site, inputs)?,
        tags: tags(spec, site),
        awaits: awaits(spec, site),
    };
    let node = Node::new(Spec::LaunchTemplate(wanted), Origin::Managed);
    Ok([(template(), node)].into())
}

/// The launch template.
pub(super) fn template() -> NodeId {
    NodeId::only(Kind::LaunchTemplate)
}

/// The tags of what the group launches: what is launched is the group's, so it carries nothing by which we would take it for ours.
fn tags(spec: &AutoScaledServiceSpec, site: &Site<'_>) -> Tags {
    let ours = [(NAME, site.name().to_owned()), (FLEET, site.identity.owner.fleet())];
    let ours = ours.map(|(key, value)| (key.to_owned(), value));
    spec.tags.clone().into_iter().chain(ours).collect()
}

/// What an instance uses when it starts: its role, and what it mounts.
fn awaits(spec: &AutoScaledServiceSpec, site: &Site<'_>) -> Vec<NodeId> {
    let mut awaits = vec![access::role(), access::profile()];
    if !spec.mounts.is_empty() {
        awaits.extend(site.mount_targets());
    }
    awaits
}

fn volume(wanted: &RootVolumeSpec) -> Result<Volume, SpecError> {
    let RootVolumeSpec {
        size_gib,
        iops,
        throughput,
        kms_key_id,
    } = wanted;
    let effective = u32::from(iops.unwrap_or(LEAST_IOPS));
    let combine = |field, other, reason| Err(SpecError::CombineFields { field, other, reason });
    if throughput.is_some_and(|mib| u32::from(mib) * IOPS_A_MIB > effective) {
        let (field, other) = ("rootVolume.throughput", "so few rootVolume.iops");
        return combine(field, other, "AWS gives a MiB a second for every 4 of them");
    }
    let fits = |size: u16| u32::from(size) * MOST_IOPS_A_GIB >= effective;
    if iops.is_some_and(|iops| iops > LEAST_IOPS) && !size_gib.is_none_or(fits) {
        let (field, other) = ("rootVolume.iops", "so small a rootVolume.sizeGib");
        return combine(field, other, "AWS gives at most 500 of them for each GiB");
    }
    Ok(Volume {
        size_gib: *size_gib,
        iops: *iops,
        throughput: *throughput,
        kms_key_id: kms_key_id.clone(),
    })
}

#[cfg(test)]
mod tests;
