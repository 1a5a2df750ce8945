//! [`Cloud`] on the AWS SDK: the only user of it.
//!
//! A call's way: `limit` lets it go when AWS's bucket has a token, `fence` stops a write right before it is sent if the lease
//! is lost, `error` names what kind of failure it met, `observe` tells the operator. Writes are sent once; reads up to three
//! times. `action` is the table of every call there is, and `permission` makes the IAM policies of it.
//!
//! A further service is one more line in `client`, its buckets in `limit` and one file a kind in `resource`; those all have the same
//! verbs.
#![warn(missing_docs)]

mod action;
mod call;
mod client;
mod error;
mod fence;
mod limit;
mod observe;
mod page;
pub mod permission;
mod resource;
mod tag;
#[cfg(test)]
mod testing;

use std::sync::Arc;

use hastack_core::cloud::{Answer, Cloud, CloudError, CreateRequest, Deletion, Fence, Question, Reply, Reveal};
use hastack_core::hidden::Hidden;
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::{Change, Create};

use client::{Clients, Pair};
use limit::Limiter;
use resource::{
    access_point, account, auto_scaling_group, blue_green_deployment, certificate, db_cluster,
    db_cluster_parameter_group, db_instance, db_parameter_group, db_subnet_group, default_security_group, dns_record,
    elastic_ip, file_system, flow_log, foreign_database, foreign_security_group, hosted_zone, image, instance,
    instance_profile, instance_refresh, internet_gateway, key_pair, launch_template, lifecycle_hook, listener,
    listener_rule, load_balancer, log_group, mount_target, nat_gateway, network_interface, parameter, role,
    route_table, scalable_target, scaling_policy, scheduled_action, secret, security_group, subnet, target_group, vpc,
    vpc_endpoint, zone,
};

pub use limit::{Limits, Rate};
pub use observe::{Call, CallObserver, Outcome};

/// Which part of AWS, and as whom.
#[derive(Clone, Debug)]
pub struct Config {
    /// The region, such as `us-east-1`.
    pub region: String,
    /// This installation: the value of the tag `hastack.dev/cluster`.
    pub cluster: String,
    /// How many calls AWS takes.
    pub limits: Limits,
}

/// One account and region of AWS, as one installation of hastack sees it.
pub struct Aws {
    acm: Pair<aws_sdk_acm::Client>,
    applicationautoscaling: Pair<aws_sdk_applicationautoscaling::Client>,
    autoscaling: Pair<aws_sdk_autoscaling::Client>,
    ec2: Pair<aws_sdk_ec2::Client>,
    efs: Pair<aws_sdk_efs::Client>,
    elb: Pair<aws_sdk_elasticloadbalancingv2::Client>,
    iam: Pair<aws_sdk_iam::Client>,
    logs: Pair<aws_sdk_cloudwatchlogs::Client>,
    rds: Pair<aws_sdk_rds::Client>,
    route53: Pair<aws_sdk_route53::Client>,
    secretsmanager: Pair<aws_sdk_secretsmanager::Client>,
    ssm: Pair<aws_sdk_ssm::Client>,
    sts: Pair<aws_sdk_sts::Client>,
    wafv2: Pair<aws_sdk_wafv2::Client>,
    cluster: String,
    foreign_certificates: certificate::Foreign,
    limiter: Limiter,
    observer: Arc<dyn CallObserver>,
}

impl Aws {
    /// Takes credentials, endpoint and proxy from where every AWS tool takes them: environment, profile, web identity, container,
    /// instance. Makes no call by itself.
    pub async fn connect(config: Config, fence: Arc<dyn Fence>, observer: Arc<dyn CallObserver>) -> Self {
        let clients = Clients::connect(&config.region, fence).await;
        Self::assemble(clients, config, observer)
    }

    fn assemble(clients: Clients, config: Config, observer: Arc<dyn CallObserver>) -> Self {
        let Clients {
            acm,
            applicationautoscaling,
            autoscaling,
            ec2,
            efs,
            elb,
            iam,
            logs,
            rds,
            route53,
            secretsmanager,
            ssm,
            sts,
            wafv2,
        } = clients;
        let Config {
            region: _,
            cluster,
            limits,
        } = config;
        Self {
            acm,
            applicationautoscaling,
            autoscaling,
            ec2,
            efs,
            elb,
            iam,
            logs,
            rds,
            route53,
            secretsmanager,
            ssm,
            sts,
            wafv2,
            cluster,
            foreign_certificates: certificate::Foreign::default(),
            limiter: Limiter::new(&limits),
            observer,
        }
    }
}

