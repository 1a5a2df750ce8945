//! Stacks to test with, and what a world looks like when ids do not matter.

use std::collections::{BTreeMap, BTreeSet};

use hastack_api::{AutoScaledService, HAStack, ManagedDatabase};
use hastack_core::kind::Carrier;
use hastack_core::object::Object;
use hastack_core::resource::vpc_endpoint::Access;
use hastack_core::resource::{State, auto_scaling_group, database, launch_template};
use hastack_core::tag;

/// What stands between the lines of `spec.network` and those of the other parts of `spec`.
const PARTS: &str = "\n---\n";

/// What stands between a stack's lines and those of each service on it: `web` is the first one, `jobs` the second.
const SERVICES: &str = "\n+++\n";
const NAMES: [&str; 2] = ["web", "jobs"];

/// What stands between those and the lines of the database `orders`.
const DATABASE: &str = "\n%%%\n";

/// A stack in three zones with the given lines in `spec.network` and, after a line `---`, in `spec`.
pub fn stack(lines: &str) -> HAStack {
    let lines = before_database(lines).split(SERVICES).next().unwrap_or_default();
    let (network, parts) = lines.split_once(PARTS).unwrap_or((lines, ""));
    let (network, parts) = (network.replace('\n', "\n    "), parts.replace('\n', "\n  "));
    let text = format!(
        "apiVersion: hastack.dev/v1alpha1\nkind: HAStack\nmetadata:\n  name: web\n  namespace: shop\n  uid: u-1\n  generation: 1\nspec:\n  region: us-east-1\n  network:\n    cidr: 10.0.0.0/16\n    {network}\n  {parts}\n"
    );
    serde_yaml_ng::from_str(&text).expect("a manifest written here is readable")
}

/// The services on it whose lines follow those of the stack, each after a line `+++`.
pub fn services(lines: &str) -> Vec<AutoScaledService> {
    let lines = before_database(lines).split(SERVICES).skip(1);
    NAMES
        .iter()
        .zip(lines)
        .map(|(name, lines)| service(name, lines))
        .collect()
}

fn before_database(lines: &str) -> &str {
    lines.split_once(DATABASE).map_or(lines, |(before, _)| before)
}

/// The database on it whose lines follow all others after a line `%%%`.
pub fn databases(lines: &str) -> Vec<ManagedDatabase> {
    let lines = lines.split_once(DATABASE).map(|(_, lines)| lines);
    lines.map(|lines| database("orders", lines)).into_iter().collect()
}

/// A database on that stack with the given lines in `spec`.
pub fn database(name: &str, lines: &str) -> ManagedDatabase {
    let lines = lines.replace('\n', "\n  ");
    let text = format!(
        "apiVersion: hastack.dev/v1alpha1\nkind: ManagedDatabase\nmetadata:\n  name: {name}\n  namespace: shop\n  uid: u-{name}\n  generation: 1\nspec:\n  stackRef: {{name: web}}\n  {lines}\n"
    );
    serde_yaml_ng::from_str(&text).expect("a manifest written here is readable")
}

/// A service on that stack with the given lines in `spec`.
pub fn service(name: &str, lines: &str) -> AutoScaledService {
    let lines = lines.replace('\n', "\n  ");
    let text = format!(
        "apiVersion: hastack.dev/v1alpha1\nkind: AutoScaledService\nmetadata:\n  name: {name}\n  namespace: shop\n  uid: u-{name}\n  generation: 1\nspec:\n  stackRef: {{name: web}}\n  {lines}\n"
    );
    serde_yaml_ng::from_str(&text).expect("a manifest written here is readable")
}

