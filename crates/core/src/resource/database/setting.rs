//! What can be set of a database instance or a cluster, and THE TABLE of it: the field of the user's spec, how a difference is
//! told, and what a change of it does to those who are connected.
//!
//! Wanted, shown and pending settings are maps of one type, so that comparing, changing, folding and showing are written once.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html#USER_ModifyInstance.Settings>

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::version;

/// Settings by what they are of.
pub type Settings = BTreeMap<Setting, Value>;

/// What a setting is set to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// On or off.
    Flag(bool),
    /// How many, in the unit of the setting.
    Number(u32),
    /// One of AWS's words, an id, a version.
    Text(String),
    /// Several of them, in no order.
    Texts(BTreeSet<String>),
}

/// How a difference is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Whatever is not the same differs.
    Exact,
    /// An older version differs; a newer one of the same major version does not.
    Version,
    /// Less differs. More does too, but cannot be changed, unless AWS has made it so.
    Grows,
    /// None is as good as no more than there is.
    Bound,
}

/// When a change takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Soon, whatever the request says, and those who are connected do not notice.
    Soon,
    /// In the maintenance window unless the request says at once; those who are connected do not notice.
    Deferrable,
    /// In the maintenance window unless the request says at once; it interrupts those who are connected.
    Interrupting,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What is set.
    pub setting: Setting,
    /// The field, in the words of the user's spec.
    pub field: &'static str,
    /// How a difference is told.
    pub rule: Rule,
    /// When a change takes effect.
    pub effect: Effect,
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $setting:ident $field:literal $rule:ident $effect:ident,)*) => {
        /// What can be set.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum Setting { $($(#[doc = $doc])+ $setting),* }

        /// The table.
        pub static TABLE: &[Row] = &[$(Row {
            setting: Setting::$setting,
            field: $field,
            rule: Rule::$rule,
            effect: Effect::$effect,
        }),*];
    };
}

settings! {
    /// The identifier.
    Identifier "identifier" Exact Interrupting,
    /// The class, such as `db.t4g.micro`.
    Class "instanceClass" Exact Interrupting,
    /// The version of the engine.
    Version "version" Version Interrupting,
    /// The parameter group, by name.
    ParameterGroup "parameters" Exact Soon,
    /// GiB of storage.
    Storage "storage.sizeGiB" Grows Deferrable,
    /// GiB up to which AWS adds storage by itself; 0 where it does not.
    MaxStorage "storage.maxSizeGiB" Bound Soon,
    /// The type of storage, in AWS's words.
    StorageType "storage.type" Exact Deferrable,
    /// Operations a second of the storage.
    Iops "storage.iops" Exact Deferrable,
    /// MiB/s of the storage.
    Throughput "storage.throughput" Exact Deferrable,
    /// Whether there is a standby in another zone.
    MultiAz "highAvailability" Exact Deferrable,
    /// The least capacity of serverless instances, in ACUs.
    MinCapacity "serverless.minACU" Exact Soon,
    /// The most.
    MaxCapacity "serverless.maxACU" Exact Soon,
    /// The security groups, by id.
    SecurityGroups "allowFrom" Exact Soon,
    /// The port.
    Port "port" Exact Interrupting,
    /// Whether it has a public address.
    Public "public" Exact Soon,
    /// Whether the master password is RDS's to make and keep.
    ManagedPassword "credentials" Exact Soon,
    /// Whether IAM's users and roles may log in.
    IamAuthentication "iamAuthentication" Exact Deferrable,
    /// The certificate authority.
    CaCertificate "caCertificate" Exact Interrupting,
    /// Days for which Performance Insights keeps what it sees; none where it is off.
    PerformanceInsights "performanceInsights" Exact Soon,
    /// Seconds between the readings of Enhanced Monitoring; 0 where it is off.
    MonitoringInterval "enhancedMonitoring" Exact Soon,
    /// The role it is done with.
    MonitoringRole "enhancedMonitoring" Exact Soon,
    /// The logs that CloudWatch gets.
    LogExports "logExports" Exact Soon,
    /// Whether it can be deleted.
    Protection "deletionProtection" Exact Soon,
    /// Days for which automatic backups are kept.
    BackupRetention "backups.retentionDays" Exact Deferrable,
    /// When they are taken, in UTC.
    BackupWindow "backups.window" Exact Soon,
    /// When AWS interrupts, in UTC.
    MaintenanceWindow "maintenanceWindow" Exact Soon,
    /// Whether snapshots get its tags.
    CopyTags "tags" Exact Soon,
    /// Whether AWS moves it to newer minor versions.
    MinorUpgrades "minorVersionUpgrades" Exact Soon,
    /// Who of a cluster becomes the writer first: the least.
    PromotionTier "instances" Exact Soon,
}

