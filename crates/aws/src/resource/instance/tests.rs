use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::describe_instances::DescribeInstancesOutput;
use aws_sdk_ec2::operation::get_console_output::GetConsoleOutputOutput;
use aws_sdk_ec2::operation::modify_instance_attribute::ModifyInstanceAttributeOutput;
use aws_sdk_ec2::operation::modify_instance_metadata_options::ModifyInstanceMetadataOptionsOutput;
use aws_sdk_ec2::operation::run_instances::{RunInstancesInput, RunInstancesOutput};
use aws_sdk_ec2::operation::start_instances::StartInstancesOutput;
use aws_sdk_ec2::operation::terminate_instances::TerminateInstancesOutput;
use aws_sdk_ec2::types::{
    GroupIdentifier, IamInstanceProfile, InstanceMetadataOptionsResponse, InstanceState, Reservation, StateReason, Tag,
};
use aws_smithy_mocks::mock;
use hastack_core::cloud::Cloud;
use hastack_core::resource::instance::{ProfileRef, Volume};
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::testing::{asks_for_ours, aws, object, request};

const PARAMETER: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";

fn state() -> State {
    State {
        instance_type: "t4g.nano".into(),
        image_parameter: Some(PARAMETER.into()),
        image_id: Some("ami-1".into()),
        subnet_id: "subnet-1".into(),
        group_ids: ["sg-1".to_owned()].into(),
        profile_id: Some("AIPA1".into()),
        key_name: Some("ops".into()),
        volume_size_gib: Some(8),
        guards_metadata: true,
        runs: true,
        public_ip: None,
        build: None,
    }
}

fn shown(name: InstanceStateName) -> types::builders::InstanceBuilder {
    let metadata = InstanceMetadataOptionsResponse::builder()
        .http_tokens(HttpTokensState::Required)
        .http_put_response_hop_limit(1);
    types::Instance::builder()
        .instance_id("i-1")
        .instance_type(InstanceType::T4gNano)
        .image_id("ami-1")
        .subnet_id("subnet-1")
        .security_groups(GroupIdentifier::builder().group_id("sg-1").build())
        .iam_instance_profile(IamInstanceProfile::builder().id("AIPA1").build())
        .key_name("ops")
        .metadata_options(metadata.build())
        .state(InstanceState::builder().name(name).build())
}

/// Whether a request asks for all that belongs into the one call.
fn asks_for_everything(input: &RunInstancesInput) -> bool {
    let interface = &input.network_interfaces()[0];
    let volume = input.block_device_mappings()[0].ebs().unwrap();
    let metadata = input.metadata_options().unwrap();
    let tagged: Vec<_> = input
        .tag_specifications()
        .iter()
        .filter_map(|specification| specification.resource_type())
        .collect();
    interface.subnet_id() == Some("subnet-1")
        && interface.groups() == ["sg-1"]
        && interface.associate_public_ip_address() == Some(true)
        && (volume.encrypted(), volume.volume_size()) == (Some(true), Some(8))
        && volume.volume_type() == Some(&VolumeType::Gp3)
        && metadata.http_tokens() == Some(&HttpTokensState::Required)
        && metadata.http_put_response_hop_limit() == Some(1)
        && tagged
            == [
                &ResourceType::Instance,
                &ResourceType::Volume,
                &ResourceType::NetworkInterface,
            ]
}

#[tokio::test]
async fn an_instance_is_started_with_everything_in_one_call() {
    let run = mock!(Client::run_instances)
        .match_requests(|input| {
            let profile = input.iam_instance_profile().unwrap();
            input.client_token() == Some("t0k3n")
                && input.image_id() == Some(&format!("resolve:ssm:{PARAMETER}"))
                && input.instance_type() == Some(&InstanceType::T4gNano)
                && input.key_name() == Some("ops")
                && profile.name() == Some("shop-bastion")
                && (input.min_count(), input.max_count()) == (Some(1), Some(1))
                && asks_for_everything(input)
        })
        .then_output(|| {
            let instance = shown(InstanceStateName::Pending).build();
            RunInstancesOutput::builder().instances(instance).build()
        });
    let (aws, _) = aws(&[run]);
    let wanted = Create {
        instance_type: "t4g.nano".into(),
        image: ImageRef::Parameter(PARAMETER.into()),
        subnet_id: "subnet-1".into(),
        group_ids: ["sg-1".to_owned()].into(),
        public_address: true,
        profile: Some(ProfileRef {
            id: "AIPA1".into(),
            name: "shop-bastion".into(),
        }),
        key_name: Some("ops".into()),
        volume: Volume {
            device: "/dev/xvda".into(),
            size_gib: Some(8),
        },
        user_data: None,
    };
    let made = aws
        .create(&request(Kind::Instance, AnyCreate::Instance(wanted)))
        .await
        .unwrap();
    assert_eq!(
        (made.id.as_str(), made.phase, made.state),
        ("i-1", Phase::Pending, AnyState::Instance(state()))
    );
}

