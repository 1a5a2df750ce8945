use super::*;

struct Nobody;

impl Refs for Nobody {
    fn usable(&self, node: &NodeId) -> Result<String, NodeId> {
        Err(node.clone())
    }

    fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
        Err(node.clone())
    }
}

fn wanted() -> Spec {
    Spec {
        throughput: Throughput::Elastic,
        performance: Performance::GeneralPurpose,
        kms_key_id: None,
        lifecycle: Lifecycle::default(),
        backups: true,
    }
}

fn shown() -> State {
    State {
        throughput: Throughput::Elastic,
        performance: Performance::GeneralPurpose,
        kms_key_id: Some("arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab".into()),
        lifecycle: Some(Lifecycle::default()),
        backups: Some(true),
    }
}

#[test]
fn throughput_is_changed_last_since_aws_takes_no_other_change_while_it_is_at_work_on_it() {
    let state = State {
        throughput: Throughput::Bursting,
        lifecycle: Some(Lifecycle {
            to_infrequent_access: Some(TransitionAfter::After30Days),
            ..Lifecycle::default()
        }),
        backups: Some(false),
        ..shown()
    };
    let changes = [
        Change::Lifecycle(Lifecycle::default()),
        Change::Backups(true),
        Change::Throughput(Throughput::Elastic),
    ];
    assert_eq!(wanted().compare(&state, &Nobody), changes.map(Finding::Change));
}

#[test]
fn details_that_were_not_read_yet_are_not_changed() {
    let state = State {
        lifecycle: None,
        backups: None,
        ..shown()
    };
    assert_eq!(wanted().compare(&state, &Nobody), []);
    assert!(state.lacks_details());
}

#[test]
fn a_key_may_be_given_by_id_or_arn_and_is_not_looked_at_where_none_is_asked_for() {
    let with = |key: &str| Spec {
        kms_key_id: Some(key.to_owned()),
        ..wanted()
    };
    let arn = shown().kms_key_id.unwrap();
    for same in [&arn, "1234abcd-12ab-34cd-56ef-1234567890ab"] {
        assert_eq!(with(same).compare(&shown(), &Nobody), [], "{same}");
    }
    assert_eq!(wanted().compare(&shown(), &Nobody), []);
    let other = with("1234abcd-12ab-34cd-56ef-1234567890ac").compare(&shown(), &Nobody);
    assert!(
        matches!(
            &other[..],
            [Finding::Immutable {
                field: "fileSystem.kmsKeyId",
                ..
            }]
        ),
        "{other:?}"
    );
}

#[test]
fn a_change_reads_as_what_will_be() {
    let lifecycle = Lifecycle {
        to_infrequent_access: Some(TransitionAfter::After30Days),
        to_archive: None,
        back_to_standard: Some(BackToStandard::OnFirstAccess),
    };
    assert_eq!(
        Change::Lifecycle(lifecycle).to_string(),
        "lifecycle: to infrequent access After30Days, to archive never, back to standard OnFirstAccess"
    );
    assert_eq!(
        Change::Throughput(Throughput::Provisioned(64)).to_string(),
        "throughput: Provisioned 64 MiB/s"
    );
}
