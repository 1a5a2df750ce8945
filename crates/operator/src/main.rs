//! The `hastack` binary.

use std::process::ExitCode;

use clap::Parser;
use hastack_operator::args::{Args, Command};
use hastack_operator::{crd, offline, run};

fn main() -> ExitCode {
    match execute(Args::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Run(args) => run::run(args.config(run::pod_namespace()))?,
        Command::Crd => crd::print()?,
        Command::Plan(args) => offline::print(&args)?,
    }
    Ok(())
}
