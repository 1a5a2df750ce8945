//! AWS's names of the calls, so that counts can be compared with those of other tools.

use hastack_core::kind::Kind;
use hastack_core::resource::{
    Change, default_security_group, internet_gateway, route_table, subnet, vpc, vpc_endpoint,
};
use hastack_core::tag;

pub(crate) const fn create(kind: Kind) -> &'static str {
    match kind {
        Kind::Vpc => "CreateVpc",
        Kind::DefaultSecurityGroup => "CreateSecurityGroup",
        Kind::InternetGateway => "CreateInternetGateway",
        Kind::RouteTable => "CreateRouteTable",
        Kind::Subnet => "CreateSubnet",
        Kind::ElasticIp => "AllocateAddress",
        Kind::NatGateway => "CreateNatGateway",
        Kind::VpcEndpoint => "CreateVpcEndpoint",
    }
}

pub(crate) const fn delete(kind: Kind) -> &'static str {
    match kind {
        Kind::Vpc => "DeleteVpc",
        Kind::DefaultSecurityGroup => "DeleteSecurityGroup",
        Kind::InternetGateway => "DeleteInternetGateway",
        Kind::RouteTable => "DeleteRouteTable",
        Kind::Subnet => "DeleteSubnet",
        Kind::ElasticIp => "ReleaseAddress",
        Kind::NatGateway => "DeleteNatGateway",
        Kind::VpcEndpoint => "DeleteVpcEndpoints",
    }
}

pub(crate) const fn describe(kind: Kind) -> &'static str {
    match kind {
        Kind::Vpc => "DescribeVpcs",
        Kind::DefaultSecurityGroup => "DescribeSecurityGroups",
        Kind::InternetGateway => "DescribeInternetGateways",
        Kind::RouteTable => "DescribeRouteTables",
        Kind::Subnet => "DescribeSubnets",
        Kind::ElasticIp => "DescribeAddresses",
        Kind::NatGateway => "DescribeNatGateways",
        Kind::VpcEndpoint => "DescribeVpcEndpoints",
    }
}

pub(crate) const fn update(change: &Change) -> &'static str {
    match change {
        Change::Tags(tag::Change::Set(_)) => "CreateTags",
        Change::Tags(tag::Change::Remove(_)) => "DeleteTags",
        Change::Vpc(vpc::Change::EnableDnsHostnames) => "ModifyVpcAttribute",
        Change::DefaultSecurityGroup(default_security_group::Change::RevokeIngress(_)) => "RevokeSecurityGroupIngress",
        Change::DefaultSecurityGroup(default_security_group::Change::RevokeEgress(_)) => "RevokeSecurityGroupEgress",
        Change::InternetGateway(internet_gateway::Change::Attach(_)) => "AttachInternetGateway",
        Change::InternetGateway(internet_gateway::Change::Detach(_)) => "DetachInternetGateway",
        Change::RouteTable(change) => match change {
            route_table::Change::CreateDefaultRoute(_) => "CreateRoute",
            route_table::Change::ReplaceDefaultRoute(_) => "ReplaceRoute",
            route_table::Change::DeleteDefaultRoute => "DeleteRoute",
            route_table::Change::Associate { .. } => "AssociateRouteTable",
            route_table::Change::Disassociate(_) => "DisassociateRouteTable",
        },
        Change::Subnet(subnet::Change::AssignPublicAddresses(_)) => "ModifySubnetAttribute",
        Change::ElasticIp(change) => match *change {},
        Change::NatGateway(change) => match *change {},
        Change::VpcEndpoint(vpc_endpoint::Change::RouteTables { .. }) => "ModifyVpcEndpoint",
    }
}
