//! What instances and clusters of databases have in common: settings in the SDK's types and back, tags, and what AWS tells of them
//! beside how they are.

mod told;

use std::collections::BTreeSet;

use aws_sdk_rds::types::{
    CloudwatchLogsExportConfiguration, PendingCloudwatchLogsExports, ServerlessV2ScalingConfiguration, Tag,
    VpcSecurityGroupMembership,
};
use aws_smithy_types::DateTime;
use hastack_core::cloud::{CloudError, CreateRequest, Reply};
use hastack_core::object::Object;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::database::setting::{Setting, Settings, Value};
use hastack_core::resource::database::{Create, Password, State};
use hastack_core::tag::{Change as TagChange, PASSWORD, Tags};
use jiff::Timestamp;

use crate::Aws;
use crate::tag;

pub use told::{named, ours};

/// AWS's word for parameters that count once the database is started anew.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBParameterGroupStatus.html>
pub const PENDING_REBOOT: &str = "pending-reboot";

/// The database that an object is; none where it is something else.
pub fn state(object: &Object) -> Option<&State> {
    let (AnyState::DbInstance(state) | AnyState::DbCluster(state)) = &object.state else {
        return None;
    };
    Some(state)
}

/// The ARN of a database, by which tags are put on.
pub fn arn(object: &Object) -> &str {
    state(object).map_or("", |state| state.arn.as_str())
}

/// The tags of what is made, with what tells the password it is made with from another one.
pub fn tags(request: &CreateRequest, password: Option<&Password>) -> Vec<Tag> {
    let mut tags = request.tags.clone();
    tags.extend(password.map(|password| (PASSWORD.to_owned(), password.digest.clone())));
    tag::list(&tags)
}

/// Notes on a database which password it has.
pub async fn mark_password(aws: &Aws, object: &Object, digest: &str) -> Result<Reply, CloudError> {
    let mark = Tags::from([(PASSWORD.to_owned(), digest.to_owned())]);
    tag::rds::update(aws, arn(object), &TagChange::Set(mark)).await
}

/// The password that what is made empty gets; RDS makes one by itself otherwise.
pub fn password(create: &Create) -> Option<&Password> {
    create.password.as_ref().filter(|_| !Set(&create.settings).is_managed())
}

/// What a password says.
pub fn text_of(password: Option<&Password>) -> Option<String> {
    password.map(|password| password.text.reveal().to_owned())
}

/// The same with what tells its password from another one. No tags are in every answer to a creation.
pub fn with_password(mut object: Object, password: Option<&Password>) -> Object {
    if let AnyState::DbInstance(state) | AnyState::DbCluster(state) = &mut object.state {
        state.password_digest = password.map(|password| password.digest.clone());
    }
    object
}

/// A time as the SDK has it.
pub fn time(time: Option<Timestamp>) -> Option<DateTime> {
    time.map(|time| DateTime::from_secs(time.as_second()))
}

/// Settings in the SDK's types. What is not set is left to AWS.
#[derive(Clone, Copy)]
pub struct Set<'a>(pub &'a Settings);

