//! What people see while they wait: a spinner on a terminal, plain lines elsewhere.
use std::io::{IsTerminal, stderr};
use std::sync::Mutex;
use std::time::Duration;

use hastack_testbed::progress::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// Reports each piece of work on a line of its own that ends with the time it took.
#[derive(Default)]
pub(crate) struct Terminal {
    spinner: Mutex<Option<ProgressBar>>,
}

impl Terminal {
    fn show(&self, spinner: Option<ProgressBar>) {
        if let Ok(mut shown) = self.spinner.lock()
            && let Some(before) = std::mem::replace(&mut *shown, spinner)
        {
            before.finish_and_clear();
        }
    }
}

impl Progress for Terminal {
    fn started(&self, what: &str) {
        if stderr().is_terminal() {
            self.show(Some(spinner(what)));
        } else {
            println!("  {what} ...");
        }
    }

    fn finished(&self, what: &str, took: Duration) {
        self.show(None);
        println!("  {what}: {}", seconds(took));
    }

    fn failed(&self, what: &str) {
        self.show(None);
        println!("  {what}: failed");
    }
}

/// A spinner with the time that has passed; the text can be changed.
pub(crate) fn spinner(text: &str) -> ProgressBar {
    let spinner = if stderr().is_terminal() {
        ProgressBar::new_spinner()
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("  {spinner} {wide_msg} {elapsed}") {
        spinner.set_style(style);
    }
    spinner.set_message(text.to_owned());
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// `0.8 s`, `4 min 12 s`.
pub(crate) fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_to_read() {
        assert_eq!(seconds(Duration::from_millis(840)), "0.8 s");
        assert_eq!(seconds(Duration::from_secs(252)), "4 min 12 s");
    }
}
