//! The manifests and the objects they state.
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::kubectl::Kubectl;

pub(crate) struct Stacks {
    /// `--filename` with all that is applied.
    file: String,
    /// The objects that are left out, since this version does not know their kinds.
    pub(crate) left_out: Vec<String>,
    /// Where the stacks are built.
    pub(crate) regions: BTreeSet<String>,
    namespaces: BTreeSet<String>,
}

impl Stacks {
    /// Reads the manifests without applying them. What of them can be applied is kept in `folder`.
    pub(crate) async fn read(kubectl: &Kubectl, manifests: &[PathBuf], folder: &Path) -> Result<Self> {
        let kinds = hastack_api::crds().into_iter().map(|(_, crd)| crd.spec.names.kind);
        let kinds: BTreeSet<_> = kinds.collect();
        let (mut applied, mut left_out) = (String::new(), Vec::new());
        for path in manifests {
            let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            for document in documents(&text) {
                let object: Value =
                    serde_yaml_ng::from_str(&document).with_context(|| format!("cannot parse {}", path.display()))?;
                match object["kind"].as_str() {
                    Some(kind) if is_ours(&object) && !kinds.contains(kind) => left_out.push(name(&object)),
                    Some(_) => applied.extend(["---\n", document.as_str()]),
                    None => {}
                }
            }
        }
        let path = folder.join("manifest.yaml");
        fs::write(&path, applied).with_context(|| format!("cannot write {}", path.display()))?;
        let file = format!("--filename={}", path.display());
        let stacks = ours(
            kubectl
                .objects(&["apply", "--dry-run=client", "--output=json", &file])
                .await?,
        );
        let each = |text: fn(&Value) -> &Value| stacks.iter().filter_map(move |stack| text(stack).as_str());
        let regions: BTreeSet<_> = each(|stack| &stack["spec"]["region"]).map(String::from).collect();
        let namespaces = each(|stack| &stack["metadata"]["namespace"])
            .map(String::from)
            .collect();
        if regions.is_empty() {
            bail!("there is no HAStack in the manifests");
        }
        Ok(Self {
            file,
            left_out,
            regions,
            namespaces,
        })
    }

    /// The namespace of all of them.
    pub(crate) fn only_namespace(&self) -> Result<&str> {
        match self.namespaces.iter().collect::<Vec<_>>().as_slice() {
            [namespace] => Ok(namespace),
            _ => bail!("in a cluster that is not the demo's own all stacks must be in one namespace"),
        }
    }

    pub(crate) async fn apply(&self, kubectl: &Kubectl) -> Result<String> {
        kubectl.text(&["apply", &self.file]).await
    }

    pub(crate) async fn delete(&self, kubectl: &Kubectl) -> Result<String> {
        kubectl
            .text(&["delete", "--wait=false", "--ignore-not-found", &self.file])
            .await
    }

    /// The objects of ours that exist now.
    pub(crate) async fn look(&self, kubectl: &Kubectl) -> Result<Vec<Value>> {
        let arguments = ["get", "--ignore-not-found", "--output=json", &self.file];
        Ok(ours(kubectl.objects(&arguments).await?))
    }

    pub(crate) async fn table(&self, kubectl: &Kubectl) -> Result<String> {
        kubectl.text(&["get", "--output=wide", &self.file]).await
    }
}

/// The documents of a YAML stream, as they are written.
fn documents(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.lines() {
        match documents.last_mut() {
            Some(document) if !line.starts_with("---") => {
                document.push_str(line);
                document.push('\n');
            }
            Some(_) | None => documents.push(String::new()),
        }
    }
    documents
}

/// `AutoScaledService web`.
fn name(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!("{} {}", text(&object["kind"]), text(&object["metadata"]["name"]))
}

/// Manifests may hold other objects too: namespaces, secrets.
fn ours(objects: Vec<Value>) -> Vec<Value> {
    objects.into_iter().filter(is_ours).collect()
}

fn is_ours(object: &Value) -> bool {
    let prefix = format!("{}/", hastack_api::GROUP);
    object["apiVersion"]
        .as_str()
        .is_some_and(|version| version.starts_with(&prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_kept_as_they_are_written() {
        let text = "# A stack.\nkind: HAStack\n--- # another\nkind: ManagedDatabase  # later\n";
        assert_eq!(
            documents(text),
            ["# A stack.\nkind: HAStack\n", "kind: ManagedDatabase  # later\n"]
        );
    }

    #[test]
    fn only_objects_of_our_group_are_ours() {
        let object = |version: &str| serde_json::json!({"apiVersion": version, "kind": "Kind"});
        assert!(is_ours(&object("hastack.dev/v1alpha1")));
        assert!(!is_ours(&object("v1")));
    }
}
