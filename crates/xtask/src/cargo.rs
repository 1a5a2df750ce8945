//! Cargo, as our commands run it.
use std::env;
use std::io::{IsTerminal, stderr};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use hastack_testbed::cache::Cache;
use hastack_testbed::repository;
use serde_json::Value;

/// `cargo` in the repository. It builds into the cache folder unless `CARGO_TARGET_DIR` says where.
pub(crate) fn command(cache: &Cache) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(repository()).env("CARGO_TARGET_DIR", target(cache));
    if stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    command
}

/// The folder `command` builds into.
pub(crate) fn target(cache: &Cache) -> PathBuf {
    let set = env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
    let folder = set.map_or_else(|| cache.folder().join("target"), PathBuf::from);
    std::path::absolute(&folder).unwrap_or(folder)
}

/// The names of a package's test targets (`tests/*.rs`).
pub(crate) fn test_targets(cache: &Cache, package: &str) -> Result<Vec<String>> {
    let output = command(cache)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output();
    let output = output.context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!(
            "cannot read the workspace: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cannot parse the workspace's metadata")?;
    Ok(targets_of(&metadata, package))
}

fn targets_of(metadata: &Value, package: &str) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages = list(&metadata["packages"])
        .into_iter()
        .filter(|candidate| candidate["name"] == package);
    let targets = packages.flat_map(|package| list(&package["targets"]));
    let tests = targets.filter(|target| list(&target["kind"]).iter().any(|kind| kind == "test"));
    tests
        .filter_map(|target| target["name"].as_str().map(String::from))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_packages_own_test_targets_are_listed() {
        let target = |name: &str, kind: &str| json!({"name": name, "kind": [kind]});
        let metadata = json!({"packages": [
            {"name": "hastack-tests", "targets": [target("hastack_tests", "lib"), target("e2e", "test")]},
            {"name": "hastack-core", "targets": [target("other", "test")]},
        ]});
        assert_eq!(targets_of(&metadata, "hastack-tests"), ["e2e"]);
    }
}
