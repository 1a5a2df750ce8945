//! The hosted zone that a domain is served from: looked up, never changed.

use aws_sdk_route53::types;
use hastack_core::cloud::{CloudError, ErrorKind, HostedZone};

use crate::Aws;
use crate::action::Action;

/// How many zones of one name are looked at.
const MOST: i32 = 100;

/// The public hosted zones of this id or name.
pub async fn look_up(aws: &Aws, text: &str) -> Result<Vec<HostedZone>, CloudError> {
    let found = if is_id(text) {
        by_id(aws, text).await?
    } else {
        by_name(aws, text).await?
    };
    // What a private zone says, AWS does not see when it issues certificates.
    let public = |zone: &&types::HostedZone| !zone.config.as_ref().is_some_and(|config| config.private_zone);
    Ok(found.iter().filter(public).map(hosted_zone).collect())
}

/// Whether it is an id rather than a name, which has a dot and no capitals.
fn is_id(text: &str) -> bool {
    text.starts_with('Z')
        && text
            .chars()
            .all(|other| other.is_ascii_uppercase() || other.is_ascii_digit())
}

async fn by_id(aws: &Aws, id: &str) -> Result<Vec<types::HostedZone>, CloudError> {
    let request = aws.route53.read.get_hosted_zone().id(id);
    match aws.send_read(Action::GetHostedZone, || request.clone().send()).await {
        Ok(answer) => Ok(answer.hosted_zone.into_iter().collect()),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// AWS lists from a name on, so those of the name come first.
async fn by_name(aws: &Aws, name: &str) -> Result<Vec<types::HostedZone>, CloudError> {
    let name = plain(name);
    let request = aws
        .route53
        .read
        .list_hosted_zones_by_name()
        .dns_name(&name)
        .max_items(MOST);
    let answer = aws.send_read(Action::ListHostedZonesByName, || request.clone().send());
    let mut zones = answer.await?.hosted_zones;
    zones.retain(|zone| plain(&zone.name) == name);
    Ok(zones)
}

fn hosted_zone(shown: &types::HostedZone) -> HostedZone {
    HostedZone {
        id: shown.id.trim_start_matches("/hostedzone/").to_owned(),
        name: plain(&shown.name),
    }
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_lowercase()
}

#[cfg(test)]
mod tests;
