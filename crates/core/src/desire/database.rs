//! What a `ManagedDatabase` wants.

mod access;
mod cluster;
mod engine;
mod instance;
mod parameters;
mod settings;
mod subnets;
mod upgrade;

use std::collections::{BTreeMap, BTreeSet};

use hastack_api::database::protection::{ApplyChanges, DatabaseDeletionPolicy};
use hastack_api::service::launch::DatabaseKey;
use hastack_api::{DeletionPolicy, ManagedDatabase, ManagedDatabaseSpec};

use super::name::unique;
use super::service::neighbours;
use super::site::Site;
use super::{Inputs, SpecError, TextRef, TextStore, Wanting, identity, owner};
use crate::cloud::Question;
use crate::desired::{Desired, Identity, Node, Origin};
use crate::digest::digest;
use crate::hidden::Hidden;
use crate::kind::Kind;
use crate::object::Object;
use crate::owner::NodeId;
use crate::resource::database::{Password, Source};
use crate::resource::{Spec, State, database, foreign_database, secret};
use crate::tag::{self, Tags};
pub(crate) use access::group;
pub(crate) use engine::{is_aurora, provider, scheme};
use upgrade::Upgrade;

/// The word in the ids of what databases share kinds with others of.
const WORD: &str = "managed-database";

/// The name of the master user where none is given.
const USERNAME: &str = "hastack";

/// Days after which RDS makes another password where nobody says otherwise: what AWS has anyway, so that others' changes are put right.
const ROTATION_DAYS: u16 = 7;

/// The longest identifier of an instance or a cluster.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html>
const LONGEST: usize = 63;

/// How many digits tell passwords apart: too few to find one out by.
const DIGITS: usize = 6;

impl Wanting for ManagedDatabase {
    fn stack_name(&self) -> Option<&str> {
        Some(&self.spec.stack_ref.name)
    }

    fn questions(&self, _inputs: &Inputs) -> Vec<Question> {
        Vec::new()
    }

    fn texts(&self) -> Vec<TextRef> {
        password_text(&self.spec).into_iter().collect()
    }

    fn desire(&self, inputs: &Inputs) -> Result<Desired, SpecError> {
        let identity = identity(self, &inputs.cluster);
        if self.metadata.deletion_timestamp.is_some() {
            return Ok(Desired {
                disposal: deletion(&self.spec),
                ..Desired::none(identity)
            });
        }
        let Some(stack) = &inputs.stack else {
            let name = self.spec.stack_ref.name.clone();
            return Err(SpecError::FindStack { name });
        };
        let site = Site::new(&identity, stack);
        let plan = Plan::new(&self.spec, &site, inputs)?;
        let mut nodes = BTreeMap::new();
        nodes.extend(access::desire(&plan)?);
        nodes.extend(subnets::desire(&plan));
        nodes.extend(parameters::desire(&plan));
        nodes.extend(if is_aurora(self.spec.engine) {
            cluster::desire(&plan)
        } else {
            instance::desire(&plan)
        });
        nodes.extend(plan.secret());
        nodes.extend(upgrade::desire(&plan));
        Ok(Desired {
            tags: self.spec.tags.clone(),
            nodes,
            neighbours: neighbours(inputs),
            ..Desired::none(identity)
        })
    }
}

/// Whether it stays in AWS when it is not wanted any more; what becomes of the data of one that does not is another matter.
const fn deletion(spec: &ManagedDatabaseSpec) -> DeletionPolicy {
    match spec.deletion_policy {
        DatabaseDeletionPolicy::Retain => DeletionPolicy::Retain,
        DatabaseDeletionPolicy::Snapshot | DatabaseDeletionPolicy::Delete => DeletionPolicy::Delete,
    }
}

/// The node that has the data: the instance by itself, or the cluster.
pub(crate) fn primary(spec: &ManagedDatabaseSpec) -> NodeId {
    if is_aurora(spec.engine) {
        NodeId::only(Kind::DbCluster)
    } else {
        NodeId::named(Kind::DbInstance, "primary")
    }
}

/// Where the given password is kept.
pub(crate) fn password_text(spec: &ManagedDatabaseSpec) -> Option<TextRef> {
    let source = spec.credentials.password_from.as_ref()?;
    Some(TextRef {
        store: TextStore::Secret,
        name: source.secret_key_ref.name.clone(),
        key: source.secret_key_ref.key.clone(),
    })
}

