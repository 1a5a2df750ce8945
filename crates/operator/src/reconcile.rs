//! One pass over a custom resource: read what it refers to, decide what is wanted, bring AWS closer to it, report.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hastack_api::HAStack;
use hastack_core::apply::{Engine, Outcome};
use hastack_core::cloud::{ErrorKind, HostedZone, Zone};
use hastack_core::desire::{Inputs, desire, hosted_zone, identity};
use hastack_core::desired::Desired;
use hastack_core::report::{Situation, notices, report};
use kube::Resource;
use kube::runtime::controller::Action;
use tracing::{Instrument, debug, info, info_span, warn};

use crate::cloud::{Connect, Narrated};
use crate::context::{Context, Remembered};
use crate::dependent::{ListDependents, dependents};
use crate::driver::until;
use crate::fact::{FRESH, UNFIT, Unknown};
use crate::finalizer;
use crate::journal::StatusJournal;
use crate::metric::Written;
use crate::publish::{self, publish};
use crate::region::Region;
use crate::salvage::{self, salvage};
use crate::watch::Stack;

/// When to try again where what must be written down first could not be.
const AFTER_UNRECORDED: Duration = Duration::from_secs(5);

/// When to look again for other custom resources that stand on a stack: they are not watched.
const AFTER_DEPENDENTS: Duration = Duration::from_secs(5);

