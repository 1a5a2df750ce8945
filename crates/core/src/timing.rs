//! How long things may take, and how often to look.

use std::time::Duration;

use jiff::Timestamp;

/// The pace of one installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Between two sweeps of a kind where nothing is pending: the longest that drift goes unseen. Default 60 s.
    pub sweep: Duration,
    /// Between two sweeps of a kind that AWS lists only parent by parent, and two reads of what it does not list, where nothing is
    /// pending. Default 5 min.
    pub slow: Duration,
    /// Between two reads of what only a read of a single resource shows. Default 6 h.
    pub detail: Duration,
    /// How long after one of our writes a sweep may still show the old state. Default 10 s.
    pub settle: Duration,
    /// How long a new resource may stay invisible. EC2 is eventually consistent: "a couple of seconds" to "a few minutes".
    /// <https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html> Default 120 s.
    pub grace: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            sweep: Duration::from_mins(1),
            slow: Duration::from_mins(5),
            detail: Duration::from_hours(6),
            settle: Duration::from_secs(10),
            grace: Duration::from_mins(2),
        }
    }
}

/// The time, brought in from outside: the core has none of its own.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The time `duration` after `time`; the end of time where there is none.
pub fn after(time: Timestamp, duration: Duration) -> Timestamp {
    time.checked_add(duration).unwrap_or(Timestamp::MAX)
}

/// Spreads `duration` by up to a tenth either way, always the same way for the same `seed`, so that what starts together
/// does not come back together.
pub fn spread(duration: Duration, seed: &str) -> Duration {
    let hash = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let permille = u32::try_from(900 + hash % 201).unwrap_or(1000);
    duration * permille / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_stays_within_a_tenth_and_does_not_change() {
        let minute = Duration::from_mins(1);
        for seed in ["a", "b", "vpc", "subnet"] {
            let spread_out = spread(minute, seed);
            assert!((54..=66).contains(&spread_out.as_secs()), "{seed}: {spread_out:?}");
            assert_eq!(spread_out, spread(minute, seed));
        }
        assert_ne!(spread(minute, "a"), spread(minute, "b"));
    }
}
