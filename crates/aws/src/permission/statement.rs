//! The statements of a policy: one for all that have the same conditions.

use std::collections::BTreeMap;

use hastack_core::tag;
use serde::Serialize;

use super::{Area, Need, PLACEHOLDER, needs};
use crate::action::Grant;

/// An asterisk that stands for nothing but itself: where a request names nothing, IAM may be asked about that.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars>
const ASTERISK: &str = "${*}";

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Statement {
    sid: String,
    effect: &'static str,
    action: Vec<String>,
    resource: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<&'static str, BTreeMap<String, Vec<String>>>,
}

/// The statements that allow what is needed, and nothing else.
pub(super) fn all(needs: &[Need]) -> Vec<Statement> {
    let mut statements: Vec<Statement> = Vec::new();
    for need in needs {
        let new = statement(need);
        match statements.iter_mut().find(|other| other.sid == new.sid) {
            Some(statement) => statement.join(new),
            None => statements.push(new),
        }
    }
    merged(statements)
}

/// The same, where those that ask the same of the same resources are one, called as the first: a policy has little room. What asks
/// nothing keeps the name under which its reason is told.
fn merged(statements: Vec<Statement>) -> Vec<Statement> {
    let mut merged: Vec<Statement> = Vec::new();
    for new in statements {
        let mut others = merged.iter_mut().filter(|other| !other.condition.is_empty());
        match others.find(|other| other.resource == new.resource && other.condition == new.condition) {
            Some(statement) => statement.join(new),
            None => merged.push(new),
        }
    }
    merged
}

/// The statement that allows this. Those of one name have the same conditions, and become one.
pub(super) fn statement(need: &Need) -> Statement {
    let ours = [PLACEHOLDER];
    match need.grant {
        Grant::Everything => need.allow("Everywhere", ["*".into()]),
        // A creation puts our tag on what it makes. One that touches something else too has a statement of its own, so that this is
        // asked of what it makes and of nothing else.
        Grant::Makes(made) => need
            .allow(if need.alone { "Create" } else { need.name }, need.arns(made))
            .when("StringEquals", request_tag(), ours),
        Grant::MakesUnseen => need
            .allow("CreateUnseen", ["*".into()])
            .when("StringEquals", request_tag(), ours),
        Grant::MakesPart(whole) => need
            .allow("CreatePartsOfOurs", need.arns(&[whole]))
            .when("StringEquals", request_tag(), ours)
            .when("StringEquals", resource_tag(), ours),
        // Changes and deletions, and what creations are made of, stay within what carries our tag,
        Grant::Ours(touched) => need
            .allow("ChangeOurs", need.arns(touched))
            .when("StringEquals", resource_tag(), ours),
        // or our name,
        Grant::OursByName(touched) => need.allow("ChangeOursByName", need.arns(touched)),
        // but for what has its reason in the table.
        Grant::Others {
            statement,
            resources,
            reason: _,
        } => need.allow(statement, need.arns(resources)),
        Grant::Limited {
            resources,
            operator,
            key,
            values,
        } => need
            .allow(need.name, need.arns(resources))
            .when(operator, key, values.iter().copied()),
        // Who could tag anything could make anything ours: so tags are put on in a creation,
        Grant::TagsOfCreations => need
            .allow(&format!("{}InCreations", need.name), need.arns(&["*"]))
            .when(
                "StringEquals",
                format!("{}:CreateAction", need.service),
                need.creations(),
            )
            .when("StringEquals", request_tag(), ours),
        // or on what is ours already, which stays ours,
        Grant::SetTags => need
            .allow("SetTagsOfOurs", need.arns(&["*"]))
            .when("StringEquals", resource_tag(), ours)
            .when("StringEqualsIfExists", request_tag(), ours),
        // and are taken off likewise.
        Grant::RemoveTags => need
            .allow("RemoveTagsOfOurs", need.arns(&["*"]))
            .when("StringEquals", resource_tag(), ours)
            .when(
                "ForAllValues:StringNotEquals",
                "aws:TagKeys",
                [tag::CLUSTER, tag::OWNER, tag::ID],
            ),
    }
}

