//! A role that a service of AWS takes on. Its id is its ARN. Policies of others that appear on it are taken
//! off: they would give what it is attached to more than the spec says.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Finding, Refs, Shown, Wanted};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// The name of the one inline policy we give a role.
pub const INLINE_POLICY: &str = "hastack";

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its name, once in an account.
    pub name: String,
    /// Its path, which tells whose it is.
    pub path: String,
    /// The service that takes it on, such as `ec2.amazonaws.com`.
    pub service: &'static str,
    /// The managed policies attached to it, by ARN.
    pub managed_policies: BTreeSet<String>,
    /// The policy of its own, where it has one.
    pub inline_policy: Option<Document>,
}

/// A policy document. Two that differ in spaces and order of keys are the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Document(pub Value);

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Who may take it on.
    pub trust: Document,
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Its name: what every call to it takes.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Who may take it on.
    pub trust: Document,
    /// What it may do; a detail that only `ListAttachedRolePolicies` and `ListRolePolicies` show.
    #[serde(default)]
    pub policies: Option<Policies>,
}

/// What a role may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policies {
    /// The managed policies attached to it, by ARN.
    #[serde(default)]
    pub managed: BTreeSet<String>,
    /// The policies of its own by name; of those that are not ours the name alone is known.
    #[serde(default)]
    pub inline: BTreeMap<String, Option<Document>>,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Say anew who may take it on.
    Trust(Document),
    /// Attach this managed policy, by ARN.
    AttachPolicy(String),
    /// Detach this managed policy, by ARN.
    DetachPolicy(String),
    /// Set our inline policy.
    PutPolicy(Document),
    /// Delete this inline policy, by name.
    DeletePolicy(String),
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, _refs: &dyn Refs) -> Result<Create, NodeId> {
        Ok(Create {
            name: self.name.clone(),
            path: self.path.clone(),
            trust: self.trust(),
        })
    }

    fn compare(&self, state: &State, _refs: &dyn Refs) -> Vec<Finding<Change>> {
        let trust = self.trust();
        let mut changes = Vec::new();
        if state.trust != trust {
            changes.push(Change::Trust(trust));
        }
        let policies = state.policies.iter();
        changes.extend(policies.flat_map(|policies| self.policy_changes(policies)));
        changes.into_iter().map(Finding::Change).collect()
    }
}

impl Spec {
    fn trust(&self) -> Document {
        Document(json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": {"Service": self.service},
                "Action": "sts:AssumeRole",
            }],
        }))
    }

    fn policy_changes(&self, is: &Policies) -> Vec<Change> {
        let missing = self.managed_policies.difference(&is.managed);
        let foreign = is.managed.difference(&self.managed_policies);
        let put = self.inline_policy.iter().filter(|wanted| {
            let is = is.inline.get(INLINE_POLICY);
            is.and_then(Option::as_ref) != Some(*wanted)
        });
        let wanted = |name: &str| name == INLINE_POLICY && self.inline_policy.is_some();
        let unwanted = is.inline.keys().filter(|name| !wanted(name));
        let changes = missing.cloned().map(Change::AttachPolicy);
        let changes = changes.chain(foreign.cloned().map(Change::DetachPolicy));
        let changes = changes.chain(put.cloned().map(Change::PutPolicy));
        changes.chain(unwanted.cloned().map(Change::DeletePolicy)).collect()
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match (change, &mut self.policies) {
            (Change::Trust(trust), _) => self.trust = trust.clone(),
            (Change::AttachPolicy(arn), Some(policies)) => drop(policies.managed.insert(arn.clone())),
            (Change::DetachPolicy(arn), Some(policies)) => drop(policies.managed.remove(arn)),
            (Change::PutPolicy(document), Some(policies)) => {
                let name = INLINE_POLICY.to_owned();
                policies.inline.insert(name, Some(document.clone()));
            }
            (Change::DeletePolicy(name), Some(policies)) => drop(policies.inline.remove(name)),
            // What is not known is read whole.
            (_, None) => {}
        }
    }

    fn uses(&self) -> Vec<&str> {
        Vec::new()
    }

    /// AWS deletes no role that has policies.
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html>
    fn teardown(&self) -> Option<Change> {
        let Policies { managed, inline } = self.policies.as_ref()?;
        let detach = managed.first().cloned().map(Change::DetachPolicy);
        detach.or_else(|| inline.keys().next().cloned().map(Change::DeletePolicy))
    }

    fn lacks_details(&self) -> bool {
        self.policies.is_none()
    }

    fn keep_details(&mut self, earlier: &Self) {
        if self.policies.is_none() {
            self.policies.clone_from(&earlier.policies);
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "for {}", self.service)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trust(_) => formatter.write_str("set the trust policy"),
            Self::AttachPolicy(arn) => write!(formatter, "attach {arn}"),
            Self::DetachPolicy(arn) => write!(formatter, "detach {arn}"),
            Self::PutPolicy(_) => write!(formatter, "put inline policy {INLINE_POLICY}"),
            Self::DeletePolicy(name) => write!(formatter, "delete inline policy {name}"),
        }
    }
}
