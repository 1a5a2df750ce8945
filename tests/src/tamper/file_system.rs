//! Changes of a file system.

use hastack_core::object::{Object, Phase};
use hastack_core::resource::State;
use hastack_core::resource::file_system::{self, BackToStandard, Throughput, TransitionAfter};
use hastack_core::tag;

use super::Tamper;

pub(super) fn tampers(state: &State) -> Vec<Tamper> {
    match state {
        State::FileSystem(_) => vec![
            ("throughput", |object| {
                of(object).throughput = Throughput::Provisioned(7);
            }),
            ("the move to infrequent access", |object| {
                lifecycle_of(object).to_infrequent_access = Some(TransitionAfter::After1Day);
            }),
            ("the move to the archive", |object| {
                lifecycle_of(object).to_archive = Some(TransitionAfter::After365Days);
            }),
            ("the move back", |object| {
                lifecycle_of(object).back_to_standard = Some(BackToStandard::OnFirstAccess);
            }),
            ("backups", |object| {
                of(object).backups = of(object).backups.map(|on| !on);
            }),
            ("the deletion policy", |object| {
                drop(object.tags.remove(tag::DELETION_POLICY));
            }),
            ("marked as retained", |object| {
                object.tags.insert(tag::RETAINED_AT.into(), "yesterday".into());
            }),
        ],
        State::MountTarget(_) => vec![
            ("the security groups", |object| {
                if let State::MountTarget(target) = &mut object.state {
                    target.security_group_ids = Some(vec!["sg-foreign".into()]);
                }
            }),
            ("failed", |object| object.phase = Phase::Failed),
        ],
        State::AccessPoint(_) => vec![("failed", |object| object.phase = Phase::Failed)],
        _ => Vec::new(),
    }
}

fn of(object: &mut Object) -> &mut file_system::State {
    match &mut object.state {
        State::FileSystem(file_system) => file_system,
        other => panic!("{other:?} is no file system"),
    }
}

fn lifecycle_of(object: &mut Object) -> &mut file_system::Lifecycle {
    of(object).lifecycle.get_or_insert_default()
}
