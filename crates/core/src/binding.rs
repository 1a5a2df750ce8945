//! What a program needs to connect to a database, as servicebinding.io has it: the content of a Secret.
//! <https://servicebinding.io/spec/core/1.1.0/#well-known-secret-entries>

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::desire::TextRef;
use crate::digest::digest;
use crate::hidden::Hidden;

/// What need not be encoded in a part of a URI.
/// <https://datatracker.ietf.org/doc/html/rfc3986#section-2.3>
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a Secret is to be filled with, but for the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The Secret's name.
    pub name: String,
    /// What servicebinding.io calls the type, which the URI begins with too.
    pub kind: &'static str,
    /// Who provides it.
    pub provider: &'static str,
    /// Where it answers.
    pub host: String,
    /// Where those answer that only read.
    pub reader_host: Option<String>,
    /// The port.
    pub port: u16,
    /// The user.
    pub username: String,
    /// The database.
    pub database: Option<String>,
    /// Where the password is.
    pub password: PasswordSource,
}

/// Where a password is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordSource {
    /// In a secret of RDS.
    Managed {
        /// Its ARN.
        arn: String,
        /// What tells its present content from an earlier one.
        version: Option<String>,
    },
    /// In a Secret of the cluster.
    Given {
        /// Which.
        text: TextRef,
        /// What it says.
        password: Hidden,
    },
}

/// A secret of RDS does not say what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the secret {arn}: it is not an object with a password")]
pub struct ReadSecret {
    /// Its ARN.
    pub arn: String,
}

/// What RDS keeps in a secret.
#[derive(Deserialize)]
struct Content {
    password: String,
}

impl PasswordSource {
    /// The password in what a secret of RDS says.
    pub fn of_managed(arn: &str, content: &Hidden) -> Result<Hidden, ReadSecret> {
        // What is wrong with it must not be said: it would be said with the content.
        let content: Content =
            serde_json::from_str(content.reveal()).map_err(|_| ReadSecret { arn: arn.to_owned() })?;
        Ok(Hidden::new(content.password))
    }
}

impl Binding {
    /// What tells what is bound from what was bound before: no more of the password than where it is, and in which version.
    pub fn fingerprint(&self) -> String {
        let password = match &self.password {
            PasswordSource::Managed { arn, version } => format!("{arn} {version:?}"),
            PasswordSource::Given { text, password } => format!("{text:?} {}", digest(password.reveal())),
        };
        let Self {
            name,
            kind,
            provider,
            host,
            reader_host,
            port,
            username,
            database,
            password: _,
        } = self;
        digest(&format!(
            "{name}\n{kind}\n{provider}\n{host}\n{reader_host:?}\n{port}\n{username}\n{database:?}\n{password}"
        ))
    }

    /// The entries of the Secret.
    pub fn entries(&self, password: &Hidden) -> BTreeMap<String, String> {
        let secret_arn = match &self.password {
            PasswordSource::Managed { arn, version: _ } => Some(arn.clone()),
            PasswordSource::Given { .. } => None,
        };
        let entries = [
            ("type", Some(self.kind.to_owned())),
            ("provider", Some(self.provider.to_owned())),
            ("host", Some(self.host.clone())),
            ("readerHost", self.reader_host.clone()),
            ("port", Some(self.port.to_string())),
            ("username", Some(self.username.clone())),
            ("password", Some(password.reveal().to_owned())),
            ("database", self.database.clone()),
            ("uri", Some(self.uri(password))),
            ("secretArn", secret_arn),
        ];
        let given = entries.into_iter();
        given
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect()
    }

    fn uri(&self, password: &Hidden) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        let (user, password) = (encoded(&self.username), encoded(password.reveal()));
        let place = format!("{}://{user}:{password}@{}:{}", self.kind, self.host, self.port);
        match &self.database {
            Some(database) => format!("{place}/{}", encoded(database)),
            None => place,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(database: Option<&str>) -> Binding {
        Binding {
            name: "orders-db".into(),
            kind: "postgresql",
            provider: "aws-rds",
            host: "db.example.com".into(),
            reader_host: None,
            port: 5432,
            username: "hastack".into(),
            database: database.map(str::to_owned),
            password: PasswordSource::Managed {
                arn: "arn:1".into(),
                version: Some("1".into()),
            },
        }
    }

    #[test]
    fn a_password_of_any_characters_makes_a_uri() {
        let entries = binding(Some("orders")).entries(&Hidden::new("p@ss/wörd"));
        assert_eq!(
            entries["uri"],
            "postgresql://hastack:p%40ss%2Fw%C3%B6rd@db.example.com:5432/orders"
        );
        assert_eq!(entries["password"], "p@ss/wörd");
        assert!(!entries.contains_key("readerHost"));
    }

    #[test]
    fn without_a_database_the_uri_ends_with_the_port() {
        let entries = binding(None).entries(&Hidden::new("p"));
        assert_eq!(entries["uri"], "postgresql://hastack:p@db.example.com:5432");
    }

    #[test]
    fn another_version_of_the_secret_is_another_binding() {
        let mut other = binding(None);
        other.password = PasswordSource::Managed {
            arn: "arn:1".into(),
            version: Some("2".into()),
        };
        assert_ne!(binding(None).fingerprint(), other.fingerprint());
    }

    #[test]
    fn what_is_wrong_with_a_secret_is_not_said() {
        let error = PasswordSource::of_managed("arn:1", &Hidden::new("hunter2")).unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }
}
