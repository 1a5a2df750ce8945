use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::create_launch_template::{CreateLaunchTemplateError, CreateLaunchTemplateOutput};
use aws_sdk_ec2::operation::create_launch_template_version::CreateLaunchTemplateVersionOutput;
use aws_sdk_ec2::operation::delete_launch_template::DeleteLaunchTemplateError;
use aws_sdk_ec2::operation::delete_launch_template_versions::DeleteLaunchTemplateVersionsOutput;
use aws_sdk_ec2::operation::describe_launch_template_versions::DescribeLaunchTemplateVersionsOutput;
use aws_sdk_ec2::operation::describe_launch_templates::{DescribeLaunchTemplatesError, DescribeLaunchTemplatesOutput};
use aws_sdk_ec2::operation::modify_launch_template::ModifyLaunchTemplateOutput;
use aws_sdk_ec2::types::{LaunchTemplate, LaunchTemplateVersion, ResponseError, ResponseLaunchTemplateData};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::Cloud;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};
use hastack_core::tag::Tags;

use super::*;
use crate::testing::{asks_for_ours, aws, object as known, refusal, request};

fn data() -> Data {
    Data {
        image_id: "ami-1".into(),
        root_device: "/dev/sda1".into(),
        instance_type: "t3.micro".into(),
        key_name: Some("ops".into()),
        profile_id: "AIPA1".into(),
        profile_name: "web-profile".into(),
        security_group_ids: vec!["sg-1".into()],
        public_address: false,
        volume: Volume {
            size_gib: Some(20),
            iops: Some(4000),
            throughput: None,
            kms_key_id: Some("alias/k".into()),
        },
        detailed_monitoring: true,
        user_data: Some("#!/bin/sh\n".into()),
        tags: Tags::from([("Name".to_owned(), "web".to_owned())]),
    }
}

fn shown(id: &str, latest: i64) -> LaunchTemplate {
    LaunchTemplate::builder()
        .launch_template_id(id)
        .launch_template_name("web")
        .latest_version_number(latest)
        .default_version_number(1)
        .tags(types::Tag::builder().key("hastack.dev/cluster").value("c1").build())
        .build()
}

fn state(history: Option<History>) -> AnyState {
    AnyState::LaunchTemplate(State {
        name: "web".into(),
        latest: 2,
        default: 1,
        history,
    })
}

fn template() -> Object {
    known("lt-1", state(None))
}

fn delete_some(refused: &'static [LaunchTemplateErrorCode]) -> Rule {
    mock!(Client::delete_launch_template_versions)
        .match_requests(|input| input.launch_template_id() == Some("lt-1") && input.versions() == ["1", "2"])
        .then_output(|| {
            let items = refused.iter().map(|code| {
                let error = ResponseError::builder().code(code.clone()).message("because").build();
                DeleteLaunchTemplateVersionsResponseErrorItem::builder()
                    .response_error(error)
                    .build()
            });
            DeleteLaunchTemplateVersionsOutput::builder()
                .set_unsuccessfully_deleted_launch_template_versions(Some(items.collect()))
                .build()
        })
}

#[tokio::test]
async fn a_template_is_made_with_all_that_instances_are_launched_with() {
    let create = mock!(Client::create_launch_template)
        .match_requests(|input| {
            input.launch_template_name() == Some("web")
                && input.version_description() == Some(data().description().as_str())
                && input.client_token().is_none_or(|token| token != "t0k3n")
                && input.tag_specifications()[0].resource_type() == Some(&ResourceType::LaunchTemplate)
                && input.launch_template_data() == Some(&launch_template_data(&data()))
        })
        .then_output(|| {
            CreateLaunchTemplateOutput::builder()
                .launch_template(shown("lt-1", 1))
                .build()
        });
    let (aws, _) = aws(&[create]);
    let wanted = Create {
        name: "web".into(),
        data: data(),
    };
    let made = aws
        .create(&request(
            Kind::LaunchTemplate,
            AnyCreate::LaunchTemplate(wanted.clone()),
        ))
        .await
        .unwrap();
    assert_eq!(made, known("lt-1", AnyState::LaunchTemplate(State::new(&wanted))));
}

#[test]
fn an_instance_guards_its_metadata_encrypts_its_volume_and_has_no_address_of_its_own() {
    let said = launch_template_data(&data());
    let metadata = said.metadata_options().unwrap();
    assert_eq!(metadata.http_tokens(), Some(&LaunchTemplateHttpTokensState::Required));
    assert_eq!(metadata.http_put_response_hop_limit(), Some(1));
    let root = &said.block_device_mappings()[0];
    let volume = root.ebs().unwrap();
    assert_eq!(root.device_name(), Some("/dev/sda1"));
    assert_eq!(
        (volume.encrypted(), volume.volume_type()),
        (Some(true), Some(&VolumeType::Gp3))
    );
    assert_eq!(
        (volume.volume_size(), volume.iops(), volume.throughput()),
        (Some(20), Some(4000), None)
    );
    let interface = &said.network_interfaces()[0];
    assert_eq!(interface.associate_public_ip_address(), Some(false));
    assert_eq!(interface.groups(), ["sg-1"]);
    assert_eq!(said.user_data(), Some("IyEvYmluL3NoCg=="));
    assert_eq!(said.monitoring().unwrap().enabled(), Some(true));
    let tagged = said.tag_specifications().iter();
    assert!(tagged.clone().all(|tags| tags.tags()[0].value() == Some("web")));
    assert_eq!(tagged.count(), 3);
}

