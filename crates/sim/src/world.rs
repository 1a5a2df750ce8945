//! The state of the account, its time and its record of calls.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::database::status::Status;
use hastack_core::resource::instance::Build;
use hastack_core::resource::launch_template::Data;
use hastack_core::resource::{State, network_interface};
use hastack_core::tag::Tags;
use hastack_core::timing::{Clock, after};
use jiff::Timestamp;

use crate::catalogue::Catalogue;
use crate::fault::Fault;
use crate::resource::{self, Work};

/// How long a load balancer's interfaces outlive it.
const INTERFACE_LINGERS: Duration = Duration::from_mins(3);

/// An account and region of AWS.
#[derive(Debug)]
pub struct Sim {
    world: Mutex<World>,
}

/// A call that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// AWS's name of it.
    pub action: &'static str,
    /// Whether it writes.
    pub write: bool,
    /// Whether it failed.
    pub failed: bool,
}

/// How reads lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Reads show the state of this long ago.
    pub lag: Duration,
    /// New resources are invisible for this long.
    pub hidden: Duration,
    /// Every third sweep leaves out one resource in this many, another one each time; 0 for none.
    pub flapping: usize,
}

#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) things: BTreeMap<String, Thing>,
    pub(crate) tokens: BTreeMap<String, Object>,
    pub(crate) calls: Vec<Call>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) view: View,
    pub(crate) sweeps: usize,
    /// Ids of things that were ever more than one of a kind and id at a time.
    pub(crate) doubles: Vec<String>,
    /// Names that somebody else's DNS serves.
    pub(crate) dns: BTreeSet<String>,
    /// Since when all records of a certificate are there.
    pub(crate) proven: BTreeMap<String, Timestamp>,
    /// What the versions of launch templates say, by their descriptions.
    pub(crate) launch_data: BTreeMap<String, Data>,
    /// What the groups are at, by their names.
    pub(crate) work: BTreeMap<String, Work>,
    /// Instances that do not answer well.
    pub(crate) sick: BTreeSet<String>,
    /// Since when a target, by target group and instance, is as healthy as it is.
    pub(crate) health_since: BTreeMap<(String, String), Timestamp>,
    /// When each instance that builds an image ends that, and how.
    pub(crate) builds: BTreeMap<String, (Timestamp, Build)>,
    /// The instances that images are made of, by image.
    pub(crate) imaged: BTreeMap<String, String>,
    /// The hooks that each instance of a group waited for before it came into service, by name.
    pub(crate) awaited: BTreeMap<String, BTreeSet<String>>,
    /// The snapshots there are.
    pub(crate) snapshots: BTreeSet<String>,
    /// The instances that were stopped to have an image made of them.
    pub(crate) stopped: BTreeSet<String>,
    /// What each database is about to be, and when, by its identifier.
    pub(crate) due: BTreeMap<String, Vec<(Timestamp, Status)>>,
    /// When what each blue/green deployment is at is done, by its id.
    pub(crate) deployments: BTreeMap<String, Timestamp>,
    /// The master passwords that were given, by identifier.
    pub(crate) passwords: BTreeMap<String, String>,
    /// The snapshots of databases, with their tags.
    pub(crate) database_snapshots: BTreeMap<String, Tags>,
    /// Databases that were deleted with their data.
    pub(crate) forgotten: Vec<String>,
    /// What is known of images that nobody here has made.
    pub(crate) catalogue: Catalogue,
    history: Vec<(Timestamp, BTreeMap<String, Thing>)>,
    next_id: usize,
}

/// A resource.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) object: Object,
    born: Timestamp,
    /// The phases to come.
    next: Vec<(Timestamp, Option<Phase>)>,
}

impl Thing {
    /// Has AWS give it up.
    pub(crate) fn fail(&mut self) {
        self.object.phase = Phase::Failed;
        self.next.clear();
    }
}

