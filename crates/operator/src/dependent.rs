//! Other custom resources that stand on a stack: it is not taken away while there are any.

use hastack_api::{GROUP, VERSION};
use kube::api::{ApiResource, DynamicObject, GroupVersionKind, ListParams};
use kube::{Api, Client};

/// The kinds that refer to a stack by `spec.stackRef.name`.
const KINDS: [(&str, &str); 2] = [
    ("AutoScaledService", "autoscaledservices"),
    ("ManagedDatabase", "manageddatabases"),
];

/// Which other custom resources stand on a stack is not known.
#[derive(Debug, thiserror::Error)]
#[error("cannot list {plural}")]
pub struct ListDependents {
    plural: &'static str,
    #[source]
    source: kube::Error,
}

/// The custom resources in `namespace` that refer to the stack of this name, such as `AutoScaledService/web`, in order.
pub async fn dependents(client: &Client, namespace: &str, name: &str) -> Result<Vec<String>, ListDependents> {
    let mut found = Vec::new();
    for (kind, plural) in KINDS {
        let kind_of_group = GroupVersionKind::gvk(GROUP, VERSION, kind);
        let resource = ApiResource::from_gvk_with_plural(&kind_of_group, plural);
        let objects: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &resource);
        match objects.list(&ListParams::default()).await {
            Ok(list) => {
                let refers = |object: &DynamicObject| {
                    let reference = object.data.pointer("/spec/stackRef/name");
                    reference.and_then(serde_json::Value::as_str) == Some(name)
                };
                let names = list
                    .items
                    .into_iter()
                    .filter(refers)
                    .filter_map(|object| object.metadata.name);
                found.extend(names.map(|name| format!("{kind}/{name}")));
            }
            // The kind is not installed.
            Err(kube::Error::Api(status)) if status.code == 404 => {}
            Err(source) => return Err(ListDependents { plural, source }),
        }
    }
    found.sort();
    Ok(found)
}
