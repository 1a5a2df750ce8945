//! A launch template.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{
    self, DeleteLaunchTemplateVersionsResponseErrorItem, InstanceType, LaunchTemplateBlockDeviceMappingRequest,
    LaunchTemplateEbsBlockDeviceRequest, LaunchTemplateErrorCode, LaunchTemplateHttpTokensState,
    LaunchTemplateIamInstanceProfileSpecificationRequest, LaunchTemplateInstanceMetadataEndpointState,
    LaunchTemplateInstanceMetadataOptionsRequest, LaunchTemplateInstanceNetworkInterfaceSpecificationRequest,
    LaunchTemplateTagSpecificationRequest, LaunchTemplatesMonitoringRequest, RequestLaunchTemplateData, ResourceType,
    VolumeType,
};
use aws_smithy_types::base64;
use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::digest::digest;
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State as AnyState;
use hastack_core::resource::launch_template::{Change, Create, Data, History, State, Version, Volume};

use super::load_balancer::by_arn;
use super::{gone, timestamp};
use crate::Aws;
use crate::action::Action;
use crate::{error, tag};

/// How far from the instance an answer with metadata goes: no further than to the instance itself.
const HOP_LIMIT: i32 = 1;

pub async fn sweep(aws: &Aws) -> Result<Vec<Object>, CloudError> {
    let request = aws
        .ec2
        .read
        .describe_launch_templates()
        .filters(aws.ours())
        .max_results(Kind::LaunchTemplate.row().page.into());
    aws.pages(
        Action::DescribeLaunchTemplates,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.launch_templates, page.next_token),
        object,
    )
    .await
}

pub async fn read(aws: &Aws, ids: &[String]) -> Result<Vec<Object>, CloudError> {
    // There is no filter for ids, and one that does not exist is answered with an error.
    let seen = by_arn(ids, |ids| describe(aws, ids)).await?;
    let mut objects = Vec::with_capacity(seen.len());
    for mut object in seen {
        let versions = match versions(aws, &object.id).await {
            Ok(versions) => versions,
            // It was deleted in between.
            Err(error) if error.kind == ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if let AnyState::LaunchTemplate(state) = &mut object.state {
            let latest = state.latest;
            state.history = Some(History { latest, versions });
        }
        objects.push(object);
    }
    Ok(objects)
}

pub async fn create(aws: &Aws, request: &CreateRequest, create: &Create) -> Result<Object, CloudError> {
    let action = Action::CreateLaunchTemplate;
    let Create { name, data } = create;
    // Without a token: the name tells a second one, and a token would be answered with one that is deleted.
    let call = aws
        .ec2
        .write
        .create_launch_template()
        .launch_template_name(name)
        .version_description(data.description())
        .launch_template_data(launch_template_data(data))
        .tag_specifications(tag::specification(ResourceType::LaunchTemplate, &request.tags));
    let answer = aws.send_write(action, call.send()).await?;
    let made = answer.launch_template.and_then(object);
    let made = made.ok_or_else(|| error::unreadable(action))?;
    Ok(Object {
        state: AnyState::LaunchTemplate(State::new(create)),
        ..made
    })
}

pub async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let id = object.id.as_str();
    match change {
        Change::CreateVersion { data, after } => create_version(aws, id, data, *after).await,
        Change::SetDefault(number) => {
            let call = aws.ec2.write.modify_launch_template().launch_template_id(id);
            let call = call.default_version(number.to_string());
            aws.send_write(Action::ModifyLaunchTemplate, call.send()).await?;
            Ok(Reply::default())
        }
        Change::DeleteVersions(numbers) => delete_versions(aws, id, numbers).await,
    }
}

pub async fn delete(aws: &Aws, id: &str) -> Result<Deletion, CloudError> {
    let call = aws.ec2.write.delete_launch_template().launch_template_id(id);
    gone(
        aws.send_write(Action::DeleteLaunchTemplate, call.send()).await,
        Deletion::Gone,
    )
}

async fn create_version(aws: &Aws, id: &str, data: &Data, after: i64) -> Result<Reply, CloudError> {
    let action = Action::CreateLaunchTemplateVersion;
    let description = data.description();
    // The same again after another version is another creation. A token has 64 characters at most, as a digest has.
    let token = digest(&format!("{id}-{after}-{description}"));
    let call = aws
        .ec2
        .write
        .create_launch_template_version()
        .launch_template_id(id)
        .client_token(token)
        .version_description(description)
        .launch_template_data(launch_template_data(data));
    let answer = aws.send_write(action, call.send()).await?;
    let made = answer.launch_template_version;
    let number = made.and_then(|version| version.version_number);
    let number = number.ok_or_else(|| error::unreadable(action))?;
    Ok(Reply {
        part_id: Some(number.to_string()),
    })
}

/// It succeeds even where it deletes nothing, and says so in its answer.
async fn delete_versions(aws: &Aws, id: &str, numbers: &BTreeSet<i64>) -> Result<Reply, CloudError> {
    let action = Action::DeleteLaunchTemplateVersions;
    let numbers = numbers.iter().map(ToString::to_string).collect();
    let call = aws.ec2.write.delete_launch_template_versions().launch_template_id(id);
    let answer = aws.send_write(action, call.set_versions(Some(numbers)).send()).await?;
    let kept = answer.unsuccessfully_deleted_launch_template_versions();
    let refusals = kept.iter().filter_map(refusal);
    match refusals
        .map(|(code, message)| error::refused(action, code, message))
        .next()
    {
        Some(error) => Err(error),
        None => Ok(Reply::default()),
    }
}

