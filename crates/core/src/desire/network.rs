//! The network of a stack.

use std::collections::BTreeMap;

use hastack_api::network::{ExistingNetwork, GatewayEndpoint, NatGateways, NetworkSpec};

use super::layout::{Ranges, lay_out, letter_index};
use super::{Inputs, SpecError};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::vpc_endpoint::Way;
use crate::resource::{
    Spec, default_security_group, elastic_ip, internet_gateway, nat_gateway, route_table, subnet, vpc, vpc_endpoint,
};

/// How many zones a stack is spread over where the user does not say.
const DEFAULT_ZONES: u8 = 3;

/// The nodes of a stack's network.
pub(super) fn desire(
    region: &str,
    network: &NetworkSpec,
    inputs: &Inputs,
) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    match (&network.existing, &network.cidr) {
        (Some(existing), _) => Ok(existing_nodes(existing)),
        (None, cidr) => {
            let cidr = cidr.as_deref().unwrap_or_default();
            let zones = zones(region, network, inputs)?;
            let ranges = lay_out(network, cidr, &zones)?;
            Ok(created_nodes(region, network, cidr, &ranges, inputs))
        }
    }
}

fn vpc() -> NodeId {
    NodeId::only(Kind::Vpc)
}

/// The zones to spread over. Those in use are kept, then AWS's first ones are taken.
fn zones(region: &str, network: &NetworkSpec, inputs: &Inputs) -> Result<Vec<String>, SpecError> {
    let offered: Vec<&str> = inputs.zones.iter().map(|zone| zone.name.as_str()).collect();
    if let Some(names) = &network.zone_names {
        for (index, zone) in names.iter().enumerate() {
            if !offered.contains(&zone.as_str()) || letter_index(zone).is_none() {
                return Err(SpecError::FindZone {
                    field: format!("network.zoneNames[{index}]"),
                    zone: zone.clone(),
                    region: region.to_owned(),
                    available: offered.join(", "),
                });
            }
        }
        return Ok(names.clone());
    }
    let mut candidates: Vec<_> = inputs
        .zones
        .iter()
        .filter(|zone| letter_index(&zone.name).is_some())
        .filter(|zone| zone.available || inputs.zones_in_use.contains(&zone.name))
        .map(|zone| (!inputs.zones_in_use.contains(&zone.name), zone.name.clone()))
        .collect();
    candidates.sort();
    let wanted = usize::from(network.availability_zones.unwrap_or(DEFAULT_ZONES));
    if candidates.len() < wanted {
        return Err(SpecError::SpreadZones {
            wanted,
            region: region.to_owned(),
            available: candidates.len(),
        });
    }
    Ok(candidates.into_iter().take(wanted).map(|(_, zone)| zone).collect())
}

fn existing_nodes(existing: &ExistingNetwork) -> BTreeMap<NodeId, Node> {
    let ExistingNetwork {
        vpc_id,
        public_subnet_ids,
        private_subnet_ids,
        database_subnet_ids,
    } = existing;
    let external = |spec: Spec, id: &str| Node::new(spec, Origin::External(id.to_owned()));
    let tiers = [
        ("public", public_subnet_ids),
        ("private", private_subnet_ids),
        ("database", database_subnet_ids),
    ];
    let subnets = tiers
        .into_iter()
        .flat_map(|(tier, ids)| ids.iter().map(move |id| (tier, id)))
        .map(|(tier, id)| {
            let spec = subnet::Spec {
                vpc: vpc(),
                zone: String::new(),
                cidr: String::new(),
                assign_public_addresses: false,
            };
            (
                NodeId::named(Kind::Subnet, format!("{tier}/{id}")),
                external(Spec::Subnet(spec), id),
            )
        });
    let vpc_spec = Spec::Vpc(vpc::Spec { cidr: String::new() });
    [(vpc(), external(vpc_spec, vpc_id))]
        .into_iter()
        .chain(subnets)
        .collect()
}

