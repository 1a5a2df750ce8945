//! The image a service's instances start from.

use jiff::Timestamp;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::default::yes;

/// The image the instances start from: given, looked up, or made.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("(has(self.id) ? 1 : 0) + (has(self.ssmParameter) ? 1 : 0) + (has(self.filter) ? 1 : 0) + (has(self.fromInstance) ? 1 : 0) + (has(self.build) ? 1 : 0) == 1")
    .message("image: give one of id, ssmParameter, filter, fromInstance and build"))]
pub struct ImageSpec {
    /// This one, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 12, max = 21), regex(pattern = r"^ami-[0-9a-f]{8,17}$"))]
    pub id: Option<String>,
    /// The one this SSM parameter names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 1011),
        regex(pattern = r"^/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$")
    )]
    pub ssm_parameter: Option<String>,
    /// The newest of those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<ImageFilter>,
    /// One made of an instance as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_instance: Option<FromInstance>,
    /// One made by running a script on another. It is made anew when the recipe changes, and never twice for the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<ImageBuild>,
}

/// Images by name.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageFilter {
    /// Whose they are: an account's id, `self`, or an alias of AWS's such as `amazon`. Anybody may give an image any name, so
    /// this must be somebody who is trusted.
    #[schemars(
        length(min = 4, max = 64),
        regex(pattern = r"^([0-9]{12}|self|amazon|aws-marketplace|aws-backup-vault)$")
    )]
    pub owner: String,
    /// Their name, in which `*` and `?` stand for anything.
    #[schemars(length(min = 3, max = 128))]
    pub name: String,
    /// Their architecture. Default that of the instance type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Architecture>,
}

/// What an image runs on.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Architecture {
    /// Intel and AMD.
    #[serde(rename = "x86_64")]
    X86,
    /// Graviton.
    #[serde(rename = "arm64")]
    Arm,
}

/// An instance an image is made of.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FromInstance {
    /// The instance, by id. Another one is another image.
    #[schemars(length(min = 10, max = 19), regex(pattern = r"^i-[0-9a-f]{8,17}$"))]
    pub id: String,
    /// Whether it is stopped for that, so that what is on its volumes is whole. Default true.
    #[serde(default = "yes")]
    pub reboot: bool,
    /// A word that makes another image of the same instance when it is changed. Default nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub revision: Option<String>,
}

/// A recipe for an image.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageBuild {
    /// The image it starts from. What that means is settled when it is baked.
    pub from: BaseImage,
    /// The script that is run on it as root, by `/bin/sh` unless its first line says another. It succeeds with status 0. It must not
    /// restart the instance or power it off.
    #[schemars(length(min = 1, max = 12288))]
    pub script: String,
    /// The type of the instance it is run on. Default that of the service's instances, which may change without another image being
    /// made, as long as it is of the same architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 64), regex(pattern = r"^[a-z0-9-]+\.[a-z0-9-]+$"))]
    pub instance_type: Option<String>,
    /// Minutes after which the script has failed, 5 to 480. Default 60.
    #[serde(default = "an_hour")]
    #[schemars(with = "i32", range(min = 5, max = 480))]
    pub timeout_minutes: u16,
    /// How many images are kept: the present one and those before, 1 to 50. Default 3.
    #[serde(default = "three")]
    #[schemars(with = "i32", range(min = 1, max = 50))]
    pub keep: u8,
}

/// An image to start from.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("(has(self.id) ? 1 : 0) + (has(self.ssmParameter) ? 1 : 0) + (has(self.filter) ? 1 : 0) == 1")
    .message("image.build.from: give one of id, ssmParameter and filter"))]
pub struct BaseImage {
    /// This one, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 12, max = 21), regex(pattern = r"^ami-[0-9a-f]{8,17}$"))]
    pub id: Option<String>,
    /// The one this SSM parameter names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 1011),
        regex(pattern = r"^/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$")
    )]
    pub ssm_parameter: Option<String>,
    /// The newest of those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<ImageFilter>,
}

/// What happens when what names an image names another one than before.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum ImageUpdate {
    /// Nothing: the image in `status.image` stays until the spec names another.
    #[default]
    Pinned,
    /// The instances are replaced at once, as `rollout` says.
    Rolling,
    /// The instances are replaced in the next window.
    Window,
}

/// A window of time that comes again each week, in UTC.
#[derive(JsonSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateWindow {
    /// The days on which it begins. Default every day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 7), extend("x-kubernetes-list-type" = "set"))]
    pub days: Vec<Weekday>,
    /// When it begins, such as `03:30`.
    #[schemars(length(min = 5, max = 5), regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub start: String,
    /// Minutes it lasts, 15 to 1440. Default 60.
    #[serde(default = "an_hour")]
    #[schemars(with = "i32", range(min = 15, max = 1440))]
    pub duration_minutes: u16,
}

/// A day of the week.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[allow(missing_docs, reason = "they are what they are called")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// The image in use.
#[derive(JsonSchema, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageStatus {
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What named it, such as `ssm:/aws/service/...`: as long as the spec says the same, the image stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub since: Option<Timestamp>,
    /// The one that the source names by now, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer: Option<String>,
}

const fn an_hour() -> u16 {
    60
}

const fn three() -> u8 {
    3
}