#[tokio::test]
async fn a_name_that_is_taken_is_looked_at() {
    let create = mock!(Client::create_launch_template)
        .then_error(|| CreateLaunchTemplateError::generic(refusal("InvalidLaunchTemplateName.AlreadyExistsException")));
    let (aws, _) = aws(&[create]);
    let wanted = Create {
        name: "web".into(),
        data: data(),
    };
    let wanted = request(Kind::LaunchTemplate, AnyCreate::LaunchTemplate(wanted));
    assert_eq!(aws.create(&wanted).await.unwrap_err().kind, ErrorKind::AlreadyExists);
}

#[tokio::test]
async fn a_sweep_shows_numbers_and_a_read_the_versions_too() {
    let page = mock!(Client::describe_launch_templates)
        .match_requests(|input| asks_for_ours(input.filters()))
        .then_output(|| {
            DescribeLaunchTemplatesOutput::builder()
                .launch_templates(shown("lt-1", 2))
                .build()
        });
    let (first, _) = aws(&[page]);
    assert_eq!(first.sweep(Kind::LaunchTemplate, &[]).await.unwrap(), [template()]);

    let one = mock!(Client::describe_launch_templates)
        .match_requests(|input| input.launch_template_ids() == ["lt-1"] && input.filters().is_empty())
        .then_output(|| {
            DescribeLaunchTemplatesOutput::builder()
                .launch_templates(shown("lt-1", 2))
                .build()
        });
    let versions = mock!(Client::describe_launch_template_versions)
        .match_requests(|input| input.launch_template_id() == Some("lt-1"))
        .then_output(|| {
            let version = |number, description: &str| {
                LaunchTemplateVersion::builder()
                    .version_number(number)
                    .version_description(description)
                    .launch_template_data(ResponseLaunchTemplateData::builder().image_id("ami-1").build())
                    .build()
            };
            DescribeLaunchTemplateVersionsOutput::builder()
                .launch_template_versions(version(2, "hastack:b"))
                .launch_template_versions(version(1, "hastack:a"))
                .build()
        });
    let (second, _) = aws(&[one, versions]);
    let seen = second.read(Kind::LaunchTemplate, &["lt-1".into()]).await.unwrap();
    let version = |description: &str| Version {
        description: description.into(),
        image_id: Some("ami-1".into()),
    };
    let history = History {
        latest: 2,
        versions: [(1, version("hastack:a")), (2, version("hastack:b"))].into(),
    };
    assert_eq!(seen, [known("lt-1", state(Some(history)))]);
}

#[tokio::test]
async fn a_template_that_is_gone_is_left_out_of_a_read() {
    let refuse = || {
        mock!(Client::describe_launch_templates)
            .then_error(|| DescribeLaunchTemplatesError::generic(refusal("InvalidLaunchTemplateId.NotFound")))
    };
    let (aws, _) = aws(&[refuse(), refuse()]);
    assert_eq!(aws.read(Kind::LaunchTemplate, &["lt-0".into()]).await.unwrap(), []);
}

#[tokio::test]
async fn a_version_is_made_once_however_often_it_is_tried() {
    let make = mock!(Client::create_launch_template_version)
        .match_requests(|input| {
            let token = digest(&format!("lt-1-2-{}", data().description()));
            input.launch_template_id() == Some("lt-1")
                && input.client_token() == Some(token.as_str())
                && token.len() <= 64
                && input.source_version().is_none()
                && input.version_description() == Some(data().description().as_str())
        })
        .then_output(|| {
            let version = LaunchTemplateVersion::builder().version_number(3).build();
            CreateLaunchTemplateVersionOutput::builder()
                .launch_template_version(version)
                .build()
        });
    let (aws, _) = aws(&[make]);
    let change = Change::CreateVersion {
        data: Box::new(data()),
        after: 2,
    };
    let reply = aws
        .update(&template(), &AnyChange::LaunchTemplate(change))
        .await
        .unwrap();
    assert_eq!(reply.part_id.as_deref(), Some("3"));
}

#[tokio::test]
async fn another_version_is_meant_by_default() {
    let modify = mock!(Client::modify_launch_template)
        .match_requests(|input| input.launch_template_id() == Some("lt-1") && input.default_version() == Some("2"))
        .then_output(|| ModifyLaunchTemplateOutput::builder().build());
    let (aws, _) = aws(&[modify]);
    let change = AnyChange::LaunchTemplate(Change::SetDefault(2));
    aws.update(&template(), &change).await.unwrap();
}

#[tokio::test]
async fn versions_are_deleted_and_one_that_stays_is_an_error() {
    let change = AnyChange::LaunchTemplate(Change::DeleteVersions([1, 2].into()));
    let missing = &[LaunchTemplateErrorCode::LaunchTemplateVersionDoesNotExist];
    for refused in [&[] as &[_], missing] {
        let (aws, _) = aws(&[delete_some(refused)]);
        aws.update(&template(), &change).await.unwrap();
    }
    let (aws, _) = aws(&[delete_some(&[LaunchTemplateErrorCode::UnexpectedError])]);
    let error = aws.update(&template(), &change).await.unwrap_err();
    assert_eq!(
        (error.code.as_deref(), error.message.as_str()),
        (Some("unexpectedError"), "because")
    );
}

#[tokio::test]
async fn a_template_that_is_gone_is_deleted() {
    let delete = mock!(Client::delete_launch_template)
        .then_error(|| DeleteLaunchTemplateError::generic(refusal("InvalidLaunchTemplateId.NotFound")));
    let (aws, _) = aws(&[delete]);
    assert_eq!(aws.delete(&template(), None).await.unwrap(), Deletion::Gone);
}
