//! kubectl, as our user runs it.
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use hastack_testbed::kubernetes::kubectl;
use serde_json::Value;

pub(crate) struct Kubectl {
    pub(crate) program: PathBuf,
    pub(crate) kubeconfig: PathBuf,
}

impl Kubectl {
    /// What kubectl prints; an error with what it complains about.
    pub(crate) async fn text<S: AsRef<str>>(&self, arguments: &[S]) -> Result<String> {
        let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
        let output = kubectl(&self.program, &self.kubeconfig, &arguments).await?;
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            bail!("kubectl {}: {complaint}", arguments.join(" "));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// The objects kubectl prints; `arguments` must ask for JSON.
    pub(crate) async fn objects<S: AsRef<str>>(&self, arguments: &[S]) -> Result<Vec<Value>> {
        objects(&self.text(arguments).await?).context("cannot parse what kubectl printed")
    }
}

/// kubectl prints several objects as a list, one as itself, none as nothing.
fn objects(text: &str) -> serde_json::Result<Vec<Value>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut printed: Value = serde_json::from_str(text)?;
    match printed.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => Ok(items),
        Some(_) | None => Ok(vec![printed]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_one_object_and_nothing_are_all_objects() {
        assert_eq!(objects("").unwrap().len(), 0);
        assert_eq!(objects(r#"{"kind": "HAStack"}"#).unwrap().len(), 1);
        assert_eq!(objects(r#"{"kind": "List", "items": [{}, {}]}"#).unwrap().len(), 2);
    }
}
