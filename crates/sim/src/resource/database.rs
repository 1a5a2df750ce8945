//! A database: an instance of RDS, a member, a replica, or a cluster of Aurora.

mod life;
mod name;
mod told;

use std::collections::BTreeMap;

use hastack_core::cloud::{ErrorKind, Reply};
use hastack_core::kind::Kind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::database::setting::{Setting, Settings, Value};
use hastack_core::resource::database::status::{Changes, Status};
use hastack_core::resource::database::version::{is_major_upgrade, major};
use hastack_core::resource::database::{Change, Create, Modification, Source, State};
use hastack_core::resource::scalable_target::id_of;

use super::{Life, Names, Refusal, Simulated};
use crate::world::World;

pub(crate) use life::keep_databases;

/// What the names of AWS's own parameter groups begin with.
const DEFAULT: &str = "default.";

/// What the ARNs of clusters have in them.
const CLUSTER: &str = ":cluster:";

/// The account and region it is all in.
const PLACE: &str = "us-east-1:123456789012";

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateDBInstance",
        describe: "DescribeDBInstances",
        delete: "DeleteDBInstance",
    };
    const LIFE: Life = life::LIFE;

    fn names(kind: Kind) -> Names {
        if kind == Kind::DbCluster {
            return Names {
                create: "CreateDBCluster",
                describe: "DescribeDBClusters",
                delete: "DeleteDBCluster",
            };
        }
        Self::NAMES
    }

    fn details(&self) -> &'static [&'static str] {
        match (self.holds_data(), self.arn.contains(CLUSTER)) {
            (false, _) => &[],
            (true, false) => &["DescribeDBSnapshots"],
            (true, true) => &["DescribeDBClusterSnapshots"],
        }
    }

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Modify(_) => "ModifyDBInstance",
            Change::MarkPassword(_) => "AddTagsToResource",
            Change::Start => "StartDBInstance",
            Change::Stop => "StopDBInstance",
            Change::Reboot => "RebootDBInstance",
        }
    }

    fn update_name_of(kind: Kind, change: &Change) -> &'static str {
        match (kind, change) {
            (Kind::DbCluster, Change::Modify(_)) => "ModifyDBCluster",
            (Kind::DbCluster, Change::Start) => "StartDBCluster",
            (Kind::DbCluster, Change::Stop) => "StopDBCluster",
            (_, change) => Self::update_name(change),
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let taken = world
            .states()
            .any(|state| matches!(state, AnyState::DbInstance(other) | AnyState::DbCluster(other) if other.arn == arn(create)));
        if taken {
            let message = format!("{} already exists", create.id);
            return Err((ErrorKind::AlreadyExists, "DBInstanceAlreadyExists", message));
        }
        check_references(world, &create.settings)?;
        check_source(world, create)?;
        let mut state = bare(create);
        place(world, create, &mut state);
        check_family(world, &state.engine, &state.settings)?;
        Ok(state)
    }

    fn ordered(create: &Create, world: &mut World, id: &str) {
        if let Some(password) = &create.password
            && create.source == Source::Nothing
        {
            world.passwords.insert(id.to_owned(), password.text.reveal().to_owned());
        }
    }

    fn created(&self, world: &mut World, id: &str) {
        let original = format!("resource-{}", world.next_number());
        if let Some(database) = world.database_mut(id) {
            database.resource_id = Some(original);
        }
        if self.secret_arn.is_some() {
            world.add_secret(id);
        }
        world.join(self, id);
        world.add_database_interfaces(self, id);
    }

    fn own_id(&self) -> Option<String> {
        self.arn.rsplit(':').next().map(str::to_owned)
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        let row = self.status.row();
        let allowed = match change {
            Change::Modify(modification) => return self.check_modification(world, modification),
            Change::MarkPassword(_) => true,
            Change::Start => row.starts && self.cluster.is_none(),
            Change::Stop => row.stops && self.cluster.is_none(),
            Change::Reboot => row.changes == Changes::All || row.changes == Changes::Parameters,
        };
        if allowed { Ok(()) } else { Err(self.wrong_state()) }
    }

    fn changing(&self, world: &mut World, id: &str, change: &Change) -> Reply {
        world.begin(self, id, change);
        Reply::default()
    }

    fn holds(&self, id: &str) -> bool {
        let group = [&self.settings, &self.pending].into_iter().any(|settings| {
            let group = settings.get(&Setting::ParameterGroup).and_then(Value::text);
            group == Some(id)
        });
        group || self.subnet_group.as_deref() == Some(id)
    }

    fn check_deletion(&self, world: &World) -> Result<(), Refusal> {
        if self.settings.get(&Setting::Protection).and_then(Value::flag) == Some(true) {
            let message = "Cannot delete protected DB Instance, please disable deletion protection and try again.";
            return Err((ErrorKind::Invalid, "InvalidParameterCombination", message.to_owned()));
        }
        let is_member = |state: &AnyState| matches!(state, AnyState::DbInstance(member) if member.cluster.is_some() && member.cluster == self.own_id());
        let stopped_cluster = !self.members.is_empty() && self.status == Status::Stopped;
        // A member that is being made can go.
        let deletes = self.status.row().deletes || self.cluster.is_some() && self.status != Status::Stopped;
        if !deletes || stopped_cluster || world.states().any(is_member) {
            return Err(self.wrong_state());
        }
        Ok(())
    }

    fn gone(&self, world: &mut World, id: &str) {
        world.remove_secret(id);
        world.leave(self, id);
        world.release_interfaces(&interface(id));
        world.due.remove(id);
        world.passwords.remove(id);
        // AWS deregisters what is deleted.
        world.things.remove(&id_of(id));
    }

    fn hide(&mut self) {
        self.hurried = false;
        self.password_set = None;
        self.details = None;
    }
}

