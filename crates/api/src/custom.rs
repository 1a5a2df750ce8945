//! What every custom resource of ours has in common.

use std::fmt::Debug;
use std::ops::DerefMut;

use kube::Resource;
use kube::core::NamespaceResourceScope;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{
    AutoScaledService, AutoScaledServiceStatus, CommonStatus, HAStack, HAStackStatus, ManagedDatabase,
    ManagedDatabaseStatus,
};

/// A custom resource of ours.
pub trait Custom:
    Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + Clone
    + Debug
    + PartialEq
    + Serialize
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
    /// What is reported of it.
    type Status: Status;

    /// Its kind, as manifests and tags name it.
    const KIND: &'static str;

    /// What was reported of it last.
    fn status(&self) -> Option<&Self::Status>;

    /// The same with this status.
    #[must_use]
    fn with_status(&self, status: Self::Status) -> Self;
}

/// What is reported of a custom resource.
pub trait Status:
    DerefMut<Target = CommonStatus> + Clone + Debug + Default + PartialEq + Serialize + DeserializeOwned + Send + Sync
{
}

impl<T> Status for T where
    T: DerefMut<Target = CommonStatus>
        + Clone
        + Debug
        + Default
        + PartialEq
        + Serialize
        + DeserializeOwned
        + Send
        + Sync
{
}

macro_rules! custom {
    ($($kind:ident $status:ident,)*) => {$(
        impl Custom for $kind {
            type Status = $status;

            const KIND: &'static str = stringify!($kind);

            fn status(&self) -> Option<&$status> {
                self.status.as_ref()
            }

            fn with_status(&self, status: $status) -> Self {
                Self {
                    metadata: self.metadata.clone(),
                    spec: self.spec.clone(),
                    status: Some(status),
                }
            }
        }
    )*};
}

custom! {
    HAStack HAStackStatus,
    AutoScaledService AutoScaledServiceStatus,
    ManagedDatabase ManagedDatabaseStatus,
}
