//! Names that follow from what a resource is, where AWS wants a name that is unique: the same in every life of the process.

use crate::desired::Identity;
use crate::owner::NodeId;

/// The longest name of a role; of instance profiles AWS takes longer ones.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub(super) const LONGEST_ROLE: usize = 64;

/// How much of a digest makes names differ.
const DIGITS: usize = 10;

/// A name of letters, digits and hyphens, at most `longest` bytes long: what people recognize, then what makes it unique in an
/// account.
pub(super) fn unique(identity: &Identity, node: &NodeId, longest: usize) -> String {
    let Identity { cluster, owner, uid: _ } = identity;
    let mut name = format!("{}-{node}", owner.name).replace(|other: char| !other.is_ascii_alphanumeric(), "-");
    name.truncate(longest.saturating_sub(DIGITS + 1));
    let name = name.trim_matches('-');
    format!("{name}-{}", digest(&format!("{cluster}\n{owner}\n{node}")))
}

/// The first digits of a text's digest.
pub(super) fn digest(text: &str) -> String {
    let mut digits = crate::digest::digest(text);
    digits.truncate(DIGITS);
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_and_differs_where_only_the_namespace_does() {
        let name = |owner: &str| {
            let identity = Identity {
                cluster: "c".into(),
                owner: owner.parse().unwrap(),
                uid: "u".into(),
            };
            unique(&identity, &"load-balancer".parse().unwrap(), 32)
        };
        let (one, other) = (
            name("HAStack/a/a-rather-long-name"),
            name("HAStack/b/a-rather-long-name"),
        );
        assert!(one.len() <= 32 && one.starts_with("a-rather-long-name"), "{one}");
        assert_ne!(one, other);
    }
}
