//! `cargo xtask test`: every suite, and one summary.
mod report;

use std::fs;
use std::process::{Command, ExitCode};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::Result;
use clap::ValueEnum;
use hastack_testbed::cache::Cache;
use hastack_testbed::process::{self, Output, Process};
use hastack_testbed::repository;
use hastack_testbed::tools::Tools;

use crate::cargo;
use crate::terminal::Terminal;
use report::{Counts, Outcome, Runner, summary};

/// The package the sim and e2e suites are in.
const PACKAGE: &str = "hastack-tests";

/// Run every test suite: unit, sim, e2e and aws.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only these suites; may be given several times.
    #[arg(long = "suite", value_enum)]
    suites: Vec<Suite>,
    /// Only tests whose name contains this.
    filter: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// The crates' own tests.
    Unit,
    /// Convergence and faults on the simulated AWS.
    Sim,
    /// The operator on a real API server and the AWS stand-in.
    E2e,
    /// The AWS stand-in's own tests.
    Aws,
}

pub(crate) async fn run(options: Options) -> Result<ExitCode> {
    let Options { suites, filter } = options;
    let wanted = |suite: &Suite| suites.is_empty() || suites.contains(suite);
    let suites: Vec<Suite> = Suite::value_variants().iter().copied().filter(wanted).collect();
    let cache = Cache::from_environment()?;
    if suites != [Suite::Sim] {
        println!("Preparing the real parts (kept in {})", cache.folder().display());
    }
    let python = if suites == [Suite::Sim] {
        None
    } else {
        // On an empty cache each takes minutes in which it leaves a core idle.
        let terminal = Terminal::default();
        let (tools, ()) = tokio::join!(Tools::prepare(&cache, &terminal), build_ahead(&cache, &suites));
        Some(tools?.python)
    };
    let mut outcomes = Vec::new();
    for suite in suites {
        let name = suite.name();
        let Some((runner, command)) = suite.command(&cache, filter.as_deref(), python.as_deref())? else {
            outcomes.push(Outcome::not_run(name));
            continue;
        };
        println!("\n== {name}");
        outcomes.push(stream(name, runner, &command, filter.is_some()).await?);
    }
    println!("\n{}", summary(&outcomes, filter.is_some()));
    let failed = outcomes
        .iter()
        .any(|outcome| outcome.problem(filter.is_some()).is_some());
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Builds what the unit suite is going to run. If that fails, the suite says so.
async fn build_ahead(cache: &Cache, suites: &[Suite]) {
    if suites.contains(&Suite::Unit) && fs::create_dir_all(cache.folder()).is_ok() {
        let mut cargo = cargo::command(cache);
        cargo.args(["test", "--no-run", "--workspace", "--exclude", PACKAGE]);
        let log = cache.folder().join("build.log");
        drop(process::run("cargo test --no-run", &cargo, &log).await);
    }
}

impl Suite {
    fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Sim => "sim",
            Self::E2e => "e2e",
            Self::Aws => "aws",
        }
    }

    /// What runs this suite; nothing if it has no tests at all.
    fn command(
        self,
        cache: &Cache,
        filter: Option<&str>,
        python: Option<&std::path::Path>,
    ) -> Result<Option<(Runner, Command)>> {
        let mut cargo = cargo::command(cache);
        cargo.args(["test", "--no-fail-fast"]);
        match self {
            Self::Unit => {
                cargo.args(["--workspace", "--exclude", PACKAGE]).args(filter);
            }
            Self::Sim | Self::E2e => {
                let is_mine = |target: &String| (self == Self::E2e) == target.starts_with("e2e");
                let targets: Vec<_> = cargo::test_targets(cache, PACKAGE)?
                    .into_iter()
                    .filter(is_mine)
                    .collect();
                if targets.is_empty() {
                    return Ok(None);
                }
                cargo
                    .args(["--package", PACKAGE])
                    .args((self == Self::Sim).then_some("--lib"));
                cargo
                    .args(targets.iter().flat_map(|target| ["--test", target]))
                    .args(filter);
                // How many failures were played is said by the suites themselves.
                cargo.args(
                    (self == Self::Sim)
                        .then_some(["--", "--show-output"])
                        .into_iter()
                        .flatten(),
                );
            }
            Self::Aws => {
                let Some(python) = python else { return Ok(None) };
                let mut pytest = Command::new(python);
                pytest
                    .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/aws"])
                    .current_dir(repository());
                pytest
                    .args(filter.into_iter().flat_map(|filter| ["-k", filter]))
                    .env("PYTHONDONTWRITEBYTECODE", "1");
                return Ok(Some((Runner::Pytest, pytest)));
            }
        }
        Ok(Some((Runner::Cargo, cargo)))
    }
}

/// Runs a suite. Its output passes through; its own closing lines are counted.
async fn stream(name: &'static str, runner: Runner, command: &Command, filtered: bool) -> Result<Outcome> {
    let start = Instant::now();
    let counts = Arc::new(Mutex::new(Counts::default()));
    let sink = Arc::clone(&counts);
    let each = move |line: &str| {
        println!("{line}");
        if let (Some(found), Ok(mut counts)) = (runner.counts(line), sink.lock()) {
            *counts += found;
        }
    };
    let process = Process::start(name, command, Output::Lines(Box::new(each))).await?;
    let exit = process.ended().await;
    let counts = counts.lock().map(|counts| *counts).unwrap_or_default();
    Ok(Outcome {
        suite: name,
        counts,
        went_well: runner.is_content(exit, filtered),
        took: start.elapsed(),
    })
}
