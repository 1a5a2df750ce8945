//! Failures at the n-th write.

use hastack_core::cloud::{CloudError, ErrorKind};

/// A failure to bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// At which write, counted from 0.
    pub at: usize,
    /// Which failure.
    pub mode: FaultMode,
}

/// Which failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultMode {
    /// AWS refuses it once for lack of permission.
    Deny,
    /// AWS refuses it once for its rate.
    Throttle,
    /// The process ends before the call is sent.
    CrashBefore,
    /// The process ends after AWS has done it and before the answer is read.
    CrashAfter,
    /// AWS does it and the answer is lost.
    LoseReply,
    /// AWS answers with a server error and has not done it.
    ServerErrorBefore,
    /// AWS answers with a server error and has done it.
    ServerErrorAfter,
}

impl FaultMode {
    /// Every failure.
    pub const ALL: [Self; 7] = [
        Self::Deny,
        Self::Throttle,
        Self::CrashBefore,
        Self::CrashAfter,
        Self::LoseReply,
        Self::ServerErrorBefore,
        Self::ServerErrorAfter,
    ];
}

/// What a failure does to a call.
pub(crate) enum Effect {
    /// AWS does nothing and answers this.
    Refuse(CloudError),
    /// AWS does it and answers this.
    DoAndFail(CloudError),
    /// The process ends; whether AWS does it before.
    Crash(bool),
}

impl FaultMode {
    pub(crate) fn effect(self, action: &'static str) -> Effect {
        let error = |kind, code: &str| failure(action, kind, code, "injected");
        match self {
            Self::Deny => Effect::Refuse(error(ErrorKind::Denied, "UnauthorizedOperation")),
            Self::Throttle => Effect::Refuse(error(ErrorKind::Throttled, "RequestLimitExceeded")),
            Self::CrashBefore => Effect::Crash(false),
            Self::CrashAfter => Effect::Crash(true),
            Self::LoseReply => Effect::DoAndFail(error(ErrorKind::Ambiguous, "Timeout")),
            Self::ServerErrorBefore => Effect::Refuse(error(ErrorKind::Ambiguous, "InternalError")),
            Self::ServerErrorAfter => Effect::DoAndFail(error(ErrorKind::Ambiguous, "InternalError")),
        }
    }
}

pub(crate) fn failure(action: &'static str, kind: ErrorKind, code: &str, message: &str) -> CloudError {
    CloudError {
        action,
        kind,
        code: Some(code.to_owned()),
        message: message.to_owned(),
        request_id: None,
        source: None,
    }
}
