//! The tag scheme: the only memory of what is whose.
//!
//! | tag | value |
//! |---|---|
//! | `hastack.dev/cluster` | this installation, so that two of them share an account |
//! | `hastack.dev/owner` | the custom resource: `HAStack/<namespace>/<name>` |
//! | `hastack.dev/id` | which of the owner's resources it is: `subnet/private/us-east-1a` |
//! | `hastack.dev/uid` | the custom resource's uid, to tell apart two that had one name |
//! | `Name` | for people: `<name> <id>` |
//! | `hastack.dev/deletion-policy` | `Retain` on what is not deleted when it is not wanted any more; `Delete` on a database that is deleted without a last snapshot; else left out |
//! | `hastack.dev/password` | on a database whose password was given: what tells it from another one |
//! | `hastack.dev/retained-at` | since when it is not wanted any more; taken off when it is wanted again |
//! | `hastack.dev/fleet` | on what an Auto Scaling group of ours launches, which is the group's and never swept: `<namespace>/<service>` |
//!
//! Ownership is cluster, owner and id together. A resource without all three is never touched. They are put on in the call that
//! creates the resource, so there is no moment in which it exists without them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;

use crate::owner::{NodeId, Owner};

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// This installation.
pub const CLUSTER: &str = "hastack.dev/cluster";
/// The owning custom resource.
pub const OWNER: &str = "hastack.dev/owner";
/// Which of the owner's resources.
pub const ID: &str = "hastack.dev/id";
/// The owning custom resource's uid.
pub const UID: &str = "hastack.dev/uid";
/// The name people see in the AWS console.
pub const NAME: &str = "Name";
/// The service whose group launched an instance.
pub const FLEET: &str = "hastack.dev/fleet";

/// What becomes of the resource when it is not wanted any more. It is on the resource itself, since deleting needs no readable spec.
pub const DELETION_POLICY: &str = "hastack.dev/deletion-policy";
/// It is not deleted.
pub const RETAIN: &str = "Retain";
/// It is deleted, and the data it holds with it.
pub const DELETE: &str = "Delete";
/// What tells the password a database was given from another one.
pub const PASSWORD: &str = "hastack.dev/password";
/// Since when the resource is not wanted any more and is retained.
pub const RETAINED_AT: &str = "hastack.dev/retained-at";

/// The most characters AWS accepts in a tag value.
const MAX_VALUE: usize = 256;

/// Whose a resource is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The owner.
    pub owner: Owner,
    /// Which of the owner's resources.
    pub node: NodeId,
}

/// A change of tags: one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Put these on, over what they had.
    Set(Tags),
    /// Take these off, by key.
    Remove(Vec<String>),
}

