//! Where subnets lie in a VPC. A zone's place follows from its letter alone, so adding a zone never moves another.
//!
//! The VPC is cut into eight blocks, one for each of the letters a to h. Of a block, the first half is the private subnet, the
//! third quarter the public one and the last quarter the database one. For 10.0.0.0/16 and zone b: 10.0.32.0/20 private,
//! 10.0.48.0/21 public, 10.0.56.0/21 database.

use hastack_api::network::{NetworkSpec, ZoneSubnets};
use ipnet::Ipv4Net;

use super::{SpecError, range};

/// The subnets of one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ranges {
    pub(super) zone: String,
    pub(super) public: Ipv4Net,
    pub(super) private: Ipv4Net,
    pub(super) database: Option<Ipv4Net>,
}

/// The smallest VPC (by prefix length) whose parts are subnets AWS accepts: five bits more make a /28.
const SMALLEST_VPC: u8 = 23;
const AWS_RANGES: std::ops::RangeInclusive<u8> = 16..=28;

/// The subnets of every zone: those the user gave, else the computed ones.
pub(super) fn lay_out(network: &NetworkSpec, cidr: &str, zones: &[String]) -> Result<Vec<Ranges>, SpecError> {
    let vpc = read(cidr, "network.cidr")?;
    let given = network.subnets.as_deref().unwrap_or_default();
    let mut ranges = Vec::new();
    for (index, subnets) in given.iter().enumerate() {
        let field = format!("network.subnets[{index}]");
        if !zones.contains(&subnets.zone) {
            return Err(SpecError::UseZone {
                field: format!("{field}.zone"),
                zone: subnets.zone.clone(),
            });
        }
        ranges.push((field.clone(), read_given(network, subnets, &field)?));
    }
    for zone in zones {
        if !given.iter().any(|subnets| subnets.zone == *zone) {
            ranges.push((
                format!("the computed subnets of {zone}"),
                compute(network, vpc, cidr, zone)?,
            ));
        }
    }
    check(vpc, &ranges)?;
    let mut ranges: Vec<_> = ranges.into_iter().map(|(_, ranges)| ranges).collect();
    ranges.sort_by(|one, other| one.zone.cmp(&other.zone));
    Ok(ranges)
}

/// The place of a zone, by the letter at the end of its name.
pub(super) fn letter_index(zone: &str) -> Option<usize> {
    let letter = zone.bytes().last()?;
    (b'a'..=b'h').contains(&letter).then(|| usize::from(letter - b'a'))
}

fn read(text: &str, field: &str) -> Result<Ipv4Net, SpecError> {
    let range = range::read(field, text)?;
    if !AWS_RANGES.contains(&range.prefix_len()) {
        return Err(SpecError::SizeRange {
            field: field.to_owned(),
            value: text.to_owned(),
        });
    }
    Ok(range)
}

fn read_given(network: &NetworkSpec, subnets: &ZoneSubnets, field: &str) -> Result<Ranges, SpecError> {
    let ZoneSubnets {
        zone,
        public,
        private,
        database,
    } = subnets;
    let database = match (network.database_subnets, database) {
        (false, _) => None,
        (true, Some(range)) => Some(read(range, &format!("{field}.database"))?),
        (true, None) => {
            return Err(SpecError::LeaveOutSubnet {
                field: format!("{field}.database"),
            });
        }
    };
    Ok(Ranges {
        zone: zone.clone(),
        public: read(public, &format!("{field}.public"))?,
        private: read(private, &format!("{field}.private"))?,
        database,
    })
}

fn compute(network: &NetworkSpec, vpc: Ipv4Net, cidr: &str, zone: &str) -> Result<Ranges, SpecError> {
    let too_small = || SpecError::LayOutSubnets { cidr: cidr.to_owned() };
    if vpc.prefix_len() > SMALLEST_VPC {
        return Err(too_small());
    }
    let part = |range: Ipv4Net, bits: u8, index: usize| {
        range
            .subnets(range.prefix_len() + bits)
            .ok()
            .and_then(|mut parts| parts.nth(index))
            .ok_or_else(too_small)
    };
    let block = part(vpc, 3, letter_index(zone).ok_or_else(too_small)?)?;
    Ok(Ranges {
        zone: zone.to_owned(),
        private: part(block, 1, 0)?,
        public: part(block, 2, 2)?,
        database: network.database_subnets.then(|| part(block, 2, 3)).transpose()?,
    })
}

fn check(vpc: Ipv4Net, ranges: &[(String, Ranges)]) -> Result<(), SpecError> {
    let mut placed: Vec<(String, Ipv4Net)> = Vec::new();
    for (
        field,
        Ranges {
            zone: _,
            public,
            private,
            database,
        },
    ) in ranges
    {
        let tiers = [
            ("public", Some(public)),
            ("private", Some(private)),
            ("database", database.as_ref()),
        ];
        for (tier, range) in tiers {
            let Some(&range) = range else { continue };
            let field = format!("{field}.{tier}");
            if !vpc.contains(&range) {
                return Err(SpecError::PlaceSubnet {
                    field,
                    range: range.to_string(),
                    cidr: vpc.to_string(),
                });
            }
            if let Some((other_field, other)) = placed.iter().find(|(_, other)| overlap(*other, range)) {
                return Err(SpecError::SeparateSubnets {
                    field,
                    range: range.to_string(),
                    other_field: other_field.clone(),
                    other: other.to_string(),
                });
            }
            placed.push((field, range));
        }
    }
    Ok(())
}

fn overlap(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> NetworkSpec {
        serde_yaml_ng::from_str(text).unwrap()
    }

    fn zones(letters: &str) -> Vec<String> {
        letters.chars().map(|letter| format!("us-east-1{letter}")).collect()
    }

    #[test]
    fn a_zone_keeps_its_ranges_whatever_zones_stand_beside_it() {
        let network = network("{}");
        let alone = lay_out(&network, "10.0.0.0/16", &zones("c")).unwrap();
        let among = lay_out(&network, "10.0.0.0/16", &zones("abcdef")).unwrap();
        assert_eq!(alone[0], among[2]);
        assert_eq!(alone[0].private.to_string(), "10.0.64.0/20");
        assert_eq!(alone[0].public.to_string(), "10.0.80.0/21");
        assert_eq!(alone[0].database.unwrap().to_string(), "10.0.88.0/21");
    }

    #[test]
    fn computed_subnets_fill_every_vpc_that_is_large_enough_without_overlap() {
        for prefix in 16..=23 {
            let ranges = lay_out(&network("{}"), &format!("10.0.0.0/{prefix}"), &zones("abcdefgh"));
            assert_eq!(ranges.unwrap().len(), 8, "/{prefix}");
        }
        let error = lay_out(&network("{}"), "10.0.0.0/24", &zones("a")).unwrap_err();
        assert_eq!(
            error,
            SpecError::LayOutSubnets {
                cidr: "10.0.0.0/24".into()
            }
        );
    }

    #[test]
    fn a_given_range_that_overlaps_a_computed_one_is_refused() {
        let network = network(
            "{databaseSubnets: false, subnets: [{zone: us-east-1a, public: 10.0.32.0/24, private: 10.0.0.0/24}]}",
        );
        let error = lay_out(&network, "10.0.0.0/16", &zones("ab")).unwrap_err();
        assert!(matches!(error, SpecError::SeparateSubnets { .. }), "{error}");
    }
}
