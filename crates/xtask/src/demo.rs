//! `cargo xtask demo`: a stack from `kubectl apply` to AWS and back, on this machine alone unless asked otherwise.
mod connection;
mod domain;
mod fleet;
mod ground;
mod interrupt;
mod kubectl;
mod remains;
mod repair;
mod stacks;
mod tree;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use hastack_testbed::repository;

use ground::Ground;
use interrupt::Interrupt;
use remains::Remains;
use watch::Goal;

/// Show hastack at work: prepare and start all it needs, apply a stack, break it, see it repaired.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The manifests to apply [default: deploy/examples/network.yaml].
    manifests: Vec<PathBuf>,
    /// Delete the stack at the end, show that nothing is left, and exit.
    #[arg(long)]
    once: bool,
    /// Use the cluster of this kubeconfig context instead of a control plane of our own.
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// Use the AWS account your credentials are for instead of the stand-in. It costs money.
    #[arg(long)]
    aws: bool,
    /// Do not ask before using the AWS account.
    #[arg(long, requires = "aws")]
    yes: bool,
    /// Tells this installation's AWS resources from others' in the same account.
    #[arg(long, default_value = "demo")]
    cluster_id: String,
    /// Seconds to wait for a stack to become ready, and to be gone.
    #[arg(long, default_value_t = 900)]
    timeout: u64,
}

pub(crate) async fn run(options: Options) -> Result<ExitCode> {
    let mut interrupt = Interrupt::listen()?;
    println!("hastack: from `kubectl apply` to AWS and back. Ctrl-C ends everything.");
    let Some(ground) = interrupt.or(Box::pin(Ground::lay(&options))).await.transpose()? else {
        return Ok(interrupted());
    };
    let shown = match interrupt.or(Box::pin(tour(&ground, &options))).await {
        Some(Ok(())) if options.once => Ok(ExitCode::SUCCESS),
        Some(Ok(())) => interrupt.or(stay(&ground)).await.unwrap_or(Ok(ExitCode::SUCCESS)),
        Some(Err(error)) => {
            eprintln!("\nThe operator's last words:\n{}", ground.operator.tail());
            Err(error)
        }
        None => Ok(interrupted()),
    };
    let cleaned = if ground.outlives_us && !options.once {
        println!("\nDeleting what the demo made in AWS. Ctrl-C again leaves it there, and you to it.");
        interrupt
            .or(delete(&ground, options.limit()))
            .await
            .transpose()
            .map(|_| ())
    } else {
        Ok(())
    };
    let ended = cleaned.and(shown);
    ground.clear(ended.is_err()).await?;
    ended
}

impl Options {
    fn manifests(&self) -> Vec<PathBuf> {
        match self.manifests.as_slice() {
            [] => vec![repository().join("deploy/examples/network.yaml")],
            given => given.to_vec(),
        }
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

/// 128 + SIGINT, as a shell has it.
fn interrupted() -> ExitCode {
    println!("\nInterrupted.");
    ExitCode::from(130)
}

async fn tour(ground: &Ground, options: &Options) -> Result<()> {
    let before = Remains::take(ground).await?;
    heading("Apply");
    for line in ground.stacks.apply(&ground.kubectl).await?.lines() {
        println!("  {line}");
    }
    if !ground.stacks.left_out.is_empty() {
        let left_out = ground.stacks.left_out.join(", ");
        println!("  Left out, since this version does not know their kinds: {left_out}");
    }
    watch::until(ground, Goal::Records, options.limit()).await?;
    domain::show(ground).await?;
    watch::until(ground, Goal::Ready, options.limit()).await?;
    heading("kubectl get hastack -o wide");
    println!("{}", ground.stacks.table(&ground.kubectl).await?);
    domain::answers(ground).await?;
    heading("What is in AWS now");
    for stack in ground.stacks.look(&ground.kubectl).await? {
        println!("{}", tree::draw(&stack));
    }
    connection::show(ground).await?;
    fleet::show(ground, options).await?;
    heading("Break something behind the operator's back");
    repair::show(ground, options).await?;
    if !options.once {
        return Ok(());
    }
    delete(ground, options.limit()).await?;
    nothing_is_left(&before, &Remains::take(ground).await?)
}

async fn delete(ground: &Ground, limit: Duration) -> Result<()> {
    heading("Delete");
    ground
        .stacks
        .delete(&ground.kubectl)
        .await
        .context("cannot delete the stack")?;
    watch::until(ground, Goal::Gone, limit).await
}

fn nothing_is_left(before: &Remains, after: &Remains) -> Result<()> {
    heading("What is left in AWS");
    let (retained, left) = after.beyond(before);
    for found in &retained {
        println!("  {}", remains::retained(found));
    }
    for found in &left {
        println!("  {found}");
    }
    if !left.is_empty() {
        bail!("{} AWS resources are left behind", left.len());
    }
    let nothing = if retained.is_empty() { "Nothing" } else { "Nothing else" };
    println!("  {nothing}: {}", after.looked_at(&retained));
    Ok(())
}

/// Until Ctrl-C.
async fn stay(ground: &Ground) -> Result<ExitCode> {
    heading("Yours to play with, until Ctrl-C");
    for line in ground.how_to_use() {
        println!("  {line}");
    }
    let exit = ground.operator.ended().await;
    bail!("the operator ended with {exit}\n{}", ground.operator.tail());
}

fn heading(text: &str) {
    println!("\n== {text}");
}
