//! Tags, as the SDK spells them.

pub mod acm;
pub mod autoscaling;
pub mod efs;
pub mod elb;
pub mod rds;

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use hastack_core::cloud::{CloudError, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::tag::{Change, Tags};

use crate::Aws;
use crate::action::Action;
use crate::error;
use crate::resource::{blue_green_deployment, database};

/// Changes the tags of a resource, as its service has it done.
pub(crate) async fn update(aws: &Aws, object: &Object, change: &Change) -> Result<Reply, CloudError> {
    let id = object.id.as_str();
    match object.kind() {
        Kind::LoadBalancer | Kind::Listener | Kind::TargetGroup | Kind::ListenerRule => {
            elb::update(aws, id, change).await
        }
        Kind::Certificate => acm::update(aws, id, change).await,
        Kind::FileSystem | Kind::AccessPoint => efs::update(aws, id, change).await,
        Kind::Vpc
        | Kind::SecurityGroup
        | Kind::InternetGateway
        | Kind::RouteTable
        | Kind::Subnet
        | Kind::ElasticIp
        | Kind::NatGateway
        | Kind::VpcEndpoint
        | Kind::FlowLog
        | Kind::KeyPair
        | Kind::Instance
        | Kind::Image
        | Kind::LaunchTemplate => ec2(aws, id, change).await,
        Kind::AutoScalingGroup => autoscaling::update(aws, id, change).await,
        Kind::DbInstance | Kind::DbCluster => rds::update(aws, database::arn(object), change).await,
        Kind::BlueGreenDeployment => rds::update(aws, &blue_green_deployment::arn(object), change).await,
        // Something else than tags tells whose these are.
        Kind::DefaultSecurityGroup
        | Kind::InstanceRefresh
        | Kind::ScalingPolicy
        | Kind::ScheduledAction
        | Kind::LifecycleHook
        | Kind::LogGroup
        | Kind::Role
        | Kind::InstanceProfile
        | Kind::DnsRecord
        | Kind::MountTarget
        | Kind::DbSubnetGroup
        | Kind::DbParameterGroup
        | Kind::DbClusterParameterGroup
        | Kind::Secret
        | Kind::ScalableTarget
        | Kind::NetworkInterface
        | Kind::ForeignSecurityGroup
        | Kind::ForeignDbInstance
        | Kind::ForeignDbCluster => {
            let message = format!("a {} has no tags", object.kind());
            Err(error::refused(Action::CreateTags, Some("Unsupported"), Some(&message)))
        }
    }
}

async fn ec2(aws: &Aws, id: &str, change: &Change) -> Result<Reply, CloudError> {
    match change {
        Change::Set(tags) => {
            let call = aws.ec2.write.create_tags().resources(id).set_tags(Some(list(tags)));
            aws.send_write(Action::CreateTags, call.send()).await?;
        }
        Change::Remove(keys) => {
            // Without a value a tag goes whatever its value is.
            let tags = keys.iter().map(|key| Tag::builder().key(key).build()).collect();
            let call = aws.ec2.write.delete_tags().resources(id).set_tags(Some(tags));
            aws.send_write(Action::DeleteTags, call.send()).await?;
        }
    }
    Ok(Reply::default())
}

/// The tags of something that is being created.
pub(crate) fn specification(resource: ResourceType, tags: &Tags) -> TagSpecification {
    TagSpecification::builder()
        .resource_type(resource)
        .set_tags(Some(list(tags)))
        .build()
}

/// A tag, as a service's SDK spells it.
pub(crate) trait Spelled: Sized {
    fn spell(key: &str, value: &str) -> Option<Self>;
    fn read(self) -> Option<(String, String)>;
}

macro_rules! spelled {
    ($($sdk:ident $built:path,)*) => {$(
        impl Spelled for $sdk::types::Tag {
            fn spell(key: &str, value: &str) -> Option<Self> {
                $built(Self::builder().key(key).value(value).build())
            }

            fn read(self) -> Option<(String, String)> {
                let value: Option<_> = self.value.into();
                Some((Option::from(self.key)?, value.unwrap_or_default()))
            }
        }
    )*};
}

// Some services take a tag without a key for an error when it is built, others when it is sent.
spelled! {
    aws_sdk_acm Result::ok,
    aws_sdk_ec2 Some,
    aws_sdk_efs Result::ok,
    aws_sdk_elasticloadbalancingv2 Some,
    aws_sdk_iam Result::ok,
    aws_sdk_rds Some,
}

/// Tags to be put on.
pub(crate) fn list<T: Spelled>(tags: &Tags) -> Vec<T> {
    tags.iter().filter_map(|(key, value)| T::spell(key, value)).collect()
}

/// The tags AWS shows.
pub(crate) fn tags<T: Spelled>(shown: Option<Vec<T>>) -> Tags {
    shown.unwrap_or_default().into_iter().filter_map(T::read).collect()
}

#[cfg(test)]
mod tests;
