//! The programs everything runs on: found, else built or installed once into the cache.
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::{self, Cache};
use crate::process;
use crate::progress::{Progress, step};
use crate::repository;

/// Why a program is not available.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cache cannot be used.
    #[error("cannot use the cache")]
    UseCache(#[from] cache::Error),
    /// A file that says what to build or install cannot be read.
    #[error("cannot read {path:?}")]
    ReadPins {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The Kubernetes release is not named in the tools module.
    #[error("cannot find the version of k8s.io/kubernetes in {path:?}")]
    FindVersion {
        /// The tools module.
        path: PathBuf,
    },
    /// A program we build or install with is not there.
    #[error("cannot find {program} on PATH: install {install}")]
    FindProgram {
        /// Its name.
        program: &'static str,
        /// What to install.
        install: &'static str,
    },
    /// The Go build failed.
    #[error("cannot build {program}")]
    Build {
        /// What was built.
        program: &'static str,
        /// Why it failed.
        #[source]
        source: process::Error,
    },
    /// The Python environment could not be installed.
    #[error("cannot install the Python environment")]
    Install(#[source] process::Error),
}

/// Where the programs of the control plane are.
#[derive(Clone, Debug)]
pub struct Kubernetes {
    /// The store of the API server.
    pub etcd: PathBuf,
    /// The API server.
    pub kube_apiserver: PathBuf,
    /// Garbage collection, namespace deletion, service accounts.
    pub kube_controller_manager: PathBuf,
    /// The command line.
    pub kubectl: PathBuf,
}

/// Everything the demo and the end-to-end tests run on.
#[derive(Clone, Debug)]
pub struct Tools {
    /// The control plane.
    pub kubernetes: Kubernetes,
    /// The interpreter of an environment with `tests/aws/requirements.txt` installed.
    pub python: PathBuf,
}

impl Tools {
    /// Finds or makes all of them. A first run builds the control plane, which takes about 8 minutes on two cores.
    pub async fn prepare(cache: &Cache, progress: &dyn Progress) -> Result<Self, Error> {
        Ok(Self {
            kubernetes: Kubernetes::prepare(cache, progress).await?,
            python: python(cache, progress).await?,
        })
    }
}

impl Kubernetes {
    /// Finds the programs in the folder `KUBEBUILDER_ASSETS`, on PATH, or in the cache; else builds them.
    ///
    /// API server and controller manager are taken from one place: of two releases the controller manager may turn out
    /// to be the newer one, which does not work.
    pub async fn prepare(cache: &Cache, progress: &dyn Progress) -> Result<Self, Error> {
        let module = Module::read(&repository().join("tests/kube"))?;
        let build = async |program: &Program| match module.find(cache, program) {
            Some(path) => Ok(path),
            None => step(progress, program.what, module.build(cache, program)).await,
        };
        let (kube_apiserver, kube_controller_manager) = match find_pair(API_SERVER.name, CONTROLLER_MANAGER.name) {
            Some(pair) => pair,
            None => (build(&API_SERVER).await?, build(&CONTROLLER_MANAGER).await?),
        };
        let found_or_built = async |program: &Program| match find(program.name) {
            Some(path) => Ok(path),
            None => build(program).await,
        };
        let (etcd, kubectl) = (found_or_built(&ETCD).await?, found_or_built(&KUBECTL).await?);
        Ok(Self {
            etcd,
            kube_apiserver,
            kube_controller_manager,
            kubectl,
        })
    }
}

/// A Python environment with `tests/aws/requirements.txt` installed; its interpreter.
///
/// Only the interpreter may be called: the scripts beside it carry the path the environment had while it was made.
pub async fn python(cache: &Cache, progress: &dyn Progress) -> Result<PathBuf, Error> {
    let path = repository().join("tests/aws/requirements.txt");
    let pins = fs::read(&path).map_err(|source| Error::ReadPins {
        path: path.clone(),
        source,
    })?;
    let system = on_path("python3").ok_or(Error::FindProgram {
        program: "python3",
        install: "Python 3.11 or newer",
    })?;
    let version = Command::new(&system)
        .arg("--version")
        .output()
        .map(|output| output.stdout)
        .unwrap_or_default();
    let name = format!(
        "python/{}",
        cache::key([pins.as_slice(), system.as_os_str().as_encoded_bytes(), &version])
    );
    let environment = match cache.entry(&name) {
        Some(environment) => environment,
        None => {
            step(
                progress,
                "Install the AWS stand-in (Python)",
                install(cache, &name, &system, &path),
            )
            .await?
        }
    };
    Ok(environment.join("bin/python"))
}

async fn install(cache: &Cache, name: &str, system: &Path, requirements: &Path) -> Result<PathBuf, Error> {
    let make = async |folder: PathBuf| {
        let log = folder.with_added_extension("log");
        let mut command = Command::new(system);
        command.args(["-m", "venv"]).arg(&folder);
        process::run("python3 -m venv", &command, &log)
            .await
            .map_err(Error::Install)?;
        let mut command = Command::new(folder.join("bin/python"));
        command
            .args([
                "-m",
                "pip",
                "install",
                "--no-input",
                "--disable-pip-version-check",
                "-r",
            ])
            .arg(requirements);
        process::run("pip install", &command, &log)
            .await
            .map_err(Error::Install)
    };
    cache.prepare(name, make).await
}

struct Program {
    name: &'static str,
    package: &'static str,
    what: &'static str,
}

const ETCD: Program = Program {
    name: "etcd",
    package: "go.etcd.io/etcd/server/v3",
    what: "Build etcd",
};
const API_SERVER: Program = Program {
    name: "kube-apiserver",
    package: "k8s.io/kubernetes/cmd/kube-apiserver",
    what: "Build kube-apiserver (some minutes, once)",
};
const CONTROLLER_MANAGER: Program = Program {
    name: "kube-controller-manager",
    package: "k8s.io/kubernetes/cmd/kube-controller-manager",
    what: "Build kube-controller-manager",
};
const KUBECTL: Program = Program {
    name: "kubectl",
    package: "k8s.io/kubernetes/cmd/kubectl",
    what: "Build kubectl",
};

/// The Go module that pins what we build.
struct Module {
    folder: PathBuf,
    version: String,
    key: String,
}

impl Module {
    fn read(folder: &Path) -> Result<Self, Error> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(|source| Error::ReadPins { path, source })
        };
        let (pins, sums) = (read("go.mod")?, read("go.sum")?);
        let version = pins
            .lines()
            .find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes "));
        let version = version.and_then(|rest| rest.split_whitespace().next());
        let version = version
            .ok_or_else(|| Error::FindVersion {
                path: folder.join("go.mod"),
            })?
            .to_owned();
        let key = format!("{version}-{}", cache::key([pins.as_bytes(), sums.as_bytes()]));
        Ok(Self {
            folder: folder.into(),
            version,
            key,
        })
    }

    fn entry(&self, program: &Program) -> String {
        format!("kubernetes/{}/{}", self.key, program.name)
    }

    fn find(&self, cache: &Cache, program: &Program) -> Option<PathBuf> {
        cache.entry(&self.entry(program))
    }

    async fn build(&self, cache: &Cache, program: &Program) -> Result<PathBuf, Error> {
        let go = on_path("go").ok_or(Error::FindProgram {
            program: "go",
            install: "Go 1.26 or newer",
        })?;
        let make = async |path: PathBuf| {
            let mut command = Command::new(&go);
            command.args([
                "build",
                "-trimpath",
                "-buildvcs=false",
                "-ldflags",
                &self.linker_flags(),
                "-o",
            ]);
            command
                .arg(&path)
                .arg(program.package)
                .current_dir(&self.folder)
                .env("CGO_ENABLED", "0");
            let built = process::run("go build", &command, &path.with_extension("log")).await;
            built.map_err(|source| Error::Build {
                program: program.name,
                source,
            })
        };
        cache.prepare(&self.entry(program), make).await
    }

    /// Without these the server calls itself v0.0.0-master, and clients that look at its version go astray.
    fn linker_flags(&self) -> String {
        let mut numbers = self.version.trim_start_matches('v').split('.');
        let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
        let values = [
            ("Version", self.version.as_str()),
            ("Major", major),
            ("Minor", minor),
            ("TreeState", "clean"),
        ];
        let packages = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"];
        let settings = packages.iter().flat_map(|package| {
            values
                .iter()
                .map(move |(name, value)| format!(" -X {package}.git{name}={value}"))
        });
        format!("-s -w{}", settings.collect::<String>())
    }
}