fn created_nodes(
    region: &str,
    network: &NetworkSpec,
    cidr: &str,
    ranges: &[Ranges],
    inputs: &Inputs,
) -> BTreeMap<NodeId, Node> {
    let mut nodes = BTreeMap::new();
    let mut add = |id: NodeId, spec: Spec, origin: Origin| {
        nodes.insert(id, Node::new(spec, origin));
    };
    let gateway = NodeId::only(Kind::InternetGateway);
    add(vpc(), Spec::Vpc(vpc::Spec { cidr: cidr.to_owned() }), Origin::Managed);
    let group = default_security_group::Spec { vpc: vpc() };
    add(
        NodeId::only(Kind::DefaultSecurityGroup),
        Spec::DefaultSecurityGroup(group),
        Origin::Inherent,
    );
    add(
        gateway.clone(),
        Spec::InternetGateway(internet_gateway::Spec { vpc: vpc() }),
        Origin::Managed,
    );
    for (id, spec) in subnets(network, ranges) {
        add(id, Spec::Subnet(spec), Origin::Managed);
    }
    let nat_zones = nat_zones(network.nat_gateways, ranges, inputs);
    for zone in &nat_zones {
        let address = elastic_ip::Spec { instance: None };
        add(elastic_ip(zone), Spec::ElasticIp(address), Origin::Managed);
        let spec = nat_gateway::Spec {
            subnet: subnet_id("public", zone),
            elastic_ip: elastic_ip(zone),
            internet_gateway: gateway.clone(),
        };
        add(nat_gateway(zone), Spec::NatGateway(spec), Origin::Managed);
    }
    let tables = route_tables(ranges, &gateway, &nat_zones);
    let table_ids: Vec<_> = tables.iter().map(|(id, _)| id.clone()).collect();
    for (id, spec) in tables {
        add(id, Spec::RouteTable(spec), Origin::Managed);
    }
    for endpoint in network.gateway_endpoints.iter().flatten() {
        let word = match endpoint {
            GatewayEndpoint::S3 => "s3",
            GatewayEndpoint::DynamoDB => "dynamodb",
        };
        let service = format!("com.amazonaws.{region}.{word}");
        let spec = vpc_endpoint::Spec {
            vpc: vpc(),
            service,
            way: Way::Gateway {
                route_tables: table_ids.clone(),
            },
        };
        add(
            NodeId::named(Kind::VpcEndpoint, word),
            Spec::VpcEndpoint(spec),
            Origin::Managed,
        );
    }
    nodes
}

fn subnets<'a>(network: &'a NetworkSpec, ranges: &'a [Ranges]) -> impl Iterator<Item = (NodeId, subnet::Spec)> + 'a {
    ranges.iter().flat_map(
        move |Ranges {
                  zone,
                  public,
                  private,
                  database,
              }| {
            let tiers = [
                ("public", Some(public), network.assign_public_addresses),
                ("private", Some(private), false),
                ("database", database.as_ref(), false),
            ];
            tiers
                .into_iter()
                .filter_map(move |(tier, range, assign_public_addresses)| {
                    let spec = subnet::Spec {
                        vpc: vpc(),
                        zone: zone.clone(),
                        cidr: range?.to_string(),
                        assign_public_addresses,
                    };
                    Some((subnet_id(tier, zone), spec))
                })
        },
    )
}

/// The zones that get a NAT gateway. A single one stays where it is while its zone is in use.
fn nat_zones(nat_gateways: NatGateways, ranges: &[Ranges], inputs: &Inputs) -> Vec<String> {
    let mut zones = ranges.iter().map(|ranges| ranges.zone.clone());
    match nat_gateways {
        NatGateways::None => Vec::new(),
        NatGateways::OnePerZone => zones.collect(),
        NatGateways::Single => {
            let first = zones.clone().next();
            zones
                .find(|zone| inputs.nat_zones_in_use.contains(zone))
                .or(first)
                .into_iter()
                .collect()
        }
    }
}

/// One public table, a private one for each zone (so that it can have a NAT gateway of its own), one for all database subnets.
fn route_tables(ranges: &[Ranges], gateway: &NodeId, nat_zones: &[String]) -> Vec<(NodeId, route_table::Spec)> {
    let table = |name: &str, default_route: Option<NodeId>, subnets: Vec<NodeId>| {
        (
            NodeId::named(Kind::RouteTable, name),
            route_table::Spec {
                vpc: vpc(),
                default_route,
                subnets,
            },
        )
    };
    let zones = || ranges.iter().map(|ranges| ranges.zone.as_str());
    let mut tables = vec![table(
        "public",
        Some(gateway.clone()),
        zones().map(|zone| subnet_id("public", zone)).collect(),
    )];
    for zone in zones() {
        let own = nat_zones.iter().find(|other| *other == zone);
        let nat = own.or_else(|| nat_zones.first()).map(|zone| nat_gateway(zone));
        tables.push(table(&format!("private/{zone}"), nat, vec![subnet_id("private", zone)]));
    }
    let databases: Vec<_> = ranges
        .iter()
        .filter(|ranges| ranges.database.is_some())
        .map(|ranges| subnet_id("database", &ranges.zone))
        .collect();
    if !databases.is_empty() {
        tables.push(table("database", None, databases));
    }
    tables
}

fn subnet_id(tier: &str, zone: &str) -> NodeId {
    NodeId::named(Kind::Subnet, format!("{tier}/{zone}"))
}

fn nat_gateway(zone: &str) -> NodeId {
    NodeId::named(Kind::NatGateway, zone)
}

fn elastic_ip(zone: &str) -> NodeId {
    NodeId::named(Kind::ElasticIp, format!("nat/{zone}"))
}