impl Cloud for Aws {
    async fn sweep(&self, kind: Kind, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
        match kind {
            Kind::Vpc => vpc::sweep(self).await,
            Kind::DefaultSecurityGroup => default_security_group::sweep(self).await,
            Kind::InternetGateway => internet_gateway::sweep(self).await,
            Kind::RouteTable => route_table::sweep(self).await,
            Kind::Subnet => subnet::sweep(self).await,
            Kind::ElasticIp => elastic_ip::sweep(self).await,
            Kind::NatGateway => nat_gateway::sweep(self).await,
            Kind::VpcEndpoint => vpc_endpoint::sweep(self).await,
            Kind::SecurityGroup => security_group::sweep(self).await,
            Kind::LogGroup => log_group::sweep(self).await,
            Kind::Role => role::sweep(self).await,
            Kind::InstanceProfile => instance_profile::sweep(self).await,
            Kind::FlowLog => flow_log::sweep(self).await,
            Kind::KeyPair => key_pair::sweep(self).await,
            Kind::Instance => instance::sweep(self).await,
            Kind::Certificate => certificate::sweep(self).await,
            Kind::LoadBalancer => load_balancer::sweep(self).await,
            Kind::Listener => listener::sweep(self, parents).await,
            Kind::DnsRecord => Ok(dns_record::sweep()),
            Kind::FileSystem => file_system::sweep(self).await,
            Kind::MountTarget => mount_target::sweep(self, parents).await,
            Kind::AccessPoint => access_point::sweep(self).await,
            Kind::Image => image::sweep(self).await,
            Kind::LaunchTemplate => launch_template::sweep(self).await,
            Kind::TargetGroup => target_group::sweep(self).await,
            Kind::ListenerRule => listener_rule::sweep(self, parents).await,
            Kind::AutoScalingGroup => auto_scaling_group::sweep(self).await,
            Kind::InstanceRefresh => Ok(instance_refresh::sweep(parents)),
            Kind::ScalingPolicy => scaling_policy::sweep(self, parents).await,
            Kind::ScheduledAction => scheduled_action::sweep(self, parents).await,
            Kind::LifecycleHook => lifecycle_hook::sweep(self, parents).await,
            Kind::DbSubnetGroup => db_subnet_group::sweep(self).await,
            Kind::DbParameterGroup => db_parameter_group::sweep(self).await,
            Kind::DbClusterParameterGroup => db_cluster_parameter_group::sweep(self).await,
            Kind::DbCluster => db_cluster::sweep(self).await,
            Kind::DbInstance => db_instance::sweep(self).await,
            Kind::Secret => Ok(secret::sweep(parents)),
            Kind::BlueGreenDeployment => blue_green_deployment::sweep(self).await,
            Kind::ScalableTarget => scalable_target::sweep(self, parents).await,
            Kind::NetworkInterface => network_interface::sweep(self, parents).await,
            Kind::ForeignSecurityGroup => foreign_security_group::sweep(self, parents).await,
            Kind::ForeignDbInstance => foreign_database::sweep_instances(self, parents).await,
            Kind::ForeignDbCluster => foreign_database::sweep_clusters(self, parents).await,
        }
    }