impl Sim {
    /// An empty account.
    pub fn new() -> Self {
        Self {
            world: Mutex::new(World {
                now: Timestamp::from_second(1_800_000_000).unwrap_or_default(),
                ..World::default()
            }),
        }
    }

    /// Lets time pass.
    pub fn advance_to(&self, time: Timestamp) {
        let mut world = self.world();
        world.now = world.now.max(time);
        world.age();
    }

    /// Every failure to bring about from now on. Writes are counted anew.
    pub fn inject(&self, faults: Vec<Fault>) {
        let mut world = self.world();
        world.calls.clear();
        world.faults = faults;
    }

    /// How reads lie from now on.
    pub fn set_view(&self, view: View) {
        let mut world = self.world();
        world.view = view;
        // What there was before is not late.
        let things = world.things.clone();
        world.history = vec![(Timestamp::MIN, things)];
    }

    /// The calls since the last [`Sim::inject`].
    pub fn calls(&self) -> Vec<Call> {
        self.world().calls.clone()
    }

    /// Everything that exists, AWS's own left out.
    pub fn objects(&self) -> Vec<Object> {
        let world = self.world();
        let objects = world.things.values().map(|thing| thing.object.clone());
        objects.filter(|object| object.phase != Phase::Deleted).collect()
    }

    /// Resources of which there was more than one at a time.
    pub fn doubles(&self) -> Vec<String> {
        self.world().doubles.clone()
    }

    /// Changes a resource behind everybody's back.
    pub fn tamper(&self, id: &str, change: impl FnOnce(&mut Object)) {
        let mut world = self.world();
        if let Some(thing) = world.things.get_mut(id) {
            change(&mut thing.object);
        }
        world.remember();
    }

    /// Puts a resource there that nobody here has created.
    pub fn place(&self, object: Object) {
        let mut world = self.world();
        let thing = Thing {
            object: object.clone(),
            born: Timestamp::MIN,
            next: Vec::new(),
        };
        world.things.insert(object.id, thing);
        world.remember();
    }

    /// Lets somebody else's DNS serve a record of this name.
    pub fn publish_dns(&self, name: &str) {
        self.world().dns.insert(name.to_owned());
    }

