//! Databases in plans: what people read.

use std::fmt;

use super::setting::{Setting, Settings};
use super::{Change, Modification, Source, Spec};

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |setting: Setting| self.settings.get(&setting).map(ToString::to_string);
        write!(
            formatter,
            "{} {}",
            self.engine,
            text(Setting::Version).unwrap_or_default()
        )?;
        if let Some(class) = text(Setting::Class) {
            write!(formatter, ", {class}")?;
        }
        if let Some(storage) = text(Setting::Storage) {
            write!(formatter, ", {storage} GiB")?;
        }
        if self
            .settings
            .get(&Setting::MultiAz)
            .and_then(super::setting::Value::flag)
            == Some(true)
        {
            formatter.write_str(", with a standby")?;
        }
        match &self.source {
            Source::Nothing => Ok(()),
            Source::Member(cluster) => write!(formatter, ", in {cluster}"),
            Source::Replica(source) => write!(formatter, ", a replica of {source}"),
            Source::Snapshot(snapshot) => write!(formatter, ", from the snapshot {snapshot}"),
            Source::PointInTime { of, time: Some(time) } => write!(formatter, ", from {of} as of {time}"),
            Source::PointInTime { of, time: None } => write!(formatter, ", from {of} as of late"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Modify(modification) => modification.fmt(formatter),
            Self::MarkPassword(_) => formatter.write_str("note which password it has"),
            Self::Start => formatter.write_str("start"),
            Self::Stop => formatter.write_str("stop"),
            Self::Reboot => formatter.write_str("reboot, so that its parameters count"),
        }
    }
}

impl fmt::Display for Modification {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            settings,
            before,
            password,
            immediately,
            major,
        } = self;
        let mut parts: Vec<String> = settings
            .keys()
            .map(|setting| part(*setting, settings, before))
            .collect();
        parts.extend(password.iter().map(|_| "the master password".to_owned()));
        formatter.write_str(&parts.join(", "))?;
        if *major {
            formatter.write_str(" (a major upgrade)")?;
        }
        let waits = settings
            .keys()
            .any(|setting| setting.row().effect != super::Effect::Soon);
        formatter.write_str(if waits && !immediately {
            " in the maintenance window"
        } else {
            ""
        })
    }
}

/// `instanceClass: db.t4g.micro -> db.t4g.small`.
fn part(setting: Setting, settings: &Settings, before: &Settings) -> String {
    let field = setting.row().field;
    let wanted = settings.get(&setting).map(ToString::to_string).unwrap_or_default();
    match before.get(&setting) {
        Some(before) => format!("{field}: {before} -> {wanted}"),
        None => format!("{field}: {wanted}"),
    }
}
