//! The kinds of resources, one file each, all of the same shape: `Spec` (what is wanted), `Create` (what the creating call needs),
//! `State` (what AWS shows), `Change` (what one further call changes).
//!
//! A creation makes the bare resource. Everything that takes another call is a [`Change`], found by comparing `Spec` with `State`,
//! so that the first set-up, an edited spec and repaired drift are one code path, and one change is one call.

pub mod access_point;
pub mod auto_scaling_group;
pub mod blue_green_deployment;
pub mod certificate;
pub mod database;
pub mod db_subnet_group;
pub mod default_security_group;
pub mod dns_record;
pub mod elastic_ip;
pub mod file_system;
pub mod flow_log;
pub mod foreign_database;
pub mod foreign_security_group;
pub mod group_part;
pub mod image;
pub mod instance;
pub mod instance_profile;
pub mod instance_refresh;
pub mod internet_gateway;
pub mod key_pair;
pub mod launch_template;
pub mod lifecycle_hook;
pub mod listener;
pub mod listener_rule;
pub mod load_balancer;
pub mod log_group;
pub mod mount_target;
pub mod nat_gateway;
pub mod network_interface;
pub mod parameter_group;
pub mod role;
pub mod route_table;
pub mod scalable_target;
pub mod scaling_policy;
pub mod scheduled_action;
pub mod secret;
pub mod security_group;
pub mod subnet;
pub mod target_group;
pub mod unwanted;
pub mod vpc;
pub mod vpc_endpoint;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cloud::Reply;
use crate::kind::{Details, Kind};
use crate::owner::NodeId;
use crate::tag;

/// What the owner's other resources are, for a spec that refers to them.
pub trait Refs {
    /// The id AWS gave `node`, once it can be used; otherwise the node to wait for.
    fn usable(&self, node: &NodeId) -> Result<String, NodeId>;

    /// The id AWS gave `node`, once it is just as wanted; otherwise the node to wait for.
    fn settled(&self, node: &NodeId) -> Result<String, NodeId>;

    /// What AWS shows of `node`, however it is; nothing where only ids are known.
    fn state(&self, _node: &NodeId) -> Option<&State> {
        None
    }

    /// When the last complete look at all of a kind started.
    fn swept(&self, _kind: Kind) -> Option<Timestamp> {
        None
    }
}

/// What is wrong with a resource although it works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Danger {
    /// From when on.
    pub since: Timestamp,
    /// What.
    pub what: String,
}

/// What comparing a spec with a state finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding<C> {
    /// A change to make: one call.
    Change(C),
    /// A change that waits for another resource.
    Wait(NodeId),
    /// A field that differs and cannot be changed.
    Immutable {
        /// The field, in the words of the user's spec.
        field: &'static str,
        /// What AWS shows.
        is: String,
        /// What is wanted.
        wanted: String,
    },
    /// A field that differs and is changed by making the resource anew, which the user has allowed.
    Replace {
        /// The field, in the words of the user's spec.
        field: &'static str,
    },
    /// AWS is at work towards what is wanted, and how far it is. What else differs can be changed meanwhile.
    Underway(String),
    /// What was tried did not succeed, and trying the same again would not help.
    Failed(String),
}

/// What is wanted of one kind.
pub trait Wanted: fmt::Display {
    /// What the creating call needs.
    type Create;
    /// What AWS shows.
    type State;
    /// What one further call changes.
    type Change;

    /// The creating call's inputs, or the node to wait for.
    fn create(&self, refs: &dyn Refs) -> Result<Self::Create, NodeId>;

    /// What differs. Fields the user cannot set and AWS fills in are not looked at.
    fn compare(&self, state: &Self::State, refs: &dyn Refs) -> Vec<Finding<Self::Change>>;

    /// Its id, where that is known beforehand.
    fn known_id(&self, _refs: &dyn Refs) -> Option<String> {
        None
    }

    /// What is to be done about one in its place that is not ours; nothing where that serves as it is.
    fn conflict(&self, _state: &Self::State, _refs: &dyn Refs) -> Option<String> {
        Some("it is not hastack's".to_owned())
    }

    /// Whether one that is somebody else's is in its place.
    fn rivals(&self, _state: &Self::State) -> bool {
        false
    }

    /// What AWS waits for that somebody else has to do.
    fn awaits(&self, _state: &Self::State) -> Option<String> {
        None
    }
}

/// What AWS shows of one kind.
pub trait Shown {
    /// What one further call changes.
    type Change;

    /// The state after `change` succeeded with `reply`.
    fn fold(&mut self, change: &Self::Change, reply: &Reply);

    /// The ids of other resources this one uses: they are not deleted while it stays.
    fn uses(&self) -> Vec<&str>;

