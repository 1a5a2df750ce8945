//! What the runners say at their end, and the summary of it.
use std::ops::AddAssign;
use std::time::Duration;

use hastack_testbed::process::Exit;

use crate::terminal::seconds;

/// Whose closing lines are read.
#[derive(Clone, Copy)]
pub(crate) enum Runner {
    Cargo,
    Pytest,
}

/// How many tests there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

/// How a suite went.
pub(crate) struct Outcome {
    pub(crate) suite: &'static str,
    pub(crate) counts: Counts,
    pub(crate) went_well: bool,
    pub(crate) took: Duration,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        let Self {
            passed,
            failed,
            skipped,
        } = other;
        self.passed += passed;
        self.failed += failed;
        self.skipped += skipped;
    }
}

impl Runner {
    /// Whether the runner says that all is well. Pytest ends with 5 if a filter leaves nothing to run.
    pub(crate) fn is_content(self, exit: Exit, filtered: bool) -> bool {
        match self {
            Self::Cargo => exit == Exit::Code(0),
            Self::Pytest => exit == Exit::Code(0) || (filtered && exit == Exit::Code(5)),
        }
    }

    /// The counts of a closing line; nothing if it is any other line.
    ///
    /// Cargo: `test result: ok. 24 passed; 0 failed; 0 ignored; ...`, once a test binary.
    /// Pytest: `1 failed, 23 passed, 2 skipped in 3.21s`, perhaps between equals signs.
    pub(crate) fn counts(self, line: &str) -> Option<Counts> {
        let line = match self {
            Self::Cargo => line.strip_prefix("test result: ")?.split_once(". ")?.1,
            Self::Pytest => {
                let line = line.trim_matches(['=', ' ']);
                let (counts, time) = line.rsplit_once(" in ")?;
                let (number, _) = time.split_once('s')?;
                number.parse::<f64>().is_ok().then_some(counts)?
            }
        };
        let mut counts = Counts::default();
        let mut known = false;
        for part in line.split([',', ';']) {
            let Some((number, word)) = part.trim().split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else { continue };
            let count = match word {
                "passed" => &mut counts.passed,
                "failed" | "error" | "errors" => &mut counts.failed,
                "ignored" | "skipped" | "xfailed" => &mut counts.skipped,
                _ => continue,
            };
            *count += number;
            known = true;
        }
        known.then_some(counts)
    }
}

impl Outcome {
    /// A suite in which there is nothing to run.
    pub(crate) fn not_run(suite: &'static str) -> Self {
        Self {
            suite,
            counts: Counts::default(),
            went_well: true,
            took: Duration::ZERO,
        }
    }

    /// What is wrong with it. With a filter a suite may well have no test to run.
    pub(crate) fn problem(&self, filtered: bool) -> Option<&'static str> {
        let Self {
            suite: _,
            counts: Counts {
                passed,
                failed,
                skipped: _,
            },
            went_well,
            took: _,
        } = self;
        match (*went_well, passed + failed, *failed) {
            (_, _, 1..) => Some("tests failed"),
            (false, _, 0) => Some("the runner failed"),
            (true, 0, 0) if !filtered => Some("no test was run"),
            (true, _, 0) => None,
        }
    }

    /// Failed tests. A suite that is in trouble without one counts as one.
    fn failures(&self, filtered: bool) -> u64 {
        self.counts.failed.max(u64::from(self.problem(filtered).is_some()))
    }
}

/// One line a suite, and last the totals alone.
pub(crate) fn summary(outcomes: &[Outcome], filtered: bool) -> String {
    let mut lines = vec![format!(
        "{:<8}{:>8}{:>8}{:>9}   time",
        "suite", "passed", "failed", "skipped"
    )];
    lines.extend(outcomes.iter().map(|outcome| line(outcome, filtered)));
    let passed: u64 = outcomes.iter().map(|outcome| outcome.counts.passed).sum();
    let failed: u64 = outcomes.iter().map(|outcome| outcome.failures(filtered)).sum();
    format!("{}\n\n{passed} passed, {failed} failed", lines.join("\n"))
}

fn line(outcome: &Outcome, filtered: bool) -> String {
    let Outcome {
        suite,
        counts: Counts {
            passed,
            failed,
            skipped,
        },
        went_well: _,
        took,
    } = outcome;
    let problem = outcome
        .problem(filtered)
        .map(|problem| format!("   {problem}"))
        .unwrap_or_default();
    format!(
        "{suite:<8}{passed:>8}{failed:>8}{skipped:>9}   {}{problem}",
        seconds(*took)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(passed: u64, failed: u64, went_well: bool) -> Outcome {
        let counts = Counts {
            passed,
            failed,
            skipped: 0,
        };
        Outcome {
            suite: "unit",
            counts,
            went_well,
            took: Duration::from_secs(3),
        }
    }

    #[test]
    fn cargos_closing_line_is_counted() {
        let line = "test result: FAILED. 24 passed; 2 failed; 1 ignored; 0 measured; 9 filtered out; finished in 0.11s";
        assert_eq!(
            Runner::Cargo.counts(line),
            Some(Counts {
                passed: 24,
                failed: 2,
                skipped: 1
            })
        );
    }

    #[test]
    fn pytests_closing_line_is_counted() {
        let line = "==== 1 failed, 23 passed, 2 skipped, 1 error in 3.21s ====";
        assert_eq!(
            Runner::Pytest.counts(line),
            Some(Counts {
                passed: 23,
                failed: 2,
                skipped: 2
            })
        );
        assert_eq!(
            Runner::Pytest.counts("90 passed in 64.02s (0:01:04)"),
            Some(Counts {
                passed: 90,
                failed: 0,
                skipped: 0
            })
        );
    }

    #[test]
    fn other_lines_are_not_counted() {
        assert_eq!(Runner::Cargo.counts("running 3 tests"), None);
        assert_eq!(Runner::Cargo.counts("3 passed; 0 failed"), None);
        assert_eq!(Runner::Pytest.counts("test_server.py::test_3 passed in time"), None);
        assert_eq!(Runner::Pytest.counts("no tests ran in 0.01s"), None);
    }

    #[test]
    fn the_totals_stand_alone_on_the_last_line() {
        let text = summary(&[outcome(3, 0, true), outcome(4, 1, false)], false);
        assert_eq!(text.lines().last(), Some("7 passed, 1 failed"));
    }

    #[test]
    fn a_runner_that_fails_without_a_failed_test_counts_as_a_failure() {
        let text = summary(&[outcome(3, 0, false)], false);
        assert!(
            text.contains("the runner failed") && text.ends_with("3 passed, 1 failed"),
            "{text}"
        );
    }

    #[test]
    fn a_suite_without_tests_is_a_failure_unless_a_filter_is_why() {
        assert_eq!(outcome(0, 0, true).problem(false), Some("no test was run"));
        assert_eq!(outcome(0, 0, true).problem(true), None);
    }
}
