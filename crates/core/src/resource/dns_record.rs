//! A DNS record in a hosted zone of Route 53. Records have no tags: each is written together with a TXT record that tells whose it
//! is, in one batch, which takes effect as a whole.
//! <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::certificate::Record;
use super::{Finding, Refs, Shown, State as AnyState, Wanted};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// How long others may keep an answer, in seconds.
pub const TTL: u32 = 300;
/// What lets Amazon, and nobody else, issue certificates.
/// <https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html>
pub const AUTHORITY: &str = r#"0 issue "amazon.com""#;
/// The names of Amazon in CAA records.
const AMAZON: [&str; 4] = ["amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"];

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The hosted zone it is in, by id.
    pub zone_id: String,
    /// What it says.
    pub content: Content,
    /// The TXT record beside it, which tells whose it is.
    pub companion: String,
}

/// What a wanted record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// What shows AWS who owns a domain.
    Validation {
        /// The certificate that AWS asks for it.
        certificate: NodeId,
        /// The domain.
        domain: String,
    },
    /// The address of a load balancer.
    Address {
        /// The name it gets.
        name: String,
        /// The load balancer.
        load_balancer: NodeId,
    },
    /// Who may issue certificates.
    Authority {
        /// The domain.
        domain: String,
    },
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The hosted zone it is in, by id.
    pub zone_id: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub record_type: RecordType,
    /// Its value.
    pub value: Value,
    /// The value of the TXT record beside it.
    pub companion: String,
}

/// What AWS shows. Names have no dot at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The hosted zone it is in, by id.
    pub zone_id: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub record_type: RecordType,
    /// Its value.
    pub value: Value,
    /// The TXT record beside it.
    #[serde(default)]
    pub companion: Option<Answers>,
}

/// The type of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    /// An address.
    A,
    /// Another name.
    Cname,
    /// Who may issue certificates.
    Caa,
}

/// The value of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
pub enum Value {
    /// The address of a resource of AWS.
    Alias {
        /// The resource's name, in lower case.
        dns_name: String,
        /// The hosted zone of that name.
        hosted_zone_id: String,
        /// Whether it is answered only while the resource is healthy.
        evaluate_health: bool,
    },
    /// Fixed answers.
    Answers(Answers),
    /// Several records among which a routing policy chooses.
    Routed,
}

/// Fixed answers, just as Route 53 shows them: it deletes only what is repeated to the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// How long others may keep them, in seconds.
    pub ttl: u32,
    /// The answers.
    pub values: Vec<String>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Give it this value, and this TXT record beside it.
    Write {
        /// Its value.
        value: Value,
        /// The value of the TXT record.
        companion: String,
    },
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        let (name, record_type) = self.place(refs)?;
        Ok(Create {
            zone_id: self.zone_id.clone(),
            name,
            record_type,
            value: self.value(refs)?,
            companion: self.companion.clone(),
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let wanted = match self.create(refs) {
            Ok(wanted) => wanted,
            Err(on) => return vec![Finding::Wait(on)],
        };
        if state.id() != wanted.id() {
            return vec![Finding::Immutable {
                field: "loadBalancer.tls.hostedZone",
                is: state.id(),
                wanted: wanted.id(),
            }];
        }
        let companion = Answers::one(wanted.companion.clone());
        let as_wanted = state.value.says(&wanted.value) && state.value.is_kept_like(&wanted.value);
        if as_wanted && state.companion.as_ref() == Some(&companion) {
            return Vec::new();
        }
        vec![Finding::Change(Change::Write {
            value: wanted.value,
            companion: wanted.companion,
        })]
    }

    fn known_id(&self, refs: &dyn Refs) -> Option<String> {
        let (name, record_type) = self.place(refs).ok()?;
        Some(id(&self.zone_id, &name, record_type))
    }

    fn conflict(&self, state: &State, refs: &dyn Refs) -> Option<String> {
        let serves =
            |wanted: &Value| state.value.says(wanted) || state.value.lets_amazon_issue() && self.is_authority();
        if self.value(refs).is_ok_and(|wanted| serves(&wanted)) {
            return None;
        }
        let State {
            name,
            record_type,
            value,
            ..
        } = state;
        Some(format!(
            "the {record_type} record {name} ({value}) is not hastack's: delete it, or hand it over by a TXT record {} with the value {}",
            companion_name(name, *record_type),
            self.companion
        ))
    }
}

impl Spec {
    /// Its name and type, once the name is known.
    fn place(&self, refs: &dyn Refs) -> Result<(String, RecordType), NodeId> {
        match &self.content {
            Content::Validation { certificate, domain } => {
                Ok((validation(refs, certificate, domain)?.name.clone(), RecordType::Cname))
            }
            Content::Address { name, load_balancer: _ } => Ok((name.clone(), RecordType::A)),
            Content::Authority { domain } => Ok((domain.clone(), RecordType::Caa)),
        }
    }