    /// The ids of what it comes with, where it carries no tags: whose that is, it is.
    fn parents(&self) -> Vec<&str> {
        Vec::new()
    }

    /// The change that must come before deletion, if one must.
    fn teardown(&self) -> Option<Self::Change> {
        None
    }

    /// The change that must come before anything in it is deleted, if one must.
    fn prelude(&self) -> Option<Self::Change> {
        None
    }

    /// Why AWS gave up on it, where making it anew would not help: somebody has to do something.
    fn problem(&self) -> Option<String> {
        None
    }

    /// What is wrong with it although it works.
    fn danger(&self) -> Option<Danger> {
        None
    }

    /// Whether a read of this one resource shows more than sweeps do, where it does so of some of its kind.
    fn has_details(&self) -> bool {
        true
    }

    /// Whether something is missing that only a read of this one resource shows.
    fn lacks_details(&self) -> bool {
        false
    }

    /// Whether what only such a read shows is about to change by itself, so that it is read again soon.
    fn is_underway(&self) -> bool {
        false
    }

    /// What must come to its end before it is deleted.
    fn lingers(&self) -> Option<String> {
        None
    }

    /// Takes over what only such a read shows from an earlier state.
    fn keep_details(&mut self, _earlier: &Self) {}
}

macro_rules! kinds {
    ($($kind:ident => $module:ident),* $(,)?) => {
        /// What is wanted of a resource.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Spec { $(#[doc = stringify!($kind)] $kind($module::Spec)),* }

        /// What the creating call needs.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Create { $(#[doc = stringify!($kind)] $kind($module::Create)),* }

        /// What AWS shows of a resource.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all_fields = "camelCase")]
        pub enum State { $(#[doc = stringify!($kind)] $kind($module::State)),* }

        /// What one further call changes.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Change {
            $(#[doc = stringify!($kind)] $kind($module::Change),)*
            /// Its tags, whatever its kind.
            Tags(tag::Change),
        }

        impl Spec {
            /// The kind it is a spec of.
            pub fn kind(&self) -> Kind {
                match self { $(Self::$kind(_) => Kind::$kind),* }
            }

            /// The creating call's inputs, or the node to wait for.
            pub fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
                match self { $(Self::$kind(spec) => spec.create(refs).map(Create::$kind)),* }
            }

            /// What differs from `state`; nothing where that is of another kind.
            pub fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
                match (self, state) {
                    $((Self::$kind(spec), State::$kind(state)) => {
                        spec.compare(state, refs).into_iter().map(|finding| finding.map(Change::$kind)).collect()
                    })*
                    (_, _) => Vec::new(),
                }
            }

            /// Its id, where that is known beforehand.
            pub fn known_id(&self, refs: &dyn Refs) -> Option<String> {
                match self { $(Self::$kind(spec) => spec.known_id(refs)),* }
            }

            /// What is to be done about one in its place that is not ours; nothing where that serves as it is.
            pub fn conflict(&self, state: &State, refs: &dyn Refs) -> Option<String> {
                match (self, state) {
                    $((Self::$kind(spec), State::$kind(state)) => spec.conflict(state, refs),)*
                    (_, _) => Some(format!("it is a {}", state.kind())),
                }
            }

            /// Whether one that is somebody else's is in its place.
            pub fn rivals(&self, state: &State) -> bool {
                match (self, state) {
                    $((Self::$kind(spec), State::$kind(state)) => spec.rivals(state),)*
                    (_, _) => false,
                }
            }

            /// What AWS waits for that somebody else has to do.
            pub fn awaits(&self, state: &State) -> Option<String> {
                match (self, state) {
                    $((Self::$kind(spec), State::$kind(state)) => spec.awaits(state),)*
                    (_, _) => None,
                }
            }
        }

        impl State {
            /// The kind it is a state of.
            pub fn kind(&self) -> Kind {
                match self { $(Self::$kind(_) => Kind::$kind),* }
            }

            /// The state after `change` succeeded with `reply`.
            pub fn fold(&mut self, change: &Change, reply: &Reply) {
                match (self, change) {
                    $((Self::$kind(state), Change::$kind(change)) => state.fold(change, reply),)*
                    (_, _) => {}
                }
            }

            /// The ids of other resources this one uses.
            pub fn uses(&self) -> Vec<&str> {
                match self { $(Self::$kind(state) => state.uses()),* }
            }

            /// The ids of what it comes with, where it carries no tags.
            pub fn parents(&self) -> Vec<&str> {
                match self { $(Self::$kind(state) => state.parents()),* }
            }

            /// The change that must come before deletion, if one must.
            pub fn teardown(&self) -> Option<Change> {
                match self { $(Self::$kind(state) => state.teardown().map(Change::$kind)),* }
            }

            /// The change that must come before anything in it is deleted, if one must.
            pub fn prelude(&self) -> Option<Change> {
                match self { $(Self::$kind(state) => state.prelude().map(Change::$kind)),* }
            }

            /// Why AWS gave up on it, where making it anew would not help.
            pub fn problem(&self) -> Option<String> {
                match self { $(Self::$kind(state) => state.problem()),* }
            }

            /// What is wrong with it although it works.
            pub fn danger(&self) -> Option<Danger> {
                match self { $(Self::$kind(state) => state.danger()),* }
            }

            /// Whether a read of this one resource shows more than sweeps do.
            pub fn has_details(&self) -> bool {
                self.kind().row().details != Details::None
                    && match self { $(Self::$kind(state) => state.has_details()),* }
            }

            /// Whether something is missing that only a read of this one resource shows.
            pub fn lacks_details(&self) -> bool {
                match self { $(Self::$kind(state) => state.lacks_details()),* }
            }

            /// Whether what only such a read shows is about to change by itself.
            pub fn is_underway(&self) -> bool {
                match self { $(Self::$kind(state) => state.is_underway()),* }
            }

            /// What must come to its end before it is deleted.
            pub fn lingers(&self) -> Option<String> {
                match self { $(Self::$kind(state) => state.lingers()),* }
            }

            /// Takes over what only such a read shows from an earlier state.
            pub fn keep_details(&mut self, earlier: &State) {
                match (self, earlier) {
                    $((Self::$kind(state), State::$kind(earlier)) => state.keep_details(earlier),)*
                    (_, _) => {}
                }
            }
        }

        impl fmt::Display for Spec {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$kind(spec) => spec.fmt(formatter)),* }
            }
        }

        impl fmt::Display for Change {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$kind(change) => change.fmt(formatter),)*
                    Self::Tags(change) => change.fmt(formatter),
                }
            }
        }
    };
}

