//! The availability zones of the region.

use aws_sdk_ec2::types::{AvailabilityZone, AvailabilityZoneState};
use hastack_core::cloud::{CloudError, Zone};

use crate::Aws;
use crate::action::Action;
use crate::error;
use crate::page::filter;

pub async fn look_up(aws: &Aws) -> Result<Vec<Zone>, CloudError> {
    let action = Action::DescribeAvailabilityZones;
    // Local and wavelength zones are listed too, once opted into, but lack most services.
    let real = filter("zone-type", vec!["availability-zone".into()]);
    let request = aws.ec2.read.describe_availability_zones().filters(real);
    let answer = aws.send_read(action, || request.clone().send()).await?;
    let shown = answer.availability_zones.unwrap_or_default().into_iter().map(zone);
    let mut zones: Vec<Zone> = shown.collect::<Option<_>>().ok_or_else(|| error::unreadable(action))?;
    zones.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(zones)
}

fn zone(shown: AvailabilityZone) -> Option<Zone> {
    Some(Zone {
        name: shown.zone_name?,
        available: shown.state == Some(AvailabilityZoneState::Available),
    })
}

#[cfg(test)]
mod tests;
