//! The stand-in for AWS: `tests/aws/serve.py`, moto's server with its differences from AWS's documentation mended.
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hyper::StatusCode;

use crate::http::{self, Client};
use crate::process::{self, Process};
use crate::{port, repository};

/// How long it may take to start. It takes 3 to 7 s; a machine that compiles meanwhile is slower.
const PATIENCE: Duration = Duration::from_mins(2);

/// The account everything in the stand-in belongs to.
pub const ACCOUNT: &str = "123456789012";
/// The region the tests use.
pub const REGION: &str = "us-east-1";
/// The access key id to call with. Any is accepted; the proxy tells callers apart by it.
pub const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
/// The secret to sign with. Signatures are not checked.
pub const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// Why there is no stand-in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder for its log cannot be made.
    #[error("cannot create {path:?}")]
    CreateFolder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It did not start.
    #[error("cannot start the AWS stand-in")]
    Start(#[from] process::Error),
    /// It did not answer.
    #[error("cannot ask the AWS stand-in")]
    Ask(#[from] http::Error),
    /// It answered, but not with 200.
    #[error("cannot {path} on the AWS stand-in: {status} {answer}")]
    Refused {
        /// What was asked for.
        path: String,
        /// The status of the answer.
        status: StatusCode,
        /// Its body.
        answer: String,
    },
}

/// Makes a program call this endpoint with made-up credentials, whatever the environment and the user's files say.
pub fn point(command: &mut Command, endpoint: &str) {
    let set = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ];
    command.envs(set);
    for variable in [
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
    ] {
        command.env_remove(variable);
    }
}

/// A running stand-in. Dropping it ends it; all it knew is in memory.
pub struct AwsStandIn {
    endpoint: String,
    client: Client,
    process: Process,
}

impl AwsStandIn {
    /// Starts one with its log in `folder`. Slow states (a NAT gateway's `pending`, `deleting`) last `pending`.
    pub async fn start(python: &Path, folder: &Path, pending: Duration) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|source| Error::CreateFolder {
            path: folder.into(),
            source,
        })?;
        let port = port::free();
        let endpoint = format!("http://127.0.0.1:{port}");
        let mut command = Command::new(python);
        command
            .arg(repository().join("tests/aws/serve.py"))
            .args(["--port", &port.to_string()]);
        command.args(["--seconds-pending", &pending.as_secs_f64().to_string()]);
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUNBUFFERED", "1");
        let log = folder.join("aws.log");
        let process = Process::start("the AWS stand-in", &command, process::Output::Log(&log)).await?;
        let client = Client::default();
        let health = format!("{endpoint}/mended/health");
        let ready = async || {
            client
                .get(&health)
                .await
                .is_ok_and(|answer| answer.status() == StatusCode::OK)
        };
        process.until_ready(PATIENCE, ready).await?;
        Ok(Self {
            endpoint,
            client,
            process,
        })
    }

    /// Its address, for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Its server.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Forgets everything, and seeds again what is there from the start.
    pub async fn reset(&self) -> Result<(), Error> {
        self.post("/moto-api/reset", "").await
    }

    /// Moves its clock forward: what is pending for that long is ready then.
    pub async fn advance(&self, by: Duration) -> Result<(), Error> {
        self.post(
            "/mended/clock/advance",
            &format!(r#"{{"seconds": {}}}"#, by.as_secs_f64()),
        )
        .await
    }

    /// Sends JSON to one of its own paths (`tests/aws/mended/application.py` lists them).
    pub async fn post(&self, path: &str, json: &str) -> Result<(), Error> {
        let answer = self.client.post(&format!("{}{path}", self.endpoint), json).await?;
        if answer.status() == StatusCode::OK {
            return Ok(());
        }
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        Err(Error::Refused {
            path: path.into(),
            status: answer.status(),
            answer: text,
        })
    }
}
