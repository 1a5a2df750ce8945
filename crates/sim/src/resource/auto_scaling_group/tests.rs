use hastack_core::cloud::{Cloud, CreateRequest};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::owner::NodeId;
use hastack_core::resource::auto_scaling_group::{Activity, Launch, TemplateVersion, WarmPool};
use hastack_core::resource::instance_refresh::{Preferences, Refresh, Status};
use hastack_core::resource::launch_template::{self, Data, Volume};
use hastack_core::resource::{
    Change as AnyChange, Create as AnyCreate, instance_profile, instance_refresh, security_group, subnet, vpc,
};
use hastack_core::tag::Tags;
use hastack_core::timing::{Clock, after};

use super::*;
use crate::world::Sim;

/// An account with two subnets, what instances need, and a template.
struct Account {
    sim: Sim,
    template: Object,
    group: Option<Object>,
}

fn data(group: &str, user_data: &str) -> Data {
    Data {
        image_id: "ami-1".into(),
        root_device: "/dev/xvda".into(),
        instance_type: "t3.micro".into(),
        key_name: None,
        profile_id: "AIPA1".into(),
        profile_name: "web".into(),
        security_group_ids: vec![group.to_owned()],
        public_address: false,
        volume: Volume::default(),
        detailed_monitoring: false,
        user_data: Some(user_data.to_owned()),
        tags: Tags::new(),
    }
}

impl Account {
    fn new() -> Self {
        let sim = Sim::new();
        let mut world = sim.world();
        let mut add = |state| world.add(Tags::new(), state).id;
        let vpc_id = add(AnyState::Vpc(vpc::State {
            cidr: "10.0.0.0/16".into(),
            dns_hostnames: None,
        }));
        for (index, zone) in ["us-east-1a", "us-east-1b"].into_iter().enumerate() {
            add(AnyState::Subnet(subnet::State {
                vpc_id: vpc_id.clone(),
                cidr: format!("10.0.{index}.0/24"),
                zone: zone.into(),
                assign_public_addresses: false,
            }));
        }
        add(AnyState::SecurityGroup(security_group::State {
            vpc_id,
            name: "web".into(),
            ingress: Vec::new(),
            egress: Vec::new(),
        }));
        add(AnyState::InstanceProfile(instance_profile::State {
            name: "web".into(),
            role_arn: Some("arn:role".into()),
        }));
        drop(world);
        let create = launch_template::Create {
            name: "web".into(),
            data: data("security-group-0004", "one"),
        };
        let template = make(&sim, Kind::LaunchTemplate, AnyCreate::LaunchTemplate(create)).unwrap();
        Self {
            sim,
            template,
            group: None,
        }
    }

    /// With a group of two instances in service.
    fn settled() -> Self {
        let mut account = Self::new();
        account.create(2).unwrap();
        account.wait(20);
        assert_eq!(account.shown().in_service(), 2);
        account
    }

    fn launch(&self, number: i64) -> Launch {
        Launch {
            template: Some(TemplateVersion {
                id: self.template.id.clone(),
                number: Some(number),
            }),
            mixed: None,
        }
    }

