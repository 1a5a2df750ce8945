//! Admission rules that hold in more than one place, in CEL, and what is said where one is broken.
//! <https://kubernetes.io/docs/reference/using-api/cel/>

/// Of a list: IPv4 ranges with no host bits set.
pub(crate) const IPV4_RANGES: &str =
    "self.all(range, isCIDR(range) && cidr(range).ip().family() == 4 && cidr(range) == cidr(range).masked())";

/// Of a custom resource: its name fits into a tag.
pub(crate) const NAME: &str = "size(self.metadata.name) <= 63";
/// What is said of another.
pub(crate) const NAME_MESSAGE: &str = "metadata.name must have at most 63 characters: it is part of AWS tags";

/// Of a map: keys that AWS and hastack leave to users.
pub(crate) const TAGS: &str = "self.all(key, size(key) > 0 && size(key) <= 128 && key != 'Name' && !key.startsWith('aws:') && !key.startsWith('hastack.dev/'))";
/// What is said of others.
pub(crate) const TAGS_MESSAGE: &str =
    "tags: a key has 1 to 128 characters, is not Name and does not start with aws: or hastack.dev/";