kinds! {
    Vpc => vpc,
    DefaultSecurityGroup => default_security_group,
    SecurityGroup => security_group,
    InternetGateway => internet_gateway,
    RouteTable => route_table,
    Subnet => subnet,
    ElasticIp => elastic_ip,
    NatGateway => nat_gateway,
    VpcEndpoint => vpc_endpoint,
    LogGroup => log_group,
    Role => role,
    InstanceProfile => instance_profile,
    FlowLog => flow_log,
    KeyPair => key_pair,
    Instance => instance,
    Certificate => certificate,
    LoadBalancer => load_balancer,
    Listener => listener,
    DnsRecord => dns_record,
    FileSystem => file_system,
    MountTarget => mount_target,
    AccessPoint => access_point,
    Image => image,
    LaunchTemplate => launch_template,
    TargetGroup => target_group,
    ListenerRule => listener_rule,
    AutoScalingGroup => auto_scaling_group,
    InstanceRefresh => instance_refresh,
    ScalingPolicy => scaling_policy,
    ScheduledAction => scheduled_action,
    LifecycleHook => lifecycle_hook,
    DbSubnetGroup => db_subnet_group,
    DbParameterGroup => parameter_group,
    DbClusterParameterGroup => parameter_group,
    DbCluster => database,
    DbInstance => database,
    Secret => secret,
    BlueGreenDeployment => blue_green_deployment,
    ScalableTarget => scalable_target,
    NetworkInterface => network_interface,
    ForeignSecurityGroup => foreign_security_group,
    ForeignDbInstance => foreign_database,
    ForeignDbCluster => foreign_database,
}

impl<C> Finding<C> {
    fn map<D>(self, into: impl FnOnce(C) -> D) -> Finding<D> {
        match self {
            Finding::Change(change) => Finding::Change(into(change)),
            Finding::Wait(node) => Finding::Wait(node),
            Finding::Immutable { field, is, wanted } => Finding::Immutable { field, is, wanted },
            Finding::Replace { field } => Finding::Replace { field },
            Finding::Underway(what) => Finding::Underway(what),
            Finding::Failed(problem) => Finding::Failed(problem),
        }
    }
}

/// A change whose input is another resource: the change itself once that is there, else a wait for it.
fn once<C>(input: Result<String, NodeId>, change: impl FnOnce(String) -> Option<C>) -> Option<Finding<C>> {
    match input {
        Ok(id) => change(id).map(Finding::Change),
        Err(node) => Some(Finding::Wait(node)),
    }
}

/// A reference that cannot be changed.
fn fixed<C>(input: Result<String, NodeId>, is: &str, field: &'static str) -> Option<Finding<C>> {
    match input {
        Ok(id) if id == is => None,
        Ok(id) => Some(Finding::Immutable {
            field,
            is: is.to_owned(),
            wanted: id,
        }),
        Err(node) => Some(Finding::Wait(node)),
    }
}
