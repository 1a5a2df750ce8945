//! Whatever is wanted and whatever there is: no plan deletes, replaces or empties a database that was not asked to go.

use std::collections::BTreeSet;

use hastack_api::ManagedDatabase;
use hastack_api::database::protection::{ApplyChanges, DatabaseDeletionPolicy, UpgradeStrategy};
use hastack_core::desire::{Inputs, Wanting};
use hastack_core::desired::Desired;
use hastack_core::kind::Kind;
use hastack_core::memory::Memory;
use hastack_core::object::Object;
use hastack_core::observed::{Observed, Seen};
use hastack_core::owner::NodeId;
use hastack_core::plan::{DeleteReason, Plan, Step, plan};
use hastack_core::resource::database::setting::{Setting, Value};
use hastack_core::resource::database::status::TABLE;
use hastack_core::resource::database::version::is_major_upgrade;
use hastack_core::resource::database::{self, Modification};
use hastack_core::resource::{Change, State};
use hastack_core::tag;
use hastack_core::timing::{Clock, Timing};
use hastack_tests::plan::database::{SHAPES, UPDATES};
use hastack_tests::shape::databases;
use hastack_tests::stage::{CLUSTER, Stage};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::database::built;

const SEEDS: u64 = 10_000;

/// Numbers that look like chance and are the same each time. <https://prng.di.unimi.it/splitmix64.c>
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Whether one of so many.
    fn one_in(&mut self, many: u64) -> bool {
        self.next().is_multiple_of(many)
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let index = self.next() % u64::try_from(all.len()).unwrap();
        &all[usize::try_from(index).unwrap()]
    }
}

/// A world and what is wanted in it.
struct World {
    wanted: ManagedDatabase,
    inputs: Inputs,
    desired: Desired,
    observed: Observed,
    memory: Memory,
    now: Timestamp,
}

/// What each shape comes to, once.
fn stages() -> Vec<Stage> {
    let shapes = SHAPES.iter().map(|(_, shape)| *shape);
    let changed = UPDATES.iter().map(|(_, to)| *to).filter(|to| to.contains("%%%"));
    let shapes: BTreeSet<_> = shapes.chain(changed).collect();
    shapes.into_iter().map(built).collect()
}

fn wanted(chance: &mut Chance) -> ManagedDatabase {
    let (_, shape) = chance.of(&SHAPES);
    let mut wanted = databases(shape).remove(0);
    let spec = &mut wanted.spec;
    spec.deletion_policy = *chance.of(&[
        DatabaseDeletionPolicy::Snapshot,
        DatabaseDeletionPolicy::Delete,
        DatabaseDeletionPolicy::Retain,
    ]);
    spec.recreate = chance.one_in(4);
    spec.running = !chance.one_in(4);
    spec.deletion_protection = !chance.one_in(3);
    spec.allow_major_version_upgrade = chance.one_in(3);
    if chance.one_in(4) {
        spec.upgrade_strategy = UpgradeStrategy::BlueGreen;
        spec.switch_over_to = chance.one_in(2).then(|| spec.version.clone());
    }
    spec.apply_changes = *chance.of(&[ApplyChanges::InWindow, ApplyChanges::Immediately]);
    if chance.one_in(3) {
        spec.version = chance.of(&["8.4", "15", "17.1", "16.9", "10.11"]).to_string();
    }
    if let Some(storage) = &mut spec.storage {
        storage.size_gib = *chance.of(&[20, 30, 500]);
        storage.max_size_gib = *chance.of(&[None, Some(1000)]);
    }
    if chance.one_in(3) {
        spec.instances = spec.instances.map(|_| 3);
        spec.read_replicas = spec.storage.as_ref().map(|_| 0);
    }
    wanted
}

/// What somebody may have made of an object.
fn disturb(object: &mut Object, chance: &mut Chance) {
    if let State::DbInstance(database) | State::DbCluster(database) = &mut object.state {
        let row = chance.of(TABLE);
        if chance.one_in(2) {
            database.status = row.status;
            object.phase = row.phase;
        }
        for (setting, value) in [
            (Setting::Protection, Value::Flag(chance.one_in(2))),
            (
                Setting::Version,
                Value::from(*chance.of(&["16.4", "8.0.40", "17.2", "5.7.1"])),
            ),
            (Setting::Storage, Value::Number(*chance.of(&[5, 20, 400]))),
        ] {
            if chance.one_in(4) {
                database.settings.insert(setting, value);
            }
        }
        database.reboot_pending = chance.one_in(5);
    }
    match chance.next() % 8 {
        0 => drop(object.tags.insert(tag::DELETION_POLICY.into(), tag::DELETE.into())),
        1 => drop(object.tags.insert(tag::DELETION_POLICY.into(), tag::RETAIN.into())),
        2 => drop(object.tags.remove(tag::DELETION_POLICY)),
        _ => {}
    }
}

fn world(stages: &[Stage], seed: u64) -> World {
    let mut chance = Chance(seed);
    let stage = chance.of(stages);
    let mut wanted = wanted(&mut chance);
    let now = stage.sim.now();
    if chance.one_in(3) {
        wanted.metadata.deletion_timestamp = Some(Time(now));
    }
    let mut observed = Observed::default();
    let mut memory = Memory::default();
    for mut object in stage.sim.objects() {
        let Some(identity) = tag::identity(CLUSTER, &object.tags).filter(|known| known.owner.kind == "ManagedDatabase")
        else {
            continue;
        };
        disturb(&mut object, &mut chance);
        if chance.one_in(3) {
            memory.recorded.insert(identity.node.clone(), object.id.clone());
        }
        put(&mut observed, &identity.node, object, &mut chance);
    }
    for kind in Kind::all().filter(|_| !chance.one_in(20)) {
        observed.swept.insert(kind, now);
    }
    // What is wanted may have been made up before anything was seen.
    let unseen = Observed::default();
    let known = if chance.one_in(4) { &unseen } else { &observed };
    let mut inputs = Inputs::new(CLUSTER, Vec::new(), known);
    inputs.stack = Some(stage.stack());
    inputs.texts = wanted
        .texts()
        .into_iter()
        .map(|text| (text, "correct horse".to_owned()))
        .collect();
    inputs.now = now;
    let desired = wanted.desire(&inputs).expect("every one of these specs can be met");
    World {
        wanted,
        inputs,
        desired,
        observed,
        memory,
        now,
    }
}

