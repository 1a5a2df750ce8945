//! THE TABLE of calls: each one this crate makes, whether it reads or writes, and what it must be allowed to do.

/// A service of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    Ec2,
    Sts,
}

/// Whether a call changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Read,
    Write,
}

/// What a call must be allowed to do, in IAM's words for types of resources.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// IAM allows it to everyone.
    Unneeded,
    /// It cannot be limited to resources.
    Everything,
    /// It makes this, with our tag in the request, out of those, which carry it.
    Create {
        makes: &'static str,
        of: &'static [&'static str],
    },
    /// It touches only these, which carry our tag.
    Ours(&'static [&'static str]),
    /// It puts tags on what carries our tag already.
    SetTags,
    /// It takes tags off what carries our tag, but not those that make it ours.
    RemoveTags,
    /// It touches this, which carries no tag.
    Untagged {
        resource: &'static str,
        reason: &'static str,
    },
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub action: Action,
    /// AWS's name of it.
    pub name: &'static str,
    pub service: Service,
    pub class: Class,
    pub grant: Grant,
}

macro_rules! actions {
    ($($service:ident $class:ident $action:ident: $grant:expr,)*) => {
        /// A call of AWS's API, by AWS's name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Action { $($action),* }

        /// The table.
        pub(crate) static TABLE: &[Row] = &[$(Row {
            action: Action::$action,
            name: stringify!($action),
            service: Service::$service,
            class: Class::$class,
            grant: $grant,
        }),*];
    };
}

use Grant::{Create, Everything, Ours, RemoveTags, SetTags, Unneeded, Untagged};

const DEFAULT_GROUP: Grant = Untagged {
    resource: "security-group",
    reason: "the default group of a VPC appears without tags; a revocation only narrows it",
};

#[rustfmt::skip]
actions! {
    Ec2 Read  DescribeAddresses:             Everything,
    Ec2 Read  DescribeAvailabilityZones:     Everything,
    Ec2 Read  DescribeInternetGateways:      Everything,
    Ec2 Read  DescribeNatGateways:           Everything,
    Ec2 Read  DescribeRouteTables:           Everything,
    Ec2 Read  DescribeSecurityGroups:        Everything,
    Ec2 Read  DescribeSubnets:               Everything,
    Ec2 Read  DescribeVpcAttribute:          Everything,
    Ec2 Read  DescribeVpcEndpoints:          Everything,
    Ec2 Read  DescribeVpcs:                  Everything,

    Ec2 Write AllocateAddress:               Create { makes: "elastic-ip", of: &[] },
    Ec2 Write CreateInternetGateway:         Create { makes: "internet-gateway", of: &[] },
    Ec2 Write CreateNatGateway:              Create { makes: "natgateway", of: &["elastic-ip", "subnet"] },
    Ec2 Write CreateRouteTable:              Create { makes: "route-table", of: &["vpc"] },
    Ec2 Write CreateSubnet:                  Create { makes: "subnet", of: &["vpc"] },
    Ec2 Write CreateVpc:                     Create { makes: "vpc", of: &[] },
    Ec2 Write CreateVpcEndpoint:             Create { makes: "vpc-endpoint", of: &["route-table", "vpc"] },

    Ec2 Write AssociateRouteTable:           Ours(&["route-table", "subnet"]),
    Ec2 Write AttachInternetGateway:         Ours(&["internet-gateway", "vpc"]),
    Ec2 Write CreateRoute:                   Ours(&["route-table"]),
    Ec2 Write DeleteInternetGateway:         Ours(&["internet-gateway"]),
    Ec2 Write DeleteNatGateway:              Ours(&["natgateway"]),
    Ec2 Write DeleteRoute:                   Ours(&["route-table"]),
    Ec2 Write DeleteRouteTable:              Ours(&["route-table"]),
    Ec2 Write DeleteSubnet:                  Ours(&["subnet"]),
    Ec2 Write DeleteVpc:                     Ours(&["vpc"]),
    Ec2 Write DeleteVpcEndpoints:            Ours(&["vpc-endpoint"]),
    Ec2 Write DetachInternetGateway:         Ours(&["internet-gateway", "vpc"]),
    Ec2 Write DisassociateRouteTable:        Ours(&["route-table", "subnet"]),
    Ec2 Write ModifySubnetAttribute:         Ours(&["subnet"]),
    Ec2 Write ModifyVpcAttribute:            Ours(&["vpc"]),
    Ec2 Write ModifyVpcEndpoint:             Ours(&["route-table", "vpc-endpoint"]),
    Ec2 Write ReleaseAddress:                Ours(&["elastic-ip"]),
    Ec2 Write ReplaceRoute:                  Ours(&["route-table"]),
    Ec2 Write ReplaceRouteTableAssociation:  Ours(&["route-table", "subnet"]),

    Ec2 Write CreateTags:                    SetTags,
    Ec2 Write DeleteTags:                    RemoveTags,

    Ec2 Write RevokeSecurityGroupEgress:     DEFAULT_GROUP,
    Ec2 Write RevokeSecurityGroupIngress:    DEFAULT_GROUP,

    Sts Read  GetCallerIdentity:             Unneeded,
}

impl Action {
    /// Its row.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// The call AWS names so.
    pub fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.action)
    }
}

impl Service {
    /// Its word in IAM actions and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Sts => "sts",
        }
    }
}

#[cfg(test)]
mod tests;
