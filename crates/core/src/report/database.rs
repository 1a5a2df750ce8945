//! The status of a database, and what a program needs to connect to it.

use std::collections::BTreeSet;

use hastack_api::condition::ConditionType;
use hastack_api::database::status::{
    AccessStatus, BindingStatus, DatabaseEvent, MemberRole, MemberStatus, SnapshotStatus, UpgradeStatus,
};
use hastack_api::{ManagedDatabase, ManagedDatabaseStatus};

use super::{Kept, Notice, Reported};
use crate::apply::Outcome;
use crate::binding::{Binding, PasswordSource};
use crate::desire::{Inputs, is_aurora, password_text, primary, provider, scheme};
use crate::hidden::Hidden;
use crate::kind::{Area, Kind};
use crate::owner::NodeId;
use crate::resource::State;
use crate::resource::database::{self, setting::Setting};

/// What stands where nothing takes over.
const NONE: &str = "None";

/// How many events the status keeps.
const KEPT_EVENTS: usize = 20;

impl Reported for ManagedDatabase {
    const AREAS: &'static [(Area, ConditionType)] = &[(Area::Database, ConditionType::DatabaseReady)];

    fn fill(kept: &Kept<'_, Self>, status: &mut ManagedDatabaseStatus) {
        let spec = &kept.object.spec;
        let members: Vec<_> = instances(kept).collect();
        let Some(whole) = whole(kept) else {
            status.members.clear();
            status.other_members.clear();
            return;
        };
        let text = |setting: Setting| whole.settings.get(&setting).map(ToString::to_string);
        let earlier = status.clone();
        status.state = Some(whole.status.to_string());
        status.version = text(Setting::Version);
        let class = members
            .iter()
            .find_map(|(_, member)| member.settings.get(&Setting::Class));
        status.instance_class = class.map(ToString::to_string);
        status.high_availability = Some(zones(&members));
        status.storage = text(Setting::Storage)
            .map(|size| format!("{size}Gi"))
            .or_else(|| is_aurora(spec.engine).then(|| "Aurora".to_owned()));
        status.endpoint.clone_from(&whole.host);
        status.reader_endpoint = reader_host(whole, &members);
        status.port = whole.port().and_then(|port| port.try_into().ok());
        status.username.clone_from(&whole.username);
        status.database.clone_from(&whole.database);
        status.secret_arn.clone_from(&whole.secret_arn);
        status.pending_changes = pending(whole, &members);
        status.pending_maintenance = maintenance(whole, &members);
        status.members = members
            .iter()
            .map(|(id, member)| member_status(id, member, whole))
            .collect();
        let is_ours = |id: &&String| members.iter().any(|(ours, _)| ours == id);
        let others = whole.members.keys().filter(|id| !is_ours(id));
        status.other_members = others.cloned().collect();
        status.events = with_news(&status.events, heard(kept.outcome).map(|(_, event, _)| event));
        let details = whole.details.as_ref();
        let snapshot = details.and_then(|details| details.last_snapshot.as_ref());
        status.last_snapshot = snapshot.map(|snapshot| SnapshotStatus {
            id: snapshot.id.clone(),
            time: snapshot.time,
        });
        status.upgrade = upgrade(kept);
        status.access = access(kept.object, kept.inputs, status);
        let wanted = spec.connection_secret.as_ref().filter(|_| status.endpoint.is_some());
        status.binding = wanted.map(|secret| BindingStatus {
            name: secret.name.clone(),
        });
        // It moves on by itself, which is no reason to write.
        if *status != earlier || status.latest_restorable_time.is_none() {
            status.latest_restorable_time = whole.restorable;
        }
    }

    fn news(outcome: &Outcome, earlier: &ManagedDatabaseStatus) -> Vec<Notice> {
        let known = &earlier.events;
        let oldest = known.first().filter(|_| known.len() >= KEPT_EVENTS);
        let is_new = |event: &DatabaseEvent| !known.contains(event) && oldest.is_none_or(|oldest| event > oldest);
        heard(outcome)
            .filter(|(_, event, _)| is_new(event))
            .map(|(kind, event, warning)| Notice {
                warning,
                reason: format!("Reported{kind:?}"),
                action: "Report".into(),
                note: format!("{}: {}", event.id, event.message),
            })
            .collect()
    }

    fn binds(&self) -> bool {
        self.spec.connection_secret.is_some()
    }

    fn bound(status: &ManagedDatabaseStatus) -> Option<String> {
        status.binding.as_ref().map(|binding| binding.name.clone())
    }

    fn binding(kept: &Kept<'_, Self>, status: &ManagedDatabaseStatus) -> Option<Binding> {
        let spec = &kept.object.spec;
        let password = match password_text(spec) {
            Some(text) => PasswordSource::Given {
                password: Hidden::new(kept.inputs?.texts.get(&text)?.clone()),
                text,
            },
            None => PasswordSource::Managed {
                arn: status.secret_arn.clone()?,
                version: secret_version(kept),
            },
        };
        Some(Binding {
            name: status.binding.as_ref()?.name.clone(),
            kind: scheme(spec.engine),
            provider: provider(spec.engine),
            host: status.endpoint.clone()?,
            reader_host: status.reader_endpoint.clone(),
            port: status.port?.try_into().ok()?,
            username: status.username.clone()?,
            database: status.database.clone(),
            password,
        })
    }
}

