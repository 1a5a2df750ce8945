//! Which requests a rule is about.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which requests a rule is about: those that meet all that is given, with any one value of each. All lists are sorted.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conditions {
    /// To one of these hosts.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// With one of these paths.
    #[serde(default)]
    pub paths: Vec<String>,
    /// With one of these methods.
    #[serde(default)]
    pub methods: Vec<String>,
    /// With all of these headers.
    #[serde(default)]
    pub headers: Vec<Header>,
    /// With something that is not ours, in AWS's word for it.
    #[serde(default)]
    pub others: Vec<String>,
}

/// A header that a request must have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Its name.
    pub name: String,
    /// One of these values.
    pub values: Vec<String>,
}

impl Conditions {
    /// The same, written so that two that mean the same are equal: names of hosts and headers are not told apart by case, and the
    /// order of values says nothing.
    #[must_use]
    pub fn canonical(mut self) -> Self {
        let Self {
            hosts,
            paths,
            methods,
            headers,
            others,
        } = &mut self;
        for host in hosts.iter_mut() {
            host.make_ascii_lowercase();
        }
        for header in headers.iter_mut() {
            header.name.make_ascii_lowercase();
            header.values.sort();
        }
        for values in [hosts, paths, methods, others] {
            values.sort();
        }
        headers.sort();
        self
    }
}

impl fmt::Display for Conditions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            hosts,
            paths,
            methods,
            headers,
            others,
        } = self;
        let list =
            |word: &str, values: &[String]| (!values.is_empty()).then(|| format!("{word} {}", values.join(" or ")));
        let headers = headers.iter().filter_map(|Header { name, values }| list(name, values));
        let parts = [list("method", methods), list("host", hosts), list("path", paths)];
        let parts: Vec<_> = parts
            .into_iter()
            .flatten()
            .chain(headers)
            .chain(others.iter().cloned())
            .collect();
        formatter.write_str(&parts.join(", "))
    }
}
