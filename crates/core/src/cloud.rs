//! AWS as the core knows it: five verbs over the kinds of the table.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use futures::future::Future;
use serde::{Deserialize, Serialize};

use crate::hidden::Hidden;
use crate::kind::Kind;
use crate::object::{Object, Phase};
use crate::owner::NodeId;
use crate::resource::{Change, Create, State, group_part, lifecycle_hook};
use crate::tag::{Tags, tags_of_part};

/// One account and region of AWS, as one installation of hastack sees it.
///
/// An implementation makes exactly one request for a `create`, `update` or `delete`, and never repeats one by itself:
/// whether to try again is decided by the plan, which looks first.
pub trait Cloud: Send + Sync {
    /// Every resource of `kind` that carries this installation's tag: all pages, or an error.
    /// For a kind that AWS lists only under others, all that are under `parents`, which are all of those that are known.
    /// For the default security groups (which carry no tags) every one in the region, and for a kind that shares names everybody's.
    fn sweep(&self, kind: Kind, parents: &[Object]) -> impl Future<Output = Result<Vec<Object>, CloudError>> + Send;

    /// These resources, whatever their tags, with the details that a sweep cannot see. One that does not exist is left out.
    fn read(&self, kind: Kind, ids: &[String]) -> impl Future<Output = Result<Vec<Object>, CloudError>> + Send;

    /// What is read only: never created or changed by anyone here.
    fn look_up(&self, question: &Question) -> impl Future<Output = Result<Answer, CloudError>> + Send;

    /// Creates a resource with its tags.
    fn create(&self, request: &CreateRequest) -> impl Future<Output = Result<Object, CloudError>> + Send;

    /// Makes one change to a resource.
    fn update(&self, object: &Object, change: &Change) -> impl Future<Output = Result<Reply, CloudError>> + Send;

    /// Deletes a resource, with a last snapshot of this name where one is given. One that does not exist (any more) is
    /// [`Deletion::Gone`].
    fn delete(
        &self,
        object: &Object,
        snapshot: Option<&str>,
    ) -> impl Future<Output = Result<Deletion, CloudError>> + Send;
}

/// Who reads what is secret in AWS. Only what is to be handed on to the user is read.
pub trait Reveal: Send + Sync {
    /// The present content of a secret, by ARN.
    fn reveal(&self, secret_arn: &str) -> impl Future<Output = Result<Hidden, CloudError>> + Send;
}

/// Whether this process may write to AWS: it holds the lease, with time left for one call.
pub trait Fence: Send + Sync {
    /// Asked right before each write is sent.
    fn may_write(&self) -> bool;
}

/// What to create.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateRequest {
    /// Which of the owner's resources it becomes.
    pub node: NodeId,
    /// Its inputs, all known.
    pub create: Create,
    /// The client token: the same for the same creation, however often it is tried. 64 lower-case hexadecimal digits.
    pub token: String,
    /// All tags to put on.
    pub tags: Tags,
}

impl CreateRequest {
    /// What the call makes beside, which no answer shows: the first lifecycle hooks of an Auto Scaling group.
    pub fn parts(&self) -> Vec<(NodeId, Object)> {
        let Create::AutoScalingGroup(group) = &self.create else {
            return Vec::new();
        };
        let object = |hook: lifecycle_hook::State| {
            let node = group_part::node(Kind::LifecycleHook, &hook.name)?;
            let object = Object {
                id: hook.id(),
                tags: tags_of_part(&self.tags, &node),
                phase: Phase::Ready,
                created: None,
                state: State::LifecycleHook(hook),
            };
            Some((node, object))
        };
        group.parts().filter_map(object).collect()
    }
}

/// What AWS answered to a change, where the answer holds something new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The id of a part that the change made, such as a route table association's.
    pub part_id: Option<String>,
}

/// What a deletion came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// It does not exist any more.
    Gone,
    /// AWS deletes it in its own time.
    Started,
}

/// Something that can be looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// The account this is.
    Account,
    /// The availability zones of the region.
    Zones,
    /// The public hosted zones of this id or name.
    HostedZones(String),
    /// The value of this SSM parameter.
    Parameter(String),
    /// An image.
    Image(ImageQuery),
}

