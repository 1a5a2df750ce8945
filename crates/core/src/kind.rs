//! The kinds of AWS resources and THE TABLE: one row a kind, from which the order of creation, the order of deletion, recovery
//! after a crash and the pace of looking are read. Nothing else knows any of it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use Kind::{DefaultSecurityGroup, ElasticIp, InternetGateway, NatGateway, RouteTable, Subnet, Vpc, VpcEndpoint};

/// A kind of AWS resource, in the order in which plans list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A virtual private cloud.
    Vpc,
    /// The security group that comes with a VPC.
    DefaultSecurityGroup,
    /// An internet gateway.
    InternetGateway,
    /// A route table.
    RouteTable,
    /// A subnet.
    Subnet,
    /// A public address.
    ElasticIp,
    /// A NAT gateway.
    NatGateway,
    /// A gateway endpoint.
    VpcEndpoint,
}

/// The part of a stack a kind belongs to; each has a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// VPC, subnets, gateways, routes.
    Network,
}

/// How a creation whose outcome is unknown is kept from happening twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// AWS answers a repeated client token with the first answer.
    Token,
    /// AWS refuses a second one in the same place, such as a subnet of the same range.
    NaturalKey,
    /// AWS offers nothing: an intent is written down first, and tags are looked up before a second try.
    Intent,
    /// It is never created: it comes with its parent.
    Inherent,
}

/// What a difference in a field that cannot be changed leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// It holds nothing: it is deleted and created anew.
    DeleteThenCreate,
    /// Others live in it or it holds data: the change is refused.
    Never,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The kind.
    pub kind: Kind,
    /// Its word in ids, tags and metrics.
    pub word: &'static str,
    /// The kinds that must exist before it and outlast it.
    pub depends_on: &'static [Kind],
    /// The part of a stack it belongs to.
    pub area: Area,
    /// How its creation is kept from happening twice.
    pub recovery: Recovery,
    /// What a change of an immutable field leads to.
    pub replacement: Replacement,
    /// Whether some of its state is shown only by a read of the one resource.
    pub detailed: bool,
    /// How many of it one page of AWS's answer holds at most.
    pub page: u16,
    /// How often to look while something of this kind is pending.
    pub poll: Duration,
}

const QUICK: Duration = Duration::from_secs(2);
const SLOW: Duration = Duration::from_secs(5);

/// The table.
#[rustfmt::skip]
pub static TABLE: [Row; 8] = {
    use Area::Network;
    use Recovery::{Inherent, Intent, NaturalKey, Token};
    use Replacement::{DeleteThenCreate, Never};
    [
        Row { kind: Vpc,                  word: "vpc",                    depends_on: &[],                                    area: Network, recovery: Intent,     replacement: Never,            detailed: true,  page: 1000, poll: QUICK },
        Row { kind: DefaultSecurityGroup, word: "default-security-group", depends_on: &[Vpc],                                 area: Network, recovery: Inherent,   replacement: Never,            detailed: false, page: 1000, poll: QUICK },
        Row { kind: InternetGateway,      word: "internet-gateway",       depends_on: &[Vpc],                                 area: Network, recovery: Intent,     replacement: Never,            detailed: false, page: 1000, poll: QUICK },
        Row { kind: RouteTable,           word: "route-table",            depends_on: &[Vpc],                                 area: Network, recovery: Token,      replacement: Never,            detailed: false, page: 100,  poll: QUICK },
        // A route table cannot be deleted while a subnet is associated with it; deleting the subnet ends the association.
        Row { kind: Subnet,               word: "subnet",                 depends_on: &[Vpc, RouteTable],                     area: Network, recovery: NaturalKey, replacement: Never,            detailed: false, page: 1000, poll: QUICK },
        Row { kind: ElasticIp,            word: "elastic-ip",             depends_on: &[],                                    area: Network, recovery: Intent,     replacement: Never,            detailed: false, page: 1000, poll: QUICK },
        // The gateway must be attached before a NAT gateway works, and cannot be detached while one has a public address.
        Row { kind: NatGateway,           word: "nat-gateway",            depends_on: &[Subnet, ElasticIp, InternetGateway],  area: Network, recovery: Token,      replacement: DeleteThenCreate, detailed: false, page: 1000, poll: SLOW },
        Row { kind: VpcEndpoint,          word: "vpc-endpoint",           depends_on: &[Vpc, RouteTable],                     area: Network, recovery: Token,      replacement: Never,            detailed: false, page: 1000, poll: QUICK },
    ]
};

impl Kind {
    /// Every kind, in the order of the table.
    pub fn all() -> impl Iterator<Item = Kind> {
        TABLE.iter().map(|row| row.kind)
    }

    /// The kind's row.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// Its word in ids, tags and metrics, such as `nat-gateway`.
    pub fn word(self) -> &'static str {
        self.row().word
    }

    /// Whether `self` must be deleted before `other` can be: `self` depends on it, directly or through others.
    pub fn depends_on(self, other: Kind) -> bool {
        self.row()
            .depends_on
            .iter()
            .any(|&kind| kind == other || kind.depends_on(other))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// A word that names no kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {0:?} as a kind of resource")]
pub struct ReadKind(pub String);

impl FromStr for Kind {
    type Err = ReadKind;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Kind::all()
            .find(|kind| kind.word() == word)
            .ok_or_else(|| ReadKind(word.into()))
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (index, kind) in Kind::all().enumerate() {
            assert_eq!(kind as usize, index, "{kind}");
        }
    }

    #[test]
    fn a_kind_stands_below_every_kind_it_depends_on() {
        for row in &TABLE {
            for &other in row.depends_on {
                assert!(other < row.kind, "{} stands above {other}", row.kind);
            }
        }
    }

    #[test]
    fn a_word_reads_back_as_its_kind() {
        for kind in Kind::all() {
            assert_eq!(kind.word().parse(), Ok(kind));
        }
    }
}