#[tokio::test]
async fn an_instance_that_builds_an_image_runs_its_script_and_stops() {
    let run = mock!(Client::run_instances)
        .match_requests(|input| {
            let root = &input.block_device_mappings()[0];
            input.image_id() == Some("ami-1")
                && input.user_data() == Some("IyEvYmluL3No")
                && input.instance_initiated_shutdown_behavior() == Some(&ShutdownBehavior::Stop)
                && input.iam_instance_profile().is_none()
                && input.network_interfaces()[0].associate_public_ip_address() == Some(false)
                && root.device_name() == Some("/dev/sda1")
                && root
                    .ebs()
                    .is_some_and(|root| root.encrypted() == Some(true) && root.volume_size().is_none())
                && input.tag_specifications()[0]
                    .tags()
                    .iter()
                    .all(|tag| tag.key() != Some(IMAGE) && tag.key() != Some(VOLUME))
        })
        .then_output(|| {
            let instance = shown(InstanceStateName::Pending).build();
            RunInstancesOutput::builder().instances(instance).build()
        });
    let (aws, _) = aws(&[run]);
    let wanted = Create {
        instance_type: "t4g.nano".into(),
        image: ImageRef::Id("ami-1".into()),
        subnet_id: "subnet-1".into(),
        group_ids: ["sg-1".to_owned()].into(),
        public_address: false,
        profile: None,
        key_name: None,
        volume: Volume {
            device: "/dev/sda1".into(),
            size_gib: None,
        },
        user_data: Some("#!/bin/sh".into()),
    };
    let made = aws
        .create(&request(Kind::Instance, AnyCreate::Instance(wanted)))
        .await
        .unwrap();
    let AnyState::Instance(made) = made.state else {
        panic!("it is an instance")
    };
    assert_eq!(made.build, Some(Build::Running { since: None }));
}

/// An instance on which an image is built, in this state, with the code of the reason for that.
fn builder(name: InstanceStateName, code: &str) -> types::Instance {
    let id = Tag::builder().key(ID).value("instance/builder/0123456789").build();
    let reason = StateReason::builder().code(code).build();
    shown(name).tags(id).state_reason(reason).build()
}

#[test]
fn what_has_stopped_a_build_is_told_by_what_has_stopped_the_instance() {
    let build = |name, code: &str| match super::object(builder(name, code)).unwrap().state {
        AnyState::Instance(state) => state.build.unwrap(),
        other => panic!("{other:?} is no instance"),
    };
    assert_eq!(build(InstanceStateName::Running, ""), Build::Running { since: None });
    assert_eq!(build(InstanceStateName::Stopped, STOPPED_ITSELF), Build::Unread);
    assert_eq!(build(InstanceStateName::Stopped, ""), Build::Unread);
    let by_hand = build(InstanceStateName::Stopped, "Client.UserInitiatedShutdown");
    assert_eq!(by_hand, Build::Interrupted);
}

#[tokio::test]
async fn a_read_shows_what_the_console_of_a_stopped_instance_says() {
    let page = mock!(Client::describe_instances).then_output(|| {
        let reservation = |instance| Reservation::builder().instances(instance).build();
        let running = shown(InstanceStateName::Running).instance_id("i-2").build();
        DescribeInstancesOutput::builder()
            .reservations(reservation(builder(InstanceStateName::Stopped, STOPPED_ITSELF)))
            .reservations(reservation(running))
            .build()
    });
    let console = mock!(Client::get_console_output)
        .match_requests(|input| input.instance_id() == Some("i-1") && input.latest().is_none())
        .then_output(|| {
            let text = "boot\r\nhastack-build: succeeded 0123456789\r\n";
            let output = base64::encode(text);
            GetConsoleOutputOutput::builder().output(output).build()
        });
    let (aws, calls) = aws(&[page, console]);
    let seen = aws.read(Kind::Instance, &["i-1".into(), "i-2".into()]).await.unwrap();
    let builds: Vec<_> = seen
        .iter()
        .map(|object| match &object.state {
            AnyState::Instance(state) => state.build.clone(),
            other => panic!("{other:?} is no instance"),
        })
        .collect();
    assert_eq!(builds, [Some(Build::Succeeded), None]);
    assert_eq!(calls.seen(), ["DescribeInstances ok", "GetConsoleOutput ok"]);
}

