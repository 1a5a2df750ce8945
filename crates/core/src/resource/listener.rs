//! A listener of a load balancer: one port, with what answers where no service's rule does.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is said, with status 404, to a request that no service routes.
pub const NO_ROUTE: &str = "no service routes this request";
/// Where HTTP is redirected to.
pub const HTTPS_PORT: u16 = 443;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The load balancer it belongs to.
    pub load_balancer: NodeId,
    /// Its port.
    pub port: u16,
    /// How it speaks TLS; plain HTTP where it does not.
    pub tls: Option<Tls>,
    /// Where it redirects to, if it does.
    pub redirect: Option<Redirect>,
}

/// How a wanted listener speaks TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// Its certificate.
    pub certificate: Certificate,
    /// Certificates for clients that name another domain, by ARN.
    pub additional: Vec<String>,
    /// Its security policy.
    pub policy: String,
}

/// A certificate of a wanted listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// One that exists, by ARN.
    Given(String),
    /// One of the same owner.
    Node(NodeId),
}

/// A wanted redirect to HTTPS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The listener it leads to: before that is there it would lead nowhere.
    pub to: NodeId,
    /// Whether that one comes at once, so that nothing need be served before.
    pub at_once: bool,
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The load balancer it belongs to.
    pub load_balancer_arn: String,
    /// Its port.
    pub port: u16,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its certificate, by ARN.
    pub certificate_arn: Option<String>,
    /// Its security policy.
    pub policy: Option<String>,
    /// What answers by default.
    pub default_action: Action,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The load balancer it belongs to.
    pub load_balancer_arn: String,
    /// Its port.
    pub port: u16,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its certificate, by ARN.
    #[serde(default)]
    pub certificate_arn: Option<String>,
    /// Its security policy.
    #[serde(default)]
    pub policy: Option<String>,
    /// What answers by default.
    pub default_action: Action,
    /// Certificates for clients that name another domain, by ARN, sorted; a detail that only `DescribeListenerCertificates` shows.
    #[serde(default)]
    pub additional: Option<Vec<String>>,
}

/// What a listener speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// HTTP.
    Http,
    /// HTTP over TLS.
    Https,
}

/// What answers where no rule does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Status 404 with [`NO_ROUTE`].
    NotFound,
    /// A redirect to HTTPS.
    Redirect,
    /// Something that is not ours, in AWS's word for it.
    Other(String),
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Change these fields.
    Modify(Modification),
    /// Add a certificate for clients that name another domain.
    AddCertificate(String),
    /// Take such a certificate away.
    RemoveCertificate(String),
}

/// Fields to change; the others stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modification {
    /// Its port.
    pub port: Option<u16>,
    /// Its protocol.
    pub protocol: Option<Protocol>,
    /// Its certificate.
    pub certificate_arn: Option<String>,
    /// Its security policy.
    pub policy: Option<String>,
    /// What answers by default.
    pub default_action: Option<Action>,
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        let load_balancer_arn = refs.usable(&self.load_balancer)?;
        let certificate_arn = self.tls.as_ref().map(|tls| tls.certificate.arn(refs)).transpose()?;
        let default_action = match &self.redirect {
            None => Action::NotFound,
            Some(Redirect { to, at_once }) => match refs.usable(to) {
                Ok(_) => Action::Redirect,
                Err(node) if *at_once => return Err(node),
                Err(_) => Action::NotFound,
            },
        };
        Ok(Create {
            load_balancer_arn,
            port: self.port,
            protocol: self.protocol(),
            certificate_arn,
            policy: self.tls.as_ref().map(|tls| tls.policy.clone()),
            default_action,
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let balancer = fixed(
            refs.usable(&self.load_balancer),
            &state.load_balancer_arn,
            "loadBalancer",
        );
        let mut findings: Vec<_> = balancer.into_iter().collect();
        let protocol = self.protocol();
        let mut modification = Modification {
            port: (state.port != self.port).then_some(self.port),
            protocol: (state.protocol != protocol).then_some(protocol),
            ..Modification::default()
        };
        if let Some(Tls {
            certificate,
            additional,
            policy,
        }) = &self.tls
        {
            modification.policy = (state.policy.as_ref() != Some(policy)).then(|| policy.clone());
            match certificate.arn(refs) {
                Ok(arn) if state.certificate_arn.as_ref() == Some(&arn) => {}
                Ok(arn) => modification.certificate_arn = Some(arn),
                Err(node) => findings.push(Finding::Wait(node)),
            }
            findings.extend(compare_additional(additional, state.additional.as_deref()));
        }
        match self.action(&state.default_action, refs) {
            Ok(action) => modification.default_action = (state.default_action != action).then_some(action),
            Err((action, node)) => {
                modification.default_action = action;
                findings.push(Finding::Wait(node));
            }
        }
        if modification != Modification::default() {
            findings.push(Finding::Change(Change::Modify(modification)));
        }
        findings
    }
}

