//! What AWS does with each kind: one file a kind, all of the same shape.

mod access_point;
mod auto_scaling_group;
mod blue_green_deployment;
mod certificate;
mod database;
mod db_subnet_group;
mod default_security_group;
mod dns_record;
mod elastic_ip;
mod file_system;
mod flow_log;
mod foreign_database;
mod foreign_security_group;
mod image;
mod instance;
mod instance_profile;
mod instance_refresh;
mod internet_gateway;
mod key_pair;
mod launch_template;
mod lifecycle_hook;
mod listener;
mod listener_rule;
mod load_balancer;
mod log_group;
mod mount_target;
mod nat_gateway;
mod network_interface;
mod parameter_group;
mod role;
mod route_table;
mod scalable_target;
mod scaling_policy;
mod scheduled_action;
mod secret;
mod security_group;
mod subnet;
mod target_group;
mod vpc;
mod vpc_endpoint;

use std::time::Duration;

use hastack_core::cloud::{ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::resource::{Change, Create, State};
use hastack_core::tag;

use crate::world::World;

pub(crate) use auto_scaling_group::{Work, keep_fleets};
pub(crate) use blue_green_deployment::keep_deployments;
pub(crate) use certificate::validate;
pub(crate) use database::keep_databases;
pub(crate) use dns_record::hosted_zones;
pub(crate) use foreign_database::foreign_databases;
pub(crate) use instance::build;
pub(crate) use scalable_target::keep_readers;
pub(crate) use target_group::check_health;

/// What AWS says no with: the kind of failure, its code, its message.
pub(crate) type Refusal = (ErrorKind, &'static str, String);

/// AWS's names of the calls, so that counts can be compared with those of other tools.
#[derive(Clone, Copy)]
pub(crate) struct Names {
    pub(crate) create: &'static str,
    pub(crate) describe: &'static str,
    pub(crate) delete: &'static str,
}

/// How long AWS takes.
#[derive(Clone, Copy)]
pub(crate) struct Life {
    /// To make one.
    pub(crate) pending: Duration,
    /// To delete one.
    pub(crate) deleting: Duration,
    /// To list it no more after that.
    pub(crate) listed: Duration,
}

impl Life {
    /// It is there at once, and gone at once.
    pub(crate) const AT_ONCE: Self = Self {
        pending: Duration::ZERO,
        deleting: Duration::ZERO,
        listed: Duration::ZERO,
    };
}

/// What AWS does with one kind.
pub(crate) trait Simulated: Sized {
    /// What the creating call needs.
    type Create;
    /// What one further call changes.
    type Change;

    /// AWS's names of the calls.
    const NAMES: Names;
    /// How long AWS takes, where it takes the same for all.
    const LIFE: Life = Life::AT_ONCE;
    /// The further calls that a read of one resource takes.
    const DETAILS: &'static [&'static str] = &[];
    /// AWS's code where it refuses a client token while what that made exists, rather than answering as it did first.
    const TOKEN_TAKEN: Option<&'static str> = None;

    /// AWS's names of the calls for a kind, where several kinds are shown alike.
    fn names(_kind: Kind) -> Names {
        Self::NAMES
    }

    /// AWS's name of the call that makes this change to one of a kind.
    fn update_name_of(_kind: Kind, change: &Self::Change) -> &'static str {
        Self::update_name(change)
    }

    /// AWS's name of the call that makes this change.
    fn update_name(change: &Self::Change) -> &'static str;

    /// The state a creation leads to, or why not.
    fn create(world: &World, create: &Self::Create) -> Result<Self, Refusal>;

    /// The further calls that a read of this one takes.
    fn details(&self) -> &'static [&'static str] {
        Self::DETAILS
    }

    /// How long AWS takes.
    fn life(&self) -> Life {
        Self::LIFE
    }

    /// Its id, where that is not AWS's choice.
    fn own_id(&self) -> Option<String> {
        None
    }

    /// One that nobody here has made and that is taken for granted, by its id.
    fn foreign(_id: &str) -> Option<Self> {
        None
    }

    /// What AWS answers with in place of another one like it.
    fn like(_world: &World, _create: &Self::Create) -> Option<String> {
        None
    }

    /// What the creating call brings about that the state does not show.
    fn ordered(_create: &Self::Create, _world: &mut World, _id: &str) {}

    /// What comes about with it.
    fn created(&self, _world: &mut World, _id: &str) {}

    /// Why a change is refused, if it is.
    fn check(&self, _world: &World, _change: &Self::Change) -> Result<(), Refusal> {
        Ok(())
    }

    /// What a change does to others, and what AWS answers.
    fn changing(&self, _world: &mut World, _id: &str, _change: &Self::Change) -> Reply {
        Reply::default()
    }

    /// Whether it keeps the resource with this id from being deleted.
    fn holds(&self, id: &str) -> bool;

    /// Why it cannot be deleted, whoever else there is.
    fn check_deletion(&self, _world: &World) -> Result<(), Refusal> {
        Ok(())
    }

    /// What goes with it, beside the kinds of which the table says so.
    fn gone(&self, _world: &mut World, _id: &str) {}

    /// Takes away what a sweep does not show.
    fn hide(&mut self) {}
}

