//! Waiting for what takes time: asking until it is so, or too late.

use std::time::{Duration, Instant};

/// How long anything may take that is no matter of the operator's pace, on a machine of two slow cores that does other things meanwhile.
pub const PATIENCE: Duration = Duration::from_mins(3);

const PERIOD: Duration = Duration::from_millis(50);

/// Asks `look` until it answers. What it says instead is shown when `limit` is over.
pub async fn within<T>(limit: Duration, what: &str, mut look: impl AsyncFnMut() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match look().await {
            Ok(answer) => return answer,
            Err(instead) if start.elapsed() > limit => panic!("{what}: not within {limit:?}\n{instead}"),
            Err(_) => tokio::time::sleep(PERIOD).await,
        }
    }
}

/// Asks `look` for as long as anything may take.
pub async fn until<T>(what: &str, look: impl AsyncFnMut() -> Result<T, String>) -> T {
    within(PATIENCE, what, look).await
}
