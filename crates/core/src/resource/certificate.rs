//! A certificate, validated by DNS: whoever can write a record that AWS names owns the domain.
//! <https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html>

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Danger, Finding, Refs, Shown, Wanted};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// How long before its end a certificate must have been renewed. AWS begins 60 days before, and earlier for shorter-lived ones.
/// <https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html>
const MARGIN: Duration = Duration::from_hours(24 * 30);

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its domain.
    pub domain: String,
    /// The further names it is for, sorted.
    pub alternative_names: Vec<String>,
    /// Whether hastack writes the DNS records that AWS looks for.
    pub hosted: bool,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its domain.
    pub domain: String,
    /// The further names it is for, sorted.
    pub alternative_names: Vec<String>,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its domain.
    pub domain: String,
    /// The further names it is for, sorted.
    #[serde(default)]
    pub alternative_names: Vec<String>,
    /// AWS's word for how it is.
    pub status: Status,
    /// How far it is shown who owns each of its names, by name.
    #[serde(default)]
    pub validations: Vec<Validation>,
    /// When it expires.
    #[serde(default)]
    pub not_after: Option<Timestamp>,
    /// How its renewal goes, once AWS has begun that.
    #[serde(default)]
    pub renewal: Option<Renewal>,
    /// Why AWS gave up on it or on renewing it, in AWS's word.
    #[serde(default)]
    pub failure: Option<String>,
}

/// How a certificate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// AWS has not seen all DNS records yet.
    PendingValidation,
    /// It can be used.
    Issued,
    /// It is not used any more.
    Inactive,
    /// It is of no use any more.
    Expired,
    /// AWS has not seen all DNS records within 72 hours.
    ValidationTimedOut,
    /// Whoever issued it has taken it back.
    Revoked,
    /// AWS refuses to issue it.
    Failed,
}

/// How a renewal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Renewal {
    /// AWS is at it.
    PendingAutoRenewal,
    /// AWS does not see all DNS records.
    PendingValidation,
    /// It is done.
    Success,
    /// AWS has not seen all DNS records until the certificate expired.
    Failed,
}

/// How far it is shown who owns one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Validation {
    /// The name.
    pub domain: String,
    /// The DNS record that shows it, some seconds after the request.
    #[serde(default)]
    pub record: Option<Record>,
    /// Whether AWS has seen it.
    #[serde(default)]
    pub validated: bool,
}

/// A DNS record that AWS looks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its name, without a dot at the end.
    pub name: String,
    /// Its value, without a dot at the end. Its type is `CNAME`.
    pub value: String,
}

/// Nothing about it can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, _refs: &dyn Refs) -> Result<Create, NodeId> {
        let Self {
            domain,
            alternative_names,
            hosted: _,
        } = self;
        Ok(Create {
            domain: domain.clone(),
            alternative_names: alternative_names.clone(),
        })
    }

    fn compare(&self, _state: &State, _refs: &dyn Refs) -> Vec<Finding<Change>> {
        // Its names cannot be changed: other ones are another node.
        Vec::new()
    }

    fn awaits(&self, state: &State) -> Option<String> {
        let named = state.validations.iter().any(|validation| validation.record.is_some());
        (named && !self.hosted).then(|| {
            let Self { domain, .. } = self;
            format!("for the DNS records in status.dnsRecords: create them where {domain} is served")
        })
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match *change {}
    }

    fn uses(&self) -> Vec<&str> {
        Vec::new()
    }

    fn problem(&self) -> Option<String> {
        let problem = match self.status {
            // The DNS records are the same the next time, so that another request may well succeed.
            Status::PendingValidation | Status::Issued | Status::ValidationTimedOut => return None,
            Status::Inactive => "it is not in use any more".to_owned(),
            Status::Expired => "it has expired".to_owned(),
            Status::Revoked => "it was revoked".to_owned(),
            Status::Failed => explain(self.failure.as_deref()),
        };
        Some(format!("{problem}; delete it and another one is requested"))
    }

    fn danger(&self) -> Option<Danger> {
        if self.status != Status::Issued {
            return None;
        }
        let expires = self.not_after?;
        let what = match self.renewal {
            Some(Renewal::PendingValidation) => {
                format!(
                    "it expires on {expires:.0} and AWS cannot renew it: not all DNS records in status.dnsRecords are there"
                )
            }
            Some(Renewal::Failed) => {
                let why = explain(self.failure.as_deref());
                format!("it expires on {expires:.0} and AWS could not renew it: {why}")
            }
            Some(Renewal::PendingAutoRenewal | Renewal::Success) | None => {
                let since = expires.checked_sub(MARGIN).unwrap_or(Timestamp::MIN);
                let what = format!("it expires on {expires:.0} and AWS has not renewed it");
                return Some(Danger { since, what });
            }
        };
        let since = Timestamp::MIN;
        Some(Danger { since, what })
    }
}