/// The identifier of an instance or a cluster, or the name of a group of theirs: it begins with a letter and has no two hyphens in a
/// row.
pub(super) fn identifier(identity: &Identity, node: &NodeId) -> String {
    let name = unique(identity, node, LONGEST - "db-".len()).to_ascii_lowercase();
    let parts: Vec<_> = name.split('-').filter(|part| !part.is_empty()).collect();
    let name = parts.join("-");
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        name
    } else {
        format!("db-{name}")
    }
}

/// What the parts of a database are made from.
pub(super) struct Plan<'a> {
    pub(super) spec: &'a ManagedDatabaseSpec,
    pub(super) site: &'a Site<'a>,
    pub(super) inputs: &'a Inputs,
    /// The family of its parameter groups.
    pub(super) family: String,
    /// Its upgrade beside it, if one is wanted.
    pub(super) upgrade: Option<Upgrade>,
    /// The password, where it is given.
    pub(super) password: Option<Password>,
}

impl<'a> Plan<'a> {
    fn new(spec: &'a ManagedDatabaseSpec, site: &'a Site<'a>, inputs: &'a Inputs) -> Result<Self, SpecError> {
        let upgrade = Upgrade::of(spec, inputs);
        Ok(Self {
            spec,
            site,
            inputs,
            family: parameters::family(spec, inputs, upgrade.as_ref()),
            upgrade,
            password: password(spec, site.identity, inputs)?,
        })
    }

    /// The identifier of one of its resources.
    pub(super) fn identifier(&self, node: &NodeId) -> String {
        identifier(self.site.identity, node)
    }

    /// What tells whose a resource is, where that shows no tags.
    pub(super) fn path(&self, node: &NodeId) -> String {
        self.site.path(node).trim_end_matches('/').to_owned()
    }

    /// What the database is made from.
    pub(super) fn source(&self) -> Source<NodeId> {
        let Some(restore) = &self.spec.restore else {
            return Source::Nothing;
        };
        match (&restore.snapshot, &restore.point_in_time) {
            (Some(snapshot), _) => Source::Snapshot(snapshot.clone()),
            (None, Some(point)) => Source::PointInTime {
                of: point.source.clone(),
                time: point.time,
            },
            (None, None) => Source::Nothing,
        }
    }

    /// The database that has the data. What a restored one was made with is in what it is restored from.
    pub(super) fn whole(&self, node: &NodeId) -> database::Spec {
        let credentials = &self.spec.credentials;
        let restored = self.spec.restore.is_some();
        let username = credentials.username.clone();
        database::Spec {
            source: self.source(),
            subnet_group: Some(subnets::group()),
            security_groups: vec![group()],
            kms_key_id: self.spec.kms_key_id.clone(),
            username: username.or_else(|| (!restored).then(|| USERNAME.to_owned())),
            database: self.spec.database.clone().filter(|_| !restored),
            password: self.password.clone(),
            ..self.part(node)
        }
    }

    /// The version that it is to have now.
    pub(super) fn version(&self) -> &str {
        self.upgrade
            .as_ref()
            .map_or(&self.spec.version, |upgrade| &upgrade.from)
    }

    /// A database without data of its own.
    pub(super) fn part(&self, node: &NodeId) -> database::Spec {
        database::Spec {
            id: self.identifier(node),
            engine: engine::word(self.spec.engine),
            source: Source::Nothing,
            settings: BTreeMap::new(),
            subnet_group: None,
            parameter_group: None,
            security_groups: Vec::new(),
            monitoring_role: None,
            zone: None,
            kms_key_id: None,
            username: None,
            database: None,
            password: None,
            running: self.spec.running,
            immediately: self.spec.apply_changes == ApplyChanges::Immediately,
            allow_major: self.spec.allow_major_version_upgrade,
            upgrade_strategy: self.spec.upgrade_strategy,
            moved_before: Vec::new(),
        }
    }

    /// A node that has the data.
    pub(super) fn holding(&self, spec: Spec) -> Node {
        Node {
            deletion: deletion(self.spec),
            recreated: self.spec.recreate,
            forgets_data: self.spec.deletion_policy == DatabaseDeletionPolicy::Delete,
            ..Node::new(spec, Origin::Managed)
        }
    }