/// What differs of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It can be changed.
    Change,
    /// It cannot, and why.
    Refused(&'static str),
}

impl Setting {
    /// Its row.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

/// What differs between what is wanted of a setting and what it is.
pub fn difference(setting: Setting, wanted: &Value, is: Option<&Value>, shown: &Settings) -> Option<Difference> {
    let Some(is) = is else { return Some(Difference::Change) };
    match (setting.row().rule, wanted, is) {
        (Rule::Version, Value::Text(wanted), Value::Text(is)) => {
            (!version::is_at_least(is, wanted)).then_some(Difference::Change)
        }
        (Rule::Grows, Value::Number(wanted), Value::Number(is)) if wanted < is => {
            // What AWS has added by itself is not asked back.
            let grows_by_itself = shown
                .get(&Setting::MaxStorage)
                .is_some_and(|most| most > &Value::Number(*wanted));
            (!grows_by_itself).then_some(Difference::Refused("storage can only grow"))
        }
        // As many as there are mean none as well.
        (Rule::Bound, Value::Number(0), is) => {
            let bounds = shown.get(&Setting::Storage).is_none_or(|storage| is > storage);
            (is != wanted && bounds).then_some(Difference::Change)
        }
        (Rule::Exact | Rule::Version | Rule::Grows | Rule::Bound, wanted, is) => {
            (wanted != is).then_some(Difference::Change)
        }
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl FromIterator<String> for Value {
    fn from_iter<I: IntoIterator<Item = String>>(texts: I) -> Self {
        Self::Texts(texts.into_iter().collect())
    }
}

impl Value {
    /// Whether it is on; nothing where it is no flag.
    pub const fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Number(_) | Self::Text(_) | Self::Texts(_) => None,
        }
    }

    /// How many; nothing where it is no number.
    pub const fn number(&self) -> Option<u32> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Flag(_) | Self::Text(_) | Self::Texts(_) => None,
        }
    }

    /// The text; nothing where it is none.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Flag(_) | Self::Number(_) | Self::Texts(_) => None,
        }
    }

    /// The texts; none where it is something else.
    pub fn texts(&self) -> impl Iterator<Item = &String> {
        let texts = match self {
            Self::Texts(texts) => Some(texts),
            Self::Flag(_) | Self::Number(_) | Self::Text(_) => None,
        };
        texts.into_iter().flatten()
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(true) => formatter.write_str("on"),
            Self::Flag(false) => formatter.write_str("off"),
            Self::Number(number) => number.fmt(formatter),
            Self::Text(text) => formatter.write_str(text),
            Self::Texts(texts) if texts.is_empty() => formatter.write_str("none"),
            Self::Texts(texts) => formatter.write_str(&texts.iter().cloned().collect::<Vec<_>>().join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (index, row) in TABLE.iter().enumerate() {
            assert_eq!(row.setting as usize, index, "{:?}", row.setting);
        }
    }

    #[test]
    fn storage_that_aws_has_added_is_not_asked_back() {
        let differs = |most: u32| {
            let shown = Settings::from([(Setting::MaxStorage, most.into())]);
            difference(Setting::Storage, &20.into(), Some(&25.into()), &shown)
        };
        assert_eq!(differs(100), None);
        assert_eq!(differs(20), Some(Difference::Refused("storage can only grow")));
    }

    #[test]
    fn as_much_storage_as_there_is_bounds_nothing() {
        let differs = |wanted: u32, is: u32| {
            let shown = Settings::from([(Setting::Storage, 20.into())]);
            difference(Setting::MaxStorage, &wanted.into(), Some(&is.into()), &shown)
        };
        for (wanted, is) in [(0, 0), (0, 20), (100, 100)] {
            assert_eq!(differs(wanted, is), None, "{wanted} {is}");
        }
        for (wanted, is) in [(0, 100), (100, 0), (100, 20)] {
            assert_eq!(differs(wanted, is), Some(Difference::Change), "{wanted} {is}");
        }
    }

    #[test]
    fn a_newer_version_is_as_wanted() {
        let differs = |is: &str| difference(Setting::Version, &"16.4".into(), Some(&is.into()), &Settings::new());
        assert_eq!(differs("16.8"), None);
        assert_eq!(differs("16.3"), Some(Difference::Change));
    }
}
