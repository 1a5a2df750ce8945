use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::create_image::CreateImageOutput;
use aws_sdk_ec2::operation::deregister_image::{DeregisterImageError, DeregisterImageOutput};
use aws_sdk_ec2::operation::describe_images::{DescribeImagesError, DescribeImagesOutput};
use aws_sdk_ec2::types::{ArchitectureValues, BlockDeviceMapping, EbsBlockDevice, StateReason};
use aws_smithy_mocks::mock;
use hastack_core::cloud::{Answer, Cloud, Question};
use hastack_core::resource::Create as AnyCreate;

use super::*;
use crate::testing::{asks_for_ours, aws, object, refusal, request};

fn shown(id: &str, state: ImageState, created: &str) -> types::Image {
    let root = EbsBlockDevice::builder().snapshot_id("snap-1").build();
    let root = BlockDeviceMapping::builder().device_name("/dev/xvda").ebs(root).build();
    types::Image::builder()
        .image_id(id)
        .name("web")
        .state(state)
        .creation_date(created)
        .architecture(ArchitectureValues::X8664)
        .root_device_name("/dev/xvda")
        .block_device_mappings(root)
        .build()
}

fn state() -> State {
    State {
        name: "web".into(),
        root_device: Some("/dev/xvda".into()),
        architecture: Some("x86_64".into()),
        snapshot_ids: vec!["snap-1".into()],
        unfinished: false,
        reason: None,
    }
}

#[tokio::test]
async fn an_image_is_made_with_tags_on_it_and_its_snapshots() {
    let creation = mock!(Client::create_image)
        .match_requests(|input| {
            let tagged: Vec<_> = input
                .tag_specifications()
                .iter()
                .filter_map(|specification| specification.resource_type())
                .collect();
            input.name() == Some("web")
                && input.description() == Some("made")
                && input.instance_id() == Some("i-1")
                && input.no_reboot() == Some(true)
                && tagged == [&ResourceType::Image, &ResourceType::Snapshot]
        })
        .then_output(|| CreateImageOutput::builder().image_id("ami-1").build());
    let (aws, _) = aws(&[creation]);
    let wanted = Create {
        name: "web".into(),
        description: "made".into(),
        instance_id: "i-1".into(),
        reboot: false,
    };
    let made = aws
        .create(&request(Kind::Image, AnyCreate::Image(wanted)))
        .await
        .unwrap();
    assert_eq!((made.id.as_str(), made.phase), ("ami-1", Phase::Pending));
    assert!(made.state.lingers().is_some());
}

#[tokio::test]
async fn a_sweep_shows_our_images_and_those_that_cannot_be_used_too() {
    let page = mock!(Client::describe_images)
        .match_requests(|input| {
            asks_for_ours(input.filters()) && input.owners() == ["self"] && input.include_disabled() == Some(true)
        })
        .then_output(|| {
            let mut failed = shown("ami-2", ImageState::Failed, "2027-01-15T10:00:00.000Z");
            failed.state_reason = Some(StateReason::builder().message("no key").build());
            DescribeImagesOutput::builder()
                .images(shown("ami-1", ImageState::Available, "2027-01-15T10:00:00.000Z"))
                .images(failed)
                .images(shown("ami-3", ImageState::Disabled, "2027-01-15T10:00:00.000Z"))
                .images(shown("ami-4", ImageState::Pending, "2027-01-15T10:00:00.000Z"))
                .build()
        });
    let (aws, _) = aws(&[page]);
    let seen = aws.sweep(Kind::Image, &[]).await.unwrap();
    assert_eq!(seen[0].state, AnyState::Image(state()));
    assert_eq!(seen[0].created, "2027-01-15T10:00:00Z".parse().ok());
    let phases: Vec<_> = seen.iter().map(|object| object.phase).collect();
    assert_eq!(phases, [Phase::Ready, Phase::Failed, Phase::Failed, Phase::Pending]);
    let problem = |index: usize| seen[index].state.problem().unwrap();
    assert!(problem(1).starts_with("no key; "), "{}", problem(1));
    assert!(problem(2).starts_with("it is disabled: enable it; "), "{}", problem(2));
    assert_eq!(seen[3].state.problem(), None);
}

#[tokio::test]
async fn an_image_goes_with_its_snapshots() {
    let deregister = mock!(Client::deregister_image)
        .match_requests(|input| input.image_id() == Some("ami-1") && input.delete_associated_snapshots() == Some(true))
        .then_output(|| DeregisterImageOutput::builder().build());
    let again = mock!(Client::deregister_image)
        .then_error(|| DeregisterImageError::generic(refusal("InvalidAMIID.Unavailable")));
    let (aws, _) = aws(&[deregister, again]);
    let image = object("ami-1", AnyState::Image(state()));
    for _ in 0..2 {
        assert_eq!(aws.delete(&image, None).await.unwrap(), Deletion::Gone);
    }
}

async fn found(aws: &Aws, query: ImageQuery) -> Option<Image> {
    match aws.look_up(&Question::Image(query)).await.unwrap() {
        Answer::Image(image) => image,
        other => panic!("{other:?} is no image"),
    }
}

#[tokio::test]
async fn the_newest_of_an_owners_images_is_found_over_all_pages() {
    let newest = |page: DescribeImagesOutput| {
        mock!(Client::describe_images)
            .match_requests(|input| {
                let filters = input.filters().iter();
                let filters: Vec<_> = filters
                    .map(|filter| (filter.name().unwrap(), filter.values()[0].as_str()))
                    .collect();
                input.owners() == ["amazon"]
                    && filters == [("name", "al2023-*"), ("architecture", "x86_64"), ("state", "available")]
            })
            .then_output(move || page.clone())
    };
    let first = DescribeImagesOutput::builder()
        .images(shown("ami-1", ImageState::Available, "2027-01-15T10:00:00.000Z"))
        .images(shown("ami-2", ImageState::Available, "2027-01-17T10:00:00.000Z"))
        .next_token("more");
    let second = DescribeImagesOutput::builder()
        .images(shown("ami-3", ImageState::Available, "2027-01-16T10:00:00.000Z"))
        .images(shown("ami-4", ImageState::Pending, "2027-01-18T10:00:00.000Z"));
    let (aws, _) = aws(&[newest(first.build()), newest(second.build())]);
    let query = ImageQuery::Newest {
        owner: "amazon".into(),
        name: "al2023-*".into(),
        architecture: "x86_64".into(),
    };
    let image = Image {
        id: "ami-2".into(),
        name: "web".into(),
        architecture: "x86_64".into(),
        root_device: "/dev/xvda".into(),
    };
    assert_eq!(found(&aws, query).await, Some(image));
}

#[tokio::test]
async fn an_image_that_does_not_exist_is_none() {
    let query = || ImageQuery::Id("ami-1".into());
    let asks = |input: &aws_sdk_ec2::operation::describe_images::DescribeImagesInput| {
        input.image_ids() == ["ami-1"] && input.max_results().is_none()
    };
    let missing = mock!(Client::describe_images)
        .match_requests(asks)
        .then_error(|| DescribeImagesError::generic(refusal("InvalidAMIID.NotFound")));
    let pending = mock!(Client::describe_images).match_requests(asks).then_output(|| {
        DescribeImagesOutput::builder()
            .images(shown("ami-1", ImageState::Pending, "2027-01-15T10:00:00.000Z"))
            .build()
    });
    let (aws, _) = aws(&[missing, pending]);
    assert_eq!(found(&aws, query()).await, None);
    assert_eq!(found(&aws, query()).await, None);
}
