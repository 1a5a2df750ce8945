//! From what a service routes to rules that AWS takes: a rule has so many values and no more, so what is longer becomes several rules,
//! which together are about the same requests.

use std::cmp::Reverse;

use hastack_api::service::routing::RoutingSpec;

use crate::desire::SpecError;
use crate::resource::listener_rule::{Conditions, Header};

/// The most values of a rule, of one of its conditions, and wildcards among them. AWS's texts differ in the last; this is the fewest.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html>
const MOST_VALUES: usize = 5;
const MOST_VALUES_OF_A_CONDITION: usize = 3;
const MOST_WILDCARDS: usize = 5;
/// The most rules of a load balancer.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html>
const MOST_RULES: usize = 100;
/// What fits every path.
pub(super) const EVERYTHING: &str = "/*";

/// A condition with all its values.
struct Condition {
    field: Field,
    values: Vec<String>,
}

#[derive(Clone)]
enum Field {
    Host,
    Path,
    Method,
    Header(String),
}

/// The rules that are about the requests of a service, each within AWS's limits.
pub(super) fn rules(routing: &RoutingSpec) -> Result<Vec<Conditions>, SpecError> {
    let conditions = conditions(routing);
    let sizes = sizes(&conditions).ok_or_else(|| SpecError::RouteRequests {
        field: "routing",
        reason: format!(
            "AWS takes {MOST_VALUES} values and {MOST_WILDCARDS} wildcards in a rule, one value of each condition being the least"
        ),
    })?;
    let count = count(&conditions, &sizes);
    if count > MOST_RULES {
        return Err(SpecError::RouteRequests {
            field: "routing",
            reason: format!("its values come to {count} rules, and a load balancer has {MOST_RULES}"),
        });
    }
    let first = vec![Conditions::default()];
    let rules = conditions.iter().zip(&sizes).fold(first, |rules, (condition, &size)| {
        let with = |rule: &Conditions, values: &[String]| condition.field.put(rule.clone(), values);
        let rules = rules.iter();
        rules
            .flat_map(|rule| condition.values.chunks(size).map(move |values| with(rule, values)))
            .collect()
    });
    Ok(rules.into_iter().map(Conditions::canonical).collect())
}

/// How much of a pattern a request must have to the letter before anything fits; a pattern without wildcards is more particular than
/// any with wildcards that fits the same.
pub(super) fn literal(pattern: &str) -> usize {
    pattern.find(['*', '?']).unwrap_or(pattern.len() + 1)
}

/// What is given, the more particular values first so that like ones are in one rule. A path that fits everything is no condition,
/// unless it is the only one: AWS wants one.
fn conditions(routing: &RoutingSpec) -> Vec<Condition> {
    let condition = |field, values: Option<&Vec<String>>| {
        let mut values = values.cloned().unwrap_or_default();
        values.sort_by_key(|value| (Reverse(literal(value)), value.clone()));
        values.dedup();
        Condition { field, values }
    };
    let everything = |path: &String| path == EVERYTHING || path == "*";
    let paths = routing.paths.as_ref().filter(|paths| !paths.iter().any(everything));
    let headers = routing.headers.iter().flatten();
    let headers = headers.map(|header| condition(Field::Header(header.name.clone()), Some(&header.values)));
    let given = [
        condition(Field::Host, routing.hosts.as_ref()),
        condition(Field::Path, paths),
        condition(Field::Method, routing.methods.as_ref()),
    ];
    let mut given: Vec<_> = given.into_iter().chain(headers).collect();
    given.retain(|condition| !condition.values.is_empty());
    if given.is_empty() {
        given.push(Condition {
            field: Field::Path,
            values: vec![EVERYTHING.to_owned()],
        });
    }
    given
}

/// How many values of each condition a rule gets, so that there are as few rules as can be; none where AWS takes none of it.
fn sizes(conditions: &[Condition]) -> Option<Vec<usize>> {
    let first = vec![Vec::new()];
    let all = conditions.iter().fold(first, |all: Vec<Vec<usize>>, condition| {
        let most = condition.values.len().min(MOST_VALUES_OF_A_CONDITION);
        let longer = |sizes: &Vec<usize>| {
            let sizes = sizes.clone();
            (1..=most).map(move |size| sizes.iter().copied().chain([size]).collect::<Vec<_>>())
        };
        let all = all.iter().flat_map(longer);
        all.filter(|sizes| sizes.iter().sum::<usize>() <= MOST_VALUES).collect()
    });
    let fits = |sizes: &Vec<usize>| {
        let wildcards = conditions
            .iter()
            .zip(sizes)
            .map(|(condition, &size)| condition.wildcards(size));
        wildcards.sum::<usize>() <= MOST_WILDCARDS
    };
    let all = all.into_iter().filter(fits);
    all.min_by_key(|sizes| (count(conditions, sizes), Reverse(sizes.clone())))
}

fn count(conditions: &[Condition], sizes: &[usize]) -> usize {
    let parts = conditions
        .iter()
        .zip(sizes)
        .map(|(condition, &size)| condition.values.len().div_ceil(size));
    parts.product()
}

impl Condition {
    /// The most wildcards in a part of so many values.
    fn wildcards(&self, size: usize) -> usize {
        let wildcards = |value: &String| match self.field {
            Field::Host | Field::Path | Field::Header(_) => value.matches(['*', '?']).count(),
            Field::Method => 0,
        };
        let parts = self
            .values
            .chunks(size)
            .map(|values| values.iter().map(wildcards).sum());
        parts.max().unwrap_or_default()
    }
}

impl Field {
    fn put(&self, mut rule: Conditions, values: &[String]) -> Conditions {
        let values = values.to_vec();
        match self {
            Self::Host => rule.hosts = values,
            Self::Path => rule.paths = values,
            Self::Method => rule.methods = values,
            Self::Header(name) => rule.headers.push(Header {
                name: name.clone(),
                values,
            }),
        }
        rule
    }
}
