//! The files `kubectl` and the operator find a control plane with.
use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use crate::certificate::Pair;

/// How a user proves who it is.
pub(crate) enum Credential {
    Certificate(Pair),
    Token(String),
}

/// Writes a kubeconfig with one context, named `hastack`. JSON is YAML too.
pub(crate) fn write(path: &Path, server: &str, authority: &Path, credential: Credential) -> io::Result<()> {
    let user = match credential {
        Credential::Certificate(Pair { certificate, key }) => {
            json!({"client-certificate": certificate, "client-key": key})
        }
        Credential::Token(token) => json!({"token": token}),
    };
    fs::write(path, format!("{:#}\n", document(server, authority, &user)))
}

fn document(server: &str, authority: &Path, user: &Value) -> Value {
    let name = "hastack";
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority": authority}}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    })
}
