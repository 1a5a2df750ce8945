//! What each test has for itself: a namespace, a cluster id in AWS's tags, a folder, and the operators it starts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::aws::Aws;
use crate::ground::{Ground, ground};
use crate::operator::Operator;

/// The paces that make tests quick: a sweep, one of what is looked at more rarely, how long AWS may show what was, how long it may
/// hide what is new.
const PACE: [&str; 8] = [
    "--sweep-interval",
    "2s",
    "--slow-interval",
    "2s",
    "--settle",
    "1s",
    "--grace",
    "10s",
];

/// What a test has for itself.
pub struct Stage {
    pub ground: &'static Ground,
    /// Its namespace, and its cluster id too.
    pub name: String,
    pub aws: Aws,
    folder: PathBuf,
    operators: AtomicU32,
    pub(crate) files: AtomicU32,
}

impl Stage {
    /// A new namespace for the test of this name.
    pub async fn set(name: &str) -> Self {
        let ground = ground().await;
        let folder = ground.folder().join(name);
        fs::create_dir_all(&folder).unwrap();
        ground.kubectl(&["create", "namespace", name]).await.unwrap();
        Self {
            ground,
            name: name.to_owned(),
            aws: Aws::new(ground.account.clone(), name),
            folder,
            operators: AtomicU32::default(),
            files: AtomicU32::default(),
        }
    }

    /// Starts an operator for this namespace, with its lease there.
    pub async fn operator(&self) -> Operator {
        self.operator_with(&[]).await
    }

    /// Starts an operator that needs no lease, so that another one can follow it at once.
    pub async fn lone_operator(&self) -> Operator {
        self.operator_with(&["--leader-election", "false"]).await
    }

    /// Starts an operator with these flags besides.
    pub async fn operator_with(&self, flags: &[&str]) -> Operator {
        self.operator_as(self.ground.control_plane.kubeconfig(), flags).await
    }

    /// Starts an operator with these flags besides, and the rights of this kubeconfig's user.
    pub async fn operator_as(&self, kubeconfig: &Path, flags: &[&str]) -> Operator {
        let own = ["--cluster-id", &self.name, "--namespace", &self.name];
        let lease: &[&str] = if flags.contains(&"--lease-namespace") {
            &[]
        } else {
            &["--lease-namespace", &self.name]
        };
        let flags = [&own, &PACE[..], lease, flags].concat();
        let number = self.operators.fetch_add(1, Ordering::Relaxed) + 1;
        let log = self.folder.join(format!("operator-{number}.log"));
        let name = format!("operator {number} of {}", self.name);
        let mut command = Command::new(&self.ground.operator);
        command.arg("run").args(flags).env("KUBECONFIG", kubeconfig);
        Operator::start(name, command, self.ground.stand_in.endpoint(), log).await
    }

    /// A file with this content.
    pub fn file(&self, content: &str) -> String {
        let number = self.files.fetch_add(1, Ordering::Relaxed) + 1;
        let path = self.folder.join(format!("{number}.yaml"));
        fs::write(&path, content).unwrap();
        path.to_string_lossy().into_owned()
    }
}
