//! Versions of engines: which are newer, and which a change of only the minor version leads to.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html>

/// What tells versions apart: `16.4` is 16 and 4, `8.0.mysql_aurora.3.08.0` is 8, 0, 3, 8 and 0.
fn numbers(version: &str) -> Vec<u32> {
    version.split('.').filter_map(|part| part.parse().ok()).collect()
}

/// How many of its numbers make up a major version.
fn major_length(engine: &str) -> usize {
    match engine {
        "postgres" | "aurora-postgresql" => 1,
        _ => 2,
    }
}

/// The major version, such as `16` of `16.4` and `8.0` of `8.0.mysql_aurora.3.08.0`.
pub fn major(engine: &str, version: &str) -> String {
    let numbers = numbers(version);
    let major = numbers.iter().take(major_length(engine)).map(u32::to_string);
    major.collect::<Vec<_>>().join(".")
}

/// Whether `is` is `wanted` or newer. Numbers that `wanted` does not give may be any.
pub fn is_at_least(is: &str, wanted: &str) -> bool {
    let (is, wanted) = (numbers(is), numbers(wanted));
    let given = is.len().min(wanted.len());
    is[..given] >= wanted[..given]
}

/// Whether going from one to the other leads to another major version.
pub fn is_major_upgrade(engine: &str, is: &str, wanted: &str) -> bool {
    major(engine, is) != major(engine, wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_at_least_what_it_begins_with() {
        for (is, wanted, at_least) in [
            ("16.4", "16", true),
            ("16.4", "16.4", true),
            ("16.10", "16.9", true),
            ("16.3", "16.4", false),
            ("15.9", "16", false),
            ("8.0.mysql_aurora.3.08.0", "8.0", true),
            ("8.0.mysql_aurora.3.08.0", "8.0.mysql_aurora.3.10.0", false),
            ("8.0.43", "8.4", false),
        ] {
            assert_eq!(is_at_least(is, wanted), at_least, "{is} {wanted}");
        }
    }

    #[test]
    fn the_major_version_is_what_the_engine_says() {
        for (engine, version, wanted) in [
            ("postgres", "16.4", "16"),
            ("aurora-postgresql", "16.6", "16"),
            ("mysql", "8.0.43", "8.0"),
            ("mariadb", "10.11.9", "10.11"),
            ("aurora-mysql", "8.0.mysql_aurora.3.08.0", "8.0"),
        ] {
            assert_eq!(major(engine, version), wanted, "{engine} {version}");
        }
    }
}
