//! The repository itself: who may depend on whom, how long a file may be, what is generated and what is an example.
#![allow(clippy::unwrap_used, reason = "what cannot be read has failed the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use hastack_api::{AutoScaledService, HAStack, ManagedDatabase};

/// What a crate must not depend on, directly or through others: the reason why decisions can be tested without a cluster or a cloud.
const FORBIDDEN: [(&str, &[&str]); 5] = [
    (
        "hastack-api",
        &["tokio", "kube-client", "kube-runtime", "aws-sdk-*", "hastack-*"],
    ),
    (
        "hastack-core",
        &["tokio", "kube-client", "kube-runtime", "aws-sdk-*", "rand", "getrandom"],
    ),
    ("hastack-aws", &["kube-client", "kube-runtime"]),
    ("hastack-sim", &["tokio", "kube-client", "kube-runtime", "aws-sdk-*"]),
    ("hastack-testbed", &["kube", "aws-sdk-*", "hastack-*"]),
];

/// The longest a file may be, in lines.
const LONGEST_FILE: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == name, |prefix| name.starts_with(prefix))
}

/// The packages of the workspace and of the registry that a package is built with, by the features it asks for itself.
fn direct(metadata: &Metadata, package: &str) -> BTreeMap<String, Vec<String>> {
    let package = metadata
        .packages
        .iter()
        .find(|other| other.name.as_str() == package)
        .unwrap();
    let normal = package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal);
    normal
        .map(|dependency| (dependency.name.clone(), dependency.features.clone()))
        .collect()
}

#[test]
fn no_crate_depends_on_what_it_must_not_know() {
    let metadata = MetadataCommand::new()
        .current_dir(root())
        .other_options(["--locked".to_owned()])
        .exec()
        .unwrap();
    for (package, forbidden) in FORBIDDEN {
        let mut seen = BTreeSet::new();
        let mut next = vec![package.to_owned()];
        while let Some(name) = next.pop() {
            for (dependency, features) in direct(&metadata, &name) {
                let ours = dependency.starts_with("hastack-");
                if name == package || ours {
                    assert!(
                        !forbidden.iter().any(|pattern| matches(pattern, &dependency)),
                        "{package} depends on {dependency} through {name}"
                    );
                }
                // `kube` is a façade: what it brings is a matter of features.
                if dependency == "kube" {
                    for (feature, brings) in [("client", "kube-client"), ("runtime", "kube-runtime")] {
                        let brought = features.iter().any(|other| other == feature) && forbidden.contains(&brings);
                        assert!(!brought, "{package} depends on {brings} through {name}");
                    }
                }
                if ours && seen.insert(dependency.clone()) {
                    next.push(dependency);
                }
            }
        }
    }
}

#[test]
fn only_one_crate_uses_the_aws_sdk() {
    let metadata = MetadataCommand::new().current_dir(root()).no_deps().exec().unwrap();
    for package in &metadata.packages {
        let uses = package
            .dependencies
            .iter()
            .any(|dependency| dependency.name.starts_with("aws-sdk-"));
        assert_eq!(uses, package.name.as_str() == "hastack-aws", "{}", package.name);
    }
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            files(&path, ending, found);
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let mut found = Vec::new();
    for ending in [".rs", ".py"] {
        files(&root(), ending, &mut found);
    }
    assert!(found.len() > 50);
    for file in found {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines", file.display());
    }
}

#[test]
fn the_generated_definitions_are_current() {
    for (name, crd) in hastack_api::crds() {
        let text = fs::read_to_string(root().join("crds").join(&name)).unwrap();
        let written: serde_yaml_ng::Value = serde_yaml_ng::from_str(&text).unwrap();
        let wanted = serde_yaml_ng::to_value(&crd).unwrap();
        assert_eq!(written, wanted, "crds/{name} is out of date: run `cargo xtask crds`");
    }
}

#[test]
fn every_field_of_every_definition_is_described_and_bounded() {
    for (name, crd) in hastack_api::crds() {
        let schema = serde_yaml_ng::to_value(&crd.spec.versions[0].schema).unwrap();
        let spec = &schema["openAPIV3Schema"]["properties"]["spec"];
        let mut wrong = Vec::new();
        inspect(spec, "spec", &mut wrong);
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }
}

/// Says what a field of a schema lacks.
fn inspect(schema: &serde_yaml_ng::Value, path: &str, wrong: &mut Vec<String>) {
    let has = |key: &str| schema.get(key).is_some();
    let item = path.ends_with("[]");
    if !item && !has("description") {
        wrong.push(format!("{path} has no description"));
    }
    match schema.get("type").and_then(serde_yaml_ng::Value::as_str) {
        Some("string") if !has("maxLength") && !has("enum") => wrong.push(format!("{path} has no greatest length")),
        Some("array") if !has("maxItems") => wrong.push(format!("{path} has no greatest number of items")),
        Some("integer") if !has("maximum") && !has("enum") => wrong.push(format!("{path} has no maximum")),
        _ => {}
    }
    if let Some(properties) = schema.get("properties").and_then(serde_yaml_ng::Value::as_mapping) {
        for (name, property) in properties {
            inspect(property, &format!("{path}.{}", name.as_str().unwrap()), wrong);
        }
    }
    if let Some(items) = schema.get("items") {
        inspect(items, &format!("{path}[]"), wrong);
    }
}

#[test]
fn every_example_is_a_manifest_of_ours() {
    let mut found = Vec::new();
    files(&root().join("deploy/examples"), ".yaml", &mut found);
    assert!(!found.is_empty());
    for file in found {
        let text = fs::read_to_string(&file).unwrap();
        for document in serde_yaml_ng::Deserializer::from_str(&text) {
            let value: serde_yaml_ng::Value = serde::Deserialize::deserialize(document).unwrap();
            let read = match value["kind"].as_str().unwrap() {
                "HAStack" => serde_yaml_ng::from_value::<HAStack>(value).err(),
                "AutoScaledService" => serde_yaml_ng::from_value::<AutoScaledService>(value).err(),
                "ManagedDatabase" => serde_yaml_ng::from_value::<ManagedDatabase>(value).err(),
                other => panic!("{}: {other} is none of ours", file.display()),
            };
            assert!(read.is_none(), "{}: {read:?}", file.display());
        }
    }
}
