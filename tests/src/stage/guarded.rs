//! AWS as the operator of a stage sees it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use hastack_core::cloud::{Answer, Cloud, CloudError, CreateRequest, Deletion, ErrorKind, Fence, Question, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::Change;
use hastack_sim::Sim;

use crate::mutant::Mutant;

/// The sim behind the lease, with whatever is broken on purpose.
pub(super) struct Guarded<'a> {
    pub(super) sim: &'a Sim,
    pub(super) mutant: Option<Mutant>,
    pub(super) leader: &'a AtomicBool,
    pub(super) attempts: AtomicUsize,
}

impl Fence for Guarded<'_> {
    fn may_write(&self) -> bool {
        self.leader.load(Ordering::SeqCst) || self.mutant == Some(Mutant::LeaseNotChecked)
    }
}

impl Guarded<'_> {
    fn fenced(&self, action: &'static str) -> Result<(), CloudError> {
        let error = || CloudError {
            action,
            kind: ErrorKind::Fenced,
            code: None,
            message: "the lease is not ours".into(),
            request_id: None,
            source: None,
        };
        self.may_write().then_some(()).ok_or_else(error)
    }
}

impl Cloud for Guarded<'_> {
    async fn sweep(&self, kind: Kind, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
        let mut objects = self.sim.sweep(kind, parents).await?;
        if self.mutant == Some(Mutant::TagLookupOff) {
            for object in &mut objects {
                object.tags.clear();
            }
        }
        Ok(objects)
    }

    async fn read(&self, kind: Kind, ids: &[String]) -> Result<Vec<Object>, CloudError> {
        if self.mutant == Some(Mutant::AbsenceTrusted) {
            return Ok(Vec::new());
        }
        self.sim.read(kind, ids).await
    }

    async fn look_up(&self, question: &Question) -> Result<Answer, CloudError> {
        self.sim.look_up(question).await
    }

    async fn create(&self, request: &CreateRequest) -> Result<Object, CloudError> {
        self.fenced("Create")?;
        let mut request = request.clone();
        if self.mutant == Some(Mutant::ClientTokenOff) {
            request.token = format!("random-{}", self.attempts.fetch_add(1, Ordering::SeqCst));
        }
        self.sim.create(&request).await
    }

    async fn update(&self, object: &Object, change: &Change) -> Result<Reply, CloudError> {
        self.fenced("Update")?;
        self.sim.update(object, change).await
    }

    async fn delete(&self, object: &Object, snapshot: Option<&str>) -> Result<Deletion, CloudError> {
        self.fenced("Delete")?;
        let snapshot = snapshot.filter(|_| self.mutant != Some(Mutant::SnapshotSkipped));
        self.sim.delete(object, snapshot).await
    }
}
