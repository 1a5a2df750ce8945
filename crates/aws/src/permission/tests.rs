use std::fs;
use std::path::Path;

use serde_json::Value;

use super::statement::{request_tag, resource_tag};
use super::*;
use crate::action::Class;

fn needs() -> Vec<Need> {
    Area::ALL.into_iter().flat_map(super::needs).collect()
}

fn statements() -> Vec<Value> {
    let policies = Area::ALL.map(|area| serde_json::from_str::<Value>(&policy(area).unwrap()).unwrap());
    let statements = policies.iter().map(|policy| policy["Statement"].as_array().unwrap());
    statements.flatten().cloned().collect()
}

fn list<'a>(statement: &'a Value, key: &str) -> Vec<&'a str> {
    let values = statement[key].as_array().unwrap().iter();
    values.map(|value| value.as_str().unwrap()).collect()
}

/// The statements that allow an action.
fn allowing(action: &str) -> Vec<Value> {
    let mut statements = statements();
    statements.retain(|statement| list(statement, "Action").contains(&action));
    statements
}

/// What the statements that allow an action allow it on.
fn resources(action: &str) -> Vec<String> {
    let statements = allowing(action);
    let resources = statements.iter().flat_map(|statement| list(statement, "Resource"));
    resources.map(str::to_owned).collect()
}

#[test]
fn the_policies_in_deploy_are_those_this_crate_needs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/iam");
    for area in Area::ALL {
        let kept = fs::read_to_string(folder.join(area.file())).unwrap_or_default();
        assert_eq!(kept, policy(area).unwrap(), "deploy/iam/{} is not current", area.file());
    }
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut files: Vec<_> = files.map(|name| name.into_string().unwrap()).collect();
    files.sort();
    assert_eq!(
        files,
        [
            "README.md",
            "policy-databases.json",
            "policy-files-logs-roles.json",
            "policy-fleets.json",
            "policy-load-balancer.json",
            "policy-readers-upgrades.json",
            "policy.json"
        ]
    );
}

#[test]
fn every_need_is_granted_in_one_statement_and_nothing_else_is() {
    let needs = needs();
    let mut granted = 0;
    for statement in statements() {
        granted += list(&statement, "Action").len();
        for action in list(&statement, "Action") {
            assert!(
                needs.iter().any(|need| need.action() == action),
                "nobody needs {action}"
            );
        }
    }
    for need in &needs {
        assert!(!allowing(&need.action()).is_empty(), "{}", need.action());
    }
    assert_eq!(granted, needs.len());
}

#[test]
fn a_call_without_a_grant_is_one_that_iam_allows_to_everyone() {
    let without = TABLE.iter().filter(|row| row.grants.is_empty()).map(|row| row.name);
    assert_eq!(without.collect::<Vec<_>>(), ["GetCallerIdentity"]);
}

#[test]
fn what_is_allowed_in_one_statement_is_bound_to_the_same_conditions() {
    for area in Area::ALL {
        let needs = super::needs(area);
        let statements: Value = serde_json::to_value(statement::all(&needs)).unwrap();
        for need in &needs {
            let alone = serde_json::to_value(statement::statement(need)).unwrap();
            let mut statements = statements.as_array().unwrap().iter();
            let allowed = |joined: &&Value| {
                let resources = list(&alone, "Resource").into_iter();
                let within = list(joined, "Resource");
                list(joined, "Action").contains(&need.action().as_str())
                    && resources.into_iter().all(|resource| within.contains(&resource))
            };
            let same = statements.any(|joined| allowed(&joined) && joined["Condition"] == alone["Condition"]);
            assert!(same, "{}", need.action());
        }
    }
}

#[test]
fn the_name_of_a_statement_is_one_iam_takes() {
    for statement in statements() {
        let name = statement["Sid"].as_str().unwrap();
        assert!(name.chars().all(|letter| letter.is_ascii_alphanumeric()), "{name}");
    }
}

