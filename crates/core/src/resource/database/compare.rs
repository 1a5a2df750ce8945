//! What differs between a database as it is wanted and as it is.

use super::setting::{Difference, Effect, Setting, Settings, difference};
use super::status::{Changes, Status};
use super::{Change, Modification, Password, Spec, State, UpgradeStrategy, version};
use crate::owner::NodeId;
use crate::resource::{Finding, Refs, State as AnyState};

/// What differs. Changes that AWS would refuse in the state the database is in are waited for.
pub(super) fn compare(spec: &Spec, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
    let mut findings = fixed(spec, state);
    let row = state.status.row();
    if row.starts || row.stops && !spec.running {
        findings.extend(run(spec, state));
        return findings;
    }
    let wanted = match spec.wanted_settings(refs) {
        Ok(wanted) => wanted,
        Err(node) => {
            findings.push(Finding::Wait(node));
            return findings;
        }
    };
    let (differences, refused) = differences(spec, state, &wanted);
    findings.extend(refused);
    if let Some(waits) = waits(spec, state, &differences, refs) {
        findings.push(waits);
        return findings;
    }
    let change = changed(spec, state, differences);
    match (row.changes, change) {
        (Changes::All, change) => findings.extend(change.map(Finding::Change)),
        (Changes::Storage | Changes::Parameters, Some(change)) => findings.push(Finding::Change(change)),
        (Changes::Storage | Changes::Parameters, None) => {
            let problem = row.remedy.unwrap_or_default();
            findings.push(Finding::Failed(format!("it is {}; {problem}", state.status)));
        }
        // It works, and nothing is to be changed.
        (Changes::None, None) if row.serves && spec.running && state.status != Status::Modifying => {}
        (Changes::None, _) => findings.push(Finding::Underway(format!("it is {}", state.status))),
    }
    findings
}

/// Whether it runs as it is wanted to; nothing else can be changed of one that does not.
fn run(spec: &Spec, state: &State) -> Option<Finding<Change>> {
    let row = state.status.row();
    if spec.running && row.starts {
        // The whole cluster is started, not its members.
        return Some(match &state.cluster {
            Some(cluster) => Finding::Underway(format!("its cluster {cluster} is to be started")),
            None => Finding::Change(Change::Start),
        });
    }
    if !spec.running && row.stops {
        return Some(match &state.cluster {
            Some(cluster) => Finding::Underway(format!("its cluster {cluster} is to be stopped")),
            None => Finding::Change(Change::Stop),
        });
    }
    None
}

