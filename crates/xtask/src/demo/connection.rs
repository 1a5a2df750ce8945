//! What programs are given to connect to databases.
use anyhow::{Result, bail};
use serde_json::Value;

use super::ground::Ground;
use super::heading;

/// What servicebinding.io and the README promise.
const KEYS: [&str; 8] = [
    "type", "provider", "host", "port", "username", "password", "database", "uri",
];
/// What is not shown, not even here.
const HIDDEN: [&str; 2] = ["password", "uri"];

/// Reads the connection Secrets back, which must be complete and say what the databases say.
pub(crate) async fn show(ground: &Ground) -> Result<()> {
    let mut databases = ground.stacks.look(&ground.kubectl).await?;
    databases.retain(|object| object["spec"]["connectionSecret"].is_object());
    for database in &databases {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = text(&database["spec"]["connectionSecret"]["name"]);
        let namespace = text(&database["metadata"]["namespace"]);
        heading(&format!("kubectl get secret {name}"));
        let arguments = ["get", "secret", &name, "--namespace", &namespace, "--output=json"];
        let secret: Value = serde_json::from_str(&ground.kubectl.text(&arguments).await?)?;
        let status = &database["status"];
        complete(&secret, status)?;
        println!("  type: {}", text(&secret["type"]));
        for key in secret["data"].as_object().into_iter().flatten().map(|(key, _)| key) {
            let value = decoded(&secret["data"][key])?;
            println!(
                "  {key}: {}",
                if HIDDEN.contains(&key.as_str()) {
                    "(hidden)"
                } else {
                    &value
                }
            );
        }
        for command in ["portForward", "listDatabases"] {
            if let Some(command) = status["access"][command].as_str() {
                println!("  $ {command}");
            }
        }
    }
    Ok(())
}

fn complete(secret: &Value, status: &Value) -> Result<()> {
    for key in KEYS {
        if secret["data"][key].is_null() {
            bail!("the connection Secret has no {key}");
        }
    }
    for (key, said) in [("host", "endpoint"), ("username", "username"), ("database", "database")] {
        let (is, wanted) = (
            decoded(&secret["data"][key])?,
            status[said].as_str().unwrap_or_default(),
        );
        if is != wanted {
            bail!("the connection Secret says {is} for {key}, and the status {wanted}");
        }
    }
    Ok(())
}

/// A value of a Secret, which Kubernetes writes in Base64.
fn decoded(value: &Value) -> Result<String> {
    let bytes = serde_json::from_value::<k8s_openapi::ByteString>(value.clone())?;
    Ok(String::from_utf8(bytes.0)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_that_lacks_something_or_says_something_else_is_noticed() {
        // Each value is `x`.
        let data: serde_json::Map<_, _> = KEYS.iter().map(|key| ((*key).to_owned(), json!("eA=="))).collect();
        let status = json!({"endpoint": "x", "username": "x", "database": "x"});
        let secret = json!({"data": data});
        assert!(complete(&secret, &status).is_ok());
        assert!(complete(&secret, &json!({"endpoint": "y"})).is_err());
        assert!(complete(&json!({"data": {}}), &status).is_err());
    }
}
