//! The suites fail when a safety measure is taken away.

use std::sync::atomic::Ordering;
use std::time::Duration;

use hastack_sim::{Fault, FaultMode, View};
use hastack_tests::mutant::Mutant;
use hastack_tests::plan::{History, Plan, play_all};
use hastack_tests::shape::stack;
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
    }
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
