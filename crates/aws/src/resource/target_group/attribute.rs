//! The attributes of a target group in AWS's keys and values.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html>

use std::collections::BTreeMap;
use std::str::FromStr;

use aws_sdk_elasticloadbalancingv2::types::TargetGroupAttribute;
use hastack_core::resource::target_group::{Algorithm, Attribute, Attributes, Stickiness};

const DEREGISTRATION_DELAY: &str = "deregistration_delay.timeout_seconds";
const SLOW_START: &str = "slow_start.duration_seconds";
const STICKINESS: &str = "stickiness.enabled";
const STICKINESS_TYPE: &str = "stickiness.type";
const COOKIE_DURATION: &str = "stickiness.lb_cookie.duration_seconds";
const APPLICATION_COOKIE_DURATION: &str = "stickiness.app_cookie.duration_seconds";
const APPLICATION_COOKIE: &str = "stickiness.app_cookie.cookie_name";
const ALGORITHM: &str = "load_balancing.algorithm.type";
const ANOMALY_MITIGATION: &str = "load_balancing.algorithm.anomaly_mitigation";

/// Words for the load balancer's cookie, and for the application's.
const COOKIE_TYPES: [&str; 2] = ["lb_cookie", "app_cookie"];
const ON: &str = "on";

/// Algorithms with AWS's word, and whether they spare targets that look unwell.
const ALGORITHMS: [(Algorithm, &str, bool); 4] = [
    (Algorithm::RoundRobin, "round_robin", false),
    (Algorithm::LeastOutstandingRequests, "least_outstanding_requests", false),
    (Algorithm::WeightedRandom, "weighted_random", true),
    (Algorithm::PlainRandom, "weighted_random", false),
];

/// The attributes AWS shows; one that it does not is as in every new target group.
pub fn attributes(shown: &BTreeMap<String, String>) -> Option<Attributes> {
    let defaults = Attributes::default();
    let get = |key: &str| shown.get(key).map(String::as_str);
    let stickiness = match get(STICKINESS) {
        Some("true") => Some(stickiness(shown)?),
        Some(_) | None => None,
    };
    let mitigates = get(ANOMALY_MITIGATION) == Some(ON);
    let algorithm = match get(ALGORITHM) {
        None => defaults.algorithm,
        Some(word) => {
            let mut known = ALGORITHMS.iter().filter(|(_, known, _)| *known == word);
            let alike = known.clone().find(|(.., spares)| *spares == mitigates);
            alike.or_else(|| known.next()).map(|(algorithm, ..)| *algorithm)?
        }
    };
    Some(Attributes {
        deregistration_delay_seconds: number(shown, DEREGISTRATION_DELAY, defaults.deregistration_delay_seconds)?,
        slow_start_seconds: number(shown, SLOW_START, defaults.slow_start_seconds)?,
        stickiness,
        algorithm,
    })
}

fn stickiness(shown: &BTreeMap<String, String>) -> Option<Stickiness> {
    let of_application = shown.get(STICKINESS_TYPE).is_some_and(|kind| kind == COOKIE_TYPES[1]);
    let (duration, cookie_name) = if of_application {
        (APPLICATION_COOKIE_DURATION, shown.get(APPLICATION_COOKIE).cloned())
    } else {
        (COOKIE_DURATION, None)
    };
    Some(Stickiness {
        duration_seconds: number(shown, duration, 86_400)?,
        cookie_name,
    })
}

fn number<T: FromStr>(shown: &BTreeMap<String, String>, key: &str, default: T) -> Option<T> {
    shown.get(key).map_or(Some(default), |text| text.parse().ok())
}

/// An attribute in AWS's keys and values.
pub fn pairs(attribute: &Attribute) -> Vec<TargetGroupAttribute> {
    let pair = |key: &str, value: String| TargetGroupAttribute::builder().key(key).value(value).build();
    match attribute {
        Attribute::DeregistrationDelay(seconds) => vec![pair(DEREGISTRATION_DELAY, seconds.to_string())],
        Attribute::SlowStart(seconds) => vec![pair(SLOW_START, seconds.to_string())],
        Attribute::Stickiness(None) => vec![pair(STICKINESS, "false".to_owned())],
        Attribute::Stickiness(Some(Stickiness {
            duration_seconds,
            cookie_name: None,
        })) => vec![
            pair(STICKINESS, "true".to_owned()),
            pair(STICKINESS_TYPE, COOKIE_TYPES[0].to_owned()),
            pair(COOKIE_DURATION, duration_seconds.to_string()),
        ],
        Attribute::Stickiness(Some(Stickiness {
            duration_seconds,
            cookie_name: Some(cookie),
        })) => vec![
            pair(STICKINESS, "true".to_owned()),
            pair(STICKINESS_TYPE, COOKIE_TYPES[1].to_owned()),
            pair(APPLICATION_COOKIE, cookie.clone()),
            pair(APPLICATION_COOKIE_DURATION, duration_seconds.to_string()),
        ],
        Attribute::Algorithm(algorithm) => {
            let known = ALGORITHMS.iter().filter(|(known, ..)| known == algorithm);
            let pairs = known.flat_map(|(_, word, spares)| {
                let mitigation = if *spares { ON } else { "off" };
                [
                    pair(ALGORITHM, (*word).to_owned()),
                    pair(ANOMALY_MITIGATION, mitigation.to_owned()),
                ]
            });
            pairs.collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(attributes: &[Attribute]) -> BTreeMap<String, String> {
        let pairs = attributes.iter().flat_map(pairs);
        pairs.map(|pair| (pair.key.unwrap(), pair.value.unwrap())).collect()
    }

    #[test]
    fn what_is_set_is_shown_again() {
        for algorithm in ALGORITHMS.map(|(algorithm, ..)| algorithm) {
            for cookie_name in [None, Some("session".to_owned())] {
                let wanted = Attributes {
                    deregistration_delay_seconds: 60,
                    slow_start_seconds: 30,
                    stickiness: Some(Stickiness {
                        duration_seconds: 600,
                        cookie_name,
                    }),
                    algorithm,
                };
                let set = [
                    Attribute::DeregistrationDelay(60),
                    Attribute::SlowStart(30),
                    Attribute::Stickiness(wanted.stickiness.clone()),
                    Attribute::Algorithm(algorithm),
                ];
                assert_eq!(attributes(&shown(&set)), Some(wanted));
            }
        }
    }

    #[test]
    fn what_is_not_shown_is_as_in_a_new_one() {
        assert_eq!(attributes(&BTreeMap::new()), Some(Attributes::default()));
        assert_eq!(
            attributes(&shown(&[Attribute::Stickiness(None)])),
            Some(Attributes::default())
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_guessed() {
        for (key, value) in [(SLOW_START, "soon"), (ALGORITHM, "telepathy")] {
            let shown = BTreeMap::from([(key.to_owned(), value.to_owned())]);
            assert_eq!(attributes(&shown), None, "{key}");
        }
    }
}