    async fn read(&self, kind: Kind, ids: &[String]) -> Result<Vec<Object>, CloudError> {
        match kind {
            Kind::Vpc => vpc::read(self, ids).await,
            Kind::DefaultSecurityGroup => default_security_group::read(self, ids).await,
            Kind::InternetGateway => internet_gateway::read(self, ids).await,
            Kind::RouteTable => route_table::read(self, ids).await,
            Kind::Subnet => subnet::read(self, ids).await,
            Kind::ElasticIp => elastic_ip::read(self, ids).await,
            Kind::NatGateway => nat_gateway::read(self, ids).await,
            Kind::VpcEndpoint => vpc_endpoint::read(self, ids).await,
            Kind::SecurityGroup => security_group::read(self, ids).await,
            Kind::LogGroup => log_group::read(self, ids).await,
            Kind::Role => role::read(self, ids).await,
            Kind::InstanceProfile => instance_profile::read(self, ids).await,
            Kind::FlowLog => flow_log::read(self, ids).await,
            Kind::KeyPair => key_pair::read(self, ids).await,
            Kind::Instance => instance::read(self, ids).await,
            Kind::Certificate => certificate::read(self, ids).await,
            Kind::LoadBalancer => load_balancer::read(self, ids).await,
            Kind::Listener => listener::read(self, ids).await,
            Kind::DnsRecord => dns_record::read(self, ids).await,
            Kind::FileSystem => file_system::read(self, ids).await,
            Kind::MountTarget => mount_target::read(self, ids).await,
            Kind::AccessPoint => access_point::read(self, ids).await,
            Kind::Image => image::read(self, ids).await,
            Kind::LaunchTemplate => launch_template::read(self, ids).await,
            Kind::TargetGroup => target_group::read(self, ids).await,
            Kind::ListenerRule => listener_rule::read(self, ids).await,
            Kind::AutoScalingGroup => auto_scaling_group::read(self, ids).await,
            Kind::InstanceRefresh => instance_refresh::read(self, ids).await,
            Kind::ScalingPolicy => scaling_policy::read(self, ids).await,
            Kind::ScheduledAction => scheduled_action::read(self, ids).await,
            Kind::LifecycleHook => lifecycle_hook::read(self, ids).await,
            Kind::DbSubnetGroup => db_subnet_group::read(self, ids).await,
            Kind::DbParameterGroup => db_parameter_group::read(self, ids).await,
            Kind::DbClusterParameterGroup => db_cluster_parameter_group::read(self, ids).await,
            Kind::DbCluster => db_cluster::read(self, ids).await,
            Kind::DbInstance => db_instance::read(self, ids).await,
            Kind::Secret => secret::read(self, ids).await,
            Kind::BlueGreenDeployment => blue_green_deployment::read(self, ids).await,
            Kind::ScalableTarget => scalable_target::read(self, ids).await,
            Kind::NetworkInterface => network_interface::read(self, ids).await,
            Kind::ForeignSecurityGroup => foreign_security_group::read(self, ids).await,
            Kind::ForeignDbInstance | Kind::ForeignDbCluster => foreign_database::read(self, kind, ids).await,
        }
    }

    async fn look_up(&self, question: &Question) -> Result<Answer, CloudError> {
        match question {
            Question::Account => account::look_up(self).await.map(Answer::Account),
            Question::Zones => zone::look_up(self).await.map(Answer::Zones),
            Question::HostedZones(text) => hosted_zone::look_up(self, text).await.map(Answer::HostedZones),
            Question::Parameter(name) => parameter::look_up(self, name).await.map(Answer::Parameter),
            Question::Image(query) => image::look_up(self, query).await.map(Answer::Image),
        }
    }

