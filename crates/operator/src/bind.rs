//! Filling the Secret with which programs connect to a database. Its content is written and never said.

use std::collections::BTreeMap;

use hastack_api::Custom;
use hastack_core::binding::{Binding, PasswordSource, ReadSecret};
use hastack_core::cloud::{CloudError, Reveal};
use hastack_core::digest::digest;
use hastack_core::hidden::Hidden;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{DeleteParams, Patch, PatchParams, Preconditions};
use kube::{Api, Client};
use serde_json::json;

use crate::metric::{Metrics, Written};
use crate::publish::{self, FIELD_MANAGER, within};

/// Why the Secret is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be read.
    #[error("cannot read the Secret {name}")]
    ReadSecret {
        /// Its name.
        name: String,
        /// What Kubernetes said.
        #[source]
        source: kube::Error,
    },
    /// Somebody else's is in its place.
    #[error("cannot fill the Secret {name}: there is one of that name that belongs to somebody else")]
    TakeSecret {
        /// Its name.
        name: String,
    },
    /// The password could not be read.
    #[error("cannot fill the Secret {name}: {}", source.brief())]
    ReadPassword {
        /// Its name.
        name: String,
        /// What AWS said.
        source: CloudError,
    },
    /// The password is not where it should be.
    #[error(transparent)]
    FindPassword(#[from] ReadSecret),
    /// It could not be written.
    #[error(transparent)]
    Write(#[from] publish::Error),
}

/// What was bound last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The name of the Secret.
    name: String,
    /// What it was filled from.
    fingerprint: String,
    /// The digest of what it was filled with.
    content: String,
}

/// Whose the Secret is, and who counts what is written.
pub struct Binder<'a, K> {
    /// Kubernetes.
    pub client: &'a Client,
    /// Takes counts.
    pub metrics: &'a Metrics,
    /// Whose the Secret is.
    pub object: &'a K,
}

impl<K: Custom> Binder<'_, K> {
    /// Fills the Secret, where it is not yet as `binding` says, or was changed by somebody.
    pub async fn fill<C: Reveal>(&self, binding: &Binding, earlier: Option<&Bound>, cloud: &C) -> Result<Bound, Error> {
        let name = &binding.name;
        let secret = self.read(name).await?;
        if secret.as_ref().is_some_and(|secret| !self.owns(secret)) {
            return Err(Error::TakeSecret { name: name.clone() });
        }
        let fingerprint = binding.fingerprint();
        let is = secret.map(|secret| content(secret.data.unwrap_or_default()));
        let as_it_was = earlier.filter(|earlier| {
            earlier.name == *name && earlier.fingerprint == fingerprint && is.as_ref() == Some(&earlier.content)
        });
        if let Some(earlier) = as_it_was {
            return Ok(earlier.clone());
        }
        let password = password(binding, cloud).await?;
        let entries = binding.entries(&password);
        let data = entries
            .iter()
            .map(|(key, value)| (key.clone(), ByteString(value.clone().into_bytes())));
        let bound = Bound {
            name: name.clone(),
            fingerprint,
            content: content(data.collect()),
        };
        if is.as_ref() != Some(&bound.content) {
            self.write(binding, &entries).await?;
        }
        Ok(bound)
    }

    /// Takes away a Secret that is not asked for any more, if it is this object's.
    pub async fn clear(&self, name: &str) -> Result<(), Error> {
        let Some(secret) = self.read(name).await?.filter(|secret| self.owns(secret)) else {
            return Ok(());
        };
        let parameters = DeleteParams::default().preconditions(Preconditions {
            uid: secret.metadata.uid,
            resource_version: None,
        });
        let secrets = self.secrets();
        self.metrics.wrote(Written::Secret);
        Ok(within(secrets.delete(name, &parameters), "the connection Secret").await?)
    }

    fn secrets(&self) -> Api<Secret> {
        let namespace = self.object.meta().namespace.as_deref().unwrap_or_default();
        Api::namespaced(self.client.clone(), namespace)
    }

    async fn read(&self, name: &str) -> Result<Option<Secret>, Error> {
        let read = self.secrets().get_opt(name).await;
        read.map_err(|source| Error::ReadSecret {
            name: name.to_owned(),
            source,
        })
    }

    fn owns(&self, secret: &Secret) -> bool {
        let owners = secret.metadata.owner_references.iter().flatten();
        let uid = self.object.meta().uid.as_deref().unwrap_or_default();
        owners.into_iter().any(|owner| owner.uid == uid)
    }

    async fn write(&self, binding: &Binding, entries: &BTreeMap<String, String>) -> Result<(), Error> {
        let metadata = self.object.meta();
        let patch = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": binding.name,
                "namespace": metadata.namespace,
                "ownerReferences": [{
                    "apiVersion": K::api_version(&()),
                    "kind": K::KIND,
                    "name": metadata.name,
                    "uid": metadata.uid,
                    "controller": true,
                    "blockOwnerDeletion": false,
                }],
            },
            "type": format!("servicebinding.io/{}", binding.kind),
            "stringData": entries,
        });
        let parameters = PatchParams::apply(FIELD_MANAGER).force();
        let patch = Patch::Apply(patch);
        let secrets = self.secrets();
        let answer = secrets.patch(&binding.name, &parameters, &patch);
        self.metrics.wrote(Written::Secret);
        Ok(within(answer, "the connection Secret").await?)
    }
}

async fn password<C: Reveal>(binding: &Binding, cloud: &C) -> Result<Hidden, Error> {
    match &binding.password {
        PasswordSource::Given { text: _, password } => Ok(password.clone()),
        PasswordSource::Managed { arn, version: _ } => {
            let content = cloud.reveal(arn).await.map_err(|source| Error::ReadPassword {
                name: binding.name.clone(),
                source,
            })?;
            Ok(PasswordSource::of_managed(arn, &content)?)
        }
    }
}

/// What tells a content from another one.
fn content(data: BTreeMap<String, ByteString>) -> String {
    let lines = data.into_iter().map(|(key, value)| format!("{key}={:?}", value.0));
    digest(&lines.collect::<Vec<_>>().join("\n"))
}
