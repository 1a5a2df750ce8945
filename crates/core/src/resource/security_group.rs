//! A security group with its rules. Its name and description cannot be changed, so neither says anything that may change.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// Everywhere.
pub const ANYWHERE: &str = "0.0.0.0/0";
/// Every protocol.
pub const ALL: &str = "-1";

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The VPC it is in.
    pub vpc: NodeId,
    /// Its name, once in a VPC.
    pub name: String,
    /// Who may come in.
    pub ingress: Vec<Allowance>,
    /// Where its members may go.
    pub egress: Vec<Allowance>,
}

/// A rule that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// `tcp`, `udp`, `icmp`, a protocol number, or [`ALL`].
    pub protocol: String,
    /// The first and last port, where the protocol has them.
    pub ports: Option<(u16, u16)>,
    /// Whom it speaks of.
    pub party: Party,
}

/// Whom a wanted rule speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// An IPv4 range.
    Cidr(String),
    /// The members of another security group, of the same owner or of the one it names.
    Group(NodeId),
    /// The members of a security group of somebody else, by id.
    Foreign(String),
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The VPC it is in.
    pub vpc_id: String,
    /// Its name.
    pub name: String,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The VPC it is in.
    pub vpc_id: String,
    /// Its name.
    pub name: String,
    /// The rules for what comes in.
    #[serde(default)]
    pub ingress: Vec<Rule>,
    /// The rules for what goes out.
    #[serde(default)]
    pub egress: Vec<Rule>,
}

/// A rule of a security group, one source each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// `tcp`, `udp`, `icmp`, a protocol number, or `-1` for all.
    pub protocol: String,
    /// The first and last port, or ICMP's type and code (-1 for every one), where the protocol has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports: Option<(i32, i32)>,
    /// Whom it speaks of.
    pub peer: Peer,
}

/// Whom a rule speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Peer {
    /// An IPv4 range.
    Cidr(String),
    /// An IPv6 range.
    Cidr6(String),
    /// A security group, by id.
    Group(String),
    /// A prefix list, by id.
    PrefixList(String),
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Let these in.
    AuthorizeIngress(Vec<Rule>),
    /// Take away these rules for what comes in.
    RevokeIngress(Vec<Rule>),
    /// Let these out.
    AuthorizeEgress(Vec<Rule>),
    /// Take away these rules for what goes out.
    RevokeEgress(Vec<Rule>),
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            vpc_id: refs.usable(&self.vpc)?,
            name: self.name.clone(),
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let mut findings: Vec<_> = fixed(refs.usable(&self.vpc), &state.vpc_id, "network")
            .into_iter()
            .collect();
        let (missing, foreign, unknown) = differences(&self.ingress, &state.ingress, refs);
        findings.extend(missing.map(|rules| Finding::Change(Change::AuthorizeIngress(rules))));
        findings.extend(foreign.map(|rules| Finding::Change(Change::RevokeIngress(rules))));
        findings.extend(unknown.into_iter().map(Finding::Wait));
        let (missing, foreign, unknown) = differences(&self.egress, &state.egress, refs);
        findings.extend(missing.map(|rules| Finding::Change(Change::AuthorizeEgress(rules))));
        findings.extend(foreign.map(|rules| Finding::Change(Change::RevokeEgress(rules))));
        findings.extend(unknown.into_iter().map(Finding::Wait));
        findings
    }
}

/// The rules that are missing, those that are too many, and the groups that are not known yet.
fn differences(
    wanted: &[Allowance],
    is: &[Rule],
    refs: &dyn Refs,
) -> (Option<Vec<Rule>>, Option<Vec<Rule>>, Vec<NodeId>) {
    let (wanted, unknown) = resolve(wanted, refs);
    let some = |rules: Vec<Rule>| (!rules.is_empty()).then_some(rules);
    let missing = wanted.iter().filter(|rule| !is.contains(rule)).cloned().collect();
    // While a wanted group is not known, a rule may be its own.
    let foreign = is.iter().filter(|rule| unknown.is_empty() && !wanted.contains(rule));
    (some(missing), some(foreign.cloned().collect()), unknown)
}