    /// The secret of RDS, unless the password is given.
    fn secret(&self) -> Option<(NodeId, Node)> {
        let spec = secret::Spec {
            database: primary(self.spec),
            rotation_days: Some(self.spec.credentials.rotation_days.unwrap_or(ROTATION_DAYS)),
        };
        let managed = self.spec.credentials.password_from.is_none();
        managed.then(|| {
            (
                NodeId::only(Kind::Secret),
                Node::new(Spec::Secret(spec), Origin::Inherent),
            )
        })
    }

    /// The role of Enhanced Monitoring, where that is on.
    pub(super) fn monitoring_role(&self) -> Option<NodeId> {
        let monitored = self.spec.enhanced_monitoring_seconds.is_some();
        monitored.then(access::monitoring_role)
    }

    /// The zone of the one with this number: the zones of its subnets in turn, where their names tell.
    pub(super) fn zone(&self, number: u8) -> Option<String> {
        let subnets = subnets::wanted(self);
        let zones = subnets.iter().filter_map(|subnet| subnet.name.rsplit('/').next());
        let zones: BTreeSet<_> = zones.filter(|zone| zone.starts_with(self.site.region())).collect();
        let turn = usize::from(number).checked_rem(zones.len())?;
        zones.into_iter().nth(turn).map(str::to_owned)
    }
}

/// The given password, salted with what no other database has.
fn password(spec: &ManagedDatabaseSpec, identity: &Identity, inputs: &Inputs) -> Result<Option<Password>, SpecError> {
    let Some(text) = password_text(spec) else {
        return Ok(None);
    };
    let Some(password) = inputs.texts.get(&text) else {
        return Err(SpecError::FindText {
            field: "credentials.passwordFrom".to_owned(),
            store: text.store,
            name: text.name,
            key: text.key,
        });
    };
    let mut digest = digest(&format!("{}\n{password}", identity.uid));
    digest.truncate(DIGITS);
    Ok(Some(Password {
        text: Hidden::new(password.clone()),
        digest,
    }))
}

/// What stands for something that a database is reached with, where another custom resource speaks of it.
pub(super) fn value_of(database: &ManagedDatabase, key: DatabaseKey) -> NodeId {
    let owner = owner::<ManagedDatabase>(&database.metadata);
    let name = match key {
        DatabaseKey::Host => "host",
        DatabaseKey::ReaderHost => "reader-host",
        DatabaseKey::Port => "port",
        DatabaseKey::Database => "database",
        DatabaseKey::SecretArn => return NodeId::only(Kind::Secret).of(&owner),
    };
    NodeId::named(primary(&database.spec).kind, name).of(&owner)
}

/// All that a database is reached with, as far as its status says it.
pub(super) fn values(database: &ManagedDatabase) -> Vec<(NodeId, String)> {
    let Some(status) = &database.status else {
        return Vec::new();
    };
    let values = [
        (DatabaseKey::Host, status.endpoint.clone()),
        (DatabaseKey::ReaderHost, status.reader_endpoint.clone()),
        (DatabaseKey::Port, status.port.map(|port| port.to_string())),
        (DatabaseKey::Database, status.database.clone()),
        (DatabaseKey::SecretArn, status.secret_arn.clone()),
    ];
    let known = values.into_iter();
    known
        .filter_map(|(key, value)| Some((value_of(database, key), value?)))
        .collect()
}

/// What an instance or a cluster is to others' databases: itself, as somebody else's. None where it is ours.
pub fn foreign(cluster: &str, object: Object) -> Option<Object> {
    let is_ours = tag::identity(cluster, &object.tags).is_some() && !is_copy(cluster, &object);
    let state = match &object.state {
        State::DbInstance(database) => State::ForeignDbInstance(foreign_database::State::of(&object.id, database)),
        State::DbCluster(database) => State::ForeignDbCluster(foreign_database::State::of(&object.id, database)),
        _ => return None,
    };
    (!is_ours).then(|| Object {
        // What somebody's database is tagged with does not make it one of ours.
        tags: Tags::new(),
        state,
        ..object
    })
}

/// Whether what claims to be ours by its tags has another name than ours: it is a copy, unless somebody has renamed it.
pub(crate) fn is_copy(cluster: &str, object: &Object) -> bool {
    let Some(known) = tag::identity(cluster, &object.tags).filter(|_| object.kind().row().holds_data) else {
        return false;
    };
    let identity = Identity {
        cluster: cluster.to_owned(),
        owner: known.owner,
        uid: String::new(),
    };
    known.node.kind != object.kind() || identifier(&identity, &known.node) != object.id
}

#[cfg(test)]
mod tests;
