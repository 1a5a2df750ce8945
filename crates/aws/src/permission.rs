//! The IAM policy: exactly what this crate calls, on nothing but what carries this installation's tag.

use std::collections::BTreeMap;

use hastack_core::tag;
use serde::Serialize;

use crate::action::{Grant, Row, TABLE};

/// What stands for the installation's id in the policy. IAM knows no such variable, so where it was left in, nothing but reading
/// is allowed.
pub const PLACEHOLDER: &str = "${CLUSTER_ID}";

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    sid: String,
    effect: &'static str,
    action: Vec<String>,
    resource: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<&'static str, BTreeMap<String, Vec<String>>>,
}

/// The policy as JSON, with [`PLACEHOLDER`] for the installation's id and a line feed at the end: `deploy/iam/policy.json`.
pub fn policy() -> Result<String, serde_json::Error> {
    let mut statement = vec![reads()];
    statement.extend(TABLE.iter().filter_map(creation));
    statement.extend([tags_of_creations(), set_tags(), remove_tags(), changes(), untagged()]);
    let policy = Policy {
        version: "2012-10-17",
        statement,
    };
    Ok(serde_json::to_string_pretty(&policy)? + "\n")
}

/// Reading cannot be limited to resources.
fn reads() -> Statement {
    let calls = calls(|grant| grant == Grant::Everything);
    allow("Read", calls, vec!["*".into()])
}

/// A creation puts our tag on what it makes. One statement each, so that the condition is asked of that and of nothing else.
fn creation(row: &Row) -> Option<Statement> {
    let made = made(row)?;
    let statement = allow(row.name, vec![call(row)], vec![made]);
    Some(statement.when("StringEquals", request_tag(), [PLACEHOLDER]))
}

/// Who could tag anything could make anything ours: so tags are put on in a creation,
fn tags_of_creations() -> Statement {
    let creations = TABLE.iter().filter(|row| made(row).is_some());
    allow("TagWhatIsCreated", vec!["ec2:CreateTags".into()], everything_made())
        .when("StringEquals", "ec2:CreateAction", creations.map(|row| row.name))
        .when("StringEquals", request_tag(), [PLACEHOLDER])
}

/// or on what is ours already, which stays ours,
fn set_tags() -> Statement {
    let calls = calls(|grant| grant == Grant::SetTags);
    allow("SetTagsOfOurs", calls, everything_made())
        .when("StringEquals", resource_tag(), [PLACEHOLDER])
        .when("StringEqualsIfExists", request_tag(), [PLACEHOLDER])
}

/// and are taken off likewise.
fn remove_tags() -> Statement {
    let calls = calls(|grant| grant == Grant::RemoveTags);
    allow("RemoveTagsOfOurs", calls, everything_made())
        .when("StringEquals", resource_tag(), [PLACEHOLDER])
        .when(
            "ForAllValues:StringNotEquals",
            "aws:TagKeys",
            [tag::CLUSTER, tag::OWNER, tag::ID],
        )
}

/// Changes and deletions, and what creations are made of, stay within what carries our tag.
fn changes() -> Statement {
    let resources = TABLE
        .iter()
        .flat_map(|row| touched(row.grant).iter().map(|name| arn(name)));
    let calls = calls(|grant| !touched(grant).is_empty());
    allow("ChangeOurs", calls, sorted(resources)).when("StringEquals", resource_tag(), [PLACEHOLDER])
}

/// What carries no tag, each with its reason in the table.
fn untagged() -> Statement {
    let resources = TABLE.iter().filter_map(|row| match row.grant {
        Grant::Untagged { resource, reason: _ } => Some(arn(resource)),
        Grant::Unneeded
        | Grant::Everything
        | Grant::Create { .. }
        | Grant::Ours(_)
        | Grant::SetTags
        | Grant::RemoveTags => None,
    });
    let calls = calls(|grant| matches!(grant, Grant::Untagged { .. }));
    allow("EmptyDefaultSecurityGroups", calls, sorted(resources))
}

fn made(row: &Row) -> Option<String> {
    match row.grant {
        Grant::Create { makes, of: _ } => Some(arn(makes)),
        Grant::Unneeded
        | Grant::Everything
        | Grant::Ours(_)
        | Grant::SetTags
        | Grant::RemoveTags
        | Grant::Untagged { .. } => None,
    }
}

fn everything_made() -> Vec<String> {
    sorted(TABLE.iter().filter_map(made))
}

fn touched(grant: Grant) -> &'static [&'static str] {
    match grant {
        Grant::Create { makes: _, of } | Grant::Ours(of) => of,
        Grant::Unneeded | Grant::Everything | Grant::SetTags | Grant::RemoveTags | Grant::Untagged { .. } => &[],
    }
}

fn calls(fits: impl Fn(Grant) -> bool) -> Vec<String> {
    sorted(TABLE.iter().filter(|row| fits(row.grant)).map(call))
}

fn call(row: &Row) -> String {
    format!("{}:{}", row.service.word(), row.name)
}

fn arn(resource: &str) -> String {
    format!("arn:aws:ec2:*:*:{resource}/*")
}

fn request_tag() -> String {
    format!("aws:RequestTag/{}", tag::CLUSTER)
}

fn resource_tag() -> String {
    format!("aws:ResourceTag/{}", tag::CLUSTER)
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<_> = names.collect();
    names.sort();
    names.dedup();
    names
}

fn allow(sid: &str, action: Vec<String>, resource: Vec<String>) -> Statement {
    Statement {
        sid: sid.into(),
        effect: "Allow",
        action,
        resource,
        condition: BTreeMap::new(),
    }
}

impl Statement {
    fn when<'a>(
        mut self,
        operator: &'static str,
        key: impl Into<String>,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let values = values.into_iter().map(str::to_owned).collect();
        self.condition.entry(operator).or_default().insert(key.into(), values);
        self
    }
}

#[cfg(test)]
mod tests;