    fn value(&self, refs: &dyn Refs) -> Result<Value, NodeId> {
        match &self.content {
            Content::Validation { certificate, domain } => {
                let record = validation(refs, certificate, domain)?;
                Ok(Value::Answers(Answers::one(record.value.clone())))
            }
            Content::Address { name: _, load_balancer } => {
                refs.usable(load_balancer)?;
                alias(refs.state(load_balancer)).ok_or_else(|| load_balancer.clone())
            }
            Content::Authority { domain: _ } => Ok(Value::Answers(Answers::one(AUTHORITY.to_owned()))),
        }
    }

    const fn is_authority(&self) -> bool {
        matches!(self.content, Content::Authority { domain: _ })
    }
}

/// The record that AWS asks for, once a look at the certificate has shown it.
fn validation<'a>(refs: &'a dyn Refs, certificate: &NodeId, domain: &str) -> Result<&'a Record, NodeId> {
    match refs.state(certificate) {
        Some(AnyState::Certificate(state)) => state.record(domain).ok_or_else(|| certificate.clone()),
        Some(_) | None => Err(certificate.clone()),
    }
}

/// The address of a load balancer.
fn alias(load_balancer: Option<&AnyState>) -> Option<Value> {
    match load_balancer? {
        AnyState::LoadBalancer(state) => Some(Value::Alias {
            dns_name: state.dns_name.as_deref()?.to_lowercase(),
            hosted_zone_id: state.hosted_zone_id.clone()?,
            evaluate_health: false,
        }),
        _ => None,
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::Write { value, companion } => {
                self.value = value.clone();
                self.companion = Some(Answers::one(companion.clone()));
            }
        }
    }

    fn uses(&self) -> Vec<&str> {
        Vec::new()
    }
}

impl Create {
    /// What the creation leads to.
    pub fn state(&self) -> State {
        let Self {
            zone_id,
            name,
            record_type,
            value,
            companion,
        } = self;
        State {
            zone_id: zone_id.clone(),
            name: name.clone(),
            record_type: *record_type,
            value: value.clone(),
            companion: Some(Answers::one(companion.clone())),
        }
    }

    fn id(&self) -> String {
        id(&self.zone_id, &self.name, self.record_type)
    }
}

impl State {
    /// Its id.
    pub fn id(&self) -> String {
        id(&self.zone_id, &self.name, self.record_type)
    }
}

/// What a record is called here, since AWS has no id for it: `<zone>/<name>/<type>`.
pub fn id(zone_id: &str, name: &str, record_type: RecordType) -> String {
    format!("{zone_id}/{name}/{record_type}")
}

/// The name of the TXT record beside a record, which tells whose it is.
pub fn companion_name(name: &str, record_type: RecordType) -> String {
    format!("_hastack-{}.{name}", record_type.to_string().to_lowercase())
}

impl Answers {
    /// One answer, kept for as long as all of ours.
    pub fn one(value: String) -> Self {
        Self {
            ttl: TTL,
            values: vec![value],
        }
    }
}

impl Value {
    /// Whether it says the same, whatever the case of letters and the dot at the end.
    fn says(&self, other: &Self) -> bool {
        let plain = |text: &String| text.trim_end_matches('.').to_lowercase();
        match (self, other) {
            (Self::Answers(one), Self::Answers(other)) => {
                one.values.iter().map(plain).eq(other.values.iter().map(plain))
            }
            (Self::Alias { dns_name: one, .. }, Self::Alias { dns_name: other, .. }) => plain(one) == plain(other),
            (_, _) => false,
        }
    }

    /// Whether what it says is good for as long.
    fn is_kept_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Answers(one), Self::Answers(other)) => one.ttl == other.ttl,
            (_, _) => self == other,
        }
    }

    fn lets_amazon_issue(&self) -> bool {
        let Self::Answers(answers) = self else { return false };
        let amazon = |value: &String| {
            let mut parts = value.split_whitespace();
            let issues = parts.nth(1) == Some("issue");
            issues && parts.next().is_some_and(|who| AMAZON.contains(&who.trim_matches('"')))
        };
        answers.values.iter().any(amazon)
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::A => "A",
            Self::Cname => "CNAME",
            Self::Caa => "CAA",
        })
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias {
                dns_name,
                hosted_zone_id: _,
                evaluate_health: _,
            } => write!(formatter, "alias of {dns_name}"),
            Self::Answers(Answers { ttl: _, values }) => formatter.write_str(&values.join(", ")),
            Self::Routed => formatter.write_str("answered by a routing policy"),
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.content {
            Content::Validation { certificate, domain } => {
                write!(formatter, "CNAME that shows who owns {domain}, for {certificate}")
            }
            Content::Address { name, load_balancer } => write!(formatter, "A {name} -> {load_balancer}"),
            Content::Authority { domain } => write!(formatter, "CAA {domain} {AUTHORITY}"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write { value, companion: _ } => write!(formatter, "value -> {value}"),
        }
    }
}