/// Why a pass did not end as it should. What AWS refused is no such thing: it is in the status.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Kubernetes did not take what we wrote.
    #[error(transparent)]
    Write(#[from] publish::Error),
    /// A custom resource that is none could not be looked into.
    #[error(transparent)]
    Salvage(#[from] salvage::Error),
    /// It is not known whether the stack may be taken away.
    #[error(transparent)]
    Dependents(#[from] ListDependents),
    /// The pass was given up.
    #[error("cannot finish the pass")]
    Finish(#[source] tokio::task::JoinError),
}

/// Makes a pass over a custom resource.
pub async fn reconcile<A: Connect>(object: Arc<Stack>, context: Arc<Context<A>>) -> Result<Action, Error> {
    let metadata = object.meta();
    let uid = metadata.uid.clone().unwrap_or_default();
    let span = info_span!(
        "reconcile",
        namespace = metadata.namespace,
        stack = metadata.name,
        generation = metadata.generation
    );
    let started = Instant::now();
    let result = async {
        match &object.0 {
            Ok(stack) => pass(stack, &context).await,
            Err(invalid) => match salvage(invalid, &context).await? {
                Some(stack) => pass(&stack, &context).await,
                None => Ok(Action::await_change()),
            },
        }
    }
    .instrument(span)
    .await;
    context.metrics.reconciled(started.elapsed());
    if result.is_ok() {
        context.memories.succeeded(&uid);
    }
    result
}

async fn pass<A: Connect>(stack: &HAStack, context: &Context<A>) -> Result<Action, Error> {
    let deleting = stack.metadata.deletion_timestamp.is_some();
    if context.is_gone(stack) || deleting && !finalizer::is_on(stack) {
        return Ok(Action::await_change());
    }
    let remembered = context.memories.of(stack);
    let mut remembered = remembered.lock().await;
    remembered.memory.turn_to(stack.metadata.generation);
    let region = context.regions.open(&stack.spec.region).await;
    let (account, facts) = match dereference(stack, &remembered, &region, context).await {
        Ok(known) => known,
        Err(unknown) => {
            let situation = Situation::Unknown(&unknown.what, unknown.error.as_ref());
            conclude(stack, situation, &mut remembered, None, context).await?;
            return Ok(Action::requeue(until(unknown.until, context.clock().now())));
        }
    };
    let dependents = if deleting {
        dependents(&context.client, stack).await?
    } else {
        Vec::new()
    };
    let desired = match wanted(stack, &remembered, (facts, dependents), &region, context) {
        Ok(desired) => desired,
        Err(error) => {
            conclude(
                stack,
                Situation::Invalid(&error),
                &mut remembered,
                Some(&account),
                context,
            )
            .await?;
            // The zones of the region may be others by then, and a hosted zone is there as soon as somebody makes one.
            let hosted = hosted_zone(&stack.spec).is_some();
            return Ok(Action::requeue(if hosted { UNFIT } else { FRESH }));
        }
    };
    bring_closer(stack, &desired, &account, &mut remembered, &region, context).await
}

/// Brings AWS closer to what is wanted, and says how far that is.
async fn bring_closer<A: Connect>(
    stack: &HAStack,
    desired: &Desired,
    account: &str,
    remembered: &mut Remembered,
    region: &Region<A::Cloud>,
    context: &Context<A>,
) -> Result<Action, Error> {
    let deleting = stack.metadata.deletion_timestamp.is_some();
    if !deleting && !finalizer::is_on(stack) {
        finalizer::add(&context.client, &context.metrics, stack).await?;
    }
    let outcome = apply(stack, desired, remembered, region, context).await;
    region.stirred.notify_one();
    if deleting && outcome.plan.is_done() && remembered.memory.intents.is_empty() && outcome.unrecorded.is_none() {
        announce(stack, Situation::Passed(&outcome), remembered, context);
        finalizer::remove(&context.client, &context.metrics, stack).await?;
        info!("nothing is left to do in AWS");
        return Ok(Action::await_change());
    }
    if outcome
        .failures
        .iter()
        .all(|failure| failure.error.kind != ErrorKind::Fenced)
    {
        conclude(stack, Situation::Passed(&outcome), remembered, Some(account), context).await?;
    }
    if !desired.dependents.is_empty() {
        return Ok(Action::requeue(AFTER_DEPENDENTS));
    }
    Ok(next(&outcome, context))
}

/// What a spec is read together with, of what is looked up.
#[derive(Default)]
struct Facts {
    zones: Vec<Zone>,
    hosted_zones: Vec<HostedZone>,
}

/// What must be known of AWS first: the account, which must be the one the stack was built in, the zones, and the hosted zone that
/// the spec names.
async fn dereference<A: Connect>(
    stack: &HAStack,
    remembered: &Remembered,
    region: &Region<A::Cloud>,
    context: &Context<A>,
) -> Result<(String, Facts), Unknown> {
    let clock = context.clock();
    let account = region.account.know(&region.cloud, clock).await?;
    if let Some(home) = remembered.published.account.as_ref().filter(|home| **home != account) {
        // In another account nothing of it would be found, and it would be built again, or taken for deleted.
        return Err(Unknown {
            what: format!("AWS account {home}, which the stack is built in: the credentials are of account {account}"),
            error: None,
            until: hastack_core::timing::after(clock.now(), Duration::from_mins(1)),
        });
    }
    if stack.metadata.deletion_timestamp.is_some() {
        return Ok((account, Facts::default()));
    }
    let zones = region.zones.know(&region.cloud, clock).await?;
    let hosted_zones = match hosted_zone(&stack.spec) {
        Some(text) => region.hosted_zones(text).know(&region.cloud, clock).await?,
        None => Vec::new(),
    };
    Ok((account, Facts { zones, hosted_zones }))
}

fn wanted<A: Connect>(
    stack: &HAStack,
    remembered: &Remembered,
    (facts, dependents): (Facts, Vec<String>),
    region: &Region<A::Cloud>,
    context: &Context<A>,
) -> Result<Desired, hastack_core::desire::SpecError> {
    let cluster = &context.regions.ground.cluster;
    let nothing = Desired::none(identity(stack, cluster));
    let observed = region.inventory().observe(&nothing, &remembered.memory);
    let Facts { zones, hosted_zones } = facts;
    let inputs = Inputs {
        dependents,
        hosted_zones,
        ..Inputs::new(cluster, zones, &observed)
    };
    desire(stack, &inputs)
}

/// Takes every step that can be taken now.
async fn apply<A: Connect>(
    stack: &HAStack,
    desired: &Desired,
    remembered: &mut Remembered,
    region: &Region<A::Cloud>,
    context: &Context<A>,
) -> Outcome {
    let Remembered { memory, published } = remembered;
    let journal = StatusJournal::new(&context.client, &context.metrics, stack, published.clone());
    let engine = Engine {
        cloud: &Narrated(&region.cloud),
        journal: &journal,
        inventory: &region.inventory,
        clock: context.clock(),
        timing: context.regions.ground.timing,
        interrupted: &|| context.is_overtaken(stack),
    };
    let outcome = engine.pass(desired, memory).await;
    *published = journal.into_published();
    narrate(&outcome);
    outcome
}

fn narrate(outcome: &Outcome) {
    let Outcome {
        plan,
        observed: _,
        done,
        failures,
        unrecorded,
    } = outcome;
    for done in done {
        info!(id = done.aws_id, "done: {}", done.step);
    }
    for failure in failures {
        warn!("failed: {}: {}", failure.step, failure.error);
    }
    for waiting in &plan.waiting {
        debug!("{waiting}");
    }
    for blocked in &plan.blocked {
        debug!("{blocked}");
    }
    if let Some(error) = unrecorded {
        warn!(error = error as &dyn std::error::Error, "nothing more is started");
    }
}

/// Reports what came of a pass, where that is something new and still ours to report.
async fn conclude<A: Connect>(
    stack: &HAStack,
    situation: Situation<'_>,
    remembered: &mut Remembered,
    account: Option<&str>,
    context: &Context<A>,
) -> Result<(), Error> {
    if !context.tenure.holds() || context.is_gone(stack) {
        return Ok(());
    }
    announce(stack, situation, remembered, context);
    let earlier = with_status(stack, remembered);
    let status = report(&earlier, situation, &remembered.memory, account, context.clock().now());
    if status != remembered.published {
        publish(&context.client, &context.metrics, stack, &status, Written::Status).await?;
        remembered.published = status;
    }
    Ok(())
}

fn announce<A: Connect>(stack: &HAStack, situation: Situation<'_>, remembered: &Remembered, context: &Context<A>) {
    let notices = notices(&with_status(stack, remembered), situation);
    context.events.publish(&stack.object_ref(&()), notices);
}

fn with_status(stack: &HAStack, remembered: &Remembered) -> HAStack {
    HAStack {
        metadata: stack.metadata.clone(),
        spec: stack.spec.clone(),
        status: Some(remembered.published.clone()),
    }
}

fn next<A: Connect>(outcome: &Outcome, context: &Context<A>) -> Action {
    if outcome.unrecorded.is_some() {
        return Action::requeue(AFTER_UNRECORDED);
    }
    let next = outcome.plan.next_at();
    next.map_or_else(Action::await_change, |next| {
        Action::requeue(until(next, context.clock().now()))
    })
}

#[cfg(test)]
mod tests;
