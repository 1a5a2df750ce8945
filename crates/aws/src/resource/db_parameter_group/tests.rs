use aws_sdk_rds::Client;
use aws_sdk_rds::operation::create_db_parameter_group::CreateDbParameterGroupOutput;
use aws_sdk_rds::operation::delete_db_parameter_group::{DeleteDBParameterGroupError, DeleteDbParameterGroupOutput};
use aws_sdk_rds::operation::describe_db_parameter_groups::DescribeDbParameterGroupsOutput;
use aws_sdk_rds::operation::describe_db_parameters::DescribeDbParametersOutput;
use aws_sdk_rds::operation::modify_db_parameter_group::ModifyDbParameterGroupOutput;
use aws_sdk_rds::operation::reset_db_parameter_group::ResetDbParameterGroupOutput;
use aws_sdk_rds::types::ApplyMethod;
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::Cloud;
use hastack_core::resource::parameter_group::State;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};
use hastack_core::tag::{CLUSTER, ID};

use super::*;
use crate::testing::{aws, object as made, refusal, request};

const PATH: &str = "/hastack.dev/c1/ManagedDatabase/shop/web/db-parameter-group/parameters";

fn state(parameters: Option<&[(&str, &str)]>) -> AnyState {
    let parameters = parameters.map(|parameters| {
        let owned = parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        owned.collect()
    });
    AnyState::DbParameterGroup(State {
        name: "web".into(),
        path: PATH.into(),
        family: "postgres16".into(),
        parameters,
    })
}

fn shown(name: &str, path: &str) -> types::DbParameterGroup {
    types::DbParameterGroup::builder()
        .db_parameter_group_name(name)
        .db_parameter_group_family("postgres16")
        .description(path)
        .build()
}

fn page() -> Rule {
    mock!(Client::describe_db_parameter_groups)
        .match_requests(|input| input.max_records() == Some(100) && input.db_parameter_group_name().is_none())
        .then_output(|| {
            DescribeDbParameterGroupsOutput::builder()
                .db_parameter_groups(shown("default.postgres16", "Default"))
                .db_parameter_groups(shown("web", PATH))
                .build()
        })
}

/// A parameter as it is asked for before it is changed.
fn asked(name: &'static str, apply_type: &'static str) -> Rule {
    mock!(Client::describe_db_parameters)
        .match_requests(move |input| {
            input.db_parameter_group_name() == Some("web")
                && input.source().is_none()
                && input.filters()[0].values() == [name]
        })
        .then_output(move || {
            let parameter = Parameter::builder().parameter_name(name).apply_type(apply_type);
            DescribeDbParametersOutput::builder()
                .parameters(parameter.build())
                .build()
        })
}

#[tokio::test]
async fn a_group_says_in_its_description_whose_it_is() {
    let (aws, _) = aws(&[page()]);
    let seen = aws.sweep(Kind::DbParameterGroup, &[]).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].id.as_str(), &seen[0].state), ("web", &state(None)));
    assert_eq!(seen[0].tags[ID], "db-parameter-group/parameters");
}

#[tokio::test]
async fn a_read_shows_the_parameters_that_are_set() {
    let set = mock!(Client::describe_db_parameters)
        .match_requests(|input| input.db_parameter_group_name() == Some("web") && input.source() == Some("user"))
        .then_output(|| {
            let parameter = Parameter::builder().parameter_name("work_mem").parameter_value("8192");
            DescribeDbParametersOutput::builder()
                .parameters(parameter.build())
                .build()
        });
    let (aws, _) = aws(&[page(), set]);
    let seen = aws.read(Kind::DbParameterGroup, &["web".into()]).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].state, state(Some(&[("work_mem", "8192")])));
}

#[tokio::test]
async fn a_group_is_made_with_its_tags_and_nothing_set() {
    let create = mock!(Client::create_db_parameter_group)
        .match_requests(|input| {
            input.db_parameter_group_name() == Some("web")
                && input.db_parameter_group_family() == Some("postgres16")
                && input.description() == Some(PATH)
                && input.tags()[0].key() == Some(CLUSTER)
        })
        .then_output(|| CreateDbParameterGroupOutput::builder().build());
    let (aws, _) = aws(&[create]);
    let wanted = Create {
        name: "web".into(),
        path: PATH.into(),
        family: "postgres16".into(),
    };
    let request = request(Kind::DbParameterGroup, AnyCreate::DbParameterGroup(wanted));
    let made = aws.create(&request).await.unwrap();
    assert_eq!((made.id.as_str(), made.state), ("web", state(Some(&[]))));
}

#[tokio::test]
async fn what_can_count_at_once_does() {
    let set = mock!(Client::modify_db_parameter_group)
        .match_requests(|input| {
            let parameter = &input.parameters()[0];
            input.db_parameter_group_name() == Some("web")
                && parameter.parameter_value() == Some("8192")
                && parameter.apply_method() == Some(&ApplyMethod::Immediate)
        })
        .then_output(|| ModifyDbParameterGroupOutput::builder().build());
    let reset = mock!(Client::reset_db_parameter_group)
        .match_requests(|input| {
            let parameter = &input.parameters()[0];
            input.reset_all_parameters() != Some(true) && parameter.apply_method() == Some(&ApplyMethod::PendingReboot)
        })
        .then_output(|| ResetDbParameterGroupOutput::builder().build());
    let rules = [
        asked("work_mem", "dynamic"),
        set,
        asked("max_connections", "static"),
        reset,
    ];
    let (aws, _) = aws(&rules);
    let group = made("web", state(Some(&[])));
    let work_mem = [("work_mem".to_owned(), "8192".to_owned())];
    let names = ["max_connections".to_owned()];
    for change in [Change::Set(work_mem.into()), Change::Reset(names.into())] {
        aws.update(&group, &AnyChange::DbParameterGroup(change)).await.unwrap();
    }
}

#[tokio::test]
async fn a_group_that_is_used_stays_and_one_that_is_gone_is_no_error() {
    let done = mock!(Client::delete_db_parameter_group).then_output(|| DeleteDbParameterGroupOutput::builder().build());
    let used = mock!(Client::delete_db_parameter_group)
        .then_error(|| DeleteDBParameterGroupError::generic(refusal("InvalidDBParameterGroupState")));
    let gone = mock!(Client::delete_db_parameter_group)
        .then_error(|| DeleteDBParameterGroupError::generic(refusal("DBParameterGroupNotFound")));
    let (aws, _) = aws(&[done, used, gone]);
    let group = made("web", state(None));
    assert_eq!(aws.delete(&group, None).await.unwrap(), Deletion::Gone);
    assert_eq!(aws.delete(&group, None).await.unwrap_err().kind, ErrorKind::InUse);
    assert_eq!(aws.delete(&group, None).await.unwrap(), Deletion::Gone);
}