/// Puts an object into what is seen: or not, or twice, or in doubt, or without our tags.
fn put(observed: &mut Observed, node: &NodeId, object: Object, chance: &mut Chance) {
    let seen = |object: Object, chance: &mut Chance| Seen {
        object,
        confirmed: !chance.one_in(4),
    };
    if chance.one_in(12) {
        observed.doubtful.insert(node.clone());
    }
    if chance.one_in(20) {
        observed.disowned.insert(node.clone(), object.id.clone());
    }
    if chance.one_in(6) {
        return;
    }
    let mut twin = object.clone();
    twin.id.push_str("-twin");
    let objects = observed.objects.entry(node.clone()).or_default();
    objects.push(seen(object, chance));
    if chance.one_in(6) {
        objects.push(seen(twin, chance));
    }
}

/// What is wrong with a plan in a world; nothing where it does no harm.
fn harm(world: &World, plan: &Plan) -> Option<String> {
    plan.steps.iter().find_map(|step| match step {
        Step::Delete {
            node,
            object,
            reason,
            snapshot,
        } => deletes(world, node, object, *reason, snapshot.as_deref()),
        Step::Create { request, spec: _ } => {
            let recorded = world.memory.recorded.contains_key(&request.node);
            let holds = request.node.kind.row().holds_data && request.node.name != "1" && request.node.name != "2";
            let replica = request.node.name.starts_with("replica");
            (recorded && holds && !replica && !world.wanted.spec.recreate).then(|| "it is made anew, empty".to_owned())
        }
        Step::Update {
            node: _,
            object,
            change: Change::DbInstance(change) | Change::DbCluster(change),
        } => changes(world, object, change),
        Step::Update { .. } => None,
    })
}

fn deletes(
    world: &World,
    node: &NodeId,
    object: &Object,
    reason: DeleteReason,
    snapshot: Option<&str>,
) -> Option<String> {
    let (State::DbInstance(database) | State::DbCluster(database)) = &object.state else {
        return None;
    };
    let retains = world.wanted.spec.deletion_policy == DatabaseDeletionPolicy::Retain
        && world.wanted.metadata.deletion_timestamp.is_some();
    if world.desired.nodes.contains_key(node) || reason != DeleteReason::NotWanted {
        return Some(format!("{node} is deleted though it is wanted"));
    }
    if retains || tag::outlives_its_owner(&object.tags) {
        return Some(format!("{node} is deleted though it is retained"));
    }
    if database.holds_data() && snapshot.is_none() && !tag::forgets_data(&object.tags) {
        return Some(format!("{node} is deleted with its data"));
    }
    None
}

fn changes(world: &World, object: &Object, change: &database::Change) -> Option<String> {
    let (State::DbInstance(database) | State::DbCluster(database), database::Change::Modify(modification)) =
        (&object.state, change)
    else {
        return None;
    };
    let Modification { settings, major, .. } = &**modification;
    let number = |settings: &database::setting::Settings| settings.get(&Setting::Storage).and_then(Value::number);
    if number(settings).is_some_and(|wanted| Some(wanted) < number(&database.settings)) {
        return Some("its storage shrinks".to_owned());
    }
    let version = |settings: &database::setting::Settings| {
        let version = settings.get(&Setting::Version).and_then(Value::text);
        version.map(str::to_owned)
    };
    let leads = version(settings).zip(version(&database.settings));
    if leads.is_some() && world.wanted.spec.upgrade_strategy == UpgradeStrategy::BlueGreen {
        return Some("it is upgraded itself, not beside it".to_owned());
    }
    let moves = leads.is_some_and(|(wanted, is)| is_major_upgrade(&database.engine, &is, &wanted));
    let unprotects = settings.get(&Setting::Protection) == Some(&false.into());
    let stays = world
        .desired
        .nodes
        .keys()
        .any(|node| tag::identity(CLUSTER, &object.tags).is_some_and(|known| known.node == *node));
    if (moves || *major) && !world.wanted.spec.allow_major_version_upgrade {
        return Some("it is moved to another major version".to_owned());
    }
    (unprotects && stays && world.wanted.spec.deletion_protection).then(|| "its protection is taken away".to_owned())
}

#[test]
fn no_plan_does_harm_to_a_database_in_ten_thousand_worlds() {
    let stages = stages();
    let (mut steps, mut deletions) = (0, 0);
    for seed in 0..SEEDS {
        let world = world(&stages, seed);
        let plan = plan(
            &world.desired,
            &world.observed,
            &world.memory,
            &Timing::default(),
            world.now,
        );
        if let Some(harm) = harm(&world, &plan) {
            panic!("seed {seed}: {harm}\n{plan}\n{:#?}", world.inputs.observed);
        }
        steps += plan.steps.len();
        deletions += plan
            .steps
            .iter()
            .filter(|step| matches!(step, Step::Delete { .. }))
            .count();
    }
    println!("{steps} steps, {deletions} of them deletions");
    assert!(deletions > 1000, "{deletions} deletions are too few to say anything");
}
