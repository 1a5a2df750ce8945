//! AWS as someone beside the operator sees it: through boto3, which the stand-in's Python environment has.
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use hastack_testbed::aws;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

pub(crate) struct Cloud {
    pub(crate) python: PathBuf,
    /// The stand-in; without it the account the ambient credentials are for.
    pub(crate) endpoint: Option<String>,
}

/// A service, an operation of it as boto3 spells it, and its parameters.
pub(crate) type Call<'a> = (&'a str, &'a str, Value);

impl Cloud {
    /// Makes the calls in order; their answers.
    pub(crate) async fn calls(&self, region: &str, calls: &[Call<'_>]) -> Result<Vec<Value>> {
        let mut command = std::process::Command::new(&self.python);
        command.args(["-c", include_str!("call.py"), region]);
        if let Some(endpoint) = &self.endpoint {
            aws::point(&mut command, endpoint);
        }
        let mut command = tokio::process::Command::from(command);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().context("cannot run Python")?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin
                .write_all(json!(calls).to_string().as_bytes())
                .await
                .context("cannot ask AWS")?;
        }
        let output = child.wait_with_output().await.context("cannot ask AWS")?;
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            bail!("cannot ask AWS: {}", complaint.lines().last().unwrap_or_default());
        }
        serde_json::from_slice(&output.stdout).context("cannot parse AWS's answer")
    }
}

/// The elements of a list in an answer.
pub(crate) fn list<'a>(answer: &'a Value, field: &str) -> &'a [Value] {
    answer[field].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whether an AWS object carries a tag.
pub(crate) fn has_tag(object: &Value, key: &str, value: &str) -> bool {
    let tags = list(object, "Tags").iter().chain(list(object, "TagSet"));
    tags.into_iter().any(|tag| tag["Key"] == key && tag["Value"] == value)
}
