//! A Kubernetes control plane of its own: etcd, kube-apiserver, kube-controller-manager. No nodes, so no pods run.
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use tokio::net::TcpStream;

use crate::certificate::{self, Authority, file_name, service_account_keys};
use crate::kubeconfig::{self, Credential};
use crate::process::{self, Process};
use crate::{port, tools};

/// How long a server may take to become ready. It takes about a second; a machine that compiles meanwhile is slower.
const PATIENCE: Duration = Duration::from_secs(90);

/// What the operator and its tests need; the others would look after workloads that do not exist here.
const CONTROLLERS: &str = "clusterrole-aggregation-controller,garbage-collector-controller,namespace-controller,\
                           root-ca-certificate-publisher-controller,serviceaccount-controller";

/// Why the control plane does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A certificate could not be made.
    #[error("cannot prepare the certificates")]
    PrepareCertificates(#[from] certificate::Error),
    /// A file or folder could not be used.
    #[error("cannot write {path:?}")]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A server did not start.
    #[error("cannot start the control plane")]
    Start(#[from] process::Error),
    /// kubectl could not be run at all.
    #[error("cannot run kubectl")]
    RunKubectl(#[source] io::Error),
    /// kubectl refused.
    #[error("cannot run kubectl {arguments}: {answer}")]
    Refused {
        /// What it was asked.
        arguments: String,
        /// What it wrote to standard error.
        answer: String,
    },
}

/// A running control plane. Dropping it ends it; its files stay in the folder it was given.
pub struct ControlPlane {
    folder: PathBuf,
    kubectl: PathBuf,
    kubeconfig: PathBuf,
    server: String,
    authority: Authority,
    controller_manager: Process,
    api_server: Process,
    etcd: Process,
}

/// The files the servers are started with.
struct Identity {
    authority: Authority,
    serving: certificate::Pair,
    private_key: PathBuf,
    public_key: PathBuf,
}

impl ControlPlane {
    /// Starts one with its data and logs in `folder` and waits until it is ready.
    pub async fn start(tools: &tools::Kubernetes, folder: &Path) -> Result<Self, Error> {
        let written = |source| Error::Write {
            path: folder.into(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(written)?;
        let folder = folder.canonicalize().map_err(written)?;
        let (etcd_port, port) = (port::free(), port::free());
        let server = format!("https://127.0.0.1:{port}");
        let identity = Identity::create(&folder)?;
        let kubeconfig = folder.join("kubeconfig");
        let admin = identity.authority.client(&folder, "admin", Some("system:masters"))?;
        write_kubeconfig(
            &kubeconfig,
            &server,
            &identity.authority,
            Credential::Certificate(admin),
        )?;
        let start = async |name: &str, command: &Command| {
            Process::start(name, command, process::Output::Log(&folder.join(format!("{name}.log")))).await
        };

        let etcd = start("etcd", &etcd(&tools.etcd, &folder, etcd_port, port::free())).await?;
        // The API server that finds no store waits a whole second before it looks again.
        let listens = async || TcpStream::connect((Ipv4Addr::LOCALHOST, etcd_port)).await.is_ok();
        etcd.until_ready(PATIENCE, listens).await?;
        let api_server = api_server(&tools.kube_apiserver, &folder, port, etcd_port, &identity);
        let api_server = start("kube-apiserver", &api_server).await?;
        let ready = async || answers(&tools.kubectl, &kubeconfig, &["get", "--raw", "/readyz"]).await;
        api_server.until_ready(PATIENCE, ready).await?;
        let controller_manager = controller_manager(&tools.kube_controller_manager, &kubeconfig, &identity);
        let controller_manager = start("kube-controller-manager", &controller_manager).await?;
        let ready = async || answers(&tools.kubectl, &kubeconfig, &["get", "serviceaccount", "default"]).await;
        controller_manager.until_ready(PATIENCE, ready).await?;
        Ok(Self {
            folder: folder.clone(),
            kubectl: tools.kubectl.clone(),
            kubeconfig,
            server,
            authority: identity.authority,
            controller_manager,
            api_server,
            etcd,
        })
    }

    /// The kubeconfig of an administrator.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The URL of the API server.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Its servers: etcd, kube-apiserver, kube-controller-manager.
    pub fn processes(&self) -> [&Process; 3] {
        [&self.etcd, &self.api_server, &self.controller_manager]
    }

    /// Runs kubectl as administrator.
    pub async fn kubectl<S: AsRef<str>>(&self, arguments: &[S]) -> Result<Output, Error> {
        let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
        kubectl(&self.kubectl, &self.kubeconfig, &arguments).await
    }

    /// A kubeconfig with a client certificate of its own for this user, who is a member of `group`.
    pub fn kubeconfig_for(&self, user: &str, group: Option<&str>) -> Result<PathBuf, Error> {
        let pair = self.authority.client(&self.folder, user, group)?;
        self.write_kubeconfig(user, Credential::Certificate(pair))
    }

    /// A kubeconfig with a token of this service account, as its pods get.
    pub async fn kubeconfig_for_service_account(&self, namespace: &str, name: &str) -> Result<PathBuf, Error> {
        let arguments = ["create", "token", name, "--namespace", namespace, "--duration", "8h"];
        let output = self.kubectl(&arguments).await?;
        if !output.status.success() {
            let answer = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(Error::Refused {
                arguments: arguments.join(" "),
                answer,
            });
        }
        let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        self.write_kubeconfig(&format!("{namespace}-{name}"), Credential::Token(token))
    }

    fn write_kubeconfig(&self, user: &str, credential: Credential) -> Result<PathBuf, Error> {
        let path = self.folder.join(format!("{}.kubeconfig", file_name(user)));
        write_kubeconfig(&path, &self.server, &self.authority, credential)?;
        Ok(path)
    }
}

/// Runs kubectl with this kubeconfig. It is killed when the future is dropped.
pub async fn kubectl(program: &Path, kubeconfig: &Path, arguments: &[&str]) -> Result<Output, Error> {
    let mut command = tokio::process::Command::new(program);
    command
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(arguments)
        .stdin(std::process::Stdio::null());
    command.kill_on_drop(true).output().await.map_err(Error::RunKubectl)
}

async fn answers(program: &Path, kubeconfig: &Path, arguments: &[&str]) -> bool {
    kubectl(program, kubeconfig, arguments)
        .await
        .is_ok_and(|output| output.status.success())
}

fn write_kubeconfig(path: &Path, server: &str, authority: &Authority, credential: Credential) -> Result<(), Error> {
    kubeconfig::write(path, server, authority.certificate(), credential).map_err(|source| Error::Write {
        path: path.into(),
        source,
    })
}

impl Identity {
    fn create(folder: &Path) -> Result<Self, Error> {
        let authority = Authority::create(folder)?;
        let serving = authority.server(folder, "kube-apiserver", &["127.0.0.1", "localhost"])?;
        let (private_key, public_key) = service_account_keys(folder)?;
        Ok(Self {
            authority,
            serving,
            private_key,
            public_key,
        })
    }
}

fn etcd(program: &Path, folder: &Path, port: u16, peer_port: u16) -> Command {
    let (clients, peers) = (
        format!("http://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{peer_port}"),
    );
    let mut command = Command::new(program);
    command.arg("--data-dir").arg(folder.join("etcd")).current_dir(folder);
    command.args(["--listen-client-urls", &clients, "--advertise-client-urls", &clients]);
    command.args(["--listen-peer-urls", &peers, "--initial-advertise-peer-urls", &peers]);
    command.arg(format!("--initial-cluster=default={peers}"));
    // The data is thrown away with the folder, so it need not survive the machine. One member need not wait for others.
    command.args([
        "--unsafe-no-fsync",
        "--heartbeat-interval=10",
        "--election-timeout=100",
        "--log-level=warn",
    ]);
    command
}

fn api_server(program: &Path, folder: &Path, port: u16, etcd_port: u16, identity: &Identity) -> Command {
    let Identity {
        authority,
        serving,
        private_key,
        public_key,
    } = identity;
    let mut command = Command::new(program);
    let flag = |name: &str, value: &dyn std::fmt::Display| format!("--{name}={value}");
    command.current_dir(folder).args([
        flag("etcd-servers", &format!("http://127.0.0.1:{etcd_port}")),
        flag("bind-address", &"127.0.0.1"),
        flag("advertise-address", &"127.0.0.1"),
        flag("secure-port", &port),
        flag("tls-cert-file", &serving.certificate.display()),
        flag("tls-private-key-file", &serving.key.display()),
        flag("client-ca-file", &authority.certificate().display()),
        flag("service-account-issuer", &format!("https://127.0.0.1:{port}")),
        flag("service-account-key-file", &public_key.display()),
        flag("service-account-signing-key-file", &private_key.display()),
        flag("authorization-mode", &"RBAC"),
        flag("service-cluster-ip-range", &"10.0.0.0/24"),
        // There is no endpoint to publish: the API server refuses a loopback address for it.
        flag("endpoint-reconciler-type", &"none"),
    ]);
    command
}

fn controller_manager(program: &Path, kubeconfig: &Path, identity: &Identity) -> Command {
    let mut command = Command::new(program);
    command.arg("--kubeconfig").arg(kubeconfig);
    command
        .arg("--service-account-private-key-file")
        .arg(&identity.private_key);
    command.arg("--root-ca-file").arg(identity.authority.certificate());
    command.args(["--controllers", CONTROLLERS, "--leader-elect=false", "--secure-port=0"]);
    // The default rate is meant for a large cluster's sake, and makes the deletion of a namespace take seconds here.
    command.args(["--kube-api-qps=500", "--kube-api-burst=1000"]);
    command
}