/// How AWS describes its network interfaces.
fn interface(id: &str) -> String {
    format!("RDSNetworkInterface {id}")
}

/// A cluster has no class.
fn is_cluster(create: &Create) -> bool {
    !create.settings.contains_key(&Setting::Class)
}

fn arn(create: &Create) -> String {
    let what = if is_cluster(create) { "cluster" } else { "db" };
    format!("arn:aws:rds:{PLACE}:{what}:{}", create.id)
}

/// What a database is like that nobody has set anything of.
fn bare(create: &Create) -> State {
    let Create {
        id,
        engine,
        source,
        settings,
        subnet_group,
        zone,
        kms_key_id,
        username,
        database,
        password,
    } = create;
    let port: u32 = if engine.contains("postgres") { 5432 } else { 3306 };
    let mut shown = Settings::from([(Setting::Port, port.into()), (Setting::ManagedPassword, false.into())]);
    shown.extend(settings.clone());
    if let Some(version) = settings.get(&Setting::Version).and_then(Value::text) {
        shown.insert(Setting::Version, resolve(engine, version).into());
    }
    let restored = matches!(source, Source::Snapshot(_) | Source::PointInTime { .. });
    // Restoring takes no word on the password.
    let managed = settings.get(&Setting::ManagedPassword) == Some(&true.into()) && !restored;
    shown.insert(Setting::ManagedPassword, managed.into());
    let given = password.as_ref().filter(|_| *source == Source::Nothing);
    State {
        arn: arn(create),
        resource_id: None,
        engine: (*engine).to_owned(),
        status: Status::Creating,
        settings: shown,
        pending: Settings::new(),
        reboot_pending: false,
        hurried: false,
        subnet_group: subnet_group.clone(),
        kms_key_id: Some(
            kms_key_id
                .clone()
                .unwrap_or_else(|| "arn:aws:kms:us-east-1:123456789012:key/1".to_owned()),
        ),
        username: username.clone().or_else(|| restored.then(|| "restored".to_owned())),
        database: database.clone().or_else(|| restored.then(|| "restored".to_owned())),
        host: None,
        reader_host: None,
        secret_arn: managed.then(|| super::secret::arn_of(id)),
        password_digest: given.map(|password| password.digest.clone()),
        password_set: None,
        cluster: None,
        replica_of: None,
        zone: zone.clone(),
        standby_zone: None,
        members: BTreeMap::new(),
        restorable: None,
        maintenance: Vec::new(),
        events: Vec::new(),
        details: None,
    }
}

