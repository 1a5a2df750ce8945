//! What the demo stands on: a cluster, an AWS, and the operator between them.
use std::fs;
use std::io::{IsTerminal, Write, stdin, stdout};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use hastack_testbed::account::Account;
use hastack_testbed::aws::{self, AwsStandIn};
use hastack_testbed::cache::{Cache, Scratch};
use hastack_testbed::http::Client;
use hastack_testbed::kubernetes::ControlPlane;
use hastack_testbed::port;
use hastack_testbed::process::{self, Output, Process};
use hastack_testbed::progress::{Progress, step};
use hastack_testbed::repository;
use hastack_testbed::tools::Tools;
use serde_json::json;

use super::kubectl::Kubectl;
use super::stacks::Stacks;
use super::{Options, heading};
use crate::cargo;
use crate::terminal::Terminal;

/// On every AWS resource: which installation it belongs to.
pub(crate) const CLUSTER_TAG: &str = "hastack.dev/cluster";
/// How long the stand-in's slow states last: long enough to see them.
const PENDING: Duration = Duration::from_secs(3);
/// The operator finishes what is in flight within 10 s.
const PATIENCE: Duration = Duration::from_secs(12);
/// After a killed demo in the same cluster the lease must run out first.
const PATIENCE_FOR_START: Duration = Duration::from_mins(1);
/// Shorter than the operator's default of a minute, for the sake of who watches.
pub(crate) const SWEEP_INTERVAL: &str = "10s";

/// Fields are dropped in order: the operator first, the folder last.
pub(crate) struct Ground {
    pub(crate) operator: Process,
    pub(crate) kubectl: Kubectl,
    pub(crate) account: Account,
    pub(crate) stacks: Stacks,
    pub(crate) cluster_id: String,
    /// Whether the stack would still be there after us, in a cluster or an account that is not ours.
    pub(crate) outlives_us: bool,
    pub(crate) stand_in: Option<AwsStandIn>,
    control_plane: Option<ControlPlane>,
    folder: Scratch,
}

impl Ground {
    /// Prepares and starts all of it.
    pub(crate) async fn lay(options: &Options) -> Result<Self> {
        let cache = Cache::from_environment()?;
        let folder = cache.scratch("demo")?;
        let progress = Terminal::default();
        heading("Prepare");
        println!("  Built and installed things are kept in {}", cache.folder().display());
        let tools = Tools::prepare(&cache, &progress).await?;
        let operator = step(&progress, "Build the operator", build(&cache, folder.path())).await?;

        heading("Start");
        let (stand_in, account) = start_aws(&tools, folder.path(), options, &progress).await?;
        let (control_plane, kubectl) = start_kubernetes(&tools, folder.path(), options, &progress).await?;
        step(&progress, "Install the custom resource definitions", install(&kubectl)).await?;
        let stacks = Stacks::read(&kubectl, &options.manifests(), folder.path()).await?;
        let mut command = operator_command(&operator, &kubectl, &account, options);
        if options.context.is_some() {
            not_installed(&kubectl).await?;
            command.args(["--namespace", stacks.only_namespace()?]);
        }
        let operator = step(&progress, "Start the operator", start_operator(command, folder.path())).await?;
        Ok(Self {
            operator,
            kubectl,
            account,
            stacks,
            cluster_id: options.cluster_id.clone(),
            outlives_us: options.aws || options.context.is_some(),
            stand_in,
            control_plane,
            folder,
        })
    }

    /// What to type to use it.
    pub(crate) fn how_to_use(&self) -> Vec<String> {
        let mut lines = vec![format!("export KUBECONFIG={}", self.kubectl.kubeconfig.display())];
        if let Some(endpoint) = &self.account.endpoint {
            lines.push(format!("export AWS_ENDPOINT_URL={endpoint} AWS_REGION={}", aws::REGION));
            let (id, secret) = (aws::ACCESS_KEY_ID, aws::SECRET_ACCESS_KEY);
            lines.push(format!("export AWS_ACCESS_KEY_ID={id} AWS_SECRET_ACCESS_KEY={secret}"));
        }
        lines.push("kubectl get hastack -w      kubectl describe hastack      kubectl explain hastack.spec".into());
        lines
    }

    /// Ends the operator as Kubernetes does, and then the rest. The logs stay if someone may want to read them.
    pub(crate) async fn clear(self, keep_logs: bool) -> Result<()> {
        let Self {
            operator,
            kubectl,
            account: _,
            stacks: _,
            cluster_id: _,
            outlives_us: _,
            stand_in,
            control_plane,
            folder,
        } = self;
        operator.stop(PATIENCE).await;
        if control_plane.is_none() {
            // A copy of the user's credentials is no log.
            fs::remove_file(&kubectl.kubeconfig).context("cannot remove the copied kubeconfig")?;
        }
        drop((stand_in, control_plane));
        if keep_logs {
            println!("The logs are in {}", folder.path().display());
            return Ok(());
        }
        Ok(folder.remove()?)
    }
}

async fn build(cache: &Cache, folder: &Path) -> Result<PathBuf> {
    let mut command = cargo::command(cache);
    command.args(["build", "--package", "hastack-operator", "--bin", "hastack"]);
    process::run("cargo build", &command, &folder.join("build.log")).await?;
    Ok(cargo::target(cache).join("debug/hastack"))
}