    /// Takes a resource away behind everybody's back, and what AWS takes away with it.
    pub fn vanish(&self, id: &str) {
        let mut world = self.world();
        world.vanish(id);
        world.remember();
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Sim {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for Sim {
    fn now(&self) -> Timestamp {
        self.world().now
    }
}

impl World {
    /// Adds a resource and the phases to come.
    pub(crate) fn add(&mut self, tags: Tags, state: State) -> Object {
        self.next_id += 1;
        let id = resource::own_id(&state).unwrap_or_else(|| format!("{}-{:04}", state.kind(), self.next_id));
        let pending = resource::life(&state).pending;
        let (phase, next) = if pending.is_zero() {
            (Phase::Ready, Vec::new())
        } else {
            (Phase::Pending, vec![(after(self.now, pending), Some(Phase::Ready))])
        };
        let object = Object {
            id,
            tags,
            phase,
            created: Some(self.now),
            state,
        };
        let tag = |object: &Object| {
            [hastack_core::tag::OWNER, hastack_core::tag::ID].map(|key| object.tags.get(key).cloned())
        };
        let twin = self.things.values().any(|thing| {
            let alive = matches!(thing.object.phase, Phase::Pending | Phase::Ready);
            // What is put a second time under its name is no second one.
            alive && thing.object.id != object.id && !object.tags.is_empty() && tag(&thing.object) == tag(&object)
        });
        if twin {
            self.doubles.push(object.id.clone());
        }
        let thing = Thing {
            object: object.clone(),
            born: self.now,
            next,
        };
        self.things.insert(object.id.clone(), thing);
        object
    }

    /// Adds what AWS has copied of something, with the tags of that: it is no second one.
    pub(crate) fn add_copy(&mut self, tags: Tags, state: State) -> String {
        let made = self.add(Tags::new(), state);
        if let Some(thing) = self.things.get_mut(&made.id) {
            thing.object.tags = tags;
        }
        made.id
    }

    /// A number that nothing has yet.
    pub(crate) fn next_number(&mut self) -> usize {
        self.next_id += 1;
        self.next_id
    }

    /// The id of a new instance of a group.
    pub(crate) fn instance_id(&mut self) -> String {
        format!("i-{:04}", self.next_number())
    }

    /// Begins the deletion of a resource that goes in its own time.
    pub(crate) fn begin_deletion(&mut self, id: &str) {
        let now = self.now;
        if let Some(thing) = self.things.get_mut(id) {
            let life = resource::life(&thing.object.state);
            let gone = after(now, life.deleting);
            thing.object.phase = Phase::Deleting;
            thing.next = vec![(gone, Some(Phase::Deleted)), (after(gone, life.listed), None)];
        }
    }

    /// Puts a network interface of a service of AWS into a subnet.
    pub(crate) fn add_interface(&mut self, subnet_id: &str, group_ids: &[String], description: &str, public: bool) {
        let Some(State::Subnet(subnet)) = self.state(subnet_id) else {
            return;
        };
        let interface = network_interface::State {
            vpc_id: subnet.vpc_id.clone(),
            subnet_id: subnet_id.to_owned(),
            group_ids: group_ids.to_vec(),
            description: description.to_owned(),
            in_use: true,
            managed: true,
            public,
            instance_id: None,
            fleet: None,
        };
        self.add_untagged(State::NetworkInterface(interface));
    }

    /// Takes the network interfaces away that are described so, some time after what had them is gone.
    pub(crate) fn release_interfaces(&mut self, description: &str) {
        let gone = after(self.now, INTERFACE_LINGERS);
        for thing in self.things.values_mut() {
            if matches!(&thing.object.state, State::NetworkInterface(interface) if interface.description == description)
            {
                thing.next = vec![(gone, Some(Phase::Deleted)), (gone, None)];
            }
        }
    }

    /// Keeps the state for late reads.
    pub(crate) fn remember(&mut self) {
        if self.view.lag.is_zero() {
            return;
        }
        self.history.push((self.now, self.things.clone()));
        let oldest = self.now.checked_sub(self.view.lag).unwrap_or(self.now);
        let keep = self.history.iter().rposition(|(at, _)| *at <= oldest).unwrap_or(0);
        self.history.drain(..keep);
    }

    /// What a read shows.
    pub(crate) fn shown(&self, kind: Kind) -> Vec<Object> {
        let at = self.now.checked_sub(self.view.lag).unwrap_or(self.now);
        let then = if self.view.lag.is_zero() {
            Some(&self.things)
        } else {
            self.history
                .iter()
                .rev()
                .find(|(time, _)| *time <= at)
                .map(|(_, things)| things)
        };
        then.into_iter()
            .flat_map(BTreeMap::values)
            .filter(|thing| thing.object.kind() == kind && after(thing.born, self.view.hidden) <= self.now)
            .map(|thing| thing.object.clone())
            .collect()
    }

    /// When something happens by itself next.
    fn age(&mut self) {
        let now = self.now;
        let (mut gone, mut unlisted) = (Vec::new(), Vec::new());
        for (id, thing) in &mut self.things {
            while let Some(&(at, phase)) = thing.next.first() {
                if at > now {
                    break;
                }
                thing.next.remove(0);
                match phase {
                    Some(phase) => thing.object.phase = phase,
                    None => unlisted.push(id.clone()),
                }
                if phase == Some(Phase::Deleted) {
                    gone.push((id.clone(), thing.object.state.clone()));
                }
            }
        }
        for (id, state) in gone {
            resource::gone(&state, self, &id);
        }
        for id in unlisted {
            self.things.remove(&id);
        }
        resource::keep_databases(self);
        resource::keep_readers(self);
        resource::keep_deployments(self);
        resource::validate(self);
        resource::keep_fleets(self);
        resource::check_health(self);
        resource::build(self);
        self.finish_images();
        self.remember();
    }
}
