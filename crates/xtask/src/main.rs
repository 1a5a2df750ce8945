//! The developer's commands: `cargo xtask --help`. One file a command.
#![allow(clippy::print_stdout, reason = "people read what these commands print")]

mod cargo;
mod crds;
mod demo;
mod terminal;
mod test;

use std::process::ExitCode;

use clap::Parser;

/// The developer's commands of hastack.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    Demo(demo::Options),
    Test(test::Options),
    Crds(crds::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Command::parse() {
        Command::Demo(options) => Box::pin(demo::run(options)).await,
        Command::Test(options) => Box::pin(test::run(options)).await,
        Command::Crds(options) => crds::run(&options),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