    fn create(&mut self, desired: u32) -> Result<(), &'static str> {
        let create = Create {
            name: "web".into(),
            launch: self.launch(1),
            settings: Settings {
                min: 1,
                max: 4,
                subnet_ids: ["subnet-0002".to_owned(), "subnet-0003".to_owned()].into(),
                load_balancer_health: true,
                grace_seconds: 60,
                termination_policies: vec!["Default".into()],
                rebalance: true,
                max_lifetime_seconds: 0,
                warmup_seconds: Some(60),
            },
            desired,
            target_group_arns: BTreeSet::new(),
            hooks: Vec::new(),
        };
        self.group = Some(make(
            &self.sim,
            Kind::AutoScalingGroup,
            AnyCreate::AutoScalingGroup(create),
        )?);
        Ok(())
    }

    /// Another version of the template, with this in its user data.
    fn version(&self, user_data: &str) {
        let data = Box::new(data("security-group-0004", user_data));
        let after = match self.sim.world().state(&self.template.id) {
            Some(AnyState::LaunchTemplate(template)) => template.latest,
            _ => 0,
        };
        let change = launch_template::Change::CreateVersion { data, after };
        update(&self.sim, &self.template, &AnyChange::LaunchTemplate(change)).unwrap();
    }

    fn change(&self, change: Change) -> Result<(), &'static str> {
        update(
            &self.sim,
            self.group.as_ref().unwrap(),
            &AnyChange::AutoScalingGroup(change),
        )
    }

    fn roll(&self, change: instance_refresh::Change) -> Result<(), &'static str> {
        let object = Object {
            id: instance_refresh::id_of("web"),
            ..self.group.clone().unwrap()
        };
        update(&self.sim, &object, &AnyChange::InstanceRefresh(change))
    }

    fn start(&self, number: i64, auto_rollback: bool) -> Result<(), &'static str> {
        self.roll(instance_refresh::Change::Start {
            launch: self.launch(number),
            preferences: Preferences {
                min_healthy: 90,
                max_healthy: None,
                warmup_seconds: None,
                checkpoints: None,
                auto_rollback,
                alarms: Vec::new(),
            },
        })
    }

    /// Lets time pass, a look every five seconds.
    fn wait(&self, seconds: u64) {
        for _ in 0..seconds.div_ceil(5) {
            self.sim.advance_to(after(self.sim.now(), Duration::from_secs(5)));
        }
    }

    fn shown(&self) -> State {
        match self.sim.world().state("web") {
            Some(AnyState::AutoScalingGroup(group)) => group.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn refresh(&self) -> Refresh {
        match self.sim.world().state(&instance_refresh::id_of("web")) {
            Some(AnyState::InstanceRefresh(state)) => state.refresh().unwrap().clone(),
            other => panic!("{other:?}"),
        }
    }

    /// The versions of the instances that count, and of the group.
    fn versions(&self) -> (Vec<i64>, i64) {
        let group = self.shown();
        let number = |template: &Option<TemplateVersion>| template.as_ref().unwrap().number.unwrap();
        let counted = group.instances.iter().filter(|instance| instance.counts());
        (
            counted.map(|instance| number(&instance.template)).collect(),
            number(&group.launch.template),
        )
    }

    fn interfaces(&self) -> usize {
        let world = self.sim.world();
        world
            .states()
            .filter(|state| matches!(state, AnyState::NetworkInterface(_)))
            .count()
    }
}

fn make(sim: &Sim, kind: Kind, create: AnyCreate) -> Result<Object, &'static str> {
    use futures::FutureExt;
    let request = CreateRequest {
        node: NodeId::only(kind),
        create,
        token: "t".into(),
        tags: Tags::new(),
    };
    let made = sim.create(&request).now_or_never().unwrap();
    made.map_err(|error| error.code.unwrap().leak() as &'static str)
}

fn update(sim: &Sim, object: &Object, change: &AnyChange) -> Result<(), &'static str> {
    use futures::FutureExt;
    let reply = sim.update(object, change).now_or_never().unwrap();
    reply
        .map(drop)
        .map_err(|error| error.code.unwrap().leak() as &'static str)
}

fn delete(account: &Account) -> Result<(), &'static str> {
    use futures::FutureExt;
    let gone = account
        .sim
        .delete(account.group.as_ref().unwrap(), None)
        .now_or_never()
        .unwrap();
    gone.map(drop)
        .map_err(|error| error.code.unwrap().leak() as &'static str)
}

#[test]
fn a_group_launches_its_instances_over_the_zones() {
    let mut account = Account::new();
    account.create(3).unwrap();
    let group = account.shown();
    let zones: Vec<_> = group.instances.iter().map(|instance| instance.zone.as_str()).collect();
    assert_eq!(zones, ["us-east-1a", "us-east-1b", "us-east-1a"]);
    assert_eq!((group.in_service(), account.interfaces()), (0, 3));
    account.wait(20);
    assert_eq!(account.shown().in_service(), 3);
    assert_eq!(account.create(3), Err("AlreadyExists"));
}

#[test]
fn a_group_follows_its_desired_capacity_within_its_bounds() {
    let account = Account::settled();
    account.change(Change::Desired(4)).unwrap();
    account.wait(25);
    assert_eq!(account.shown().in_service(), 4);
    account.change(Change::Desired(1)).unwrap();
    account.wait(25);
    assert_eq!((account.shown().instances.len(), account.interfaces()), (1, 1));
    assert_eq!(account.change(Change::Desired(5)), Err("ValidationError"));
    account.change(Change::Suspend(["Launch".to_owned()].into())).unwrap();
    account.change(Change::Desired(2)).unwrap();
    account.wait(60);
    assert_eq!(account.shown().instances.len(), 1);
}

#[test]
fn an_instance_that_stays_unhealthy_is_replaced_after_the_grace_period() {
    let account = Account::settled();
    let sick = account.shown().instances[0].id.clone();
    account.sim.fail_health_checks(&sick, true);
    account.wait(50);
    assert_eq!(account.shown().in_service(), 2);
    account.wait(60);
    let group = account.shown();
    assert_eq!(group.in_service(), 2);
    assert!(group.instances.iter().all(|instance| instance.id != sick));
}

#[test]
fn what_cannot_be_launched_is_said() {
    let account = Account::settled();
    account.sim.vanish(&account.template.id);
    account.change(Change::Desired(3)).unwrap();
    account.wait(10);
    assert!(matches!(account.shown().last_activity, Some(Activity::Failed(_))));
    assert_eq!(account.shown().instances.len(), 2);
}

#[test]
fn a_refresh_replaces_one_after_the_other_and_then_the_groups_version() {
    let account = Account::settled();
    account.version("two");
    account.start(2, true).unwrap();
    assert_eq!(account.start(2, true), Err("InstanceRefreshInProgress"));
    let update = Update {
        launch: Some(account.launch(2)),
        ..Update::default()
    };
    assert_eq!(account.change(Change::Update(Box::new(update))), Err("ValidationError"));
    account.wait(15);
    assert_eq!(account.versions(), (vec![1, 2], 1));
    account.wait(25);
    assert_eq!(
        (account.refresh().percentage, account.refresh().status),
        (50, Status::InProgress)
    );
    account.wait(60);
    assert_eq!(account.versions(), (vec![2, 2], 2));
    assert_eq!(account.refresh().status, Status::Successful);
    assert_eq!(
        account.roll(instance_refresh::Change::Cancel),
        Err("ActiveInstanceRefreshNotFound")
    );
}

#[test]
fn a_refresh_of_what_is_there_already_is_done_at_once() {
    let account = Account::settled();
    let before = account.shown();
    account.start(1, true).unwrap();
    account.wait(15);
    assert_eq!(account.refresh().status, Status::Successful);
    assert_eq!(account.shown(), before);
}

#[test]
fn a_refresh_to_what_fails_is_rolled_back_or_left_as_it_is() {
    for (auto_rollback, status, versions) in [
        (true, Status::RollbackSuccessful, vec![1, 1]),
        (false, Status::Failed, vec![1, 2]),
    ] {
        let account = Account::settled();
        account.version("fail-rollout");
        account.start(2, auto_rollback).unwrap();
        account.wait(150);
        assert_eq!(account.refresh().status, status);
        assert_eq!(account.versions(), (versions, 1));
        assert!(account.refresh().reason.is_some() && account.refresh().ended.is_some());
    }
}

#[test]
fn a_refresh_that_is_cancelled_leaves_what_is_done() {
    let account = Account::settled();
    account.version("two");
    account.start(2, true).unwrap();
    account.wait(15);
    account.roll(instance_refresh::Change::Cancel).unwrap();
    assert_eq!(account.refresh().status, Status::Cancelling);
    account.wait(30);
    assert_eq!(account.refresh().status, Status::Cancelled);
    assert_eq!(account.versions(), (vec![1, 2], 1));
}

#[test]
fn a_group_goes_with_its_instances_and_after_its_warm_pool() {
    let account = Account::settled();
    let pool = WarmPool {
        min: 1,
        max_prepared: None,
        state: "Stopped".into(),
        reuse: false,
    };
    account.change(Change::PutWarmPool(pool.clone())).unwrap();
    assert_eq!(delete(&account), Err("ResourceInUse"));
    account.change(Change::DeleteWarmPool).unwrap();
    assert_eq!(account.change(Change::PutWarmPool(pool)), Err("ValidationError"));
    account.wait(20);
    assert!(!account.shown().warm_pool_leaves);
    assert_eq!(account.change(Change::DeleteWarmPool), Err("ValidationError"));
    delete(&account).unwrap();
    account.wait(25);
    assert_eq!((account.shown().instances.len(), account.interfaces()), (0, 0));
    account.wait(20);
    let left = account.sim.objects();
    let kinds = [Kind::AutoScalingGroup, Kind::InstanceRefresh];
    assert!(
        left.iter()
            .all(|object| !kinds.contains(&object.kind()) && object.phase != Phase::Deleting)
    );
}