/// The version that AWS makes of one that is not said in full.
fn resolve(engine: &str, version: &str) -> String {
    let minor = match engine {
        "aurora-mysql" => "mysql_aurora.3.08.0",
        "mysql" => "40",
        "mariadb" => "9",
        _ => "4",
    };
    if major(engine, version) == version {
        format!("{version}.{minor}")
    } else {
        version.to_owned()
    }
}

/// Where it is, and what it has of what it is a part of.
fn place(world: &World, create: &Create, state: &mut State) {
    match &create.source {
        Source::Member(cluster) => state.cluster = Some(cluster.clone()),
        Source::Replica(source) => state.replica_of = Some(source.clone()),
        Source::Nothing | Source::Snapshot(_) | Source::PointInTime { .. } => {}
    }
    let whole = [&state.cluster, &state.replica_of].into_iter().flatten().next();
    if let Some(AnyState::DbInstance(whole) | AnyState::DbCluster(whole)) = whole.and_then(|id| world.state(id)) {
        state.subnet_group.clone_from(&whole.subnet_group);
        for setting in [Setting::Version, Setting::SecurityGroups] {
            if let Some(value) = whole.settings.get(&setting) {
                state.settings.entry(setting).or_insert_with(|| value.clone());
            }
        }
    }
    if is_cluster(create) {
        return;
    }
    let subnets = world.subnets_of(state.subnet_group.as_deref().unwrap_or_default());
    let mut zones = subnets.iter().filter_map(|subnet| world.zone_of(subnet));
    if state.zone.is_none() {
        state.zone = zones.next();
    }
    if state.settings.get(&Setting::MultiAz) == Some(&true.into()) {
        let other = |zone: &String| Some(zone) != state.zone.as_ref();
        state.standby_zone = subnets.iter().filter_map(|subnet| world.zone_of(subnet)).find(other);
    }
}

fn check_references(world: &World, settings: &Settings) -> Result<(), Refusal> {
    let group = settings.get(&Setting::ParameterGroup).and_then(Value::text);
    let group = group.filter(|group| !group.starts_with(DEFAULT));
    group.map_or(Ok(()), |group| world.must_exist(group))?;
    let groups = settings.get(&Setting::SecurityGroups).into_iter();
    groups
        .flat_map(Value::texts)
        .try_for_each(|group| world.must_exist(group))
}

fn check_source(world: &World, create: &Create) -> Result<(), Refusal> {
    match &create.source {
        Source::Nothing => {
            let group = create.subnet_group.as_deref().unwrap_or_default();
            world.must_exist(group)
        }
        Source::Member(whole) => world.must_exist(whole),
        Source::Replica(source) => match world.state(source) {
            Some(AnyState::DbInstance(source)) if source.secret_arn.is_some() => {
                Err(invalid("RDS makes no replica of a database whose password it keeps"))
            }
            _ => world.must_exist(source),
        },
        Source::Snapshot(name) if !world.database_snapshots.contains_key(name) => {
            let message = format!("DBSnapshot not found: {name}");
            Err((ErrorKind::NotFound, "DBSnapshotNotFound", message))
        }
        Source::Snapshot(_) | Source::PointInTime { .. } => Ok(()),
    }
}