async fn start_aws(
    tools: &Tools,
    folder: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<(Option<AwsStandIn>, Account)> {
    let python = tools.python.clone();
    if options.aws {
        let account = Account { python, endpoint: None };
        confirm(&account, options.yes).await?;
        return Ok((None, account));
    }
    let start = AwsStandIn::start(&tools.python, folder, PENDING);
    let stand_in = step(progress, "Start the AWS stand-in", start).await?;
    let endpoint = Some(stand_in.endpoint().to_owned());
    Ok((Some(stand_in), Account { python, endpoint }))
}

/// Asks before money is spent.
async fn confirm(account: &Account, yes: bool) -> Result<()> {
    let answers = account
        .calls(aws::REGION, &[("sts", "get_caller_identity", json!({}))])
        .await?;
    let text = |field: &str| answers[0][field].as_str().unwrap_or_default().to_owned();
    let number = text("Account");
    println!("  AWS account {number}, as {}", text("Arn"));
    println!("  What the demo creates there costs money while it exists (NAT gateways and load balancers above all).");
    if yes {
        return Ok(());
    }
    if !stdin().is_terminal() {
        bail!("nobody is there to confirm the use of the account: give --yes");
    }
    print!("  Type the account's number to go on: ");
    stdout().flush().context("cannot write to the terminal")?;
    // A thread of its own, not the runtime's: Ctrl-C must not wait for it.
    let (sender, line) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = stdin().read_line(&mut line).map(|_| line);
        drop(sender.send(read));
    });
    let line = line
        .await
        .context("cannot read from the terminal")?
        .context("cannot read from the terminal")?;
    if number.is_empty() || line.trim() != number {
        bail!("that is not the account's number: nothing was done");
    }
    Ok(())
}

async fn start_kubernetes(
    tools: &Tools,
    folder: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<(Option<ControlPlane>, Kubectl)> {
    let program = tools.kubernetes.kubectl.clone();
    if let Some(context) = &options.context {
        let kubeconfig = folder.join("kubeconfig");
        extract(&program, context, &kubeconfig).await?;
        println!("  Using the cluster of context {context}");
        return Ok((None, Kubectl { program, kubeconfig }));
    }
    let start = ControlPlane::start(&tools.kubernetes, folder);
    let plane = step(progress, "Start the Kubernetes control plane", start).await?;
    let kubeconfig = plane.kubeconfig().to_path_buf();
    Ok((Some(plane), Kubectl { program, kubeconfig }))
}

/// Copies one context of the user's kubeconfig, so that a switch of contexts elsewhere does not move us.
async fn extract(kubectl: &Path, context: &str, to: &Path) -> Result<()> {
    let mut command = tokio::process::Command::new(kubectl);
    command
        .args(["config", "view", "--raw", "--minify", "--flatten", "--context", context])
        .kill_on_drop(true);
    let output = command.output().await.context("cannot run kubectl")?;
    if !output.status.success() {
        bail!(
            "cannot use context {context}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    // It holds the user's credentials.
    let secret = fs::Permissions::from_mode(0o600);
    fs::write(to, "")
        .and_then(|()| fs::set_permissions(to, secret))
        .and_then(|()| fs::write(to, output.stdout))
        .with_context(|| format!("cannot write {}", to.display()))
}

async fn install(kubectl: &Kubectl) -> Result<()> {
    for (file, crd) in hastack_api::crds() {
        let path = repository().join("crds").join(file);
        kubectl
            .text(&["apply", "--server-side", "--filename", &path.to_string_lossy()])
            .await?;
        let name = crd.metadata.name.unwrap_or_default();
        kubectl
            .text(&["wait", "--for=condition=Established", "--timeout=60s", "crd", &name])
            .await?;
    }
    Ok(())
}

/// Two operators would both act on the stack.
async fn not_installed(kubectl: &Kubectl) -> Result<()> {
    let arguments = [
        "get",
        "deployments",
        "--all-namespaces",
        "--selector",
        "app.kubernetes.io/name=hastack",
    ];
    if kubectl.text(&arguments).await?.is_empty() {
        return Ok(());
    }
    bail!("hastack is installed in this cluster: apply your manifest there, the demo would be in its way");
}

fn operator_command(program: &Path, kubectl: &Kubectl, account: &Account, options: &Options) -> Command {
    let mut command = Command::new(program);
    command.args([
        "run",
        "--cluster-id",
        &options.cluster_id,
        "--sweep-interval",
        SWEEP_INTERVAL,
    ]);
    command.env("KUBECONFIG", &kubectl.kubeconfig);
    if let Some(endpoint) = &account.endpoint {
        aws::point(&mut command, endpoint);
    }
    command
}

async fn start_operator(mut command: Command, folder: &Path) -> Result<Process> {
    let address = format!("127.0.0.1:{}", port::free());
    command.args(["--address", &address]);
    let process = Process::start("hastack", &command, Output::Log(&folder.join("operator.log"))).await?;
    let (client, ready) = (Client::default(), format!("http://{address}/readyz"));
    let probe = async || {
        client
            .get(&ready)
            .await
            .is_ok_and(|answer| answer.status().is_success())
    };
    process.until_ready(PATIENCE_FOR_START, probe).await?;
    Ok(process)
}