/// The rules as AWS will show them, and the groups that are not known yet.
fn resolve(wanted: &[Allowance], refs: &dyn Refs) -> (Vec<Rule>, Vec<NodeId>) {
    let (mut rules, mut unknown) = (Vec::new(), Vec::new());
    for Allowance { protocol, ports, party } in wanted {
        let peer = match party {
            Party::Cidr(range) => Ok(Peer::Cidr(range.clone())),
            Party::Group(node) => refs.usable(node).map(Peer::Group),
            Party::Foreign(id) => Ok(Peer::Group(id.clone())),
        };
        match peer {
            Ok(peer) => rules.push(Rule {
                protocol: protocol.clone(),
                ports: ports.map(|(from, to)| (from.into(), to.into())),
                peer,
            }),
            Err(node) => unknown.push(node),
        }
    }
    rules.sort();
    rules.dedup();
    (rules, unknown)
}

impl Allowance {
    /// TCP on one port, from or to a range.
    pub fn tcp(port: u16, range: impl Into<String>) -> Self {
        Self {
            protocol: "tcp".into(),
            ports: Some((port, port)),
            party: Party::Cidr(range.into()),
        }
    }

    /// Everything to anywhere: what AWS gives every new group for what goes out.
    pub fn anything() -> Self {
        Self {
            protocol: ALL.into(),
            ports: None,
            party: Party::Cidr(ANYWHERE.into()),
        }
    }
}

impl State {
    /// A group as AWS makes it: nothing comes in, everything goes out.
    pub fn new(vpc_id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            vpc_id: vpc_id.into(),
            name: name.into(),
            ingress: Vec::new(),
            egress: vec![Rule {
                protocol: ALL.into(),
                ports: None,
                peer: Peer::Cidr(ANYWHERE.into()),
            }],
        }
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match change {
            Change::AuthorizeIngress(rules) => self.ingress.extend(rules.iter().cloned()),
            Change::RevokeIngress(rules) => self.ingress.retain(|rule| !rules.contains(rule)),
            Change::AuthorizeEgress(rules) => self.egress.extend(rules.iter().cloned()),
            Change::RevokeEgress(rules) => self.egress.retain(|rule| !rules.contains(rule)),
        }
    }

    fn uses(&self) -> Vec<&str> {
        let peers = self
            .ingress
            .iter()
            .chain(&self.egress)
            .filter_map(|rule| match &rule.peer {
                Peer::Group(id) => Some(id.as_str()),
                Peer::Cidr(_) | Peer::Cidr6(_) | Peer::PrefixList(_) => None,
            });
        peers.chain([self.vpc_id.as_str()]).collect()
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ingress.as_slice() {
            [] => formatter.write_str("nothing in"),
            rules => write!(formatter, "{} in", list(rules)),
        }
    }
}

impl fmt::Display for Allowance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { protocol, ports, party } = self;
        match protocol.as_str() {
            ALL => formatter.write_str("all"),
            protocol => formatter.write_str(protocol),
        }?;
        write_ports(formatter, ports.map(|(from, to)| (from.into(), to.into())))?;
        match party {
            Party::Cidr(range) => write!(formatter, " {range}"),
            Party::Group(node) => write!(formatter, " {node}"),
            Party::Foreign(id) => write!(formatter, " {id}"),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { protocol, ports, peer } = self;
        match protocol.as_str() {
            ALL => formatter.write_str("all"),
            protocol => formatter.write_str(protocol),
        }?;
        write_ports(formatter, *ports)?;
        match peer {
            Peer::Cidr(peer) | Peer::Cidr6(peer) | Peer::Group(peer) | Peer::PrefixList(peer) => {
                write!(formatter, " {peer}")
            }
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AuthorizeIngress(rules) => write!(formatter, "let in {}", list(rules)),
            Self::RevokeIngress(rules) => write!(formatter, "let in no more {}", list(rules)),
            Self::AuthorizeEgress(rules) => write!(formatter, "let out {}", list(rules)),
            Self::RevokeEgress(rules) => write!(formatter, "let out no more {}", list(rules)),
        }
    }
}

fn write_ports(formatter: &mut fmt::Formatter<'_>, ports: Option<(i32, i32)>) -> fmt::Result {
    match ports {
        None => Ok(()),
        Some((from, to)) if from == to => write!(formatter, " {from}"),
        Some((from, to)) => write!(formatter, " {from}-{to}"),
    }
}

fn list(rules: &[impl fmt::Display]) -> String {
    rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