/// What differs between the tags a resource has and those it is to have. Of the others only those are taken off that we may have
/// put on: what somebody else's tools put on is theirs.
pub fn compare(is: &Tags, wanted: &Tags, ours: &BTreeSet<String>) -> Vec<Change> {
    let set: Tags = wanted
        .iter()
        .filter(|(key, value)| is.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let retention = [DELETION_POLICY, RETAINED_AT];
    let remove: Vec<_> = ours
        .iter()
        .map(String::as_str)
        .chain(retention)
        .filter(|key| is.contains_key(*key) && !wanted.contains_key(*key))
        .map(str::to_owned)
        .collect();
    let set = (!set.is_empty()).then_some(Change::Set(set));
    let remove = (!remove.is_empty()).then_some(Change::Remove(remove));
    set.into_iter().chain(remove).collect()
}

impl Change {
    /// The tags after the change.
    pub fn fold(&self, tags: &mut Tags) {
        match self {
            Self::Set(set) => tags.extend(set.clone()),
            Self::Remove(keys) => tags.retain(|key, _| !keys.contains(key)),
        }
    }

    /// What marks a resource as retained since `time`.
    pub fn retain(time: Timestamp) -> Self {
        let tag = (RETAINED_AT.to_owned(), format!("{time:.0}"));
        Self::Set(Tags::from([tag]))
    }

    /// Whether it marks a resource as retained.
    pub fn retains(&self) -> bool {
        match self {
            Self::Set(tags) => tags.contains_key(RETAINED_AT),
            Self::Remove(_) => false,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(tags) => write!(
                formatter,
                "set tags {}",
                tags.keys().cloned().collect::<Vec<_>>().join(", ")
            ),
            Self::Remove(keys) => write!(formatter, "remove tags {}", keys.join(", ")),
        }
    }
}

/// All tags of a resource: the user's and ours.
pub fn tags(cluster: &str, owner: &Owner, uid: &str, node: &NodeId, extra: &Tags) -> Tags {
    let mut name = format!("{} {node}", owner.name);
    name.truncate(name.floor_char_boundary(MAX_VALUE));
    let ours = [
        (CLUSTER, cluster.to_owned()),
        (OWNER, owner.to_string()),
        (ID, node.to_string()),
        (UID, uid.to_owned()),
        (NAME, name),
    ];
    let mut tags = extra.clone();
    tags.extend(ours.map(|(key, value)| (key.to_owned(), value)));
    tags
}

/// Whether the resource with these tags stays when it is not wanted any more.
pub fn outlives_its_owner(tags: &Tags) -> bool {
    tags.get(DELETION_POLICY).is_some_and(|policy| policy == RETAIN)
}

/// Whether the data of the resource with these tags goes with it.
pub fn forgets_data(tags: &Tags) -> bool {
    tags.get(DELETION_POLICY).is_some_and(|policy| policy == DELETE)
}

/// Whose the resource with these tags is; none unless it is this installation's.
pub fn identity(cluster: &str, tags: &Tags) -> Option<Identity> {
    if tags.get(CLUSTER)? != cluster {
        return None;
    }
    Some(Identity {
        owner: tags.get(OWNER)?.parse().ok()?,
        node: tags.get(ID)?.parse().ok()?,
    })
}

/// Where the identity of what shows no tags in lists is: in its path or name.
pub const PATH: &str = "/hastack.dev/";

/// The path or name that tells whose a resource is: `/hastack.dev/<cluster>/<kind>/<namespace>/<name>/<node>`, without an end.
pub fn path(cluster: &str, owner: &Owner, node: &NodeId) -> String {
    format!("{PATH}{cluster}/{owner}/{node}")
}

/// The beginning of every path of this installation.
pub fn path_of_cluster(cluster: &str) -> String {
    format!("{PATH}{cluster}/")
}

/// The tags that a path stands for; none unless it is one of [`path`]'s.
pub fn tags_of_path(path: &str) -> Option<Tags> {
    let mut parts = path.strip_prefix(PATH)?.trim_end_matches('/').splitn(5, '/');
    let cluster = parts.next()?;
    let owner = format!("{}/{}/{}", parts.next()?, parts.next()?, parts.next()?);
    let tags = [
        (CLUSTER, cluster.to_owned()),
        (OWNER, owner),
        (ID, parts.next()?.to_owned()),
    ];
    Some(tags.map(|(key, value)| (key.to_owned(), value)).into())
}

/// The tags of a part of something tagged: the same owner, another node. What has no tags of its own gets them so.
pub fn tags_of_part(whole: &Tags, node: &NodeId) -> Tags {
    let ours = |key: &str| [CLUSTER, OWNER, UID].contains(&key);
    let mut tags: Tags = whole
        .iter()
        .filter(|(key, _)| ours(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    tags.insert(ID.to_owned(), node.to_string());
    tags
}

/// What the TXT record says first that tells whose the record beside it is.
const HERITAGE: &str = "heritage=hastack";
/// The longest string of a TXT record, which may have several.
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#TXTFormat>
const MAX_STRING: usize = 255;

/// The value of the TXT record that tells whose the record beside it is, as Route 53 takes it: one or more quoted strings.
pub fn companion(cluster: &str, owner: &Owner, uid: &str, node: &NodeId) -> String {
    let (owner, node) = (owner.to_string(), node.to_string());
    let parts = [(CLUSTER, cluster), (OWNER, &owner), (ID, &node), (UID, uid)];
    let text = parts.iter().fold(HERITAGE.to_owned(), |text, (key, value)| {
        format!("{text},{key}={value}")
    });
    let mut strings = vec![String::new()];
    for character in text.chars() {
        let written = escape(character);
        match strings.last_mut() {
            Some(last) if last.len() + written.len() <= MAX_STRING => last.push_str(&written),
            Some(_) | None => strings.push(written),
        }
    }
    let quoted: Vec<_> = strings.iter().map(|string| format!("\"{string}\"")).collect();
    quoted.join(" ")
}

/// The tags that such a value stands for; none unless it is one of [`companion`]'s.
pub fn tags_of_companion(value: &str) -> Option<Tags> {
    let strings: String = value.trim().strip_prefix('"')?.strip_suffix('"')?.replace("\" \"", "");
    let text = unescape(&strings)?;
    let parts = text.strip_prefix(HERITAGE)?.strip_prefix(',')?.split(',');
    let pairs = parts.map(|part| {
        part.split_once('=')
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
    });
    pairs.collect()
}

/// A character, or its bytes as octal numbers where it is not plain.
fn escape(character: char) -> String {
    if character == ' ' || character.is_ascii_graphic() && !['"', '\\'].contains(&character) {
        return character.to_string();
    }
    let mut bytes = [0; 4];
    let bytes = character.encode_utf8(&mut bytes).bytes();
    bytes.fold(String::new(), |text, byte| format!("{text}\\{byte:03o}"))
}

/// Puts bytes in place of their octal numbers.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'\\' {
            let digits = [rest.next()?, rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 8).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    fn sample() -> (Owner, NodeId) {
        (
            "HAStack/shop/web".parse().unwrap(),
            NodeId::named(Kind::Subnet, "private/us-east-1a"),
        )
    }

    #[test]
    fn tags_tell_whose_a_resource_is() {
        let (owner, node) = sample();
        let tags = tags("c1", &owner, "u1", &node, &Tags::new());
        assert_eq!(identity("c1", &tags), Some(Identity { owner, node }));
        assert_eq!(identity("c2", &tags), None, "another installation's");
    }

    #[test]
    fn a_path_tells_whose_a_resource_is() {
        let (owner, node) = sample();
        let path = path("c1", &owner, &node);
        assert_eq!(path, "/hastack.dev/c1/HAStack/shop/web/subnet/private/us-east-1a");
        let tags = tags_of_path(&format!("{path}/")).unwrap();
        assert_eq!(identity("c1", &tags), Some(Identity { owner, node }));
        assert_eq!(tags_of_path("/service-role/x/"), None);
    }

    #[test]
    fn what_retention_put_on_is_taken_off_where_it_is_not_wanted() {
        let (owner, node) = sample();
        let wanted = tags("c1", &owner, "u1", &node, &Tags::new());
        let mut is = wanted.clone();
        Change::retain("2026-11-23T12:00:00Z".parse().unwrap()).fold(&mut is);
        assert_eq!(is[RETAINED_AT], "2026-11-23T12:00:00Z");
        let changes = compare(&is, &wanted, &BTreeSet::new());
        assert_eq!(changes, [Change::Remove(vec![RETAINED_AT.to_owned()])]);
    }

    #[test]
    fn a_txt_record_tells_whose_the_record_beside_it_is() {
        let (owner, node) = sample();
        let value = companion("c1", &owner, "u1", &node);
        assert_eq!(
            value,
            r#""heritage=hastack,hastack.dev/cluster=c1,hastack.dev/owner=HAStack/shop/web,hastack.dev/id=subnet/private/us-east-1a,hastack.dev/uid=u1""#
        );
        let tags = tags_of_companion(&value).unwrap();
        assert_eq!(identity("c1", &tags), Some(Identity { owner, node }));
        assert_eq!(tags_of_companion(r#""v=spf1 -all""#), None);
    }

    #[test]
    fn a_long_or_unusual_txt_record_reads_back() {
        let (owner, _) = sample();
        let node = NodeId::named(Kind::DnsRecord, "a".repeat(300));
        for cluster in ["c", "grün \"\\"] {
            let value = companion(cluster, &owner, "u", &node);
            assert!(
                value.split("\" \"").all(|string| string.len() <= MAX_STRING + 1),
                "{value}"
            );
            let tags = tags_of_companion(&value).unwrap();
            assert_eq!(
                identity(cluster, &tags),
                Some(Identity {
                    owner: owner.clone(),
                    node: node.clone()
                })
            );
        }
    }

    #[test]
    fn a_users_tag_never_replaces_ours() {
        let (owner, node) = sample();
        let extra = Tags::from([(OWNER.to_owned(), "HAStack/other/other".to_owned())]);
        assert_eq!(tags("c1", &owner, "u1", &node, &extra)[OWNER], "HAStack/shop/web");
    }
}