/// What AWS says has happened to its parts, and whether somebody should look at it.
fn heard(outcome: &Outcome) -> impl Iterator<Item = (Kind, DatabaseEvent, bool)> {
    outcome.observed.all().flat_map(|(_, object)| {
        let events = of(&object.state).into_iter().flat_map(|database| &database.events);
        events.map(|event| {
            let said = DatabaseEvent {
                time: event.time,
                id: object.id.clone(),
                message: event.message.clone(),
            };
            (object.kind(), said, event.is_grave())
        })
    })
}

/// The last ones of all.
fn with_news(known: &[DatabaseEvent], heard: impl Iterator<Item = DatabaseEvent>) -> Vec<DatabaseEvent> {
    let all: BTreeSet<_> = known.iter().cloned().chain(heard).collect();
    let older = all.len().saturating_sub(KEPT_EVENTS);
    all.into_iter().skip(older).collect()
}

/// What has the data.
fn whole<'a>(kept: &'a Kept<'_, ManagedDatabase>) -> Option<&'a database::State> {
    of(&kept.get(&primary(&kept.object.spec))?.state)
}

/// The upgrade that is made beside it.
fn upgrade(kept: &Kept<'_, ManagedDatabase>) -> Option<UpgradeStatus> {
    let (node, object) = kept.of(Kind::BlueGreenDeployment).next()?;
    let State::BlueGreenDeployment(deployment) = &object.state else {
        return None;
    };
    Some(UpgradeStatus {
        version: node.name.clone(),
        deployment: object.id.clone(),
        state: deployment.status.to_string(),
        copy: deployment.green().map(str::to_owned),
    })
}

/// The instances, the one by itself among them.
fn instances<'a>(kept: &'a Kept<'_, ManagedDatabase>) -> impl Iterator<Item = (&'a str, &'a database::State)> {
    kept.of(Kind::DbInstance)
        .filter_map(|(_, object)| Some((object.id.as_str(), of(&object.state)?)))
}

fn of(state: &State) -> Option<&database::State> {
    match state {
        State::DbInstance(database) | State::DbCluster(database) => Some(database),
        _ => None,
    }
}

fn secret_version(kept: &Kept<'_, ManagedDatabase>) -> Option<String> {
    match &kept.get(&NodeId::only(Kind::Secret))?.state {
        State::Secret(secret) => secret.details.as_ref()?.version.clone(),
        _ => None,
    }
}

/// The zones in which there is an instance or a standby, where there are several.
fn zones(members: &[(&str, &database::State)]) -> String {
    let zones = members
        .iter()
        .flat_map(|(_, member)| [&member.zone, &member.standby_zone]);
    let zones: BTreeSet<_> = zones.flatten().map(String::as_str).collect();
    if zones.len() > 1 {
        zones.into_iter().collect::<Vec<_>>().join(", ")
    } else {
        NONE.to_owned()
    }
}

/// Where those answer that only read: a cluster's own, or the first replica.
fn reader_host(whole: &database::State, members: &[(&str, &database::State)]) -> Option<String> {
    let replica = members.iter().find(|(_, member)| member.replica_of.is_some());
    let replica = replica.and_then(|(_, member)| member.host.clone());
    whole.reader_host.clone().or(replica)
}

fn pending(whole: &database::State, members: &[(&str, &database::State)]) -> Vec<String> {
    let all = members.iter().map(|(_, member)| *member).chain([whole]);
    let changes = all.flat_map(|database| {
        let settings = database.pending.iter();
        let settings = settings.map(|(setting, value)| format!("{}: {value}", setting.row().field));
        let reboot = database
            .reboot_pending
            .then(|| "parameters: until it is rebooted".to_owned());
        settings.chain(reboot)
    });
    let changes: BTreeSet<_> = changes.collect();
    changes.into_iter().collect()
}

fn maintenance(whole: &database::State, members: &[(&str, &database::State)]) -> Vec<String> {
    let all = members.iter().map(|(_, member)| *member).chain([whole]);
    let actions: BTreeSet<_> = all.flat_map(|database| database.maintenance.iter().cloned()).collect();
    actions.into_iter().collect()
}

fn member_status(id: &str, member: &database::State, whole: &database::State) -> MemberStatus {
    let writes = match &member.cluster {
        Some(_) => whole.members.get(id).copied().unwrap_or_default(),
        None => member.replica_of.is_none(),
    };
    MemberStatus {
        id: id.to_owned(),
        role: if writes { MemberRole::Writer } else { MemberRole::Reader },
        zone: member.zone.clone(),
        state: member.status.to_string(),
    }
}

/// How a person reaches it through the bastion, where that is let in.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html#sessions-remote-port-forwarding>
fn access(database: &ManagedDatabase, inputs: Option<&Inputs>, status: &ManagedDatabaseStatus) -> Option<AccessStatus> {
    let allowed = database
        .spec
        .allow_from
        .iter()
        .any(|source| source.bastion == Some(true));
    let stack = inputs?.stack.as_ref().filter(|_| allowed)?;
    let bastion = stack.status.as_ref()?.bastion.as_ref()?.instance_id.as_ref()?;
    let (host, port, user) = (status.endpoint.as_ref()?, status.port?, status.username.as_ref()?);
    let list = match scheme(database.spec.engine) {
        "postgresql" => format!("psql --host 127.0.0.1 --port {port} --username {user} --list postgres"),
        _ => format!("mysql --host 127.0.0.1 --port {port} --user {user} --password --execute 'SHOW DATABASES'"),
    };
    Some(AccessStatus {
        port_forward: format!(
            "aws ssm start-session --target {bastion} --region {} --document-name AWS-StartPortForwardingSessionToRemoteHost --parameters host={host},portNumber={port},localPortNumber={port}",
            stack.spec.region
        ),
        list_databases: list,
    })
}
