//! Conditions as kstatus reads them: `Ready`, `Reconciling`, `Stalled`, and one for each part of a stack.
//! <https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md>

use std::fmt;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

/// What a condition speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConditionType {
    /// Everything the spec asks for exists and works.
    Ready,
    /// hastack is still working towards the spec.
    Reconciling,
    /// hastack cannot go on without someone's help.
    Stalled,
    /// The network is as the spec says.
    NetworkReady,
    /// The load balancer and its listeners are as the spec says.
    LoadBalancerReady,
    /// The certificate is issued and its DNS records are there.
    CertificateReady,
    /// The file system can be mounted in every zone.
    FileSystemReady,
    /// The bastion can be reached.
    BastionReady,
    /// The security group, role and instance profile of a service's instances are as the spec says.
    AccessReady,
    /// The image that a service's instances start from is there.
    ImageReady,
    /// As many instances as wanted are in service, all of the wanted version.
    FleetReady,
    /// Requests are routed to enough healthy instances.
    RoutingReady,
    /// The database is as the spec says and answers.
    DatabaseReady,
}

/// Why a condition is as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// All is as wanted.
    AsDesired,
    /// Steps towards the spec are being taken.
    Progressing,
    /// AWS is still working on something.
    Waiting,
    /// The object is being deleted.
    Deleting,
    /// What exists in AWS is not known yet.
    Observing,
    /// The spec cannot be met as it is.
    InvalidSpec,
    /// The spec asks for something this version does not do.
    NotSupported,
    /// A change is asked for that AWS allows only by replacing the resource.
    ImmutableField,
    /// Something referred to does not exist.
    ReferenceMissing,
    /// Something else holds what is needed, or two resources claim one place.
    Conflict,
    /// AWS refused for lack of permission.
    AccessDenied,
    /// AWS refused because a quota is reached.
    QuotaExceeded,
    /// AWS refused the request itself.
    Refused,
    /// AWS limits the rate of requests.
    Throttled,
    /// AWS answered with an error that is expected to pass.
    ServerError,
    /// Something works that will stop unless somebody acts, such as a certificate that is not renewed.
    Endangered,
    /// What was tried did not succeed, such as a rollout, and is not tried again before something changes.
    Failed,
    /// Something that held data was deleted by somebody else.
    Lost,
    /// The same change was made several times without effect.
    NotConverging,
    /// Something keeps a resource from being deleted.
    DeletionBlocked,
}

impl fmt::Display for ConditionType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

/// The longest message the Kubernetes API accepts in a condition, in bytes.
pub const MAX_MESSAGE: usize = 32_768;

/// Sets the condition of type `kind`. `lastTransitionTime` moves only when `status` flips.
pub fn set(
    conditions: &mut Vec<Condition>,
    kind: ConditionType,
    status: bool,
    reason: Reason,
    message: impl Into<String>,
    generation: Option<i64>,
    now: Timestamp,
) {
    let mut message = message.into();
    message.truncate(message.floor_char_boundary(MAX_MESSAGE));
    let status = if status { "True" } else { "False" };
    let kind = kind.to_string();
    let since = conditions
        .iter()
        .find(|condition| condition.type_ == kind && condition.status == status)
        .map_or(Time(now), |condition| condition.last_transition_time.clone());
    let condition = Condition {
        last_transition_time: since,
        message,
        observed_generation: generation,
        reason: reason.to_string(),
        status: status.into(),
        type_: kind,
    };
    match conditions.iter_mut().find(|other| other.type_ == condition.type_) {
        Some(other) => *other = condition,
        None => conditions.push(condition),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_transition_time_stays_while_the_status_stays() {
        let mut conditions = Vec::new();
        set(
            &mut conditions,
            ConditionType::Ready,
            false,
            Reason::Progressing,
            "a",
            Some(1),
            at(1),
        );
        set(
            &mut conditions,
            ConditionType::Ready,
            false,
            Reason::Waiting,
            "b",
            Some(2),
            at(2),
        );
        assert_eq!(conditions.len(), 1);
        assert_eq!(conditions[0].last_transition_time, Time(at(1)));
        assert_eq!(conditions[0].reason, "Waiting");
        set(
            &mut conditions,
            ConditionType::Ready,
            true,
            Reason::AsDesired,
            "c",
            Some(2),
            at(3),
        );
        assert_eq!(conditions[0].last_transition_time, Time(at(3)));
    }
}
