use aws_sdk_iam::Client;
use aws_sdk_iam::operation::add_role_to_instance_profile::AddRoleToInstanceProfileOutput;
use aws_sdk_iam::operation::create_instance_profile::CreateInstanceProfileOutput;
use aws_sdk_iam::operation::delete_instance_profile::DeleteInstanceProfileOutput;
use aws_sdk_iam::operation::list_instance_profiles::ListInstanceProfilesOutput;
use aws_sdk_iam::operation::remove_role_from_instance_profile::RemoveRoleFromInstanceProfileError;
use aws_sdk_iam::types::{InstanceProfile, Role};
use aws_smithy_mocks::mock;
use aws_smithy_types::DateTime;
use hastack_core::cloud::Cloud;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};
use hastack_core::tag::{CLUSTER, ID, OWNER};

use super::*;
use crate::testing::{aws, object, refusal, request};

const PATH: &str = "/hastack.dev/c1/HAStack/shop/web/instance-profile/bastion/";
const ROLE: &str = "arn:aws:iam::123456789012:role/hastack.dev/c1/HAStack/shop/web/role/bastion/web-bastion";

fn state(role: Option<&str>) -> AnyState {
    AnyState::InstanceProfile(State {
        name: "web-bastion".into(),
        role_arn: role.map(str::to_owned),
    })
}

fn shown(roles: Vec<Role>) -> InstanceProfile {
    InstanceProfile::builder()
        .instance_profile_id("AIPA1")
        .instance_profile_name("web-bastion")
        .path(PATH)
        .arn("arn:aws:iam::123456789012:instance-profile/web-bastion")
        .create_date(DateTime::from_secs(1_800_000_000))
        .set_roles(Some(roles))
        .build()
        .unwrap()
}

fn role() -> Role {
    Role::builder()
        .path("/")
        .role_name("web-bastion")
        .role_id("AROA1")
        .arn(ROLE)
        .create_date(DateTime::from_secs(1_800_000_000))
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_profile_is_made_in_its_path_without_a_role() {
    let create = mock!(Client::create_instance_profile)
        .match_requests(|input| {
            input.instance_profile_name() == Some("web-bastion")
                && input.path() == Some(PATH)
                && input.tags()[0].key() == CLUSTER
        })
        .then_output(|| {
            CreateInstanceProfileOutput::builder()
                .instance_profile(shown(vec![]))
                .build()
        });
    let (aws, _) = aws(&[create]);
    let wanted = Create {
        name: "web-bastion".into(),
        path: PATH.into(),
    };
    let made = aws
        .create(&request(Kind::InstanceProfile, AnyCreate::InstanceProfile(wanted)))
        .await
        .unwrap();
    assert_eq!((made.id.as_str(), made.state), ("AIPA1", state(None)));
}

#[tokio::test]
async fn a_profile_says_by_its_path_whose_it_is_and_by_its_id_which_one() {
    let page = || {
        mock!(Client::list_instance_profiles)
            .match_requests(|input| input.path_prefix() == Some("/hastack.dev/c1/") && input.marker().is_none())
            .then_output(|| {
                ListInstanceProfilesOutput::builder()
                    .instance_profiles(shown(vec![role()]))
                    .build()
                    .unwrap()
            })
    };
    let (aws, _) = aws(&[page(), page()]);
    let seen = aws.sweep(Kind::InstanceProfile, &[]).await.unwrap();
    assert_eq!(seen[0].tags[OWNER], "HAStack/shop/web");
    assert_eq!(seen[0].tags[ID], "instance-profile/bastion");
    assert_eq!(seen[0].state, state(Some(ROLE)));
    let another = aws.read(Kind::InstanceProfile, &["AIPA2".into()]).await.unwrap();
    assert_eq!(another, []);
}

#[tokio::test]
async fn profile_and_role_are_called_by_their_names() {
    let add = mock!(Client::add_role_to_instance_profile)
        .match_requests(|input| {
            input.instance_profile_name() == Some("web-bastion") && input.role_name() == Some("web-bastion")
        })
        .then_output(|| AddRoleToInstanceProfileOutput::builder().build());
    let remove = mock!(Client::remove_role_from_instance_profile)
        .match_requests(|input| input.role_name() == Some("web-bastion"))
        .then_error(|| RemoveRoleFromInstanceProfileError::generic(refusal("NoSuchEntity")));
    let delete = mock!(Client::delete_instance_profile)
        .match_requests(|input| input.instance_profile_name() == Some("web-bastion"))
        .then_output(|| DeleteInstanceProfileOutput::builder().build());
    let (aws, _) = aws(&[add, remove, delete]);
    let profile = object("AIPA1", state(Some(ROLE)));
    for change in [Change::AddRole(ROLE.into()), Change::RemoveRole(ROLE.into())] {
        let change = AnyChange::InstanceProfile(change);
        aws.update(&profile, &change).await.unwrap();
    }
    assert_eq!(aws.delete(&profile, None).await.unwrap(), Deletion::Gone);
}
