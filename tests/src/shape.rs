//! Stacks to test with, and what a world looks like when ids do not matter.

use std::collections::BTreeMap;

use hastack_api::HAStack;
use hastack_core::object::Object;
use hastack_core::resource::State;
use hastack_core::tag;

/// A stack in three zones with the given lines in `spec.network`.
pub fn stack(network: &str) -> HAStack {
    let lines = network.replace('\n', "\n    ");
    let text = format!(
        "apiVersion: hastack.dev/v1alpha1\nkind: HAStack\nmetadata:\n  name: web\n  namespace: shop\n  uid: u-1\n  generation: 1\nspec:\n  region: us-east-1\n  network:\n    cidr: 10.0.0.0/16\n    {lines}\n"
    );
    serde_yaml_ng::from_str(&text).expect("a manifest written here is readable")
}

/// The shapes every suite goes through.
pub const SHAPES: [(&str, &str); 6] = [
    ("three zones", "databaseSubnets: false"),
    ("three zones and databases", ""),
    (
        "two zones, one NAT gateway",
        "availabilityZones: 2\nnatGateways: Single",
    ),
    ("two zones, no NAT gateway", "availabilityZones: 2\nnatGateways: None"),
    (
        "named zones and endpoints",
        "zoneNames: [us-east-1b, us-east-1d]\ngatewayEndpoints: [S3, DynamoDB]",
    ),
    (
        "one zone, no public addresses",
        "availabilityZones: 1\nassignPublicAddresses: false",
    ),
];

/// A world in which every id is replaced by what the resource is, so that two can be compared.
pub fn picture(objects: &[Object]) -> Vec<String> {
    let names: BTreeMap<&str, String> = objects
        .iter()
        .map(|object| {
            let name = object
                .tags
                .get(tag::ID)
                .cloned()
                .unwrap_or_else(|| format!("{}", object.kind()));
            (object.id.as_str(), name)
        })
        .collect();
    let mut lines: Vec<String> = objects
        .iter()
        .map(|object| {
            let Object {
                id,
                tags,
                phase,
                created: _,
                state,
            } = object;
            let state = without_chance(state, &names);
            let mut line = format!("{} {phase:?} {state:?} {tags:?}", names[id.as_str()]);
            for (id, name) in &names {
                line = line.replace(id, &format!("<{name}>"));
            }
            line
        })
        .collect();
    lines.sort();
    lines
}

/// What of two pictures differs, a line each.
pub fn difference(is: &[String], wanted: &[String]) -> String {
    let extra = is
        .iter()
        .filter(|line| !wanted.contains(line))
        .map(|line| format!("  is     {line}\n"));
    let missing = wanted
        .iter()
        .filter(|line| !is.contains(line))
        .map(|line| format!("  wanted {line}\n"));
    extra.chain(missing).collect::<Vec<_>>().concat()
}

/// A state without what differs from run to run: addresses and the order of lists.
fn without_chance(state: &State, names: &BTreeMap<&str, String>) -> State {
    let mut state = state.clone();
    let name = |id: &str| names.get(id).cloned();
    match &mut state {
        State::ElasticIp(address) => address.public_ip.clear(),
        State::NatGateway(gateway) => gateway.public_ip = None,
        State::RouteTable(table) => table
            .associations
            .sort_by_key(|association| name(&association.subnet_id)),
        State::VpcEndpoint(endpoint) => endpoint.route_table_ids.sort_by_key(|id| name(id)),
        State::Vpc(_) | State::DefaultSecurityGroup(_) | State::InternetGateway(_) | State::Subnet(_) => {}
    }
    state
}
