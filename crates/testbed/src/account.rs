//! An AWS account as someone beside the operator sees it: through boto3, which the stand-in's Python environment has.
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::aws;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Python could not be run.
    #[error("cannot run Python")]
    Run(#[source] io::Error),
    /// AWS refused, or cannot be reached.
    #[error("cannot ask AWS: {complaint}")]
    Ask {
        /// What boto3 says against it.
        complaint: String,
    },
    /// The answer is not what was expected.
    #[error("cannot parse AWS's answer")]
    Parse(#[source] serde_json::Error),
}

/// An AWS account, and what asks it.
#[derive(Clone, Debug)]
pub struct Account {
    /// The interpreter of the stand-in's environment.
    pub python: PathBuf,
    /// The stand-in; without it the account the ambient credentials are for.
    pub endpoint: Option<String>,
}

/// A service, an operation of it as boto3 spells it, and its parameters.
pub type Call<'a> = (&'a str, &'a str, Value);

/// What there is in a region of each kind that hastack makes.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Inventory {
    /// How people call what was looked for.
    pub kinds: Vec<String>,
    /// What was found, whosever it is.
    pub found: Vec<Found>,
}

/// Something in AWS that is not deleted.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Found {
    /// How people call its kind, such as `load balancer`.
    pub kind: String,
    /// What AWS calls it.
    pub id: String,
    /// How it is, where AWS says so.
    pub state: Option<String>,
    /// Its tags, or what stands for them.
    pub tags: BTreeMap<String, String>,
    /// All that AWS lists of it.
    pub object: Value,
}

impl Account {
    /// Makes the calls in order; their answers.
    pub async fn calls(&self, region: &str, calls: &[Call<'_>]) -> Result<Vec<Value>, Error> {
        self.run(include_str!("account/call.py"), region, &json!(calls)).await
    }

    /// Looks at everything.
    pub async fn look(&self, region: &str) -> Result<Inventory, Error> {
        self.run(include_str!("account/look.py"), region, &Value::Null).await
    }

    async fn run<T: DeserializeOwned>(&self, script: &str, region: &str, input: &Value) -> Result<T, Error> {
        let mut command = Command::new(&self.python);
        command.args(["-c", script, region]);
        if let Some(endpoint) = &self.endpoint {
            aws::point(&mut command, endpoint);
        }
        let mut command = tokio::process::Command::from(command);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().map_err(Error::Run)?;
        if let Some(mut stdin) = child.stdin.take() {
            let input = input.to_string();
            stdin.write_all(input.as_bytes()).await.map_err(Error::Run)?;
        }
        let output = child.wait_with_output().await.map_err(Error::Run)?;
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            return Err(Error::Ask {
                complaint: complaint.lines().last().unwrap_or_default().to_owned(),
            });
        }
        serde_json::from_slice(&output.stdout).map_err(Error::Parse)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            id,
            state,
            tags: _,
            object: _,
        } = self;
        write!(formatter, "{kind} {id}")?;
        state.as_ref().map_or(Ok(()), |state| write!(formatter, " ({state})"))
    }
}

/// The elements of a list in an answer.
pub fn list<'a>(answer: &'a Value, field: &str) -> &'a [Value] {
    answer[field].as_array().map(Vec::as_slice).unwrap_or_default()
}