#[tokio::test]
async fn a_console_that_says_nothing_yet_is_read_again() {
    let page = mock!(Client::describe_instances).then_output(|| {
        let stopped = builder(InstanceStateName::Stopped, STOPPED_ITSELF);
        let reservation = Reservation::builder().instances(stopped).build();
        DescribeInstancesOutput::builder().reservations(reservation).build()
    });
    let console = mock!(Client::get_console_output).then_output(|| GetConsoleOutputOutput::builder().build());
    let (aws, _) = aws(&[page, console]);
    let seen = aws.read(Kind::Instance, &["i-1".into()]).await.unwrap();
    assert!(seen[0].state.is_underway());
}

#[tokio::test]
async fn an_instance_says_by_its_tags_what_it_was_started_with() {
    let page = mock!(Client::describe_instances)
        .match_requests(|input| asks_for_ours(input.filters()))
        .then_output(|| {
            let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
            let instance = shown(InstanceStateName::Running)
                .tags(tag(IMAGE, PARAMETER))
                .tags(tag(VOLUME, "8"))
                .public_ip_address("192.0.2.1");
            let terminated = shown(InstanceStateName::Terminated).instance_id("i-2");
            let reservation = |instance| Reservation::builder().instances(instance).build();
            DescribeInstancesOutput::builder()
                .reservations(reservation(instance.build()))
                .reservations(reservation(terminated.build()))
                .build()
        });
    let (aws, _) = aws(&[page]);
    let seen = aws.sweep(Kind::Instance, &[]).await.unwrap();
    let wanted = State {
        public_ip: Some("192.0.2.1".into()),
        ..state()
    };
    assert_eq!(seen[0].state, AnyState::Instance(wanted));
    assert_eq!((seen[0].phase, seen[1].phase), (Phase::Ready, Phase::Deleted));
}

#[test]
fn a_stopped_instance_is_one_that_can_be_started() {
    let of = |name| {
        let object = super::object(shown(name).build()).unwrap();
        match object.state {
            AnyState::Instance(state) => (object.phase, state.runs),
            other => panic!("{other:?} is no instance"),
        }
    };
    assert_eq!(of(InstanceStateName::Stopped), (Phase::Ready, false));
    assert_eq!(of(InstanceStateName::Stopping), (Phase::Pending, false));
    assert_eq!(of(InstanceStateName::ShuttingDown).0, Phase::Deleting);
}

#[tokio::test]
async fn each_change_is_a_call_of_its_own() {
    let start = mock!(Client::start_instances)
        .match_requests(|input| input.instance_ids() == ["i-1"])
        .then_output(|| StartInstancesOutput::builder().build());
    let groups = mock!(Client::modify_instance_attribute)
        .match_requests(|input| input.instance_id() == Some("i-1") && input.groups() == ["sg-2"])
        .then_output(|| ModifyInstanceAttributeOutput::builder().build());
    let metadata = mock!(Client::modify_instance_metadata_options)
        .match_requests(|input| {
            input.http_tokens() == Some(&HttpTokensState::Required) && input.http_put_response_hop_limit() == Some(1)
        })
        .then_output(|| ModifyInstanceMetadataOptionsOutput::builder().build());
    let (aws, _) = aws(&[start, groups, metadata]);
    let instance = object("i-1", AnyState::Instance(state()));
    for change in [
        Change::Start,
        Change::Groups(["sg-2".to_owned()].into()),
        Change::GuardMetadata,
    ] {
        aws.update(&instance, &AnyChange::Instance(change)).await.unwrap();
    }
}

#[tokio::test]
async fn an_instance_is_terminated_in_its_own_time() {
    let terminate = mock!(Client::terminate_instances)
        .match_requests(|input| input.instance_ids() == ["i-1"])
        .then_output(|| TerminateInstancesOutput::builder().build());
    let (aws, _) = aws(&[terminate]);
    let instance = object("i-1", AnyState::Instance(state()));
    assert_eq!(aws.delete(&instance, None).await.unwrap(), Deletion::Started);
}