/// What cannot be changed at all.
fn fixed(spec: &Spec, state: &State) -> Vec<Finding<Change>> {
    let mut fields: Vec<(&'static str, Option<&str>, Option<&str>)> =
        vec![("engine", Some(state.engine.as_str()), Some(spec.engine))];
    if state.holds_data() {
        fields.push((
            "credentials.username",
            state.username.as_deref(),
            spec.username.as_deref(),
        ));
        fields.push(("database", state.database.as_deref(), spec.database.as_deref()));
    }
    let differ = fields.into_iter().filter_map(|(field, is, wanted)| {
        let wanted = wanted.filter(|wanted| Some(*wanted) != is)?;
        Some(immutable(field, is.unwrap_or("none"), wanted))
    });
    let key = spec.kms_key_id.as_deref().filter(|key| !state.is_encrypted_with(key));
    let key = key.map(|key| immutable("kmsKeyId", state.kms_key_id.as_deref().unwrap_or("none"), key));
    differ.chain(key).collect()
}

fn immutable(field: &'static str, is: &str, wanted: &str) -> Finding<Change> {
    Finding::Immutable {
        field,
        is: is.to_owned(),
        wanted: wanted.to_owned(),
    }
}

impl State {
    /// Whether it is encrypted with this key, by id or ARN.
    fn is_encrypted_with(&self, key: &str) -> bool {
        let arn = self.kms_key_id.as_deref().unwrap_or_default();
        arn == key || arn.rsplit('/').next() == Some(key)
    }
}

/// The settings that differ and can be changed, and those that cannot.
fn differences(spec: &Spec, state: &State, wanted: &Settings) -> (Settings, Vec<Finding<Change>>) {
    let (mut changes, mut refused) = (Settings::new(), Vec::new());
    for (setting, value) in wanted {
        match difference(*setting, value, state.setting(*setting), &state.settings) {
            None => {}
            Some(Difference::Change) => drop(changes.insert(*setting, value.clone())),
            Some(Difference::Refused(why)) => {
                let is = state.setting(*setting).map(ToString::to_string).unwrap_or_default();
                let wanted = format!("{value}: {why}");
                refused.push(immutable(setting.row().field, &is, &wanted));
            }
        }
    }
    if is_major(state, &changes) && !spec.allow_major {
        let wanted = changes.remove(&Setting::Version).map(|version| version.to_string());
        changes.remove(&Setting::ParameterGroup);
        let wanted = format!(
            "{}, which takes allowMajorVersionUpgrade: true",
            wanted.unwrap_or_default()
        );
        let is = state.setting(Setting::Version).map(ToString::to_string);
        refused.push(immutable("version", &is.unwrap_or_default(), &wanted));
    }
    let beside = spec.upgrade_strategy == UpgradeStrategy::BlueGreen;
    if beside && changes.remove(&Setting::Version).is_some() {
        changes.remove(&Setting::ParameterGroup);
        refused.push(Finding::Underway(
            "a copy of another version is to take over".to_owned(),
        ));
    }
    (changes, refused)
}

/// What another major version waits for: the replicas of an engine whose replicas go first, or the source of one whose source does.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.MySQL.html#USER_UpgradeDBInstance.MySQL.ReadReplicas>
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.MajorVersion.html>
fn waits(spec: &Spec, state: &State, differences: &Settings, refs: &dyn Refs) -> Option<Finding<Change>> {
    let text = |settings: &Settings, setting: Setting| settings.get(&setting)?.text().map(str::to_owned);
    if is_major(state, differences) {
        let wanted = text(differences, Setting::Version)?;
        let older = |node: &&NodeId| match refs.state(node) {
            Some(AnyState::DbInstance(replica)) => text(&replica.settings, Setting::Version)
                .is_some_and(|is| version::is_major_upgrade(&state.engine, &is, &wanted)),
            _ => false,
        };
        return spec.moved_before.iter().find(older).cloned().map(Finding::Wait);
    }
    let group = text(differences, Setting::ParameterGroup).filter(|_| !state.holds_data())?;
    let family = match spec.parameter_group.as_ref().and_then(|node| refs.state(node)) {
        Some(AnyState::DbParameterGroup(group)) => group.family.clone(),
        _ => group.strip_prefix("default.")?.to_owned(),
    };
    let is = version::major(&state.engine, &text(&state.settings, Setting::Version)?);
    (family != format!("{}{is}", state.engine))
        .then(|| Finding::Underway(format!("its source is moved to {family} first")))
}

/// Whether changes lead to another major version.
fn is_major(state: &State, changes: &Settings) -> bool {
    let is = state.setting(Setting::Version).and_then(|version| version.text());
    let wanted = changes.get(&Setting::Version).and_then(|version| version.text());
    is.zip(wanted)
        .is_some_and(|(is, wanted)| version::is_major_upgrade(&state.engine, is, wanted))
}

/// The next change. What does not interrupt goes first, and never hurries what waits for the window.
fn changed(spec: &Spec, state: &State, mut differences: Settings) -> Option<Change> {
    match state.status.row().changes {
        Changes::Storage => differences.retain(|setting, _| *setting == Setting::Storage),
        Changes::Parameters => differences.retain(|setting, _| *setting == Setting::ParameterGroup),
        Changes::All | Changes::None => {}
    }
    let password = wanted_password(spec, state, &differences);
    let major = is_major(state, &differences);
    let waits = |setting: &Setting| {
        let with_version = major && *setting == Setting::ParameterGroup;
        !spec.immediately && (setting.row().effect == Effect::Interrupting || with_version)
    };
    let (later, now): (Settings, Settings) = differences.into_iter().partition(|(setting, _)| waits(setting));
    let interrupts = |settings: &Settings| {
        settings
            .keys()
            .any(|setting| setting.row().effect == Effect::Interrupting)
    };
    if !now.is_empty() || password.is_some() {
        let immediately = spec.immediately || !interrupts(&state.pending);
        return Some(modify(state, now, password, immediately, major && spec.immediately));
    }
    if !later.is_empty() {
        return Some(modify(state, later, None, false, major));
    }
    if spec.immediately && !state.pending.is_empty() && !state.hurried {
        return Some(modify(
            state,
            state.pending.clone(),
            None,
            true,
            is_major(state, &state.pending),
        ));
    }
    if spec.password.is_some() && state.holds_data() && state.password_digest != digest(spec) {
        return digest(spec).map(Change::MarkPassword);
    }
    let reboots = spec.immediately || state.status.row().changes == Changes::Parameters;
    (state.reboot_pending && reboots).then_some(Change::Reboot)
}

fn modify(state: &State, settings: Settings, password: Option<Password>, immediately: bool, major: bool) -> Change {
    let before = settings.keys().filter_map(|setting| {
        let is = state.settings.get(setting)?;
        Some((*setting, is.clone()))
    });
    let before = before.collect();
    Change::Modify(Box::new(Modification {
        settings,
        before,
        password,
        immediately,
        major,
    }))
}

/// The given password, where the database has another one, or may have.
fn wanted_password(spec: &Spec, state: &State, differences: &Settings) -> Option<Password> {
    let password = spec.password.as_ref().filter(|_| state.holds_data())?;
    let wanted = Some(&password.digest);
    let known = state.password_digest.as_ref() == wanted || state.password_set.as_ref() == wanted;
    (!known || differences.contains_key(&Setting::ManagedPassword)).then(|| password.clone())
}

fn digest(spec: &Spec) -> Option<String> {
    spec.password.as_ref().map(|password| password.digest.clone())
}
