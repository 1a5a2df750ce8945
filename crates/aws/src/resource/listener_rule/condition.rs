//! The conditions of a rule in AWS's words.

use aws_sdk_elasticloadbalancingv2::types::{
    HostHeaderConditionConfig, HttpHeaderConditionConfig, HttpRequestMethodConditionConfig, PathPatternConditionConfig,
    RuleCondition,
};
use hastack_core::resource::listener_rule::{Conditions, Header};

const HOST: &str = "host-header";
const PATH: &str = "path-pattern";
const METHOD: &str = "http-request-method";
const HEADER: &str = "http-header";

/// The conditions that AWS shows.
pub fn read(shown: Vec<RuleCondition>) -> Conditions {
    let mut conditions = Conditions::default();
    for condition in shown {
        take_up(condition, &mut conditions);
    }
    conditions.canonical()
}

fn take_up(shown: RuleCondition, conditions: &mut Conditions) {
    let field = shown.field.unwrap_or_default();
    // Of hosts and paths AWS shows the values twice.
    let plain = shown.values.unwrap_or_default();
    let (values, regular) = match field.as_str() {
        HOST => {
            let config = shown.host_header_config;
            config.map_or((plain, None), |config| {
                (config.values.unwrap_or_default(), config.regex_values)
            })
        }
        PATH => {
            let config = shown.path_pattern_config;
            config.map_or((plain, None), |config| {
                (config.values.unwrap_or_default(), config.regex_values)
            })
        }
        METHOD => {
            let config = shown.http_request_method_config;
            (config.and_then(|config| config.values).unwrap_or_default(), None)
        }
        HEADER => {
            let Some(config) = shown.http_header_config else {
                return;
            };
            conditions.headers.push(Header {
                name: config.http_header_name.unwrap_or_default(),
                values: config.values.unwrap_or_default(),
            });
            (Vec::new(), config.regex_values)
        }
        _ => {
            conditions.others.push(field);
            return;
        }
    };
    if regular.is_some_and(|regular| !regular.is_empty()) {
        conditions.others.push(format!("{field} by regular expression"));
    }
    match field.as_str() {
        HOST => conditions.hosts.extend(values),
        PATH => conditions.paths.extend(values),
        METHOD => conditions.methods.extend(values),
        _ => {}
    }
}

/// The same as AWS is told them.
pub fn build(conditions: &Conditions) -> Vec<RuleCondition> {
    let Conditions {
        hosts,
        paths,
        methods,
        headers,
        // Nobody wants those.
        others: _,
    } = conditions;
    let given = |values: &Vec<String>| (!values.is_empty()).then(|| Some(values.clone()));
    let host = given(hosts).map(|values| {
        let config = HostHeaderConditionConfig::builder().set_values(values).build();
        RuleCondition::builder().field(HOST).host_header_config(config).build()
    });
    let path = given(paths).map(|values| {
        let config = PathPatternConditionConfig::builder().set_values(values).build();
        RuleCondition::builder().field(PATH).path_pattern_config(config).build()
    });
    let method = given(methods).map(|values| {
        let config = HttpRequestMethodConditionConfig::builder().set_values(values).build();
        RuleCondition::builder()
            .field(METHOD)
            .http_request_method_config(config)
            .build()
    });
    let headers = headers.iter().map(|Header { name, values }| {
        let config = HttpHeaderConditionConfig::builder()
            .http_header_name(name)
            .set_values(Some(values.clone()));
        RuleCondition::builder()
            .field(HEADER)
            .http_header_config(config.build())
            .build()
    });
    host.into_iter().chain(path).chain(method).chain(headers).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::SourceIpConditionConfig;

    use super::*;

    fn conditions() -> Conditions {
        Conditions {
            hosts: vec!["*.example.com".into(), "a.example.org".into()],
            paths: vec!["/a/*".into()],
            methods: vec!["GET".into()],
            headers: vec![Header {
                name: "x-team".into(),
                values: vec!["a".into(), "b".into()],
            }],
            others: Vec::new(),
        }
    }

    #[test]
    fn what_is_told_is_shown_again() {
        assert_eq!(read(build(&conditions())), conditions());
        assert_eq!(build(&Conditions::default()), []);
    }

    #[test]
    fn values_that_are_shown_without_more_count() {
        let host = RuleCondition::builder().field(HOST).values("A.example.org").build();
        assert_eq!(read(vec![host]).hosts, ["a.example.org"]);
    }

    #[test]
    fn what_is_not_ours_is_named() {
        let source = SourceIpConditionConfig::builder().values("10.0.0.0/8").build();
        let source = RuleCondition::builder()
            .field("source-ip")
            .source_ip_config(source)
            .build();
        let regular = PathPatternConditionConfig::builder().regex_values("^/a").build();
        let regular = RuleCondition::builder()
            .field(PATH)
            .path_pattern_config(regular)
            .build();
        assert_eq!(
            read(vec![source, regular]).others,
            ["path-pattern by regular expression", "source-ip"]
        );
    }
}