    async fn create(&self, request: &CreateRequest) -> Result<Object, CloudError> {
        let object = match &request.create {
            Create::Vpc(create) => vpc::create(self, request, create).await,
            Create::DefaultSecurityGroup(create) => match *create {},
            Create::InternetGateway(create) => internet_gateway::create(self, request, create).await,
            Create::RouteTable(create) => route_table::create(self, request, create).await,
            Create::Subnet(create) => subnet::create(self, request, create).await,
            Create::ElasticIp(create) => elastic_ip::create(self, request, create).await,
            Create::NatGateway(create) => nat_gateway::create(self, request, create).await,
            Create::VpcEndpoint(create) => vpc_endpoint::create(self, request, create).await,
            Create::SecurityGroup(create) => security_group::create(self, request, create).await,
            Create::LogGroup(create) => log_group::create(self, request, create).await,
            Create::Role(create) => role::create(self, request, create).await,
            Create::InstanceProfile(create) => instance_profile::create(self, request, create).await,
            Create::FlowLog(create) => flow_log::create(self, request, create).await,
            Create::KeyPair(create) => key_pair::create(self, request, create).await,
            Create::Instance(create) => instance::create(self, request, create).await,
            Create::Certificate(create) => certificate::create(self, request, create).await,
            Create::LoadBalancer(create) => load_balancer::create(self, request, create).await,
            Create::Listener(create) => listener::create(self, request, create).await,
            Create::DnsRecord(create) => dns_record::create(self, request, create).await,
            Create::FileSystem(create) => file_system::create(self, request, create).await,
            Create::MountTarget(create) => mount_target::create(self, request, create).await,
            Create::AccessPoint(create) => access_point::create(self, request, create).await,
            Create::Image(create) => image::create(self, request, create).await,
            Create::LaunchTemplate(create) => launch_template::create(self, request, create).await,
            Create::TargetGroup(create) => target_group::create(self, request, create).await,
            Create::ListenerRule(create) => listener_rule::create(self, request, create).await,
            Create::AutoScalingGroup(create) => auto_scaling_group::create(self, request, create).await,
            Create::InstanceRefresh(create) => match *create {},
            Create::ScalingPolicy(create) => scaling_policy::create(self, request, create).await,
            Create::ScheduledAction(create) => scheduled_action::create(self, request, create).await,
            Create::LifecycleHook(create) => lifecycle_hook::create(self, request, create).await,
            Create::DbSubnetGroup(create) => db_subnet_group::create(self, request, create).await,
            Create::DbParameterGroup(create) => db_parameter_group::create(self, request, create).await,
            Create::DbClusterParameterGroup(create) => db_cluster_parameter_group::create(self, request, create).await,
            Create::DbCluster(create) => db_cluster::create(self, request, create).await,
            Create::DbInstance(create) => db_instance::create(self, request, create).await,
            Create::Secret(create) => match *create {},
            Create::BlueGreenDeployment(create) => blue_green_deployment::create(self, request, create).await,
            Create::ScalableTarget(create) => scalable_target::create(self, request, create).await,
            Create::NetworkInterface(create)
            | Create::ForeignSecurityGroup(create)
            | Create::ForeignDbInstance(create)
            | Create::ForeignDbCluster(create) => match *create {},
        }?;
        // Not every answer repeats the tags, but a creation that succeeded has put them on.
        let tags = request.tags.clone();
        Ok(Object { tags, ..object })
    }

    async fn update(&self, object: &Object, change: &Change) -> Result<Reply, CloudError> {
        let id = object.id.as_str();
        match change {
            Change::Vpc(change) => vpc::update(self, id, change).await,
            Change::DefaultSecurityGroup(change) => default_security_group::update(self, id, change).await,
            Change::InternetGateway(change) => internet_gateway::update(self, id, change).await,
            Change::RouteTable(change) => route_table::update(self, id, change).await,
            Change::Subnet(change) => subnet::update(self, id, change).await,
            Change::ElasticIp(change) => elastic_ip::update(self, id, change).await,
            Change::NatGateway(change) => match *change {},
            Change::VpcEndpoint(change) => vpc_endpoint::update(self, id, change).await,
            Change::SecurityGroup(change) => security_group::update(self, object, change).await,
            Change::LogGroup(change) => log_group::update(self, object, change).await,
            Change::Role(change) => role::update(self, object, change).await,
            Change::InstanceProfile(change) => instance_profile::update(self, object, change).await,
            Change::FlowLog(change) => match *change {},
            Change::KeyPair(change) => match *change {},
            Change::Instance(change) => instance::update(self, object, change).await,
            Change::Certificate(change) => match *change {},
            Change::LoadBalancer(change) => load_balancer::update(self, object, change).await,
            Change::Listener(change) => listener::update(self, object, change).await,
            Change::DnsRecord(change) => dns_record::update(self, object, change).await,
            Change::FileSystem(change) => file_system::update(self, object, change).await,
            Change::MountTarget(change) => mount_target::update(self, object, change).await,
            Change::AccessPoint(change) => match *change {},
            Change::Image(change) => match *change {},
            Change::LaunchTemplate(change) => launch_template::update(self, object, change).await,
            Change::TargetGroup(change) => target_group::update(self, object, change).await,
            Change::ListenerRule(change) => listener_rule::update(self, object, change).await,
            Change::AutoScalingGroup(change) => auto_scaling_group::update(self, id, change).await,
            Change::InstanceRefresh(change) => instance_refresh::update(self, object, change).await,
            Change::ScalingPolicy(change) => scaling_policy::update(self, id, change).await,
            Change::ScheduledAction(change) => scheduled_action::update(self, id, change).await,
            Change::LifecycleHook(change) => lifecycle_hook::update(self, object, change).await,
            Change::DbSubnetGroup(change) => db_subnet_group::update(self, object, change).await,
            Change::DbParameterGroup(change) => db_parameter_group::update(self, object, change).await,
            Change::DbClusterParameterGroup(change) => db_cluster_parameter_group::update(self, object, change).await,
            Change::DbCluster(change) => db_cluster::update(self, object, change).await,
            Change::DbInstance(change) => db_instance::update(self, object, change).await,
            Change::Secret(change) => secret::update(self, object, change).await,
            Change::BlueGreenDeployment(change) => blue_green_deployment::update(self, object, change).await,
            Change::ScalableTarget(change) => scalable_target::update(self, id, change).await,
            Change::NetworkInterface(change)
            | Change::ForeignSecurityGroup(change)
            | Change::ForeignDbInstance(change)
            | Change::ForeignDbCluster(change) => match *change {},
            Change::Tags(change) => tag::update(self, object, change).await,
        }
    }

