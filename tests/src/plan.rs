//! Plans of the fault suites: a history of specs, a failure, a way for reads to lie. What must hold in the end is the same for all.

pub mod database;
pub mod service;

use std::time::Duration;

use hastack_api::HAStack;
use hastack_core::tag;
use hastack_sim::{Fault, FaultMode, View};

use crate::mutant::Mutant;
use crate::shape::{databases, difference, picture, services, stack};
use crate::stage::Stage;

/// What a stack goes through.
#[derive(Clone, Copy, Debug)]
pub enum History {
    /// It is created.
    Create(&'static str),
    /// It is created, then changed.
    Update(&'static str, &'static str),
    /// It is created, then deleted.
    Delete(&'static str),
}

/// A history that meets a failure in its last step.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What the stack goes through.
    pub history: History,
    /// The failure.
    pub fault: Option<Fault>,
    /// How reads lie.
    pub view: View,
    /// What is broken in hastack.
    pub mutant: Option<Mutant>,
}

/// What a plan ended in.
#[derive(Debug, PartialEq)]
pub struct End {
    /// What exists, and how.
    pub picture: Vec<String>,
    /// How many writes the last step took.
    pub writes: usize,
}

const ONE_ZONE: &str = "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false";

/// A small network with a file system.
macro_rules! file_system {
    ($fields:literal) => {
        concat!(
            "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\n---\nfileSystem: {",
            $fields,
            "}"
        )
    };
}

/// Changes of a spec, there and back.
pub const UPDATES: [(&str, &str); 37] = [
    ("natGateways: Single", "natGateways: OnePerZone"),
    ("natGateways: OnePerZone", "natGateways: Single"),
    ("natGateways: OnePerZone", "natGateways: None"),
    ("natGateways: None", "natGateways: Single"),
    ("availabilityZones: 2", "availabilityZones: 3"),
    ("availabilityZones: 3", "availabilityZones: 2"),
    ("zoneNames: [us-east-1c]", "zoneNames: [us-east-1a, us-east-1c]"),
    ("databaseSubnets: false", "databaseSubnets: true"),
    ("databaseSubnets: true", "databaseSubnets: false"),
    ("availabilityZones: 2", "availabilityZones: 2\ngatewayEndpoints: [S3]"),
    (
        "availabilityZones: 2\ngatewayEndpoints: [S3, DynamoDB]",
        "availabilityZones: 3\ngatewayEndpoints: [DynamoDB]",
    ),
    ("assignPublicAddresses: true", "assignPublicAddresses: false"),
    (
        "availabilityZones: 2\nnatGateways: Single",
        "availabilityZones: 1\nnatGateways: Single\ndatabaseSubnets: false",
    ),
    (WITHOUT_BASTION, WITH_BASTION),
    (WITH_BASTION, WITHOUT_BASTION),
    // Another key and type, no address that stays: the bastion is replaced.
    (
        WITH_BASTION,
        "zoneNames: [us-east-1b]\nnatGateways: None\ndatabaseSubnets: false\n---\nbastion: {allowedCidrs: [198.51.100.0/24], sshPublicKey: ssh-ed25519 BBBB, instanceType: t3.nano}",
    ),
    // Its zone goes.
    (
        "zoneNames: [us-east-1a, us-east-1b]\nnatGateways: None\ndatabaseSubnets: false\n---\nbastion: {}",
        "zoneNames: [us-east-1b]\nnatGateways: None\ndatabaseSubnets: false\n---\nbastion: {}",
    ),
    (
        "zoneNames: [us-east-1b]\nnatGateways: None\ndatabaseSubnets: false\nflowLogs: {retentionDays: 7}",
        "zoneNames: [us-east-1b]\nnatGateways: None\ndatabaseSubnets: false\nflowLogs: {bucketArn: \"arn:aws:s3:::logs\"}",
    ),
    (
        "zoneNames: [us-east-1b]\nnatGateways: None\ndatabaseSubnets: false\nflowLogs: {bucketArn: \"arn:aws:s3:::logs\"}",
        "zoneNames: [us-east-1b]\nnatGateways: None\ndatabaseSubnets: false\nflowLogs: {traffic: Reject}",
    ),
    (
        "zoneNames: [us-east-1b]\nnatGateways: None\ndatabaseSubnets: false\ninterfaceEndpoints: [ssm]",
        "zoneNames: [us-east-1b, us-east-1c]\nnatGateways: None\ndatabaseSubnets: false\ninterfaceEndpoints: [ssm, logs]",
    ),
    (
        "zoneNames: [us-east-1b, us-east-1c]\nnatGateways: None\ndatabaseSubnets: false\ninterfaceEndpoints: [ssm, logs]",
        "zoneNames: [us-east-1b]\nnatGateways: None\ndatabaseSubnets: false",
    ),
    (
        ONE_ZONE,
        file_system!("deletionPolicy: Delete, accessPoints: [{name: web}]"),
    ),
    (
        file_system!("deletionPolicy: Delete, accessPoints: [{name: web}]"),
        ONE_ZONE,
    ),
    (file_system!(""), ONE_ZONE),
    (
        file_system!("lifecycle: {toInfrequentAccess: After30Days}"),
        file_system!("throughput: Bursting, backups: false"),
    ),
    (
        file_system!("throughput: Bursting, backups: false"),
        file_system!("lifecycle: {toInfrequentAccess: After30Days}"),
    ),
    (
        file_system!("accessPoints: [{name: web}]"),
        file_system!("accessPoints: [{name: web, path: /other}, {name: jobs}]"),
    ),
    (file_system!(""), file_system!("deletionPolicy: Delete")),
    (file_system!("deletionPolicy: Delete"), file_system!("")),
    (
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false",
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {}",
    ),
    (
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {deletionProtection: true}",
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false",
    ),
    (
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {}",
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {idleTimeoutSeconds: 90, allowedCidrs: [203.0.113.0/24], tls: {certificateArn: \"arn:aws:acm:us-east-1:123456789012:certificate/1\"}}",
    ),
    (
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {tls: {certificateArn: \"arn:aws:acm:us-east-1:123456789012:certificate/1\"}}",
        "availabilityZones: 3\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {}",
    ),
    (
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {tls: {certificateArn: \"arn:aws:acm:us-east-1:123456789012:certificate/1\"}}",
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {scheme: Internal, allowReplacement: true, tls: {certificateArn: \"arn:aws:acm:us-east-1:123456789012:certificate/1\"}}",
    ),
    (
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {tls: {domain: shop.example.com, hostedZone: example.com}}",
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {tls: {domain: shop.example.com, alternativeNames: [www.example.com], hostedZone: Z0EXAMPLE, caaRecord: false}}",
    ),
    (
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {tls: {domain: shop.example.com, alternativeNames: [www.example.com], hostedZone: example.com}}",
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {tls: {domain: shop.example.org, hostedZone: example.org}}",
    ),
    (
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {tls: {domain: shop.example.com, hostedZone: example.com}}",
        "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {}",
    ),
];

const WITHOUT_BASTION: &str = "zoneNames: [us-east-1b]\nnatGateways: None\ndatabaseSubnets: false";
const WITH_BASTION: &str = "zoneNames: [us-east-1b]\nnatGateways: None\ndatabaseSubnets: false\n---\nbastion: {allowedCidrs: [203.0.113.7/32], sshPublicKey: ssh-ed25519 AAAA, elasticIp: true}";

impl Plan {
    /// A history that meets no failure.
    pub const fn undisturbed(history: History) -> Self {
        Self {
            history,
            fault: None,
            view: View {
                lag: Duration::ZERO,
                hidden: Duration::ZERO,
                flapping: 0,
            },
            mutant: None,
        }
    }

    /// Plays it to its end, or says what was wrong.
    pub fn play(&self) -> Result<End, String> {
        let (first, edit) = match self.history {
            History::Create(spec) => (spec, None),
            History::Update(from, to) => (from, Some(Some(to))),
            History::Delete(spec) => (spec, Some(None)),
        };
        let mut stage = Stage::new([stack(first)]);
        stage.apply_services(services(first));
        stage.apply_databases(databases(first));
        stage.mutant = self.mutant;
        if let Some(edit) = edit {
            settle(&mut stage)?;
            // The past is past: what was just created is visible by now.
            stage.rest(Duration::from_mins(5));
            match edit {
                Some(spec) => {
                    let wanted: HAStack = stack(spec);
                    stage.edit(|stack| stack.spec = wanted.spec.clone());
                    stage.apply_services(services(spec));
                    stage.apply_databases(databases(spec));
                }
                None => delete(&stage),
            }
        }
        stage.sim.set_view(self.view);
        stage.sim.inject(self.fault.into_iter().collect());
        settle(&mut stage)?;
        let end = self.check(&mut stage)?;
        if !matches!(self.history, History::Delete(_)) {
            // What an upgrade has left is somebody's to delete.
            for left in stage.sim.objects().iter().filter(|object| object.id.ends_with("-old1")) {
                stage.sim.vanish(&left.id);
            }
            delete(&stage);
            settle(&mut stage)?;
        }
        let mut left = stage.sim.objects();
        left.retain(|object| !object.tags.contains_key(tag::RETAINED_AT));
        if !stage.sim.forgotten().is_empty() {
            return Err(format!("deleted with their data: {:?}", stage.sim.forgotten()));
        }
        if left.is_empty() {
            Ok(end)
        } else {
            Err(format!("leaked: {:#?}", picture(&left)))
        }
    }

    fn check(&self, stage: &mut Stage) -> Result<End, String> {
        let writes = |stage: &Stage| stage.sim.calls().iter().filter(|call| call.write).count();
        // Whatever is still to be seen is seen by then.
        stage.rest(Duration::from_mins(10));
        let taken = writes(stage);
        let status_writes = stage.status_writes.load(std::sync::atomic::Ordering::SeqCst);
        if self.view.flapping == 0 {
            stage.rest(Duration::from_mins(10));
            if writes(stage) != taken {
                return Err("it goes on writing to AWS at rest".into());
            }
            if stage.status_writes.load(std::sync::atomic::Ordering::SeqCst) != status_writes {
                return Err("it goes on writing status at rest".into());
            }
        }
        let forgotten = stage.sim.forgotten();
        if !forgotten.is_empty() {
            return Err(format!("deleted with their data: {forgotten:?}"));
        }
        let doubles = stage.sim.doubles();
        if !doubles.is_empty() {
            return Err(format!("doubled: {doubles:?}"));
        }
        Ok(End {
            picture: picture(&stage.sim.objects()),
            writes: taken,
        })
    }
}

/// Everything at once, as `kubectl delete --filename` does.
fn delete(stage: &Stage) {
    stage.delete_services();
    stage.delete_databases();
    stage.delete();
}

fn settle(stage: &mut Stage) -> Result<(), String> {
    if stage.converge() {
        Ok(())
    } else {
        Err(format!("does not come to rest:\n{}", stage.plans().join("\n")))
    }
}

/// Every failure of every write of a history, with reads that lie in this way.
pub fn disturbed(history: History, view: View, mutant: Option<Mutant>, writes: usize) -> impl Iterator<Item = Plan> {
    (0..writes).flat_map(move |at| {
        FaultMode::ALL.into_iter().map(move |mode| Plan {
            history,
            fault: Some(Fault { at, mode }),
            view,
            mutant,
        })
    })
}

/// Plays every plan of a history and compares each end with the undisturbed one. Returns how many there were, or what was wrong.
pub fn play_all(history: History, view: View, mutant: Option<Mutant>) -> Result<usize, String> {
    let reference = Plan::undisturbed(history)
        .play()
        .map_err(|wrong| format!("{history:?} undisturbed: {wrong}"))?;
    let mut count = 0;
    for plan in disturbed(history, view, mutant, reference.writes) {
        let end = plan.play().map_err(|wrong| format!("{plan:?}: {wrong}"))?;
        if end.picture != reference.picture {
            return Err(format!(
                "{plan:?}: ends otherwise:\n{}",
                difference(&end.picture, &reference.picture)
            ));
        }
        count += 1;
    }
    Ok(count)
}
