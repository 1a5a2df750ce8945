//! What the operator learns of each call, for its metrics.

use std::fmt;
use std::time::Duration;

use hastack_core::cloud::ErrorKind;

/// Told of each call to AWS when it ends. A read that is tried again is several calls.
pub trait CallObserver: Send + Sync {
    /// Takes note of a call. Must not block.
    fn called(&self, call: &Call);
}

/// A call to AWS that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The service, such as `ec2`.
    pub service: &'static str,
    /// AWS's name of the call, such as `CreateVpc`.
    pub action: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took, without the wait for its turn.
    pub duration: Duration,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// AWS did it.
    Succeeded,
    /// It failed.
    Failed(ErrorKind),
}

impl Outcome {
    /// Its word in metrics and logs, such as `throttled`. There are eleven.
    pub fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "ok",
            Self::Failed(ErrorKind::NotFound) => "not-found",
            Self::Failed(ErrorKind::AlreadyExists) => "already-exists",
            Self::Failed(ErrorKind::InUse) => "in-use",
            Self::Failed(ErrorKind::NotNow) => "not-now",
            Self::Failed(ErrorKind::Throttled) => "throttled",
            Self::Failed(ErrorKind::Ambiguous) => "ambiguous",
            Self::Failed(ErrorKind::Denied) => "denied",
            Self::Failed(ErrorKind::Quota) => "quota",
            Self::Failed(ErrorKind::Invalid) => "invalid",
            Self::Failed(ErrorKind::Fenced) => "fenced",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}