    async fn delete(&self, object: &Object, snapshot: Option<&str>) -> Result<Deletion, CloudError> {
        let id = object.id.as_str();
        match object.kind() {
            Kind::Vpc => vpc::delete(self, id).await,
            Kind::DefaultSecurityGroup => Ok(default_security_group::delete()),
            Kind::InternetGateway => internet_gateway::delete(self, id).await,
            Kind::RouteTable => route_table::delete(self, id).await,
            Kind::Subnet => subnet::delete(self, id).await,
            Kind::ElasticIp => elastic_ip::delete(self, id).await,
            Kind::NatGateway => nat_gateway::delete(self, id).await,
            Kind::VpcEndpoint => vpc_endpoint::delete(self, id).await,
            Kind::SecurityGroup => security_group::delete(self, id).await,
            Kind::LogGroup => log_group::delete(self, id).await,
            Kind::Role => role::delete(self, id).await,
            Kind::InstanceProfile => instance_profile::delete(self, object).await,
            Kind::FlowLog => flow_log::delete(self, id).await,
            Kind::KeyPair => key_pair::delete(self, id).await,
            Kind::Instance => instance::delete(self, id).await,
            Kind::Certificate => certificate::delete(self, id).await,
            Kind::LoadBalancer => load_balancer::delete(self, id).await,
            Kind::Listener => listener::delete(self, id).await,
            Kind::DnsRecord => dns_record::delete(self, object).await,
            Kind::FileSystem => file_system::delete(self, id).await,
            Kind::MountTarget => mount_target::delete(self, id).await,
            Kind::AccessPoint => access_point::delete(self, id).await,
            Kind::Image => image::delete(self, id).await,
            Kind::LaunchTemplate => launch_template::delete(self, id).await,
            Kind::TargetGroup => target_group::delete(self, id).await,
            Kind::ListenerRule => listener_rule::delete(self, id).await,
            Kind::AutoScalingGroup => auto_scaling_group::delete(self, id).await,
            Kind::InstanceRefresh => Ok(instance_refresh::delete()),
            Kind::ScalingPolicy => scaling_policy::delete(self, id).await,
            Kind::ScheduledAction => scheduled_action::delete(self, id).await,
            Kind::LifecycleHook => lifecycle_hook::delete(self, id).await,
            Kind::DbSubnetGroup => db_subnet_group::delete(self, id).await,
            Kind::DbParameterGroup => db_parameter_group::delete(self, id).await,
            Kind::DbClusterParameterGroup => db_cluster_parameter_group::delete(self, id).await,
            Kind::DbCluster => db_cluster::delete(self, id, snapshot).await,
            Kind::DbInstance => db_instance::delete(self, object, snapshot).await,
            Kind::Secret => Ok(secret::delete()),
            Kind::BlueGreenDeployment => blue_green_deployment::delete(self, object).await,
            Kind::ScalableTarget => scalable_target::delete(self, id).await,
            Kind::NetworkInterface => network_interface::delete(self, id).await,
            Kind::ForeignSecurityGroup => Ok(foreign_security_group::delete()),
            Kind::ForeignDbInstance => foreign_database::delete_instance(self, id).await,
            Kind::ForeignDbCluster => Ok(foreign_database::delete_cluster()),
        }
    }
}

impl Reveal for Aws {
    async fn reveal(&self, secret_arn: &str) -> Result<Hidden, CloudError> {
        secret::reveal(self, secret_arn).await
    }
}
