//! The suites fail when a safety measure is taken away.

use std::sync::atomic::Ordering;
use std::time::Duration;

use hastack_core::resource::State;
use hastack_sim::{Fault, FaultMode, View};
use hastack_tests::mutant::Mutant;
use hastack_tests::plan::{History, Plan, database, play_all, service};
use hastack_tests::shape::{self, stack};
use hastack_tests::stage::Stage;

const SHAPE: &str = "availabilityZones: 2\nnatGateways: Single";
const HIDDEN: View = View {
    lag: Duration::ZERO,
    hidden: Duration::from_secs(45),
    flapping: 0,
};
const FLAPPING: View = View {
    lag: Duration::ZERO,
    hidden: Duration::ZERO,
    flapping: 3,
};

/// Where each mutant is looked for, and what catches it.
fn caught(mutant: Mutant) -> Result<usize, String> {
    match mutant {
        Mutant::ClientTokenOff | Mutant::IntentSkipped => play_all(History::Create(SHAPE), HIDDEN, Some(mutant)),
        Mutant::TagLookupOff => play_all(History::Create(SHAPE), View::default(), Some(mutant)),
        Mutant::FinalizerRemovedEarly => play_all(History::Delete(SHAPE), View::default(), Some(mutant)),
        Mutant::AbsenceTrusted => {
            let plan = Plan {
                view: FLAPPING,
                mutant: Some(mutant),
                ..Plan::undisturbed(History::Create(SHAPE))
            };
            plan.play().map(|_| 1)
        }
        Mutant::LeaseNotChecked => fail_over(Some(mutant)).map(|()| 1),
        Mutant::CapacityForgotten => leaves_capacity_to_scaling(Some(mutant)).map(|()| 1),
        Mutant::ImageForgotten => keeps_the_image(Some(mutant)).map(|()| 1),
        Mutant::SnapshotSkipped => play_all(History::Delete(database::MYSQL), View::default(), Some(mutant)),
        Mutant::LossForgotten => reports_a_loss(Some(mutant)).map(|()| 1),
    }
}

/// The same with services, where they have what the measure is there for.
fn caught_with_services(mutant: Mutant) -> Result<usize, String> {
    let [(_, web), (_, baked), ..] = service::SHAPES;
    let bakes = History::Update(service::SMALL, baked);
    match mutant {
        // A second builder.
        Mutant::ClientTokenOff => play_all(bakes, HIDDEN, Some(mutant)),
        Mutant::TagLookupOff => play_all(bakes, View::default(), Some(mutant)),
        Mutant::FinalizerRemovedEarly => play_all(History::Delete(web), View::default(), Some(mutant)),
        Mutant::AbsenceTrusted => {
            let plan = Plan {
                view: FLAPPING,
                mutant: Some(mutant),
                ..Plan::undisturbed(bakes)
            };
            plan.play().map(|_| 1)
        }
        // No kind of a service needs the first.
        Mutant::IntentSkipped
        | Mutant::LeaseNotChecked
        | Mutant::CapacityForgotten
        | Mutant::ImageForgotten
        | Mutant::SnapshotSkipped
        | Mutant::LossForgotten => caught(mutant),
    }
}

/// A service on a small stack, with these lines, at rest.
fn built(lines: &str, mutant: Option<Mutant>) -> Result<Stage, String> {
    let mut stage = Stage::new([stack(service::SMALL)]);
    stage.mutant = mutant;
    stage.add(shape::service("web", &format!("instanceType: t3.micro\n{lines}")));
    if !stage.converge() {
        return Err(stage.plans().join("\n"));
    }
    stage.rest(Duration::from_mins(5));
    Ok(stage)
}

/// What scaling makes of the number of instances stays, though the spec names another.
fn leaves_capacity_to_scaling(mutant: Option<Mutant>) -> Result<(), String> {
    let lines = "image: {id: ami-0123456789abcdef0}\ncapacity: {min: 1, desired: 2, max: 4}";
    let mut stage = built(lines, mutant)?;
    let name = stage.auto_scaling_groups()[0].name.clone();
    stage.sim.tamper(&name, |object| {
        if let State::AutoScalingGroup(group) = &mut object.state {
            group.desired = 3;
        }
    });
    stage.rest(Duration::from_mins(10));
    match stage.auto_scaling_groups()[0].desired {
        3 => Ok(()),
        other => Err(format!("{other} instances, not the 3 of scaling")),
    }
}

/// An image that is pinned stays in use, though its name is another one's by now.
fn keeps_the_image(mutant: Option<Mutant>) -> Result<(), String> {
    const NAME: &str = "/aws/service/ami";
    let mut stage = built(
        &format!("image: {{ssmParameter: {NAME}}}\ncapacity: {{min: 1, max: 2}}"),
        mutant,
    )?;
    let before = stage.auto_scaling_groups()[0].launch.clone();
    stage.sim.point(NAME, "ami-0fedcba9876543210");
    stage.wake();
    stage.rest(Duration::from_mins(30));
    if stage.auto_scaling_groups()[0].launch == before {
        Ok(())
    } else {
        Err("the service rolled out by itself".into())
    }
}

