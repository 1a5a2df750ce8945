//! What a version of a launch template says, with every id known.

use std::fmt;

use serde::Serialize;

use super::{Image, OURS, Piece, Spec};
use crate::digest::digest;
use crate::owner::NodeId;
use crate::resource::{Refs, State as AnyState};
use crate::tag::Tags;

/// How much of a digest people are shown.
const DIGITS: usize = 10;

/// What a version says. Beyond that every version requires a session token for metadata (`IMDSv2`), gives it no further than to the
/// instance itself, and encrypts the volume.
///
/// The digest of this is what tells a version that says it. A field that is added must be left out of it where it says what was
/// true without it, or every instance of every fleet is replaced by the next release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// The image.
    pub image_id: String,
    /// What the image calls its root volume.
    pub root_device: String,
    /// The type of the instances.
    pub instance_type: String,
    /// The key pair that opens them, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_name: Option<String>,
    /// The instance profile: an instance does not take up another one of the same name.
    pub profile_id: String,
    /// That profile's name.
    pub profile_name: String,
    /// The security groups.
    pub security_group_ids: Vec<String>,
    /// Whether each has a public address.
    pub public_address: bool,
    /// The volume they start from.
    pub volume: Volume,
    /// Whether their figures are taken each minute.
    pub detailed_monitoring: bool,
    /// The user data, as cloud-init reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_data: Option<String>,
    /// The tags put on instances, volumes and network interfaces.
    pub tags: Tags,
}

/// The volume that instances start from, of type gp3.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    /// Its size; that of the image where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_gib: Option<u16>,
    /// Operations a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops: Option<u16>,
    /// MiB a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throughput: Option<u16>,
    /// The key it is encrypted with; AWS's own where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
}

impl Data {
    /// The description of a version that says this.
    pub fn description(&self) -> String {
        format!("{OURS}{}", self.digest())
    }

    fn digest(&self) -> String {
        // What is serialized here are texts and numbers, which cannot fail.
        digest(&serde_json::to_string(self).unwrap_or_else(|_| format!("{self:?}")))
    }
}

impl Spec {
    /// What the wanted version says, or the node to wait for.
    pub(super) fn data(&self, refs: &dyn Refs) -> Result<Data, NodeId> {
        let (image_id, root_device) = self.image.resolve(refs)?;
        let groups: Result<_, _> = self.security_groups.iter().map(|group| refs.usable(group)).collect();
        let user_data: String = self
            .user_data
            .iter()
            .map(|piece| piece.resolve(refs))
            .collect::<Result<_, _>>()?;
        Ok(Data {
            image_id,
            root_device,
            instance_type: self.instance_type.clone(),
            key_name: self.key_name.clone(),
            profile_id: refs.usable(&self.profile)?,
            profile_name: self.profile_name.clone(),
            security_group_ids: groups?,
            public_address: self.public_address,
            volume: self.volume.clone(),
            detailed_monitoring: self.detailed_monitoring,
            user_data: (!user_data.is_empty()).then_some(user_data),
            tags: self.tags.clone(),
        })
    }
}

impl Image {
    /// Its id and what it calls its root volume.
    fn resolve(&self, refs: &dyn Refs) -> Result<(String, String), NodeId> {
        match self {
            Self::Given(image) => Ok((image.id.clone(), image.root_device.clone())),
            Self::Node(node) => {
                let id = refs.usable(node)?;
                let root_device = refs.state(node).and_then(root_device);
                Ok((id, root_device.ok_or_else(|| node.clone())?))
            }
        }
    }
}

/// What an image that we made calls its root volume.
fn root_device(state: &AnyState) -> Option<String> {
    let AnyState::Image(image) = state else {
        return None;
    };
    image.root_device.clone()
}

impl Piece {
    fn resolve(&self, refs: &dyn Refs) -> Result<String, NodeId> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Id(node) => refs.usable(node),
        }
    }
}

impl fmt::Display for Data {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            image_id,
            instance_type,
            ..
        } = self;
        let digest = self.digest();
        write!(formatter, "{}: {instance_type} from {image_id}", &digest[..DIGITS])
    }
}
