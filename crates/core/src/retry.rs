//! When to try again. The delay follows from the kind of failure, never from the place it happened in.

use std::time::Duration;

use jiff::Timestamp;

use crate::cloud::{CloudError, ErrorKind};
use crate::timing::{after, spread};

/// A resource that is left alone after a failure.
#[derive(Clone, Debug)]
pub struct Hold {
    /// How many failures in a row.
    pub attempts: u32,
    /// Until when.
    pub until: Timestamp,
    /// A sweep must have started after this before anything else is done: what AWS did is not known.
    pub look_first: Option<Timestamp>,
    /// What failed, in the words of the plan.
    pub step: String,
    /// Why.
    pub error: CloudError,
}

/// How to go on after one kind of failure.
struct Policy {
    first: Duration,
    longest: Duration,
}

impl Hold {
    /// The hold after a failure, which follows `earlier`.
    pub fn after(earlier: Option<&Hold>, step: String, error: CloudError, seed: &str, now: Timestamp) -> Self {
        let attempts = earlier.map_or(0, |hold| hold.attempts) + 1;
        let Policy { first, longest } = policy(error.kind);
        let look_first = error.kind.is_uncertain();
        let doubled = first * 2_u32.saturating_pow(attempts.saturating_sub(1).min(10));
        let delay = spread(doubled.min(longest), &format!("{seed} {attempts}"));
        Self {
            attempts,
            until: after(now, delay),
            look_first: look_first.then_some(now),
            step,
            error,
        }
    }
}

const fn policy(kind: ErrorKind) -> Policy {
    let (first, longest) = match kind {
        ErrorKind::Throttled | ErrorKind::Fenced => (1, 60),
        // A reference that is not visible yet, or an answer that was lost: AWS knows more than we do.
        ErrorKind::NotFound | ErrorKind::Ambiguous | ErrorKind::AlreadyExists => (2, 60),
        ErrorKind::InUse | ErrorKind::NotNow => (3, 60),
        // Somebody has to do something; nothing is sticky, so that it goes on by itself once they did.
        ErrorKind::Denied | ErrorKind::Quota | ErrorKind::Invalid => (15, 300),
    };
    Policy {
        first: Duration::from_secs(first),
        longest: Duration::from_secs(longest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind) -> CloudError {
        CloudError {
            action: "CreateVpc",
            kind,
            code: None,
            message: "no".into(),
            request_id: None,
            source: None,
        }
    }

    #[test]
    fn delays_grow_to_a_bound() {
        let now = Timestamp::UNIX_EPOCH;
        let mut hold: Option<Hold> = None;
        let mut delays = Vec::new();
        for _ in 0..12 {
            let next = Hold::after(
                hold.as_ref(),
                "create vpc".into(),
                error(ErrorKind::Throttled),
                "u",
                now,
            );
            delays.push(next.until.as_second());
            hold = Some(next);
        }
        assert!(delays[0] <= 2, "{delays:?}");
        assert!(delays.windows(2).all(|pair| pair[0] <= pair[1] + 12), "{delays:?}");
        assert!(*delays.last().unwrap() <= 66, "{delays:?}");
    }

    #[test]
    fn a_lost_reply_is_looked_for_before_anything_else() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(
            Hold::after(None, String::new(), error(ErrorKind::Ambiguous), "u", now).look_first,
            Some(now)
        );
        assert_eq!(
            Hold::after(None, String::new(), error(ErrorKind::Denied), "u", now).look_first,
            None
        );
    }
}