/// The shapes every suite goes through.
pub const SHAPES: [(&str, &str); 14] = [
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
    (
        "a bastion with a key and an address",
        "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\n---\nbastion: {allowedCidrs: [203.0.113.7/32], sshPublicKey: ssh-ed25519 AAAA, elasticIp: true}",
    ),
    (
        "a bastion without a port",
        "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\n---\nbastion: {}",
    ),
    (
        "flow logs",
        "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\nflowLogs: {}",
    ),
    (
        "interface endpoints",
        "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\ninterfaceEndpoints: [ssm, ecr.api]",
    ),
    (
        "a file system",
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nfileSystem: {deletionPolicy: Delete, accessPoints: [{name: web}]}",
    ),
    (
        "a load balancer",
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {}",
    ),
    (
        "an internal load balancer with TLS",
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {scheme: Internal, deletionProtection: true, tls: {certificateArn: \"arn:aws:acm:us-east-1:123456789012:certificate/1\", additionalCertificateArns: [\"arn:aws:acm:us-east-1:123456789012:certificate/2\"]}}",
    ),
    (
        "a domain in a hosted zone",
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {tls: {domain: shop.example.com, hostedZone: example.com}}",
    ),
];

/// A world in which every id is replaced by what the resource is, so that two can be compared. What is not ours comes and goes
/// with what has it, so it says nothing of its own.
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
        .filter(|object| !object.kind().row().occupies)
        .map(|object| {
            let Object {
                id,
                tags,
                phase,
                created: _,
                state,
            } = object;
            let state = without_chance(state, &names);
            let mut tags = tags.clone();
            if object.kind().row().carrier == Carrier::Parent {
                // It has none: those here are said for it.
                tags.remove(tag::NAME);
            }
            tags.entry(tag::RETAINED_AT.into())
                .and_modify(|time| *time = "then".into());
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

/// Numbers the versions of a template from 1, those that say the same as one, and of ours the newest alone: how many there were says
/// nothing of what is launched, and the digest of what is counts the ids in it.
fn number_anew(template: &mut launch_template::State) {
    let Some(history) = &mut template.history else { return };
    for version in history.versions.values_mut() {
        if version.description.starts_with(launch_template::OURS) {
            launch_template::OURS.clone_into(&mut version.description);
        }
    }
    let versions = std::mem::take(&mut history.versions);
    let mut newest: Vec<_> = versions.values().rev().cloned().collect();
    let mut seen = BTreeSet::new();
    newest.retain(|version| seen.insert(version.description.clone()));
    history.versions = (1..).zip(newest.into_iter().rev()).collect();
    let says = |number: i64| versions.get(&number).map(|version| &version.description);
    let mut numbered = history.versions.iter();
    let same = numbered.find(|(_, version)| Some(&version.description) == says(template.default));
    template.default = same.map_or(0, |(number, _)| *number);
    template.latest = history.versions.keys().last().copied().unwrap_or_default();
    history.latest = template.latest;
}

/// Leaves of a group's instances how many there are, of which types, and whether they are launched from what the group says.
fn number_instances_anew(group: &mut auto_scaling_group::State, name: impl Fn(&str) -> Option<String>) {
    let ids = [&mut group.settings.subnet_ids, &mut group.target_group_arns];
    for ids in ids {
        *ids = ids
            .iter()
            .map(|id| name(id).unwrap_or_else(|| id.clone()))
            .collect::<BTreeSet<String>>();
    }
    let template = group.launch.template.clone();
    for instance in &mut group.instances {
        let same = instance.template == template;
        instance.id.clear();
        instance.zone.clear();
        instance
            .template
            .iter_mut()
            .for_each(|template| template.number = same.then_some(1));
    }
    group.instances.retain(auto_scaling_group::Instance::counts);
    group
        .instances
        .sort_by_key(|instance| (instance.instance_type.clone(), instance.template.clone()));
    group
        .launch
        .template
        .iter_mut()
        .for_each(|template| template.number = template.number.map(|_| 1));
    group.last_activity = None;
}

/// Leaves of a database what is set: which member writes, and where each is, is a matter of which was there first.
fn forget_places(database: &mut database::State) {
    database.restorable = None;
    database.resource_id = None;
    database.host = None;
    database.reader_host = None;
    database.members.clear();
    database.hurried = false;
    database.password_set = None;
    database.events.clear();
    database.details = None;
}

/// Brings the places of an endpoint into the order of what they are.
fn sort_places(access: &mut Access, name: impl Fn(&str) -> Option<String>) {
    match access {
        Access::Gateway { route_table_ids } => route_table_ids.sort_by_key(|id| name(id)),
        Access::Interface {
            subnet_ids,
            group_ids: _,
            private_dns: _,
        } => subnet_ids.sort_by_key(|id| name(id)),
    }
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
        State::Certificate(certificate) => certificate.not_after = None,
        State::VpcEndpoint(endpoint) => sort_places(&mut endpoint.access, name),
        State::Instance(instance) => instance.public_ip = None,
        State::SecurityGroup(group) => {
            group.ingress.sort();
            group.egress.sort();
        }
        State::LoadBalancer(balancer) => balancer.subnet_ids.sort_by_key(|id| name(id)),
        State::Vpc(_)
        | State::DefaultSecurityGroup(_)
        | State::InternetGateway(_)
        | State::Subnet(_)
        | State::LogGroup(_)
        | State::Role(_)
        | State::InstanceProfile(_)
        | State::FlowLog(_)
        | State::KeyPair(_)
        | State::Listener(_)
        | State::DnsRecord(_)
        | State::FileSystem(_)
        | State::MountTarget(_)
        | State::AccessPoint(_)
        | State::ScalingPolicy(_)
        | State::ScheduledAction(_)
        | State::LifecycleHook(_)
        | State::DbSubnetGroup(_)
        | State::DbParameterGroup(_)
        | State::DbClusterParameterGroup(_)
        | State::Secret(_)
        | State::BlueGreenDeployment(_)
        | State::ScalableTarget(_)
        | State::NetworkInterface(_)
        | State::ForeignSecurityGroup(_)
        | State::ForeignDbInstance(_)
        | State::ForeignDbCluster(_) => {}
        State::DbInstance(database) | State::DbCluster(database) => forget_places(database),
        // Snapshots are no resources of ours, so nothing names theirs.
        State::Image(image) => image.snapshot_ids.clear(),
        State::LaunchTemplate(template) => number_anew(template),
        State::TargetGroup(group) => {
            let targets = group.details.iter_mut().flat_map(|details| &mut details.targets);
            targets.for_each(|target| target.id.clear());
        }
        State::ListenerRule(rule) => rule.forwards.sort_by_key(|forward| name(&forward.target_group_arn)),
        State::AutoScalingGroup(group) => number_instances_anew(group, name),
        // What was replaced shows in the group.
        State::InstanceRefresh(refresh) => refresh.latest = None,
    }
    state
}