impl Set<'_> {
    pub fn text(self, setting: Setting) -> Option<String> {
        self.0.get(&setting)?.text().map(str::to_owned)
    }

    pub fn number(self, setting: Setting) -> Option<i32> {
        self.0.get(&setting)?.number()?.try_into().ok()
    }

    pub fn flag(self, setting: Setting) -> Option<bool> {
        self.0.get(&setting)?.flag()
    }

    pub fn texts(self, setting: Setting) -> Option<Vec<String>> {
        Some(self.0.get(&setting)?.texts().cloned().collect())
    }

    /// Whether the master password is RDS's to make and keep.
    pub fn is_managed(self) -> bool {
        self.flag(Setting::ManagedPassword) == Some(true)
    }

    /// The same for a creation, where no is said by giving one.
    pub fn managed(self) -> Option<bool> {
        self.is_managed().then_some(true)
    }

    /// Whether Performance Insights is on, and for how many days it keeps what it sees.
    pub fn insights(self) -> (Option<bool>, Option<i32>) {
        let days = self.number(Setting::PerformanceInsights);
        (days.map(|days| days > 0), days.filter(|days| *days > 0))
    }

    /// GiB up to which storage is added; of what is made without, nothing is said.
    pub fn max_storage(self) -> Option<i32> {
        self.number(Setting::MaxStorage).filter(|most| *most > 0)
    }

    /// The capacity of serverless instances: AWS takes both bounds together.
    pub fn capacity(self) -> Option<ServerlessV2ScalingConfiguration> {
        let bound = |setting| self.text(setting)?.parse().ok();
        let (least, most): (Option<f64>, Option<f64>) = (bound(Setting::MinCapacity), bound(Setting::MaxCapacity));
        (least.is_some() || most.is_some()).then(|| {
            ServerlessV2ScalingConfiguration::builder()
                .set_min_capacity(least)
                .set_max_capacity(most)
                .build()
        })
    }

    /// The logs whose export begins and ends, where it is not as it was.
    pub fn log_exports(self, before: &Settings) -> Option<CloudwatchLogsExportConfiguration> {
        let wanted: BTreeSet<_> = self.0.get(&Setting::LogExports)?.texts().collect();
        let before: BTreeSet<_> = before
            .get(&Setting::LogExports)
            .into_iter()
            .flat_map(Value::texts)
            .collect();
        let difference = |of: &BTreeSet<&String>, without: &BTreeSet<&String>| {
            let difference: Vec<_> = of.difference(without).map(ToString::to_string).collect();
            (!difference.is_empty()).then_some(difference)
        };
        (wanted != before).then(|| {
            CloudwatchLogsExportConfiguration::builder()
                .set_enable_log_types(difference(&wanted, &before))
                .set_disable_log_types(difference(&before, &wanted))
                .build()
        })
    }
}

/// What AWS shows of settings, without those it does not show.
pub fn shown<const N: usize>(settings: [(Setting, Option<Value>); N]) -> Settings {
    let settings = settings.into_iter();
    settings
        .filter_map(|(setting, value)| Some((setting, value?)))
        .collect()
}

pub fn text(shown: Option<String>) -> Option<Value> {
    shown.filter(|text| !text.is_empty()).map(Value::Text)
}

/// A number; AWS shows 0 of what there is none of.
pub fn number(shown: Option<i32>) -> Option<Value> {
    let number = shown.and_then(|number| u32::try_from(number).ok())?;
    (number > 0).then_some(Value::Number(number))
}

/// A number of which 0 is one too, and means that it is off.
pub fn number_or_none(shown: Option<i32>) -> Option<Value> {
    shown.and_then(|number| u32::try_from(number).ok()).map(Value::Number)
}

pub fn flag(shown: Option<bool>) -> Option<Value> {
    shown.map(Value::Flag)
}

/// ACUs, as the table of settings has them.
pub fn capacity(shown: Option<f64>) -> Option<Value> {
    shown.map(|capacity| Value::Text(capacity.to_string()))
}

pub fn security_groups(shown: Option<Vec<VpcSecurityGroupMembership>>) -> Option<Value> {
    let groups = shown?.into_iter().filter_map(|group| group.vpc_security_group_id);
    Some(groups.collect())
}

/// The logs that are exported; AWS shows none where there are none.
pub fn log_exports(shown: Option<Vec<String>>) -> Value {
    shown.unwrap_or_default().into_iter().collect()
}

/// The logs that are about to be, by those that are.
pub fn pending_log_exports(pending: Option<PendingCloudwatchLogsExports>, settings: &Settings) -> Option<Value> {
    let PendingCloudwatchLogsExports {
        log_types_to_enable,
        log_types_to_disable,
        ..
    } = pending?;
    let (enabled, disabled) = (
        log_types_to_enable.unwrap_or_default(),
        log_types_to_disable.unwrap_or_default(),
    );
    let is = settings.get(&Setting::LogExports).into_iter().flat_map(Value::texts);
    let exports: BTreeSet<_> = is
        .cloned()
        .chain(enabled)
        .filter(|log| !disabled.contains(log))
        .collect();
    Some(Value::Texts(exports))
}

#[cfg(test)]
mod tests;