/// A parameter group is for one engine and major version.
fn check_family(world: &World, engine: &str, settings: &Settings) -> Result<(), Refusal> {
    let group = settings.get(&Setting::ParameterGroup).and_then(Value::text);
    let version = settings
        .get(&Setting::Version)
        .and_then(Value::text)
        .unwrap_or_default();
    let own = group.and_then(|group| group.strip_prefix(DEFAULT)).map(str::to_owned);
    let family = match group.and_then(|group| world.state(group)) {
        _ if own.is_some() => &own.unwrap_or_default(),
        Some(AnyState::DbParameterGroup(group) | AnyState::DbClusterParameterGroup(group)) => &group.family,
        _ => return Ok(()),
    };
    if *family == format!("{engine}{}", major(engine, version)) {
        return Ok(());
    }
    let message = format!("The parameter group with DBParameterGroupFamily {family} can't be used for this instance");
    Err((ErrorKind::Invalid, "InvalidParameterCombination", message))
}

fn invalid(message: &str) -> Refusal {
    (ErrorKind::Invalid, "InvalidParameterCombination", message.to_owned())
}

/// Those of a cluster, which its members do not take.
const OF_CLUSTERS: [Setting; 7] = [
    Setting::Version,
    Setting::SecurityGroups,
    Setting::ManagedPassword,
    Setting::BackupRetention,
    Setting::Protection,
    Setting::Storage,
    Setting::LogExports,
];

trait Checked {
    fn wrong_state(&self) -> Refusal;
    fn check_modification(&self, world: &World, modification: &Modification) -> Result<(), Refusal>;
}

impl Checked for State {
    fn wrong_state(&self) -> Refusal {
        let message = format!("Database is in state {}", self.status);
        (ErrorKind::NotNow, "InvalidDBInstanceState", message)
    }

    fn check_modification(&self, world: &World, modification: &Modification) -> Result<(), Refusal> {
        let Modification {
            settings,
            before: _,
            password,
            immediately: _,
            major,
        } = modification;
        let only = |wanted: Setting| settings.keys().all(|setting| *setting == wanted);
        let unprotects = settings.get(&Setting::Protection) == Some(&false.into()) && only(Setting::Protection);
        let allowed = match self.status.row().changes {
            Changes::All => true,
            Changes::Storage => only(Setting::Storage) || unprotects,
            Changes::Parameters => only(Setting::ParameterGroup) || unprotects,
            Changes::None => unprotects && self.status.row().deletes && self.members.is_empty(),
        };
        if !allowed {
            return Err(self.wrong_state());
        }
        let is_copied =
            |state: &AnyState| matches!(state, AnyState::BlueGreenDeployment(copied) if copied.source == self.arn);
        if settings.contains_key(&Setting::Version) && world.states().any(is_copied) {
            return Err(self.wrong_state());
        }
        if self.cluster.is_some() && settings.keys().any(|setting| OF_CLUSTERS.contains(setting)) {
            return Err(invalid("The parameter belongs to the DB cluster"));
        }
        if settings.get(&Setting::ManagedPassword) == Some(&false.into()) && password.is_none() {
            return Err(invalid("You must specify a master user password"));
        }
        let number = |settings: &Settings| settings.get(&Setting::Storage).and_then(Value::number);
        if number(settings).is_some_and(|wanted| Some(wanted) < number(&self.settings)) {
            return Err(invalid(
                "Requested storage size cannot be smaller than the current size",
            ));
        }
        let version = |settings: &Settings| settings.get(&Setting::Version).and_then(Value::text).map(str::to_owned);
        let leads = version(settings).zip(version(&self.settings));
        if leads.is_some_and(|(wanted, is)| is_major_upgrade(&self.engine, &is, &wanted)) && !major {
            return Err(invalid("The AllowMajorVersionUpgrade flag must be present"));
        }
        check_references(world, settings)?;
        let mut after = self.settings.clone();
        after.extend(settings.clone());
        check_family(world, &self.engine, &after)
    }
}