fn find(program: &str) -> Option<PathBuf> {
    assets()
        .and_then(|folder| executable(&folder, program))
        .or_else(|| on_path(program))
}

fn find_pair(one: &str, other: &str) -> Option<(PathBuf, PathBuf)> {
    let in_assets = assets().and_then(|folder| Some((executable(&folder, one)?, executable(&folder, other)?)));
    in_assets.or_else(|| Some((on_path(one)?, on_path(other)?)))
}

fn assets() -> Option<PathBuf> {
    env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from)
}

fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).find_map(|folder| executable(&folder, program))
}

fn executable(folder: &Path, program: &str) -> Option<PathBuf> {
    let path = folder.join(program);
    path.is_file().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_is_read_from_the_tools_module() {
        let module = Module::read(&repository().join("tests/kube")).unwrap();
        assert!(module.version.starts_with("v1.37."), "{}", module.version);
        assert!(module.key.starts_with(&format!("{}-", module.version)));
        assert!(!module.key.contains(' '));
    }

    #[test]
    fn the_server_is_told_its_version() {
        let module = Module {
            folder: PathBuf::new(),
            version: "v1.37.2".into(),
            key: String::new(),
        };
        let flags = module.linker_flags();
        for setting in ["gitVersion=v1.37.2", "gitMajor=1", "gitMinor=37", "gitTreeState=clean"] {
            assert!(
                flags.contains(&format!(" -X k8s.io/component-base/version.{setting}")),
                "{flags}"
            );
        }
    }
}
