//! An instance.

use std::collections::BTreeSet;

use aws_sdk_ec2::operation::run_instances::builders::RunInstancesFluentBuilder;
use aws_sdk_ec2::types::{
    self, BlockDeviceMapping, EbsBlockDevice, Filter, HttpTokensState, IamInstanceProfileSpecification,
    InstanceMetadataOptionsRequest, InstanceNetworkInterfaceSpecification, InstanceStateName, InstanceType,
    ResourceType, VolumeType,
};
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::instance::{Change, Create, IMAGE, State, VOLUME};

use super::{gone, timestamp};
use crate::Aws;
use crate::action::Action;
use crate::page::by_id;
use crate::{error, tag};

/// Where Amazon Linux has its root volume.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html>
const ROOT_DEVICE: &str = "/dev/xvda";

/// How far from the instance an answer with metadata goes: no further than to the instance itself.
const HOP_LIMIT: i32 = 1;

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    describe(aws, aws.ours()).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    by_id("instance-id", ids, |filter| describe(aws, filter)).await
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::RunInstances;
    let call = run(aws.ec2.write.run_instances(), request, create);
    let answer = aws.send_write(action, call.send()).await?;
    let instance = answer.instances.unwrap_or_default().into_iter().next();
    let object = instance.and_then(object).ok_or_else(|| error::unreadable(action))?;
    Ok(with_tagged(object, create))
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let id = object.id.as_str();
    match change {
        Change::Start => {
            let call = aws.ec2.write.start_instances().instance_ids(id);
            aws.send_write(Action::StartInstances, call.send()).await?;
        }
        Change::Groups(groups) => {
            let groups = groups.iter().cloned().collect();
            let call = aws
                .ec2
                .write
                .modify_instance_attribute()
                .instance_id(id)
                .set_groups(Some(groups));
            aws.send_write(Action::ModifyInstanceAttribute, call.send()).await?;
        }
        Change::GuardMetadata => {
            let call = aws
                .ec2
                .write
                .modify_instance_metadata_options()
                .instance_id(id)
                .http_tokens(HttpTokensState::Required)
                .http_put_response_hop_limit(HOP_LIMIT);
            aws.send_write(Action::ModifyInstanceMetadataOptions, call.send())
                .await?;
        }
    }
    Ok(Reply::default())
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.ec2.write.terminate_instances().instance_ids(id);
    gone(
        aws.send_write(Action::TerminateInstances, call.send()).await,
        Deletion::Started,
    )
}

fn run(call: RunInstancesFluentBuilder, request: &CreateRequest, create: &Create) -> RunInstancesFluentBuilder {
    let Create {
        instance_type,
        image_parameter,
        subnet_id,
        group_ids,
        profile_id: _,
        profile_name,
        key_name,
        volume_size_gib,
    } = create;
    let interface = InstanceNetworkInterfaceSpecification::builder()
        .device_index(0)
        .subnet_id(subnet_id)
        .set_groups(Some(group_ids.iter().cloned().collect()))
        .associate_public_ip_address(true)
        .delete_on_termination(true);
    let volume = EbsBlockDevice::builder()
        .encrypted(true)
        .volume_type(VolumeType::Gp3)
        .volume_size((*volume_size_gib).into())
        .delete_on_termination(true);
    let root = BlockDeviceMapping::builder()
        .device_name(ROOT_DEVICE)
        .ebs(volume.build());
    let metadata = InstanceMetadataOptionsRequest::builder()
        .http_tokens(HttpTokensState::Required)
        .http_put_response_hop_limit(HOP_LIMIT);
    let mut tags = request.tags.clone();
    tags.insert(IMAGE.to_owned(), image_parameter.clone());
    tags.insert(VOLUME.to_owned(), volume_size_gib.to_string());
    call.min_count(1)
        .max_count(1)
        .client_token(&request.token)
        .image_id(format!("resolve:ssm:{image_parameter}"))
        .instance_type(InstanceType::from(instance_type.as_str()))
        .iam_instance_profile(IamInstanceProfileSpecification::builder().name(profile_name).build())
        .set_key_name(key_name.clone())
        .network_interfaces(interface.build())
        .block_device_mappings(root.build())
        .metadata_options(metadata.build())
        .tag_specifications(tag::specification(ResourceType::Instance, &tags))
        .tag_specifications(tag::specification(ResourceType::Volume, &request.tags))
        .tag_specifications(tag::specification(ResourceType::NetworkInterface, &request.tags))
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .ec2
        .read
        .describe_instances()
        .filters(filter)
        .max_results(Kind::Instance.row().page.into());
    let instances = |reservations: Vec<types::Reservation>| {
        let instances = reservations.into_iter().map(|reservation| reservation.instances);
        instances.flatten().flatten().collect()
    };
    aws.pages(
        Action::DescribeInstances,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.reservations.map(instances), page.next_token),
        object,
    )
    .await
}

fn object(shown: types::Instance) -> Option<Object> {
    let tags = tag::tags(shown.tags);
    let state = shown.state.and_then(|state| state.name);
    let groups = shown.security_groups.unwrap_or_default().into_iter();
    let group_ids: BTreeSet<_> = groups.filter_map(|group| group.group_id).collect();
    let guards_metadata = shown.metadata_options.is_some_and(|metadata| {
        metadata.http_tokens == Some(HttpTokensState::Required)
            && metadata.http_put_response_hop_limit == Some(HOP_LIMIT)
    });
    Some(Object {
        id: shown.instance_id?,
        phase: phase(state.as_ref()),
        created: shown.launch_time.and_then(timestamp),
        state: AnyState::Instance(State {
            instance_type: shown.instance_type.map(|kind| kind.to_string()).unwrap_or_default(),
            image_parameter: tags.get(IMAGE).cloned(),
            subnet_id: shown.subnet_id.unwrap_or_default(),
            group_ids,
            profile_id: shown.iam_instance_profile.and_then(|profile| profile.id),
            key_name: shown.key_name.filter(|name| !name.is_empty()),
            volume_size_gib: tags.get(VOLUME).and_then(|size| size.parse().ok()),
            guards_metadata,
            runs: !matches!(state, Some(InstanceStateName::Stopping | InstanceStateName::Stopped)),
            public_ip: shown.public_ip_address.filter(|address| !address.is_empty()),
        }),
        tags,
    })
}

/// Instances have words of their own for states. One that is stopped can be changed, and started.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html>
fn phase(state: Option<&InstanceStateName>) -> Phase {
    match state {
        Some(InstanceStateName::Running | InstanceStateName::Stopped) => Phase::Ready,
        Some(InstanceStateName::ShuttingDown) => Phase::Deleting,
        Some(InstanceStateName::Terminated) => Phase::Deleted,
        _ => Phase::Pending,
    }
}

/// What our tags tell of it, though the answer to its creation may not repeat them.
fn with_tagged(mut object: Object, create: &Create) -> Object {
    if let AnyState::Instance(state) = &mut object.state {
        state.image_parameter = Some(create.image_parameter.clone());
        state.volume_size_gib = Some(create.volume_size_gib);
    }
    object
}

#[cfg(test)]
mod tests;
