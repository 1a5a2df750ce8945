//! What every test stands on, started once: a control plane with the custom resources installed, the AWS stand-in, the operator's
//! binary. It ends with the test process.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hastack_testbed::account::Account;
use hastack_testbed::aws::AwsStandIn;
use hastack_testbed::cache::{Cache, Scratch};
use hastack_testbed::http::Client;
use hastack_testbed::kubernetes::ControlPlane;
use hastack_testbed::process::{self, Output, Process};
use hastack_testbed::progress::{Lines, step};
use hastack_testbed::tools::Tools;
use hastack_testbed::{port, repository};
use tokio::sync::OnceCell;

use crate::wait::PATIENCE;

/// How long the stand-in's slow states last, such as a NAT gateway's `pending`.
const PENDING: Duration = Duration::from_millis(500);

/// The kinds of ours, as Kubernetes' paths have them.
const KINDS: [&str; 3] = ["hastacks", "autoscaledservices", "manageddatabases"];

static GROUND: OnceCell<Ground> = OnceCell::const_new();

/// What every test stands on.
pub struct Ground {
    pub control_plane: ControlPlane,
    pub stand_in: AwsStandIn,
    /// The stand-in, beside the operator.
    pub account: Account,
    /// The binary.
    pub operator: PathBuf,
    /// The API server without TLS and credentials, by `kubectl proxy`.
    pub api: String,
    folder: Scratch,
    _api_proxy: Process,
}

/// What every test stands on, from the first call on.
pub async fn ground() -> &'static Ground {
    GROUND.get_or_init(Ground::lay).await
}

impl Ground {
    async fn lay() -> Self {
        let cache = Cache::from_environment().unwrap();
        let folder = cache.scratch("e2e").unwrap();
        let tools = Tools::prepare(&cache, &Lines).await.unwrap();
        let operator = step(&Lines, "Build the operator", operator(&cache, folder.path()))
            .await
            .unwrap();
        let stand_in = AwsStandIn::start(&tools.python, folder.path(), PENDING);
        let control_plane = ControlPlane::start(&tools.kubernetes, folder.path());
        let (stand_in, control_plane) = tokio::join!(stand_in, control_plane);
        let (stand_in, control_plane) = (stand_in.unwrap(), control_plane.unwrap());
        let (api, api_proxy) = api_proxy(&tools.kubernetes.kubectl, &control_plane, folder.path()).await;
        let account = Account {
            python: tools.python,
            endpoint: Some(stand_in.endpoint().to_owned()),
        };
        let ground = Self {
            control_plane,
            stand_in,
            account,
            operator,
            api,
            folder,
            _api_proxy: api_proxy,
        };
        let crds = repository().join("crds");
        ground
            .kubectl(&["apply", "--server-side", "--kustomize", &crds.to_string_lossy()])
            .await
            .unwrap();
        for kind in KINDS {
            let definition = format!("{kind}.hastack.dev");
            let wait = ["wait", "--for=condition=Established", "crd", &definition];
            ground.kubectl(&wait).await.unwrap();
        }
        ground
    }

    /// Where logs and manifests are kept, until the next run.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What kubectl prints; an error with what it complains about.
    pub async fn kubectl(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.control_plane.kubectl(arguments).await.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        if output.status.success() {
            Ok(text(output.stdout))
        } else {
            Err(text(output.stderr))
        }
    }
}

/// The binary `HASTACK_OPERATOR` names, else one built now, into the folder Cargo builds this test into.
async fn operator(cache: &Cache, folder: &Path) -> Result<PathBuf, process::Error> {
    let given = |variable: &str| {
        env::var_os(variable)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(operator) = given("HASTACK_OPERATOR") {
        return Ok(operator);
    }
    let target = given("CARGO_TARGET_DIR").unwrap_or_else(|| cache.folder().join("target"));
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(["build", "--package", "hastack-operator", "--bin", "hastack"])
        .env("CARGO_TARGET_DIR", &target)
        .current_dir(repository());
    process::run("cargo build", &command, &folder.join("build.log")).await?;
    Ok(target.join("debug/hastack"))
}

async fn api_proxy(kubectl: &Path, control_plane: &ControlPlane, folder: &Path) -> (String, Process) {
    let port = port::free();
    let mut command = Command::new(kubectl);
    command
        .arg("--kubeconfig")
        .arg(control_plane.kubeconfig())
        .args(["proxy", "--port", &port.to_string()]);
    let log = folder.join("kubectl-proxy.log");
    let process = Process::start("kubectl proxy", &command, Output::Log(&log))
        .await
        .unwrap();
    let api = format!("http://127.0.0.1:{port}");
    let (client, ready) = (Client::default(), format!("{api}/readyz"));
    let answers = async || {
        client
            .get(&ready)
            .await
            .is_ok_and(|answer| answer.status().is_success())
    };
    process.until_ready(PATIENCE, answers).await.unwrap();
    (api, process)
}
