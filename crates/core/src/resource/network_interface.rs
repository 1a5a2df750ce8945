//! A network interface: of whatever has one in our subnets. It is looked at to say what keeps a subnet or a security group from
//! being deleted. A load balancer's interfaces outlive it for minutes, some for ever.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html>

use serde::{Deserialize, Serialize};

use super::Shown;
use super::unwanted::{Never, Unwanted};
use crate::cloud::Reply;

/// Nobody wants one.
pub type Spec = Unwanted<State>;

/// It is never created.
pub type Create = Never;

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The VPC it is in.
    pub vpc_id: String,
    /// The subnet it is in.
    pub subnet_id: String,
    /// Its security groups.
    #[serde(default)]
    pub group_ids: Vec<String>,
    /// What its maker says of it, such as `ELB app/web/0123456789abcdef`.
    #[serde(default)]
    pub description: String,
    /// Whether something is using it.
    pub in_use: bool,
    /// Whether a service of AWS made it, which takes it away by itself.
    pub managed: bool,
    /// Whether it has a public address: then the internet gateway cannot be detached.
    #[serde(default)]
    pub public: bool,
    /// The instance it is attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// Whose group launched that instance: the tag `hastack.dev/fleet`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fleet: Option<String>,
}

/// Nothing about it is changed.
pub type Change = Never;

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match *change {}
    }

    fn uses(&self) -> Vec<&str> {
        // It goes with what has it, so it does not keep its VPC.
        let groups = self.group_ids.iter().map(String::as_str);
        groups.chain([self.subnet_id.as_str()]).collect()
    }

    fn parents(&self) -> Vec<&str> {
        let groups = self.group_ids.iter().map(String::as_str);
        groups.chain([self.vpc_id.as_str()]).collect()
    }
}

impl State {
    /// What it is of, for people.
    pub fn holder(&self) -> String {
        match (&self.instance_id, self.description.as_str()) {
            (Some(instance), _) => format!("instance {instance}"),
            (None, "") if self.in_use => "in use".to_owned(),
            (None, "") => "not in use".to_owned(),
            (None, description) => description.to_owned(),
        }
    }
}
