//! The names of calls that are told by method and path alone, as AWS's documentation has them.
//! <https://docs.aws.amazon.com/efs/latest/ug/API_Operations.html>,
//! <https://docs.aws.amazon.com/Route53/latest/APIReference/API_Operations.html>

/// Method, path and name. A star stands for an id.
#[rustfmt::skip]
const NAMES: [(&str, &str, &str); 22] = [
    ("POST",   "/2013-04-01/hostedzone/*/rrset",                     "ChangeResourceRecordSets"),
    ("GET",    "/2013-04-01/hostedzone/*",                           "GetHostedZone"),
    ("GET",    "/2013-04-01/hostedzone/*/rrset",                     "ListResourceRecordSets"),
    ("GET",    "/2013-04-01/hostedzonesbyname",                      "ListHostedZonesByName"),
    ("POST",   "/2015-02-01/access-points",                          "CreateAccessPoint"),
    ("DELETE", "/2015-02-01/access-points/*",                        "DeleteAccessPoint"),
    ("GET",    "/2015-02-01/access-points",                          "DescribeAccessPoints"),
    ("POST",   "/2015-02-01/file-systems",                           "CreateFileSystem"),
    ("DELETE", "/2015-02-01/file-systems/*",                         "DeleteFileSystem"),
    ("GET",    "/2015-02-01/file-systems/*/backup-policy",           "DescribeBackupPolicy"),
    ("GET",    "/2015-02-01/file-systems",                           "DescribeFileSystems"),
    ("GET",    "/2015-02-01/file-systems/*/lifecycle-configuration", "DescribeLifecycleConfiguration"),
    ("PUT",    "/2015-02-01/file-systems/*/backup-policy",           "PutBackupPolicy"),
    ("PUT",    "/2015-02-01/file-systems/*/lifecycle-configuration", "PutLifecycleConfiguration"),
    ("PUT",    "/2015-02-01/file-systems/*",                         "UpdateFileSystem"),
    ("POST",   "/2015-02-01/mount-targets",                          "CreateMountTarget"),
    ("DELETE", "/2015-02-01/mount-targets/*",                        "DeleteMountTarget"),
    ("GET",    "/2015-02-01/mount-targets/*/security-groups",        "DescribeMountTargetSecurityGroups"),
    ("GET",    "/2015-02-01/mount-targets",                          "DescribeMountTargets"),
    ("PUT",    "/2015-02-01/mount-targets/*/security-groups",        "ModifyMountTargetSecurityGroups"),
    ("POST",   "/2015-02-01/resource-tags/*",                        "TagResource"),
    ("DELETE", "/2015-02-01/resource-tags/*",                        "UntagResource"),
];

/// The name of a call; method and path themselves if it is none of these.
pub(super) fn name(method: &str, path: &str) -> String {
    let parts: Vec<_> = path.trim_end_matches('/').split('/').collect();
    let is_it = |pattern: &str| {
        let pattern: Vec<_> = pattern.split('/').collect();
        let same = |(wanted, part): (&&str, &&str)| *wanted == "*" || wanted == part;
        pattern.len() == parts.len() && pattern.iter().zip(&parts).all(same)
    };
    let mut names = NAMES.iter();
    let found = names.find(|(other, pattern, _)| *other == method && is_it(pattern));
    found.map_or_else(|| format!("{method} {path}"), |(_, _, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_told_by_method_and_path() {
        assert_eq!(name("POST", "/2015-02-01/file-systems"), "CreateFileSystem");
        assert_eq!(name("PUT", "/2015-02-01/file-systems/fs-1"), "UpdateFileSystem");
        assert_eq!(
            name("POST", "/2013-04-01/hostedzone/Z1/rrset/"),
            "ChangeResourceRecordSets"
        );
        assert_eq!(name("PUT", "/bucket"), "PUT /bucket");
    }
}