/// Why a version was not deleted, unless it is gone.
fn refusal(kept: &DeleteLaunchTemplateVersionsResponseErrorItem) -> Option<(Option<&str>, Option<&str>)> {
    let error = kept.response_error.as_ref();
    let code = error.and_then(|error| error.code.as_ref());
    if code == Some(&LaunchTemplateErrorCode::LaunchTemplateVersionDoesNotExist) {
        return None;
    }
    let message = error.and_then(|error| error.message.as_deref());
    Some((code.map(LaunchTemplateErrorCode::as_str), message))
}

async fn describe(aws: &Aws, ids: Vec<String>) -> Result<Vec<Object>, CloudError> {
    let request = aws.ec2.read.describe_launch_templates();
    let request = request.set_launch_template_ids(Some(ids));
    aws.pages(
        Action::DescribeLaunchTemplates,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.launch_templates, page.next_token),
        object,
    )
    .await
}

async fn versions(aws: &Aws, id: &str) -> Result<BTreeMap<i64, Version>, CloudError> {
    let action = Action::DescribeLaunchTemplateVersions;
    let request = aws
        .ec2
        .read
        .describe_launch_template_versions()
        .launch_template_id(id)
        .max_results(Kind::LaunchTemplate.row().page.into());
    let shown = aws.items(
        action,
        |token| request.clone().set_next_token(token).send(),
        |page| (page.launch_template_versions, page.next_token),
    );
    let versions = shown.await?.into_iter().map(|shown| {
        let number = shown.version_number.ok_or_else(|| error::unreadable(action))?;
        let version = Version {
            description: shown.version_description.unwrap_or_default(),
            image_id: shown.launch_template_data.and_then(|data| data.image_id),
        };
        Ok((number, version))
    });
    versions.collect()
}

fn object(shown: types::LaunchTemplate) -> Option<Object> {
    Some(Object {
        id: shown.launch_template_id?,
        tags: tag::tags(shown.tags),
        phase: Phase::Ready,
        created: shown.create_time.and_then(timestamp),
        state: AnyState::LaunchTemplate(State {
            name: shown.launch_template_name.unwrap_or_default(),
            latest: shown.latest_version_number.unwrap_or_default(),
            default: shown.default_version_number.unwrap_or_default(),
            history: None,
        }),
    })
}

/// What a version says, in AWS's words.
fn launch_template_data(data: &Data) -> RequestLaunchTemplateData {
    let Data {
        image_id,
        root_device,
        instance_type,
        key_name,
        profile_id: _,
        profile_name,
        security_group_ids,
        public_address,
        volume,
        detailed_monitoring,
        user_data,
        tags,
    } = data;
    let profile = LaunchTemplateIamInstanceProfileSpecificationRequest::builder().name(profile_name);
    // With an interface of its own it has a public address only where that is said, whatever its subnet says.
    let interface = LaunchTemplateInstanceNetworkInterfaceSpecificationRequest::builder()
        .device_index(0)
        .set_groups(Some(security_group_ids.clone()))
        .associate_public_ip_address(*public_address)
        .delete_on_termination(true);
    let root = LaunchTemplateBlockDeviceMappingRequest::builder()
        .device_name(root_device)
        .ebs(root_volume(volume));
    let metadata = LaunchTemplateInstanceMetadataOptionsRequest::builder()
        .http_endpoint(LaunchTemplateInstanceMetadataEndpointState::Enabled)
        .http_tokens(LaunchTemplateHttpTokensState::Required)
        .http_put_response_hop_limit(HOP_LIMIT);
    let monitoring = LaunchTemplatesMonitoringRequest::builder().enabled(*detailed_monitoring);
    let tagged = [
        ResourceType::Instance,
        ResourceType::Volume,
        ResourceType::NetworkInterface,
    ];
    let tagged = tagged.map(|resource| {
        let specification = LaunchTemplateTagSpecificationRequest::builder().resource_type(resource);
        specification.set_tags(Some(tag::list(tags))).build()
    });
    RequestLaunchTemplateData::builder()
        .image_id(image_id)
        .instance_type(InstanceType::from(instance_type.as_str()))
        .set_key_name(key_name.clone())
        .iam_instance_profile(profile.build())
        .network_interfaces(interface.build())
        .block_device_mappings(root.build())
        .metadata_options(metadata.build())
        .monitoring(monitoring.build())
        .set_user_data(user_data.as_ref().map(base64::encode))
        .set_tag_specifications(Some(tagged.into()))
        .build()
}

fn root_volume(volume: &Volume) -> LaunchTemplateEbsBlockDeviceRequest {
    let Volume {
        size_gib,
        iops,
        throughput,
        kms_key_id,
    } = volume;
    LaunchTemplateEbsBlockDeviceRequest::builder()
        .encrypted(true)
        .volume_type(VolumeType::Gp3)
        .delete_on_termination(true)
        .set_volume_size(size_gib.map(Into::into))
        .set_iops(iops.map(Into::into))
        .set_throughput(throughput.map(Into::into))
        .set_kms_key_id(kms_key_id.clone())
        .build()
}

#[cfg(test)]
mod tests;
