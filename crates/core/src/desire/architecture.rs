//! What an instance type runs.

/// The architecture of an instance type, in AWS's word: Graviton's families have a `g` after their generation, but for the first of
/// them.
/// <https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html>
pub(super) fn architecture(instance_type: &str) -> &'static str {
    let family = instance_type.split('.').next().unwrap_or_default();
    let series = family.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let options = series.trim_start_matches(|digit: char| digit.is_ascii_digit());
    if family == "a1" || options.starts_with('g') {
        "arm64"
    } else {
        "x86_64"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_has_the_architecture_of_the_instance_type() {
        for arm in [
            "t4g.nano",
            "m7g.large",
            "c7gn.xlarge",
            "x2gd.medium",
            "im4gn.large",
            "is4gen.medium",
            "a1.medium",
        ] {
            assert_eq!(architecture(arm), "arm64", "{arm}");
        }
        for x86 in [
            "t3.micro",
            "g4dn.xlarge",
            "m6i.large",
            "c6a.large",
            "gr6.4xlarge",
            "u7i-6tb.112xlarge",
            "t2.nano",
        ] {
            assert_eq!(architecture(x86), "x86_64", "{x86}");
        }
    }
}
