//! The manifests and the objects they state.
use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Result, bail};
use serde_json::Value;

use super::kubectl::Kubectl;

pub(crate) struct Stacks {
    /// `--filename` for each manifest.
    files: Vec<String>,
    /// Where the stacks are built.
    pub(crate) regions: BTreeSet<String>,
    namespaces: BTreeSet<String>,
}

impl Stacks {
    /// Reads the manifests without applying them.
    pub(crate) async fn read(kubectl: &Kubectl, manifests: &[PathBuf]) -> Result<Self> {
        let files: Vec<String> = manifests
            .iter()
            .map(|path| format!("--filename={}", path.display()))
            .collect();
        let mut arguments = files.clone();
        arguments.extend(["apply", "--dry-run=client", "--output=json"].map(String::from));
        let stacks = ours(kubectl.objects(&arguments).await?);
        let each = |text: fn(&Value) -> &Value| stacks.iter().filter_map(move |stack| text(stack).as_str());
        let regions: BTreeSet<_> = each(|stack| &stack["spec"]["region"]).map(String::from).collect();
        let namespaces = each(|stack| &stack["metadata"]["namespace"])
            .map(String::from)
            .collect();
        if regions.is_empty() {
            bail!("there is no HAStack in the manifests");
        }
        Ok(Self {
            files,
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
        kubectl.text(&self.arguments(&["apply"])).await
    }

    pub(crate) async fn delete(&self, kubectl: &Kubectl) -> Result<String> {
        kubectl
            .text(&self.arguments(&["delete", "--wait=false", "--ignore-not-found"]))
            .await
    }

    /// The objects of ours that exist now.
    pub(crate) async fn look(&self, kubectl: &Kubectl) -> Result<Vec<Value>> {
        let arguments = self.arguments(&["get", "--ignore-not-found", "--output=json"]);
        Ok(ours(kubectl.objects(&arguments).await?))
    }

    pub(crate) async fn table(&self, kubectl: &Kubectl) -> Result<String> {
        kubectl.text(&self.arguments(&["get", "--output=wide"])).await
    }

    fn arguments(&self, verb: &[&str]) -> Vec<String> {
        verb.iter()
            .copied()
            .map(String::from)
            .chain(self.files.iter().cloned())
            .collect()
    }
}

/// Manifests may hold other objects too: namespaces, secrets.
fn ours(objects: Vec<Value>) -> Vec<Value> {
    let prefix = format!("{}/", hastack_api::GROUP);
    let is_ours = |object: &Value| {
        object["apiVersion"]
            .as_str()
            .is_some_and(|version| version.starts_with(&prefix))
    };
    objects.into_iter().filter(is_ours).collect()
}
