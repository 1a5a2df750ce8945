//! What is being prepared, for whoever waits for it.
use std::time::{Duration, Instant};

/// Hears of work that can take long.
pub trait Progress: Send + Sync {
    /// Work on `what` began.
    fn started(&self, what: &str);
    /// `what` is ready.
    fn finished(&self, what: &str, took: Duration);
    /// `what` could not be made ready; the error says why.
    fn failed(&self, what: &str);
}

/// One plain line a report, on standard error.
pub struct Lines;

impl Progress for Lines {
    fn started(&self, what: &str) {
        eprintln!("{what} ...");
    }

    fn finished(&self, what: &str, took: Duration) {
        eprintln!("{what}: {:.1} s", took.as_secs_f64());
    }

    fn failed(&self, what: &str) {
        eprintln!("{what}: failed");
    }
}

/// Says nothing.
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _what: &str) {}
    fn finished(&self, _what: &str, _took: Duration) {}
    fn failed(&self, _what: &str) {}
}

/// Does `work` and reports on it as `what`.
pub async fn step<T, E>(progress: &dyn Progress, what: &str, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let start = Instant::now();
    progress.started(what);
    let result = work.await;
    match &result {
        Ok(_) => progress.finished(what, start.elapsed()),
        Err(_) => progress.failed(what),
    }
    result
}
