use serde_json::Value;

use super::*;
use crate::action::Class;

fn statements() -> Vec<Value> {
    let policy: Value = serde_json::from_str(&policy().unwrap()).unwrap();
    policy["Statement"].as_array().unwrap().clone()
}

fn holds(statement: &Value, call: &str) -> bool {
    statement["Action"]
        .as_array()
        .unwrap()
        .iter()
        .any(|action| action == call)
}

#[test]
fn the_policy_in_deploy_is_the_one_this_crate_needs() {
    let kept = include_str!("../../../../deploy/iam/policy.json");
    assert_eq!(kept, policy().unwrap(), "deploy/iam/policy.json is not current");
}

#[test]
fn every_call_that_needs_a_permission_has_one_and_nothing_else_does() {
    let statements = statements();
    for row in TABLE {
        let name = call(row);
        let allowed = statements.iter().any(|statement| holds(statement, &name));
        assert_eq!(allowed, row.grant != Grant::Unneeded, "{name}");
    }
    let known: Vec<_> = TABLE.iter().map(call).collect();
    for statement in &statements {
        for action in statement["Action"].as_array().unwrap() {
            let action = action.as_str().unwrap().to_owned();
            assert!(known.contains(&action), "nobody calls {action}");
        }
    }
}

#[test]
fn a_write_is_bound_to_our_tag_wherever_it_is_allowed() {
    let writes = TABLE.iter().filter(|row| row.class == Class::Write);
    for row in writes.filter(|row| !matches!(row.grant, Grant::Untagged { .. })) {
        for statement in statements().iter().filter(|statement| holds(statement, &call(row))) {
            let exact = &statement["Condition"]["StringEquals"];
            let bound = [request_tag(), resource_tag()]
                .iter()
                .any(|key| exact[key] == Value::from(vec![PLACEHOLDER]));
            assert!(bound, "{}: {}", row.name, statement["Sid"]);
            assert!(
                statement["Resource"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|resource| resource != "*")
            );
        }
    }
}

#[test]
fn what_carries_no_tag_is_only_taken_from() {
    for row in TABLE {
        if let Grant::Untagged { resource, reason } = row.grant {
            assert!(row.name.starts_with("Revoke"), "{}", row.name);
            assert_eq!(resource, "security-group");
            assert!(!reason.is_empty());
        }
    }
}

#[test]
fn the_policy_fits_into_a_managed_policy() {
    // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>: white space is not counted.
    let size = policy()
        .unwrap()
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .count();
    assert!(size <= 6144, "{size}");
}
