//! Every failure at every write of every history ends as if nothing had happened: nothing leaked, nothing doubled.

use std::time::Duration;

use hastack_sim::View;
use hastack_tests::plan::{History, UPDATES, database, play_all, service};
use hastack_tests::shape::SHAPES;

const TRUE: View = View {
    lag: Duration::ZERO,
    hidden: Duration::ZERO,
    flapping: 0,
};
const LATE: View = View {
    lag: Duration::from_secs(8),
    hidden: Duration::from_secs(45),
    flapping: 0,
};
const FLAPPING: View = View {
    lag: Duration::ZERO,
    hidden: Duration::from_secs(5),
    flapping: 3,
};

fn play(histories: impl IntoIterator<Item = History>, view: View) {
    let mut count = 0;
    for history in histories {
        match play_all(history, view, None) {
            Ok(plans) => count += plans,
            Err(wrong) => panic!("{wrong}"),
        }
    }
    println!("{count} plans");
}

#[test]
fn a_creation_survives_every_failure_at_every_write() {
    play(SHAPES.map(|(_, shape)| History::Create(shape)), TRUE);
}

#[test]
fn a_creation_survives_every_failure_when_new_resources_are_hidden_and_reads_are_late() {
    play(SHAPES.map(|(_, shape)| History::Create(shape)), LATE);
}

#[test]
fn a_creation_survives_every_failure_when_sweeps_leave_resources_out() {
    play([History::Create(SHAPES[2].1), History::Create(SHAPES[4].1)], FLAPPING);
}

#[test]
fn a_change_survives_every_failure_at_every_write() {
    play(UPDATES.map(|(from, to)| History::Update(from, to)), TRUE);
}

#[test]
fn a_change_survives_every_failure_when_new_resources_are_hidden_and_reads_are_late() {
    play(UPDATES.map(|(from, to)| History::Update(from, to)), LATE);
}

#[test]
fn a_deletion_survives_every_failure_at_every_write() {
    play(SHAPES.map(|(_, shape)| History::Delete(shape)), TRUE);
}

#[test]
fn a_deletion_survives_every_failure_when_reads_are_late() {
    play(SHAPES.map(|(_, shape)| History::Delete(shape)), LATE);
}

fn service_histories() -> Vec<History> {
    let deleted = service::SHAPES.map(|(_, shape)| History::Delete(shape));
    let changed = service::UPDATES.map(|(from, to)| History::Update(from, to));
    deleted.into_iter().chain(changed).collect()
}

#[test]
fn services_survive_every_failure_at_every_write() {
    play(service_histories(), TRUE);
}

#[test]
fn services_survive_every_failure_when_new_resources_are_hidden_and_reads_are_late() {
    play(service_histories(), LATE);
}

fn database_histories() -> Vec<History> {
    let deleted = database::SHAPES.map(|(_, shape)| History::Delete(shape));
    let changed = database::UPDATES.map(|(from, to)| History::Update(from, to));
    deleted.into_iter().chain(changed).collect()
}

#[test]
fn databases_survive_every_failure_at_every_write() {
    play(database_histories(), TRUE);
}

#[test]
fn databases_survive_every_failure_when_new_resources_are_hidden_and_reads_are_late() {
    play(database_histories(), LATE);
}