/// What a call that changes something is bound to in a statement, if to anything.
fn bound(statement: &Value) -> bool {
    let exact = &statement["Condition"]["StringEquals"];
    let by_tag = [request_tag(), resource_tag()]
        .iter()
        .any(|key| exact[key] == Value::from(vec![PLACEHOLDER]));
    by_tag
        || list(statement, "Resource")
            .iter()
            .all(|resource| resource.contains(PLACEHOLDER))
}

#[test]
fn a_write_is_bound_to_what_is_ours_wherever_the_table_gives_no_reason() {
    let writes = TABLE.iter().filter(|row| row.class == Class::Write);
    for row in writes {
        let further = FURTHER
            .iter()
            .filter(|further| (further.service, further.name) == (row.service.word(), row.name));
        let grants = row.grants.iter().chain(further.flat_map(|further| further.grants));
        let unbound = grants.filter(|grant| matches!(grant, Grant::Others { .. } | Grant::Limited { .. }));
        let statements = allowing(&format!("{}:{}", row.service.word(), row.name));
        let found = statements.iter().filter(|statement| !bound(statement));
        assert_eq!(found.count(), unbound.count(), "{}", row.name);
    }
}

#[test]
fn only_what_reads_and_what_iam_cannot_limit_is_allowed_everywhere() {
    let rows = TABLE.iter().filter(|row| row.grants.contains(&Grant::Everything));
    for row in rows {
        assert_eq!(row.class, Class::Read, "{}", row.name);
    }
    let further = FURTHER.iter().filter(|row| row.grants.contains(&Grant::Everything));
    let writes = further.filter(|row| row.calls.iter().any(|call| call.row().class == Class::Write));
    let names: Vec<_> = writes.map(|row| row.name).collect();
    // The first reads, for a call that writes.
    assert_eq!(
        names,
        ["DescribeAlarms", "SetWebAcl", "CreateLogDelivery", "DeleteLogDelivery"]
    );
}

#[test]
fn what_is_touched_whatever_its_tags_has_a_reason() {
    for need in needs() {
        if let Grant::Others {
            statement: _,
            resources,
            reason,
        } = need.grant
        {
            assert!(!resources.is_empty() && !reason.is_empty(), "{}", need.action());
        }
    }
}

#[test]
fn a_role_is_handed_to_instances_flow_logs_and_monitoring_if_it_is_ours_and_to_auto_scaling_else() {
    let passed: Vec<_> = allowing("iam:PassRole")
        .iter()
        .map(|statement| {
            let services = &statement["Condition"]["StringEquals"]["iam:PassedToService"];
            (statement["Resource"].clone(), services.clone())
        })
        .collect();
    let instances = ["ec2.amazonaws.com", "vpc-flow-logs.amazonaws.com"];
    assert_eq!(
        passed,
        [
            (
                Value::from(vec!["arn:aws:iam::*:role/hastack.dev/${CLUSTER_ID}/*"]),
                Value::from(instances.to_vec())
            ),
            (
                Value::from(vec!["arn:aws:iam::*:role/*"]),
                Value::from(vec!["autoscaling.amazonaws.com"])
            ),
            (
                Value::from(vec!["arn:aws:iam::*:role/hastack.dev/${CLUSTER_ID}/*"]),
                Value::from(vec!["monitoring.rds.amazonaws.com"])
            ),
        ]
    );
}

#[test]
fn what_auto_scaling_tries_in_our_name_is_allowed_on_nothing_that_can_be_there() {
    let checked = |action: &str| {
        let statements = allowing(action).into_iter();
        let checks = statements.filter(|statement| statement["Sid"].as_str().unwrap().starts_with("PassChecks"));
        checks
            .map(|statement| statement["Resource"].clone())
            .collect::<Vec<_>>()
    };
    let instances = ["", "${*}", "non-existing-db"].map(|name| format!("arn:aws:rds:*:*:db:{name}"));
    for action in ["rds:AddTagsToResource", "rds:CreateDBInstance", "rds:DeleteDBInstance"] {
        assert_eq!(checked(action), [Value::from(instances.to_vec())], "{action}");
    }
    let alarms = ["", "${*}"].map(|name| format!("arn:aws:cloudwatch:*:*:alarm:{name}"));
    for action in ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"] {
        assert_eq!(checked(action), [Value::from(alarms.to_vec())], "{action}");
    }
}