impl Spec {
    const fn protocol(&self) -> Protocol {
        match self.tls {
            Some(_) => Protocol::Https,
            None => Protocol::Http,
        }
    }

    /// What is to answer by default; or, where HTTPS is not there, what is to answer until then and what is waited for. A redirect
    /// that is in place stays: HTTPS comes back sooner than browsers forget it.
    fn action(&self, is: &Action, refs: &dyn Refs) -> Result<Action, (Option<Action>, NodeId)> {
        let Some(Redirect { to, at_once: _ }) = &self.redirect else {
            return Ok(Action::NotFound);
        };
        match (refs.usable(to), is) {
            (Ok(_), _) => Ok(Action::Redirect),
            (Err(node), Action::NotFound | Action::Redirect) => Err((None, node)),
            (Err(node), Action::Other(_)) => Err((Some(Action::NotFound), node)),
        }
    }
}

fn compare_additional<'a>(
    wanted: &'a [String],
    is: Option<&'a [String]>,
) -> impl Iterator<Item = Finding<Change>> + 'a {
    let known = is.unwrap_or(wanted);
    let missing = wanted.iter().filter(|arn| !known.contains(arn)).cloned();
    let foreign = known.iter().filter(|arn| !wanted.contains(arn)).cloned();
    let changes = missing
        .map(Change::AddCertificate)
        .chain(foreign.map(Change::RemoveCertificate));
    changes.map(Finding::Change)
}

impl Certificate {
    fn arn(&self, refs: &dyn Refs) -> Result<String, NodeId> {
        match self {
            Self::Given(arn) => Ok(arn.clone()),
            Self::Node(node) => refs.usable(node),
        }
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::Modify(modification) => self.modify(modification),
            Change::AddCertificate(arn) => {
                // AWS takes one that is there for added.
                if let Some(additional) = &mut self.additional
                    && !additional.contains(arn)
                {
                    additional.push(arn.clone());
                    additional.sort();
                }
            }
            Change::RemoveCertificate(arn) => {
                if let Some(additional) = &mut self.additional {
                    additional.retain(|other| other != arn);
                }
            }
        }
    }

    fn uses(&self) -> Vec<&str> {
        let certificates = self.certificate_arn.iter().chain(self.additional.iter().flatten());
        let arns = [&self.load_balancer_arn].into_iter().chain(certificates);
        arns.map(String::as_str).collect()
    }

    fn lacks_details(&self) -> bool {
        self.additional.is_none()
    }

    fn keep_details(&mut self, earlier: &Self) {
        if self.additional.is_none() {
            self.additional.clone_from(&earlier.additional);
        }
    }
}

impl State {
    /// A listener as the creating call makes it.
    pub fn new(create: &Create) -> Self {
        let Create {
            load_balancer_arn,
            port,
            protocol,
            certificate_arn,
            policy,
            default_action,
        } = create.clone();
        Self {
            load_balancer_arn,
            port,
            protocol,
            certificate_arn,
            policy,
            default_action,
            additional: Some(Vec::new()),
        }
    }

    fn modify(&mut self, modification: &Modification) {
        let Modification {
            port,
            protocol,
            certificate_arn,
            policy,
            default_action,
        } = modification.clone();
        self.port = port.unwrap_or(self.port);
        self.protocol = protocol.unwrap_or(self.protocol);
        if self.protocol == Protocol::Http {
            // AWS takes them away with HTTPS.
            self.certificate_arn = None;
            self.policy = None;
            self.additional = Some(Vec::new());
        }
        self.certificate_arn = certificate_arn.or_else(|| self.certificate_arn.take());
        self.policy = policy.or_else(|| self.policy.take());
        if let Some(action) = default_action {
            self.default_action = action;
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
        })
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => formatter.write_str("404 by default"),
            Self::Redirect => formatter.write_str("redirect to HTTPS"),
            Self::Other(word) => formatter.write_str(word),
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} on {}", self.protocol(), self.port)?;
        match self.tls.as_ref().map(|tls| &tls.certificate) {
            None => Ok(()),
            Some(Certificate::Given(arn)) => write!(formatter, " with {arn}"),
            Some(Certificate::Node(node)) => write!(formatter, " with {node}"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Modify(modification) => modification.fmt(formatter),
            Self::AddCertificate(arn) => write!(formatter, "add certificate {arn}"),
            Self::RemoveCertificate(arn) => write!(formatter, "remove certificate {arn}"),
        }
    }
}

impl fmt::Display for Modification {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            port,
            protocol,
            certificate_arn,
            policy,
            default_action,
        } = self;
        let parts = [
            port.map(|port| format!("port {port}")),
            protocol.map(|protocol| protocol.to_string()),
            certificate_arn.as_ref().map(|arn| format!("certificate {arn}")),
            policy.as_ref().map(|policy| format!("policy {policy}")),
            default_action.as_ref().map(ToString::to_string),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        formatter.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests;
