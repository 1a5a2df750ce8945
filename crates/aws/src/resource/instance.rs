//! An instance.

use std::collections::BTreeSet;

use aws_sdk_ec2::operation::run_instances::builders::RunInstancesFluentBuilder;
use aws_sdk_ec2::types::{
    self, BlockDeviceMapping, EbsBlockDevice, Filter, HttpTokensState, IamInstanceProfileSpecification,
    InstanceMetadataOptionsRequest, InstanceNetworkInterfaceSpecification, InstanceStateName, InstanceType,
    ResourceType, ShutdownBehavior, VolumeType,
};
use aws_smithy_types::base64;
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::instance::{Build, Change, Create, IMAGE, ImageRef, State, VOLUME};
use hastack_core::tag::{ID, Tags};
use jiff::Timestamp;

use super::{gone, timestamp};
use crate::Aws;
use crate::action::Action;
use crate::page::by_id;
use crate::{error, tag};

/// What the id of an instance begins with on which an image is built.
const BUILDERS: &str = "instance/builder/";

/// Why an instance has stopped that was stopped from within.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html>
const STOPPED_ITSELF: &str = "Client.InstanceInitiatedShutdown";

/// How far from the instance an answer with metadata goes: no further than to the instance itself.
const HOP_LIMIT: i32 = 1;

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    describe(aws, aws.ours()).await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    let mut objects = by_id("instance-id", ids, |filter| describe(aws, filter)).await?;
    for object in &mut objects {
        if let AnyState::Instance(state) = &mut object.state
            && state.build == Some(Build::Unread)
        {
            state.build = Some(outcome(aws, &object.id).await?);
        }
    }
    Ok(objects)
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
        image,
        subnet_id,
        group_ids,
        public_address,
        profile,
        key_name,
        volume,
        user_data,
    } = create;
    let interface = InstanceNetworkInterfaceSpecification::builder()
        .device_index(0)
        .subnet_id(subnet_id)
        .set_groups(Some(group_ids.iter().cloned().collect()))
        .associate_public_ip_address(*public_address)
        .delete_on_termination(true);
    let root = EbsBlockDevice::builder()
        .encrypted(true)
        .volume_type(VolumeType::Gp3)
        .set_volume_size(volume.size_gib.map(Into::into))
        .delete_on_termination(true);
    let root = BlockDeviceMapping::builder()
        .device_name(&volume.device)
        .ebs(root.build());
    let metadata = InstanceMetadataOptionsRequest::builder()
        .http_tokens(HttpTokensState::Required)
        .http_put_response_hop_limit(HOP_LIMIT);
    let profile = profile
        .as_ref()
        .map(|profile| IamInstanceProfileSpecification::builder().name(&profile.name).build());
    // One that builds an image is not to run for longer than that, and what it has built is on its volume.
    let shutdown = user_data.as_ref().map(|_| ShutdownBehavior::Stop);
    call.min_count(1)
        .max_count(1)
        .client_token(&request.token)
        .image_id(match image {
            ImageRef::Parameter(name) => format!("resolve:ssm:{name}"),
            ImageRef::Id(id) => id.clone(),
        })
        .instance_type(InstanceType::from(instance_type.as_str()))
        .set_iam_instance_profile(profile)
        .set_key_name(key_name.clone())
        .set_user_data(user_data.as_ref().map(base64::encode))
        .set_instance_initiated_shutdown_behavior(shutdown)
        .network_interfaces(interface.build())
        .block_device_mappings(root.build())
        .metadata_options(metadata.build())
        .tag_specifications(tag::specification(ResourceType::Instance, &telling(request, create)))
        .tag_specifications(tag::specification(ResourceType::Volume, &request.tags))
        .tag_specifications(tag::specification(ResourceType::NetworkInterface, &request.tags))
}

/// The tags of an instance, with those that tell of it what AWS does not show.
fn telling(request: &CreateRequest, create: &Create) -> Tags {
    let parameter = match &create.image {
        ImageRef::Parameter(name) => Some((IMAGE, name.clone())),
        ImageRef::Id(_) => None,
    };
    let size = create.volume.size_gib.map(|size| (VOLUME, size.to_string()));
    let told = parameter.into_iter().chain(size);
    let told = told.map(|(key, value)| (key.to_owned(), value));
    request.tags.clone().into_iter().chain(told).collect()
}

/// What has come of what a stopped instance was to build.
async fn outcome(aws: &Aws, id: &str) -> Result<Build, CloudError> {
    // The latest output only instances of newer types have; what is written when one stops all have.
    // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html>
    let request = aws.ec2.read.get_console_output().instance_id(id);
    let action = Action::GetConsoleOutput;
    let answer = match aws.send_read(action, || request.clone().send()).await {
        Ok(answer) => answer,
        // It was terminated in between.
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(Build::Silent),
        Err(error) => return Err(error),
    };
    let output = base64::decode(answer.output.unwrap_or_default().trim()).map_err(|_| error::unreadable(action))?;
    Ok(Build::read(&String::from_utf8_lossy(&output)))
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
    let created = shown.launch_time.and_then(timestamp);
    let runs = !matches!(state, Some(InstanceStateName::Stopping | InstanceStateName::Stopped));
    let reason = shown.state_reason.and_then(|reason| reason.code);
    let reason = reason.filter(|code| !code.is_empty());
    let builds = tags.get(ID).is_some_and(|id| id.starts_with(BUILDERS));
    Some(Object {
        id: shown.instance_id?,
        phase: phase(state.as_ref()),
        created,
        state: AnyState::Instance(State {
            instance_type: shown.instance_type.map(|kind| kind.to_string()).unwrap_or_default(),
            image_parameter: tags.get(IMAGE).cloned(),
            image_id: shown.image_id,
            subnet_id: shown.subnet_id.unwrap_or_default(),
            group_ids,
            profile_id: shown.iam_instance_profile.and_then(|profile| profile.id),
            key_name: shown.key_name.filter(|name| !name.is_empty()),
            volume_size_gib: tags.get(VOLUME).and_then(|size| size.parse().ok()),
            guards_metadata,
            runs,
            public_ip: shown.public_ip_address.filter(|address| !address.is_empty()),
            build: builds.then(|| build(runs, reason.as_deref(), created)),
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

/// What is seen of a build from without.
fn build(runs: bool, reason: Option<&str>, since: Option<Timestamp>) -> Build {
    match reason {
        _ if runs => Build::Running { since },
        Some(STOPPED_ITSELF) | None => Build::Unread,
        Some(_) => Build::Interrupted,
    }
}

/// What our tags tell of it, though the answer to its creation may not repeat them.
fn with_tagged(mut object: Object, create: &Create) -> Object {
    if let AnyState::Instance(state) = &mut object.state {
        state.image_parameter = match &create.image {
            ImageRef::Parameter(name) => Some(name.clone()),
            ImageRef::Id(_) => None,
        };
        state.volume_size_gib = create.volume.size_gib;
        let since = object.created;
        state.build = create.user_data.as_ref().map(|_| Build::Running { since });
    }
    object
}

#[cfg(test)]
mod tests;
