//! One pass over a custom resource: read what it refers to, decide what is wanted, bring AWS closer to it, report.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hastack_api::{AutoScaledService, ManagedDatabase};
use hastack_core::apply::{Engine, Outcome};
use hastack_core::cloud::{Answer, ErrorKind, Question};
use hastack_core::desire::{Inputs, identity, owner};
use hastack_core::desired::Desired;
use hastack_core::report::{Home, Situation, binding, notices, report, unbound};
use kube::Resource;
use kube::runtime::controller::Action;
use tracing::{Instrument, debug, info, info_span, warn};

use crate::bind::{self, Binder};
use crate::cloud::{Connect, Narrated};
use crate::context::{Context, Remembered};
use crate::dependent::{ListDependents, dependents};
use crate::driver::until;
use crate::fact::{FRESH, PASSING, UNFIT, Unknown};
use crate::finalizer;
use crate::journal::StatusJournal;
use crate::metric::Written;
use crate::neighbour::Watched;
use crate::publish::{self, publish};
use crate::region::Region;
use crate::salvage::{self, salvage};
use crate::text::{ReadText, texts};
use crate::watch::Guarded;

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
    /// A text that the spec refers to could not be read.
    #[error(transparent)]
    Text(#[from] ReadText),
    /// The pass was given up.
    #[error("cannot finish the pass")]
    Finish(#[source] tokio::task::JoinError),
}

/// Makes a pass over a custom resource.
pub async fn reconcile<A: Connect, K: Watched>(
    object: Arc<Guarded<K>>,
    context: Arc<Context<A>>,
) -> Result<Action, Error> {
    let metadata = object.meta();
    let uid = metadata.uid.clone().unwrap_or_default();
    let span = info_span!(
        "reconcile",
        kind = K::KIND,
        namespace = metadata.namespace,
        name = metadata.name,
        generation = metadata.generation
    );
    let started = Instant::now();
    let result = async {
        match &object.0 {
            Ok(object) => Box::pin(pass(object, &context)).await,
            Err(invalid) => match salvage::<A, K>(invalid, &context).await? {
                Some(object) => Box::pin(pass(&object, &context)).await,
                None => Ok(Action::await_change()),
            },
        }
    }
    .instrument(span)
    .await;
    context.metrics.reconciled(started.elapsed());
    if result.is_ok() {
        K::memories(&context.memories).succeeded(&uid);
    }
    result
}

async fn pass<A: Connect, K: Watched>(object: &K, context: &Context<A>) -> Result<Action, Error> {
    let deleting = object.meta().deletion_timestamp.is_some();
    if context.is_gone(object) || deleting && !finalizer::is_on(object) {
        return Ok(Action::await_change());
    }
    let remembered = K::memories(&context.memories).of(object);
    let mut remembered = remembered.lock().await;
    remembered.memory.turn_to(object.meta().generation);
    let mut inputs = neighbourhood(object, context).await?;
    let Some(region) = object.region(inputs.stack.as_ref()).map(str::to_owned) else {
        return homeless(object, &inputs, &mut remembered, context).await;
    };
    let region = context.regions.open(&region).await;
    let account = match dereference(object, &mut inputs, &remembered, &region, context).await {
        Ok(account) => account,
        Err(unknown) => {
            let situation = Situation::Unknown(&unknown.what, unknown.error.as_ref());
            conclude(object, situation, &mut remembered, Home::default(), None, context).await?;
            return Ok(Action::requeue(until(unknown.until, context.clock().now())));
        }
    };
    let home = Home {
        account: Some(&account),
        region: Some(&region.name),
        inputs: Some(&inputs),
    };
    let desired = match object.desire(&inputs) {
        Ok(desired) => desired,
        Err(error) => {
            conclude(object, Situation::Invalid(&error), &mut remembered, home, None, context).await?;
            // What was looked up may be another by then.
            let looked_up = inputs.answers.keys().any(|question| *question != Question::Zones);
            return Ok(Action::requeue(if looked_up { UNFIT } else { FRESH }));
        }
    };
    let action = bring_closer(object, &desired, home, &mut remembered, &region, context).await?;
    Ok(sooner(object, action, &inputs))
}

/// Where what is referred to may become another without word of it, it is looked at again.
fn sooner<K: Watched>(object: &K, action: Action, inputs: &Inputs) -> Action {
    let passing = |question: &Question| match question {
        Question::Account | Question::Zones | Question::HostedZones(_) => false,
        Question::Parameter(_) | Question::Image(_) => true,
    };
    let kept_elsewhere = !inputs.texts.is_empty() || object.binds();
    let again = match (!kept_elsewhere, inputs.answers.keys().any(passing)) {
        (false, _) => UNFIT,
        (true, true) => PASSING,
        (true, false) => return action,
    };
    if action == Action::await_change() {
        Action::requeue(again)
    } else {
        action
    }
}

/// One that has no region: the stack it is on does not exist, and nothing of it was ever made.
async fn homeless<A: Connect, K: Watched>(
    object: &K,
    inputs: &Inputs,
    remembered: &mut Remembered<K::Status>,
    context: &Context<A>,
) -> Result<Action, Error> {
    if object.meta().deletion_timestamp.is_some() {
        finalizer::remove(&context.client, &context.metrics, object).await?;
    } else if let Err(error) = object.desire(inputs) {
        conclude(
            object,
            Situation::Invalid(&error),
            remembered,
            Home::default(),
            None,
            context,
        )
        .await?;
    }
    Ok(Action::await_change())
}

/// What stands beside a custom resource in the cluster.
async fn neighbourhood<A: Connect, K: Watched>(object: &K, context: &Context<A>) -> Result<Inputs, Error> {
    let metadata = object.meta();
    let namespace = metadata.namespace.as_deref().unwrap_or_default();
    let name = metadata.name.as_deref().unwrap_or_default();
    let deleting = metadata.deletion_timestamp.is_some();
    let mut inputs = Inputs {
        cluster: context.regions.ground.cluster.clone(),
        now: context.clock().now(),
        ..Inputs::default()
    };
    if let Some(stack) = object.stack_name() {
        inputs.stack = context.stores.stack(namespace, stack);
        inputs.services = context.stores.services_on(namespace, stack);
        inputs.databases = context.stores.databases_on(namespace, stack);
        let itself = owner::<K>(metadata);
        inputs
            .services
            .retain(|service| owner::<AutoScaledService>(&service.metadata) != itself);
        inputs
            .databases
            .retain(|database| owner::<ManagedDatabase>(&database.metadata) != itself);
    } else {
        inputs.services = context.stores.services_on(namespace, name);
        inputs.databases = context.stores.databases_on(namespace, name);
        if deleting {
            inputs.dependents = dependents(&context.client, namespace, name).await?;
        }
    }
    if !deleting {
        inputs.texts = texts(&context.client, namespace, &object.texts()).await?;
    }
    Ok(inputs)
}

/// Brings AWS closer to what is wanted, and says how far that is.
async fn bring_closer<A: Connect, K: Watched>(
    object: &K,
    desired: &Desired,
    home: Home<'_>,
    remembered: &mut Remembered<K::Status>,
    region: &Region<A::Cloud>,
    context: &Context<A>,
) -> Result<Action, Error> {
    let deleting = object.meta().deletion_timestamp.is_some();
    if !deleting && !finalizer::is_on(object) {
        finalizer::add(&context.client, &context.metrics, object).await?;
    }
    if remembered.published.region.is_none() && object.stack_name().is_some() {
        // Where it is must be known whatever becomes of the stack.
        let mut status = remembered.published.clone();
        status.region = home.region.map(str::to_owned);
        publish(&context.client, &context.metrics, object, &status, Written::Intent).await?;
        remembered.published = status;
    }
    let outcome = apply(object, desired, remembered, region, context).await;
    region.stirred.notify_one();
    if deleting && outcome.plan.is_done() && remembered.memory.intents.is_empty() && outcome.unrecorded.is_none() {
        announce(object, Situation::Passed(&outcome), remembered, context);
        finalizer::remove(&context.client, &context.metrics, object).await?;
        info!("nothing is left to do in AWS");
        return Ok(Action::await_change());
    }
    if outcome
        .failures
        .iter()
        .all(|failure| failure.error.kind != ErrorKind::Fenced)
    {
        let situation = Situation::Passed(&outcome);
        conclude(object, situation, remembered, home, Some(region), context).await?;
    }
    if !desired.dependents.is_empty() {
        return Ok(Action::requeue(AFTER_DEPENDENTS));
    }
    Ok(next(&outcome, context))
}

/// What must be known of AWS first: the account, which must be the one it was built in, and what its spec asks for.
async fn dereference<A: Connect, K: Watched>(
    object: &K,
    inputs: &mut Inputs,
    remembered: &Remembered<K::Status>,
    region: &Region<A::Cloud>,
    context: &Context<A>,
) -> Result<String, Unknown> {
    let clock = context.clock();
    let know = async |question: &Question| region.fact(question).know(&region.cloud, clock).await;
    let Answer::Account(account) = know(&Question::Account).await? else {
        return Err(Unknown {
            what: "the AWS account".to_owned(),
            error: None,
            until: hastack_core::timing::after(clock.now(), UNFIT),
        });
    };
    if let Some(home) = remembered.published.account.as_ref().filter(|home| **home != account) {
        // In another account nothing of it would be found, and it would be built again, or taken for deleted.
        return Err(Unknown {
            what: format!("AWS account {home}, which it is built in: the credentials are of account {account}"),
            error: None,
            until: hastack_core::timing::after(clock.now(), UNFIT),
        });
    }
    let nothing = Desired::none(identity(object, &inputs.cluster));
    let observed = region.inventory().observe(&nothing, &remembered.memory);
    inputs.see(observed);
    object.recall(inputs);
    // Some answers lead to further questions.
    loop {
        let mut open = object.questions(inputs);
        open.retain(|question| !inputs.answers.contains_key(question));
        if open.is_empty() {
            return Ok(account);
        }
        for question in open {
            let answer = know(&question).await?;
            inputs.learn(question, answer);
        }
    }
}

/// Takes every step that can be taken now.
async fn apply<A: Connect, K: Watched>(
    object: &K,
    desired: &Desired,
    remembered: &mut Remembered<K::Status>,
    region: &Region<A::Cloud>,
    context: &Context<A>,
) -> Outcome {
    let Remembered {
        memory,
        published,
        bound: _,
    } = remembered;
    let journal = StatusJournal::new(&context.client, &context.metrics, object, published.clone());
    let engine = Engine {
        cloud: &Narrated(&region.cloud),
        journal: &journal,
        inventory: &region.inventory,
        clock: context.clock(),
        timing: context.regions.ground.timing,
        interrupted: &|| context.is_overtaken(object),
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
async fn conclude<A: Connect, K: Watched>(
    object: &K,
    situation: Situation<'_>,
    remembered: &mut Remembered<K::Status>,
    home: Home<'_>,
    region: Option<&Region<A::Cloud>>,
    context: &Context<A>,
) -> Result<(), Error> {
    if !context.tenure.holds() || context.is_gone(object) {
        return Ok(());
    }
    announce(object, situation, remembered, context);
    let earlier = object.with_status(remembered.published.clone());
    let mut status = report(&earlier, situation, &remembered.memory, home, context.clock().now());
    if let (Situation::Passed(outcome), Some(region)) = (situation, region)
        && let Err(error) = bind(object, outcome, &status, home, remembered, region, context).await
    {
        warn!(error = &error as &dyn std::error::Error, "programs cannot connect");
        unbound(object, &mut status, &error.to_string(), context.clock().now());
    }
    if status != remembered.published {
        publish(&context.client, &context.metrics, object, &status, Written::Status).await?;
        remembered.published = status;
    }
    Ok(())
}

/// Puts what programs need to connect where it is asked for, and takes it away where it is not any more.
async fn bind<A: Connect, K: Watched>(
    object: &K,
    outcome: &Outcome,
    status: &K::Status,
    home: Home<'_>,
    remembered: &mut Remembered<K::Status>,
    region: &Region<A::Cloud>,
    context: &Context<A>,
) -> Result<(), bind::Error> {
    if object.meta().deletion_timestamp.is_some() {
        // It goes with the object.
        return Ok(());
    }
    let binder = Binder {
        client: &context.client,
        metrics: &context.metrics,
        object,
    };
    let earlier = K::bound(&remembered.published).filter(|name| K::bound(status).as_ref() != Some(name));
    if let Some(name) = earlier {
        binder.clear(&name).await?;
        remembered.bound = None;
    }
    if let Some(binding) = binding(object, status, outcome, &remembered.memory, home.inputs) {
        let bound = binder.fill(&binding, remembered.bound.as_ref(), &region.cloud).await?;
        remembered.bound = Some(bound);
    }
    Ok(())
}

fn announce<A: Connect, K: Watched>(
    object: &K,
    situation: Situation<'_>,
    remembered: &Remembered<K::Status>,
    context: &Context<A>,
) {
    let notices = notices(&object.with_status(remembered.published.clone()), situation);
    context.events.publish(&object.object_ref(&()), notices);
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