macro_rules! simulated {
    ($($kind:ident => $module:ident),* $(,)?) => {
        pub(crate) fn names(kind: Kind) -> Names {
            match kind { $(Kind::$kind => <hastack_core::resource::$module::State as Simulated>::names(kind)),* }
        }

        pub(crate) fn life(state: &State) -> Life {
            match state { $(State::$kind(state) => state.life()),* }
        }

        pub(crate) fn details(state: &State) -> &'static [&'static str] {
            match state { $(State::$kind(state) => Simulated::details(state)),* }
        }

        pub(crate) fn token_taken(kind: Kind) -> Option<&'static str> {
            match kind { $(Kind::$kind => <hastack_core::resource::$module::State as Simulated>::TOKEN_TAKEN),* }
        }

        pub(crate) fn update_name(change: &Change) -> &'static str {
            match change {
                $(Change::$kind(change) => <hastack_core::resource::$module::State as Simulated>::update_name_of(Kind::$kind, change),)*
                Change::Tags(tag::Change::Set(_)) => "CreateTags",
                Change::Tags(tag::Change::Remove(_)) => "DeleteTags",
            }
        }

        pub(crate) fn create(world: &World, create: &Create) -> Result<State, Refusal> {
            match create { $(Create::$kind(create) => Simulated::create(world, create).map(State::$kind)),* }
        }

        pub(crate) fn own_id(state: &State) -> Option<String> {
            match state { $(State::$kind(state) => state.own_id()),* }
        }

        pub(crate) fn foreign(kind: Kind, id: &str) -> Option<State> {
            match kind {
                $(Kind::$kind => <hastack_core::resource::$module::State as Simulated>::foreign(id).map(State::$kind)),*
            }
        }

        pub(crate) fn like(world: &World, create: &Create) -> Option<String> {
            match create {
                $(Create::$kind(create) => <hastack_core::resource::$module::State as Simulated>::like(world, create)),*
            }
        }

        pub(crate) fn ordered(create: &Create, world: &mut World, id: &str) {
            match create {
                $(Create::$kind(create) => <hastack_core::resource::$module::State as Simulated>::ordered(create, world, id)),*
            }
        }

        pub(crate) fn created(state: &State, world: &mut World, id: &str) {
            match state { $(State::$kind(state) => state.created(world, id)),* }
        }

        pub(crate) fn check(state: &State, world: &World, change: &Change) -> Result<(), Refusal> {
            match (state, change) {
                $((State::$kind(state), Change::$kind(change)) => state.check(world, change),)*
                (_, _) => Ok(()),
            }
        }

        pub(crate) fn changing(state: &State, world: &mut World, id: &str, change: &Change) -> Reply {
            match (state, change) {
                $((State::$kind(state), Change::$kind(change)) => state.changing(world, id, change),)*
                (_, _) => Reply::default(),
            }
        }

        pub(crate) fn holds(state: &State, id: &str) -> bool {
            match state { $(State::$kind(state) => state.holds(id)),* }
        }

        pub(crate) fn check_deletion(state: &State, world: &World) -> Result<(), Refusal> {
            match state { $(State::$kind(state) => state.check_deletion(world)),* }
        }

        pub(crate) fn gone(state: &State, world: &mut World, id: &str) {
            let goes_along = |other: &State| other.kind().row().goes_with == Some(state.kind()) && other.uses().contains(&id);
            let along = world.things.iter().filter(|(_, thing)| goes_along(&thing.object.state));
            let along: Vec<_> = along.map(|(id, thing)| (id.clone(), thing.object.state.clone())).collect();
            for (id, state) in along {
                world.things.remove(&id);
                self::gone(&state, world, &id);
            }
            match state { $(State::$kind(state) => state.gone(world, id)),* }
        }

        pub(crate) fn hide(state: &mut State) {
            match state { $(State::$kind(state) => state.hide()),* }
        }
    };
}

simulated! {
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