impl State {
    /// The DNS record that shows who owns a name, once AWS has named it.
    pub fn record(&self, domain: &str) -> Option<&Record> {
        let of = |validation: &&Validation| base(&validation.domain) == domain;
        self.validations.iter().find(of)?.record.as_ref()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::PendingValidation => "PENDING_VALIDATION",
            Self::Issued => "ISSUED",
            Self::Inactive => "INACTIVE",
            Self::Expired => "EXPIRED",
            Self::ValidationTimedOut => "VALIDATION_TIMED_OUT",
            Self::Revoked => "REVOKED",
            Self::Failed => "FAILED",
        })
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.domain)?;
        self.alternative_names
            .iter()
            .try_for_each(|name| write!(formatter, ", {name}"))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

/// The name whose owner a name belongs to: a wildcard and what it stands for are shown by the same record.
pub fn base(name: &str) -> &str {
    name.strip_prefix("*.").unwrap_or(name)
}

/// AWS's word for why it gave up, and what that means where the word does not say it.
/// <https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-failed.html>
fn explain(failure: Option<&str>) -> String {
    let Some(failure) = failure else {
        return "AWS does not say why".to_owned();
    };
    let meaning = match failure {
        "CAA_ERROR" => ": a CAA record of the domain does not let Amazon issue certificates",
        "ADDITIONAL_VERIFICATION_REQUIRED" => ": AWS asks for more information, through a support case",
        "DOMAIN_NOT_ALLOWED" => ": the domain is on a list of unsafe ones; its owner has to ask for its removal",
        "INVALID_PUBLIC_DOMAIN" => ": a name of it is none that the internet knows",
        _ => "",
    };
    format!("{failure}{meaning}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued(renewal: Option<Renewal>) -> State {
        State {
            domain: "shop.example.com".into(),
            alternative_names: Vec::new(),
            status: Status::Issued,
            validations: Vec::new(),
            not_after: Some("2027-06-01T00:00:00Z".parse().unwrap()),
            renewal,
            failure: None,
        }
    }

    #[test]
    fn a_certificate_that_is_not_renewed_is_in_danger_30_days_before_it_expires() {
        let since = |renewal| issued(renewal).danger().unwrap().since.to_string();
        assert_eq!(since(None), "2027-05-02T00:00:00Z");
        assert_eq!(since(Some(Renewal::PendingAutoRenewal)), "2027-05-02T00:00:00Z");
    }

    #[test]
    fn a_certificate_that_cannot_be_renewed_is_in_danger_at_once() {
        for renewal in [Renewal::PendingValidation, Renewal::Failed] {
            assert_eq!(issued(Some(renewal)).danger().unwrap().since, Timestamp::MIN);
        }
    }

    #[test]
    fn a_refused_certificate_is_a_problem_with_its_reason_and_a_timed_out_one_is_requested_again() {
        let mut state = issued(None);
        state.status = Status::Failed;
        state.failure = Some("CAA_ERROR".into());
        assert!(
            state.problem().unwrap().starts_with("CAA_ERROR: a CAA record"),
            "{:?}",
            state.problem()
        );
        state.status = Status::ValidationTimedOut;
        assert_eq!(state.problem(), None);
    }
}
