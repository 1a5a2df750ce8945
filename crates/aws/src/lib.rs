//! [`Cloud`] on the AWS SDK: the only user of it.
//!
//! A call's way: `limit` lets it go when AWS's bucket has a token, `fence` stops a write right before it is sent if the lease
//! is lost, `error` names what kind of failure it met, `observe` tells the operator. Writes are sent once; reads up to three
//! times. `action` is the table of every call there is, and `permission` makes the IAM policy of it.
//!
//! A further service is one more pair of clients in `client` and one file a kind in `resource`; those all have the same verbs.
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

use hastack_core::cloud::{Answer, Cloud, CloudError, CreateRequest, Deletion, Fence, Question, Reply};
use hastack_core::kind::Kind;
use hastack_core::object::Object;
use hastack_core::resource::{Change, Create};

use client::Clients;
use limit::Limiter;
use resource::{
    account, default_security_group, elastic_ip, internet_gateway, nat_gateway, route_table, subnet, vpc, vpc_endpoint,
    zone,
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
    ec2: client::Pair<aws_sdk_ec2::Client>,
    sts: client::Pair<aws_sdk_sts::Client>,
    cluster: String,
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
        let Clients { ec2, sts } = clients;
        let Config {
            region: _,
            cluster,
            limits,
        } = config;
        Self {
            ec2,
            sts,
            cluster,
            limiter: Limiter::new(&limits),
            observer,
        }
    }
}

impl Cloud for Aws {
    async fn sweep(&self, kind: Kind) -> Result<Vec<Object>, CloudError> {
        match kind {
            Kind::Vpc => vpc::sweep(self).await,
            Kind::DefaultSecurityGroup => default_security_group::sweep(self).await,
            Kind::InternetGateway => internet_gateway::sweep(self).await,
            Kind::RouteTable => route_table::sweep(self).await,
            Kind::Subnet => subnet::sweep(self).await,
            Kind::ElasticIp => elastic_ip::sweep(self).await,
            Kind::NatGateway => nat_gateway::sweep(self).await,
            Kind::VpcEndpoint => vpc_endpoint::sweep(self).await,
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
        }
    }

    async fn look_up(&self, question: &Question) -> Result<Answer, CloudError> {
        match question {
            Question::Account => account::look_up(self).await.map(Answer::Account),
            Question::Zones => zone::look_up(self).await.map(Answer::Zones),
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
            Change::ElasticIp(change) => match *change {},
            Change::NatGateway(change) => match *change {},
            Change::VpcEndpoint(change) => vpc_endpoint::update(self, id, change).await,
            Change::Tags(change) => tag::update(self, id, change).await,
        }
    }

    async fn delete(&self, object: &Object) -> Result<Deletion, CloudError> {
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
        }
    }
}