/// A database that somebody deleted is not answered by an empty one.
fn reports_a_loss(mutant: Option<Mutant>) -> Result<(), String> {
    let mut stage = Stage::new([stack(database::MYSQL)]);
    stage.mutant = mutant;
    stage.apply_databases(shape::databases(database::MYSQL));
    stage.settle();
    stage.rest(Duration::from_mins(5));
    let objects = stage.sim.objects().into_iter();
    let ids = objects.filter_map(|object| matches!(object.state, State::DbInstance(_)).then_some(object.id));
    for id in ids.collect::<Vec<_>>() {
        stage.sim.vanish(&id);
    }
    stage.sim.inject(Vec::new());
    stage.rest(Duration::from_mins(30));
    match stage.count("CreateDBInstance") {
        0 => Ok(()),
        _ => Err("an empty database is in its place".into()),
    }
}

#[test]
fn a_loss_is_reported() {
    assert_eq!(reports_a_loss(None), Ok(()));
}

/// The same with databases.
fn caught_with_databases(mutant: Mutant) -> Result<usize, String> {
    let comes = History::Update(database::SMALL, database::MYSQL);
    match mutant {
        Mutant::TagLookupOff => play_all(comes, View::default(), Some(mutant)),
        Mutant::FinalizerRemovedEarly => play_all(History::Delete(database::AURORA), View::default(), Some(mutant)),
        Mutant::AbsenceTrusted => {
            let plan = Plan {
                view: FLAPPING,
                mutant: Some(mutant),
                ..Plan::undisturbed(comes)
            };
            plan.play().map(|_| 1)
        }
        // No kind of a database has a token, and the others are not about databases, or about nothing else.
        Mutant::ClientTokenOff
        | Mutant::IntentSkipped
        | Mutant::LeaseNotChecked
        | Mutant::CapacityForgotten
        | Mutant::ImageForgotten
        | Mutant::SnapshotSkipped
        | Mutant::LossForgotten => caught(mutant),
    }
}

#[test]
fn every_mutant_is_caught_with_databases() {
    for mutant in Mutant::ALL {
        match caught_with_databases(mutant) {
            Ok(plans) => panic!("{mutant:?} survives {plans} plans"),
            Err(wrong) => println!("{mutant:?} is caught: {}", wrong.lines().next().unwrap_or_default()),
        }
    }
}

#[test]
fn scaling_and_a_pinned_image_are_left_alone() {
    assert_eq!(leaves_capacity_to_scaling(None), Ok(()));
    assert_eq!(keeps_the_image(None), Ok(()));
}

/// A leader stops in the middle of a creation, another takes over, and the first goes on.
fn fail_over(mutant: Option<Mutant>) -> Result<(), String> {
    let mut first = Stage::new([stack(SHAPE)]);
    first.mutant = mutant;
    first.sim.set_view(HIDDEN);
    // The first looks at the empty account, then loses its lease before it acts.
    let mut second = first.replica();
    second.turn().map_err(|_| "the second crashed")?;
    first.turn().map_err(|_| "the first crashed")?;
    first.leader.store(false, Ordering::SeqCst);
    let before = first.sim.calls().iter().filter(|call| call.write).count();
    for _ in 0..3 {
        first.turn().map_err(|_| "the first crashed")?;
        first.edit(|_| ());
    }
    let after = first.sim.calls().iter().filter(|call| call.write).count();
    if before != after {
        return Err(format!("the old leader made {} writes", after - before));
    }
    if second.converge() {
        Ok(())
    } else {
        Err("the new leader does not come to rest".into())
    }
}

#[test]
fn a_leader_that_lost_its_lease_does_not_write() {
    assert_eq!(fail_over(None), Ok(()));
}

#[test]
fn every_mutant_is_caught() {
    for mutant in Mutant::ALL {
        match caught(mutant) {
            Ok(plans) => panic!("{mutant:?} survives {plans} plans"),
            Err(wrong) => println!("{mutant:?} is caught: {}", wrong.lines().next().unwrap_or_default()),
        }
    }
}

#[test]
fn every_mutant_is_caught_with_services() {
    for mutant in Mutant::ALL {
        match caught_with_services(mutant) {
            Ok(plans) => panic!("{mutant:?} survives {plans} plans"),
            Err(wrong) => println!("{mutant:?} is caught: {}", wrong.lines().next().unwrap_or_default()),
        }
    }
}

#[test]
fn a_creation_that_was_written_down_and_never_sent_is_made_up_for() {
    let fault = Fault {
        at: 0,
        mode: FaultMode::CrashBefore,
    };
    let plan = Plan {
        fault: Some(fault),
        ..Plan::undisturbed(History::Create(SHAPE))
    };
    assert!(plan.play().is_ok());
}
