//! Texts that a spec refers to, kept in Secrets and `ConfigMaps`.

use std::collections::{BTreeMap, BTreeSet};

use hastack_core::desire::{TextRef, TextStore};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{Api, Client};

/// A Secret or `ConfigMap` could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {what} {name}")]
pub struct ReadText {
    what: &'static str,
    name: String,
    #[source]
    source: kube::Error,
}

/// Those of these texts that are there and are text.
pub async fn texts(
    client: &Client,
    namespace: &str,
    wanted: &[TextRef],
) -> Result<BTreeMap<TextRef, String>, ReadText> {
    let stores: BTreeSet<_> = wanted.iter().map(|text| (text.store, text.name.as_str())).collect();
    let mut texts = BTreeMap::new();
    for (store, name) in stores {
        let mut data = read(client, namespace, store, name).await?;
        for text in wanted.iter().filter(|text| text.store == store && text.name == name) {
            if let Some(value) = data.remove(&text.key) {
                texts.insert(text.clone(), value);
            }
        }
    }
    Ok(texts)
}

async fn read(
    client: &Client,
    namespace: &str,
    store: TextStore,
    name: &str,
) -> Result<BTreeMap<String, String>, ReadText> {
    let failed = |what| {
        move |source| ReadText {
            what,
            name: name.to_owned(),
            source,
        }
    };
    match store {
        TextStore::Secret => {
            let secrets: Api<Secret> = Api::namespaced(client.clone(), namespace);
            let secret = secrets.get_opt(name).await.map_err(failed("the Secret"))?;
            let data = secret.and_then(|secret| secret.data).unwrap_or_default().into_iter();
            Ok(data
                .filter_map(|(key, value)| Some((key, String::from_utf8(value.0).ok()?)))
                .collect())
        }
        TextStore::ConfigMap => {
            let maps: Api<ConfigMap> = Api::namespaced(client.clone(), namespace);
            let map = maps.get_opt(name).await.map_err(failed("the ConfigMap"))?;
            Ok(map.and_then(|map| map.data).unwrap_or_default())
        }
    }
}