/// Which image is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImageQuery {
    /// The one of this id.
    Id(String),
    /// The newest of an owner whose name matches.
    Newest {
        /// An account's id, `self`, or an alias of AWS's such as `amazon`.
        owner: String,
        /// The name, in which `*` and `?` stand for anything.
        name: String,
        /// `x86_64` or `arm64`.
        architecture: String,
    },
}

/// What was looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The account's id, twelve digits.
    Account(String),
    /// The availability zones of the region, sorted by name.
    Zones(Vec<Zone>),
    /// The public hosted zones that were asked for.
    HostedZones(Vec<HostedZone>),
    /// The parameter's value, where there is such a parameter.
    Parameter(Option<String>),
    /// The image, where there is such an image.
    Image(Option<Image>),
}

/// An image, as far as those care who start from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// Its id, such as `ami-0123456789abcdef0`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// What its root volume is called, such as `/dev/xvda`.
    pub root_device: String,
}

/// An availability zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// Its name in this account, such as `us-east-1a`.
    pub name: String,
    /// Whether AWS offers it for new resources.
    pub available: bool,
}

/// A hosted zone of Route 53.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedZone {
    /// Its id, such as `Z0123456789ABCDEFGHIJ`.
    pub id: String,
    /// Its name, without a dot at the end; empty for the root of all names.
    pub name: String,
}

impl HostedZone {
    /// Whether the records of `domain` belong in it.
    pub fn serves(&self, domain: &str) -> bool {
        let above = domain.strip_suffix(self.name.as_str());
        above.is_some_and(|above| above.is_empty() || above.ends_with('.') || self.name.is_empty())
    }
}

/// A call to AWS that did not succeed.
#[derive(Clone, Debug)]
pub struct CloudError {
    /// AWS's name of the call, such as `CreateVpc`.
    pub action: &'static str,
    /// What kind of failure it is: the only thing decisions look at.
    pub kind: ErrorKind,
    /// AWS's error code, such as `VpcLimitExceeded`.
    pub code: Option<String>,
    /// AWS's message, or what went wrong before there was one.
    pub message: String,
    /// AWS's id of the request, for a support case.
    pub request_id: Option<String>,
    /// The cause.
    pub source: Option<Arc<dyn Error + Send + Sync>>,
}

/// What kind of failure a call met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorKind {
    /// Something named in the request does not exist, or is not visible yet.
    NotFound,
    /// What was to be made exists.
    AlreadyExists,
    /// Something else still uses it.
    InUse,
    /// The resource is in a state that does not allow this now.
    NotNow,
    /// Too many requests; AWS did nothing.
    Throttled,
    /// No answer, or a server error: AWS may or may not have done it.
    Ambiguous,
    /// The permission or the credentials are missing.
    Denied,
    /// A quota is reached.
    Quota,
    /// AWS refuses the request as it is.
    Invalid,
    /// The lease is not ours any more: the call was not made.
    Fenced,
}

impl ErrorKind {
    /// Whether AWS knows more than we do, so that a look must come first.
    pub const fn is_uncertain(self) -> bool {
        matches!(self, Self::NotFound | Self::AlreadyExists | Self::Ambiguous)
    }
}

impl CloudError {
    /// The failure without the id of its request, so that the same failure reads the same each time.
    pub fn brief(&self) -> String {
        let Self {
            action,
            kind: _,
            code,
            message,
            request_id: _,
            source: _,
        } = self;
        match code {
            Some(code) => format!("cannot {action}: {code}: {message}"),
            None => format!("cannot {action}: {message}"),
        }
    }
}

impl fmt::Display for CloudError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.brief())?;
        match &self.request_id {
            Some(id) => write!(formatter, " (request {id})"),
            None => Ok(()),
        }
    }
}

impl Error for CloudError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hosted_zone_serves_its_name_and_what_is_below() {
        let zone = |name: &str| HostedZone {
            id: "Z1".into(),
            name: name.into(),
        };
        assert!(zone("example.com").serves("example.com"));
        assert!(zone("example.com").serves("*.shop.example.com"));
        assert!(!zone("example.com").serves("my-example.com"));
        assert!(!zone("shop.example.com").serves("example.com"));
        assert!(zone("").serves("example.com"));
    }
}
