//! The real parts the demo and the end-to-end tests stand on.
//!
//! - [`tools`] finds, builds or installs the programs: etcd, kube-apiserver, kube-controller-manager, kubectl, and the
//!   Python environment of the AWS stand-in. What it makes is kept in the [`cache`].
//! - [`process`] runs a program that never outlives us, however we end.
//! - [`kubernetes`] is a control plane of its own, [`aws`] the stand-in for AWS, [`proxy`] what stands in front of it: it
//!   counts the calls and injects faults. [`account`] asks the stand-in, or AWS, beside the operator.
//!
//! Everything listens on 127.0.0.1 and keeps its files in a folder the caller gives.
#![warn(missing_docs)]

pub mod account;
pub mod aws;
pub mod cache;
mod certificate;
pub mod http;
mod kubeconfig;
pub mod kubernetes;
pub mod port;
pub mod process;
pub mod progress;
pub mod proxy;
pub mod tools;

use std::path::{Path, PathBuf};

/// The folder this workspace's `Cargo.toml` is in.
pub fn repository() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    crates
        .and_then(Path::parent)
        .map_or_else(PathBuf::new, Path::to_path_buf)
}
