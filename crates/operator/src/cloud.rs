//! AWS as the operator uses it: one connection a region, and a log line before each write.

use std::future::Future;
use std::sync::Arc;

use hastack_aws::{Aws, CallObserver, Config, Limits};
use hastack_core::cloud::{Answer, Cloud, CloudError, CreateRequest, Deletion, Fence, Question, Reply, Reveal};
use hastack_core::hidden::Hidden;
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::Change;
use tracing::info;

/// Makes connections to AWS.
pub trait Connect: Send + Sync + 'static {
    /// A connection.
    type Cloud: Cloud + Reveal + 'static;

    /// Connects to a region of the account that the process has credentials for. Makes no call yet.
    fn connect(&self, region: &str) -> impl Future<Output = Self::Cloud> + Send;
}

/// Connects to the real AWS, or to what `AWS_ENDPOINT_URL` says.
pub struct Connector {
    /// This installation.
    pub cluster: String,
    /// Asked before each write.
    pub fence: Arc<dyn Fence>,
    /// Told of each call.
    pub observer: Arc<dyn CallObserver>,
}

impl Connect for Connector {
    type Cloud = Aws;

    async fn connect(&self, region: &str) -> Aws {
        let config = Config {
            region: region.to_owned(),
            cluster: self.cluster.clone(),
            limits: Limits::default(),
        };
        Aws::connect(config, self.fence.clone(), self.observer.clone()).await
    }
}

/// Logs each write before it is made.
pub struct Narrated<'a, C>(pub &'a C);

impl<C: Cloud> Cloud for Narrated<'_, C> {
    async fn sweep(&self, kind: Kind, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
        self.0.sweep(kind, parents).await
    }

    async fn read(&self, kind: Kind, ids: &[String]) -> Result<Vec<Object>, CloudError> {
        self.0.read(kind, ids).await
    }

    async fn look_up(&self, question: &Question) -> Result<Answer, CloudError> {
        self.0.look_up(question).await
    }

    async fn create(&self, request: &CreateRequest) -> Result<Object, CloudError> {
        info!("create {}", request.node);
        self.0.create(request).await
    }

    async fn update(&self, object: &Object, change: &Change) -> Result<Reply, CloudError> {
        info!("update {} {}: {change}", object.kind(), object.id);
        self.0.update(object, change).await
    }

    async fn delete(&self, object: &Object, snapshot: Option<&str>) -> Result<Deletion, CloudError> {
        info!(snapshot, "delete {} {}", object.kind(), object.id);
        self.0.delete(object, snapshot).await
    }
}

impl<C: Reveal> Reveal for Narrated<'_, C> {
    async fn reveal(&self, secret_arn: &str) -> Result<Hidden, CloudError> {
        info!("read {secret_arn}");
        self.0.reveal(secret_arn).await
    }
}