impl Need {
    fn allow(&self, sid: &str, resources: impl IntoIterator<Item = String>) -> Statement {
        Statement {
            sid: sid.into(),
            effect: "Allow",
            action: vec![self.action()],
            resource: sorted(resources),
            condition: BTreeMap::new(),
        }
    }

    fn arns(&self, resources: &[&str]) -> Vec<String> {
        resources.iter().map(|resource| arn(self.service, resource)).collect()
    }

    /// This service's creations, in whatever policy they are allowed: all policies are one role's.
    fn creations(&self) -> Vec<&'static str> {
        let needs = Area::ALL.into_iter().flat_map(needs);
        let creations = needs.filter(|other| other.service == self.service && creates(other.grant));
        creations.map(|other| other.name).collect()
    }
}

fn creates(grant: Grant) -> bool {
    match grant {
        Grant::Makes(_) | Grant::MakesUnseen | Grant::MakesPart(_) => true,
        Grant::Everything
        | Grant::Ours(_)
        | Grant::OursByName(_)
        | Grant::Others { .. }
        | Grant::Limited { .. }
        | Grant::TagsOfCreations
        | Grant::SetTags
        | Grant::RemoveTags => false,
    }
}

/// All resources of a type, or of all (`*`); where only a name can tell ours, those that have it.
fn arn(service: &str, resource: &str) -> String {
    match (service, resource) {
        ("autoscaling", _) => "arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/*".into(),
        ("cloudwatch", "alarm-of-no-name") => "arn:aws:cloudwatch:*:*:alarm:".into(),
        ("cloudwatch", "alarm-of-any-name") => format!("arn:aws:cloudwatch:*:*:alarm:{ASTERISK}"),
        ("iam", "any-role") => "arn:aws:iam::*:role/*".into(),
        ("iam", "service-linked-role") => "arn:aws:iam::*:role/aws-service-role/*".into(),
        ("iam", _) => format!("arn:aws:iam::*:{resource}{}*", tag::path_of_cluster(PLACEHOLDER)),
        ("logs", _) => format!("arn:aws:logs:*:*:{resource}:{}*", tag::path_of_cluster(PLACEHOLDER)),
        ("rds", "db-of-no-name") => "arn:aws:rds:*:*:db:".into(),
        ("rds", "db-of-any-name") => format!("arn:aws:rds:*:*:db:{ASTERISK}"),
        ("rds", "db-of-no-account") => "arn:aws:rds:*:*:db:non-existing-db".into(),
        // The beginning of a name is part of a resource here: it tells AWS's own.
        ("rds", _) if resource.contains(':') => format!("arn:aws:rds:*:*:{resource}*"),
        ("rds", _) => format!("arn:aws:rds:*:*:{resource}:*"),
        ("route53", _) => format!("arn:aws:route53:::{resource}/*"),
        ("secretsmanager", "secret:rds") => "arn:aws:secretsmanager:*:*:secret:rds!*".into(),
        ("ssm", "parameter/aws/service") => "arn:aws:ssm:*::parameter/aws/service/*".into(),
        ("ssm", _) => format!("arn:aws:ssm:*:*:{resource}/*"),
        ("wafv2", "loadbalancer/app") => arn("elasticloadbalancing", resource),
        ("wafv2", _) => format!("arn:aws:wafv2:*:*:regional/{resource}/*"),
        (_, _) => format!("arn:aws:{service}:*:*:{resource}/*"),
    }
}

pub(super) fn request_tag() -> String {
    format!("aws:RequestTag/{}", tag::CLUSTER)
}

pub(super) fn resource_tag() -> String {
    format!("aws:ResourceTag/{}", tag::CLUSTER)
}

fn sorted(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort();
    names.dedup();
    names
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

    fn join(&mut self, other: Self) {
        let Self {
            sid: _,
            effect: _,
            action,
            resource,
            condition: _,
        } = other;
        self.action = sorted(self.action.drain(..).chain(action));
        self.resource = sorted(self.resource.drain(..).chain(resource));
    }
}