#[test]
fn tags_are_put_on_in_the_creations_of_all_policies() {
    let in_creations = |service: &str, tag: &str| {
        let statements = allowing(&format!("{service}:{tag}"));
        let mut actions = statements
            .iter()
            .map(|statement| statement["Condition"]["StringEquals"][format!("{service}:CreateAction")].clone());
        actions.find(|actions| !actions.is_null()).unwrap()
    };
    let made = needs().into_iter().filter(|need| {
        let grants = matches!(need.grant, Grant::Makes(_) | Grant::MakesUnseen | Grant::MakesPart(_));
        need.service == "ec2" && grants
    });
    let made: Vec<_> = made.map(|need| need.name).collect();
    assert_eq!(in_creations("ec2", "CreateTags"), Value::from(made));
}

#[test]
fn the_types_of_resources_have_the_arns_iam_knows() {
    for (action, arns) in [
        ("acm:DeleteCertificate", &["arn:aws:acm:*:*:certificate/*"][..]),
        (
            "application-autoscaling:PutScalingPolicy",
            &["arn:aws:application-autoscaling:*:*:scalable-target/*"],
        ),
        (
            "autoscaling:PutScalingPolicy",
            &["arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/*"],
        ),
        (
            "autoscaling:CreateOrUpdateTags",
            &["arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/*"],
        ),
        ("ec2:DeleteVpc", &["arn:aws:ec2:*:*:vpc/*"]),
        (
            "elasticfilesystem:DeleteAccessPoint",
            &["arn:aws:elasticfilesystem:*:*:access-point/*"],
        ),
        (
            "elasticloadbalancing:DeleteListener",
            &["arn:aws:elasticloadbalancing:*:*:listener/app/*"],
        ),
        (
            "iam:DeleteInstanceProfile",
            &["arn:aws:iam::*:instance-profile/hastack.dev/${CLUSTER_ID}/*"],
        ),
        (
            "iam:CreateServiceLinkedRole",
            &["arn:aws:iam::*:role/aws-service-role/*"],
        ),
        (
            "logs:DeleteLogGroup",
            &["arn:aws:logs:*:*:log-group:/hastack.dev/${CLUSTER_ID}/*"],
        ),
        ("kms:CreateGrant", &["arn:aws:kms:*:*:key/*"]),
        (
            "rds:CreateDBInstance",
            &["arn:aws:rds:*:*:db:*", "arn:aws:rds:*:*:pg:default*"],
        ),
        (
            "rds:DeleteDBInstance",
            &["arn:aws:rds:*:*:db:*", "arn:aws:rds:*:*:db:application-autoscaling-*"],
        ),
        ("rds:SwitchoverBlueGreenDeployment", &["arn:aws:rds:*:*:deployment:*"]),
        ("rds:RemoveTagsFromResource", &["arn:aws:rds:*:*:*:*"]),
        (
            "secretsmanager:GetSecretValue",
            &["arn:aws:secretsmanager:*:*:secret:rds!*"],
        ),
        ("route53:ChangeResourceRecordSets", &["arn:aws:route53:::hostedzone/*"]),
        ("ssm:GetParameters", &["arn:aws:ssm:*::parameter/aws/service/*"]),
        (
            "wafv2:AssociateWebACL",
            &[
                "arn:aws:elasticloadbalancing:*:*:loadbalancer/app/*",
                "arn:aws:wafv2:*:*:regional/webacl/*",
            ],
        ),
    ] {
        for arn in arns {
            assert!(
                resources(action).contains(&(*arn).to_owned()),
                "{action}: {:?}",
                resources(action)
            );
        }
    }
}

#[test]
fn a_policy_fits_into_a_managed_policy() {
    // White space is not counted, and an id is as long as the UID it is by default.
    let id = "01234567-89ab-cdef-0123-456789abcdef";
    for area in Area::ALL {
        let policy = policy(area).unwrap().replace(PLACEHOLDER, id);
        let size = policy.chars().filter(|letter| !letter.is_whitespace()).count();
        assert!(size <= 6144, "{}: {size}", area.file());
    }
}
