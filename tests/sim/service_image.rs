//! The image that a service's instances start from: given, looked up, built, and changed while they serve.

use std::collections::BTreeSet;
use std::time::Duration;

use hastack_api::service::image::ImageStatus;
use hastack_api::{AutoScaledService, AutoScaledServiceStatus};
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::State;
use hastack_core::resource::auto_scaling_group::Instance;
use hastack_core::tag;
use hastack_core::timing::Clock;
use hastack_sim::{Fault, FaultMode};
use hastack_tests::shape::{service, stack};
use hastack_tests::stage::Stage;

const GROUND: &str = "availabilityZones: 2\nnatGateways: Single\ndatabaseSubnets: false\n---\nloadBalancer: {}";

const OLD: &str = "ami-00000000000000001";
const NEW: &str = "ami-00000000000000002";
const PARAMETER: &str = "/golden/web";
const BUILD: &str = "{build: {from: {ssmParameter: /aws/service/base}, script: make}}";

/// A service with this image, and further lines, that is not there yet.
fn staged(image: &str, further: &str) -> Stage {
    let stage = Stage::new([stack(GROUND)]);
    stage.sim.point(PARAMETER, OLD);
    let parts = format!(
        "image: {image}\ninstanceType: t3.micro\ncapacity: {{min: 2, max: 4}}\nport: 80\nrouting: {{paths: [\"/*\"]}}\n{further}"
    );
    stage.add(service("web", &parts));
    stage
}

fn built(image: &str, further: &str) -> Stage {
    let mut stage = staged(image, further);
    stage.settle();
    stage.rest(Duration::from_mins(5));
    stage
}

fn status(stage: &Stage) -> AutoScaledServiceStatus {
    stage.service("web").status.unwrap_or_default()
}

fn image(stage: &Stage) -> ImageStatus {
    status(stage).image.unwrap_or_default()
}

/// What the conditions say that is not well.
fn complaints(stage: &Stage) -> String {
    let conditions = status(stage).common.conditions.into_iter();
    let messages =
        conditions.map(|condition| format!("{} {}: {}\n", condition.type_, condition.status, condition.message));
    messages.collect()
}

/// Changes the script of the recipe.
fn rewrite(stage: &Stage, script: &str) {
    stage.edit_services(|service: &mut AutoScaledService| {
        script.clone_into(&mut service.spec.image.build.as_mut().unwrap().script);
    });
}

/// What exists of a kind of the service.
fn of(stage: &Stage, kind: Kind) -> Vec<Object> {
    let mut objects = stage.sim.objects();
    objects.retain(|object| {
        let owner = object.tags.get(tag::OWNER);
        object.kind() == kind && owner.is_some_and(|owner| owner.starts_with("AutoScaledService"))
    });
    objects
}

/// What exists only while an image is built.
fn building(stage: &Stage) -> Vec<String> {
    let groups = of(stage, Kind::SecurityGroup).into_iter();
    let groups = groups.filter(|group| group.tags[tag::ID] == "security-group/builder");
    let instances = of(stage, Kind::Instance);
    let nodes = groups.chain(instances).map(|object| object.tags[tag::ID].clone());
    nodes.collect()
}

/// The instances in service, and the images they were launched from.
fn serving(stage: &Stage) -> (BTreeSet<String>, BTreeSet<String>) {
    let objects = stage.sim.objects();
    let version = |instance: &Instance| {
        let version = instance.template.as_ref()?;
        objects.iter().find_map(|object| match &object.state {
            State::LaunchTemplate(template) if object.id == version.id => template
                .history
                .as_ref()?
                .versions
                .get(&version.number?)?
                .image_id
                .clone(),
            _ => None,
        })
    };
    let groups = objects.iter().filter_map(|object| match &object.state {
        State::AutoScalingGroup(group) => Some(group),
        _ => None,
    });
    let instances = groups.flat_map(|group| group.instances.iter().filter(|instance| instance.serves()));
    instances
        .map(|instance| (instance.id.clone(), version(instance).unwrap()))
        .unzip()
}

/// Every instance in service is of this image and none of these.
#[track_caller]
fn assert_rolled(stage: &Stage, image: &str, before: &BTreeSet<String>) {
    let (instances, images) = serving(stage);
    assert_eq!(images, BTreeSet::from([image.to_owned()]));
    assert_eq!(instances.len(), 2);
    assert!(instances.is_disjoint(before), "{instances:?} {before:?}");
}

#[test]
fn an_image_is_taken_however_it_is_named() {
    for (named, source, id) in [
        ("{id: ami-00000000000000001}", "id:ami-00000000000000001", OLD),
        ("{ssmParameter: /golden/web}", "ssm:/golden/web", OLD),
        (
            "{filter: {owner: self, name: \"web-*\"}}",
            "filter:self/web-*/x86_64",
            "ami-0fedcba9876543210",
        ),
    ] {
        let stage = built(named, "");
        let image = image(&stage);
        assert_eq!((image.id.as_deref(), image.source.as_deref()), (Some(id), Some(source)));
        assert_eq!(serving(&stage).1, BTreeSet::from([id.to_owned()]));
        assert!(of(&stage, Kind::Image).is_empty() && stage.sim.snapshots().is_empty());
    }
}

#[test]
fn an_image_is_made_of_an_instance_that_is_stopped_for_it_unless_the_spec_says_otherwise() {
    for (reboot, stopped) in [("", true), (", reboot: false", false)] {
        let instance = "i-0123456789abcdef0";
        let stage = built(&format!("{{fromInstance: {{id: {instance}{reboot}}}}}"), "");
        let images = of(&stage, Kind::Image);
        assert_eq!(images.len(), 1);
        assert_eq!(serving(&stage).1, BTreeSet::from([images[0].id.clone()]));
        assert_eq!(stage.sim.was_stopped(instance), stopped);
        assert_eq!(image(&stage).id.as_ref(), Some(&images[0].id));
    }
}

#[test]
fn a_recipe_is_built_once_and_nothing_is_left_of_the_building() {
    let stage = built(BUILD, "");
    assert_eq!((stage.count("RunInstances"), stage.count("CreateImage")), (1, 1));
    let images = of(&stage, Kind::Image);
    assert_eq!(images.len(), 1);
    assert_eq!(stage.sim.snapshots().len(), 1);
    assert_eq!(building(&stage), [""; 0]);
    assert_eq!(serving(&stage).1, BTreeSet::from([images[0].id.clone()]));
    assert_eq!(image(&stage).id.as_ref(), Some(&images[0].id));
}

#[test]
fn an_unchanged_recipe_is_not_built_again_whatever_the_operator_has_forgotten() {
    let mut stage = built(BUILD, "");
    let before = (serving(&stage), of(&stage, Kind::Image));
    stage.restart();
    stage.rest(Duration::from_hours(1));
    for service in stage.services.lock().unwrap().values_mut() {
        service.status = None;
    }
    stage.restart();
    stage.settle();
    stage.rest(Duration::from_hours(1));
    assert_eq!((stage.count("RunInstances"), stage.count("CreateImage")), (1, 1));
    assert_eq!((serving(&stage), of(&stage, Kind::Image)), before);
}

#[test]
fn a_changed_recipe_is_built_while_the_old_image_serves_and_then_every_instance_is_replaced() {
    let mut stage = built(BUILD, "");
    let (instances, old) = serving(&stage);
    rewrite(&stage, "make all");
    while of(&stage, Kind::Image)
        .iter()
        .filter(|image| image.phase == Phase::Ready)
        .count()
        < 2
    {
        assert_eq!(serving(&stage), (instances.clone(), old.clone()));
        assert_eq!(image(&stage).id.as_ref(), old.first(), "{}", complaints(&stage));
        stage.rest(Duration::from_secs(5));
    }
    stage.settle();
    stage.rest(Duration::from_mins(5));
    let new = image(&stage).id.unwrap();
    assert!(!old.contains(&new));
    assert_rolled(&stage, &new, &instances);
    assert_eq!((stage.count("RunInstances"), stage.count("CreateImage")), (2, 2));
    assert_eq!(building(&stage), [""; 0]);
    assert_eq!(of(&stage, Kind::Image).len(), 2, "the one before is kept");
}

#[test]
fn a_script_that_fails_says_why_and_the_image_before_goes_on_serving() {
    let mut stage = built(BUILD, "");
    let before = serving(&stage);
    rewrite(&stage, "exit 1");
    stage.rest(Duration::from_hours(2));
    let complaints = complaints(&stage);
    for condition in ["Ready False", "ImageReady False"] {
        let mut lines = complaints.lines().filter(|line| line.starts_with(condition));
        assert!(
            lines.any(|line| line.contains("failed with status 1") && line.contains("somebody wrote exit 1")),
            "{complaints}"
        );
    }
    assert_eq!(serving(&stage), before);
    assert_eq!(image(&stage).id.as_ref(), before.1.first());
    assert_eq!(stage.count("RunInstances"), 2, "it is not tried again");
    assert_eq!(of(&stage, Kind::Image).len(), 1);

    rewrite(&stage, "make all");
    stage.settle();
    stage.rest(Duration::from_mins(5));
    assert_rolled(&stage, &image(&stage).id.unwrap(), &before.0);
    assert_eq!(building(&stage), [""; 0]);
}

#[test]
fn only_the_newest_images_are_kept_and_no_snapshot_of_the_others() {
    let mut stage = built(&BUILD.replace("script: make", "script: make, keep: 2"), "");
    let mut made = vec![image(&stage).id.unwrap()];
    for script in ["make one", "make two", "make three"] {
        rewrite(&stage, script);
        stage.settle();
        stage.rest(Duration::from_mins(5));
        made.push(image(&stage).id.unwrap());
    }
    let kept: Vec<_> = of(&stage, Kind::Image).into_iter().map(|image| image.id).collect();
    assert_eq!(kept, made[2..]);
    let snapshots: Vec<_> = kept.iter().map(|id| format!("snap-{id}")).collect();
    assert_eq!(stage.sim.snapshots(), snapshots);
}

#[test]
fn an_earlier_recipe_that_is_wanted_again_needs_no_building() {
    let mut stage = built(BUILD, "");
    let first = image(&stage).id.unwrap();
    rewrite(&stage, "make all");
    stage.settle();
    stage.rest(Duration::from_mins(5));
    let (instances, _) = serving(&stage);
    rewrite(&stage, "make");
    stage.settle();
    stage.rest(Duration::from_mins(5));
    assert_rolled(&stage, &first, &instances);
    assert_eq!(stage.count("RunInstances"), 2);
}

#[test]
fn a_service_that_is_deleted_while_its_image_is_built_leaves_nothing() {
    for wait in [0, 30, 60, 120, 170, 200, 240, 300, 600] {
        let mut stage = staged(BUILD, "");
        while of(&stage, Kind::SecurityGroup).is_empty() {
            stage.rest(Duration::from_secs(10));
        }
        stage.rest(Duration::from_secs(wait));
        stage.delete_services();
        stage.rest(Duration::from_hours(1));
        assert!(
            stage.services.lock().unwrap().is_empty(),
            "{wait}: {}",
            complaints(&stage)
        );
        let left = stage.sim.objects().into_iter();
        let left: Vec<_> = left
            .filter(|object| {
                object
                    .tags
                    .get(tag::OWNER)
                    .is_some_and(|owner| owner.starts_with("AutoScaledService"))
            })
            .collect();
        assert!(left.is_empty(), "{wait}: {left:#?}");
        assert_eq!(stage.sim.snapshots(), [""; 0], "{wait}");
    }
}

#[test]
fn an_alias_that_moves_changes_nothing_where_the_image_is_pinned() {
    let mut stage = built("{ssmParameter: /golden/web}", "imageUpdate: Pinned");
    let before = serving(&stage);
    stage.sim.point(PARAMETER, NEW);
    stage.wake();
    stage.rest(Duration::from_hours(1));
    stage.restart();
    stage.rest(Duration::from_hours(1));
    assert_eq!(serving(&stage), before);
    let image = image(&stage);
    assert_eq!((image.id.as_deref(), image.newer.as_deref()), (Some(OLD), Some(NEW)));
}

#[test]
fn an_alias_that_moves_replaces_every_instance_where_the_image_rolls() {
    for (named, from) in [
        ("{ssmParameter: /golden/web}", OLD),
        ("{filter: {owner: self, name: \"web-*\"}}", "ami-0fedcba9876543210"),
    ] {
        let mut stage = built(named, "imageUpdate: Rolling");
        let (instances, images) = serving(&stage);
        assert_eq!(images, BTreeSet::from([from.to_owned()]));
        stage.sim.point(PARAMETER, NEW);
        stage.sim.release(NEW);
        stage.wake();
        stage.rest(Duration::from_mins(30));
        assert_rolled(&stage, NEW, &instances);
        assert_eq!(image(&stage).id.as_deref(), Some(NEW));
    }
}

#[test]
fn an_alias_that_moves_replaces_instances_in_the_window_only() {
    // The stage's day begins at eight o'clock.
    let mut stage = built(
        "{ssmParameter: /golden/web}",
        "imageUpdate: Window\nupdateWindow: {start: \"12:00\", durationMinutes: 30}",
    );
    let (instances, images) = serving(&stage);
    stage.sim.point(PARAMETER, NEW);
    stage.wake();
    let noon = "2027-01-15T12:00:00Z".parse().unwrap();
    let until_noon = |stage: &Stage| stage.sim.now().duration_until(noon);
    stage.rest(until_noon(&stage).try_into().unwrap());
    assert_eq!(serving(&stage), (instances.clone(), images), "not before");
    assert_eq!(image(&stage).newer.as_deref(), Some(NEW));
    stage.rest(Duration::from_mins(29));
    assert_rolled(&stage, NEW, &instances);
    let status = image(&stage);
    assert_eq!((status.id.as_deref(), status.newer), (Some(NEW), None));
}

#[test]
fn an_image_stays_in_use_where_what_named_it_names_nothing_any_more() {
    for update in [
        "Pinned",
        "Rolling",
        "Window\nupdateWindow: {start: \"00:00\", durationMinutes: 1440}",
    ] {
        let mut stage = built("{ssmParameter: /golden/web}", &format!("imageUpdate: {update}"));
        let before = serving(&stage);
        let withdrawn = |stage: &Stage| stage.sim.point(PARAMETER, "ami-00000000000000003");
        stage.sim.withdraw("ami-00000000000000003");
        for take_away in [
            &|stage: &Stage| stage.sim.unpoint(PARAMETER),
            &withdrawn as &dyn Fn(&Stage),
        ] {
            take_away(&stage);
            stage.edit_services(|service| service.spec.capacity.max += 1);
            stage.settle();
            assert_eq!(serving(&stage), before);
            assert_eq!(image(&stage).id.as_deref(), Some(OLD));
        }
    }
}

#[test]
fn no_failure_at_any_step_of_a_build_makes_a_second_builder_or_loses_the_rollout() {
    for mode in FaultMode::ALL {
        let mut at = 0;
        loop {
            let mut stage = built(BUILD, "");
            let (instances, old) = serving(&stage);
            rewrite(&stage, "make all");
            stage.sim.inject(vec![Fault { at, mode }]);
            stage.settle();
            stage.rest(Duration::from_mins(10));
            stage.settle();
            let what = format!("{mode:?} at {at}");
            let new = image(&stage).id.unwrap();
            assert!(!old.contains(&new), "{what}");
            assert_rolled(&stage, &new, &instances);
            assert_eq!(stage.sim.doubles(), [""; 0], "{what}");
            assert_eq!(building(&stage), [""; 0], "{what}");
            let images: Vec<_> = of(&stage, Kind::Image).into_iter().map(|image| image.id).collect();
            assert_eq!(images.len(), 2, "{what}");
            assert_eq!(stage.sim.snapshots().len(), 2, "{what}");
            let writes = stage.sim.calls().iter().filter(|call| call.write).count();
            if at >= writes {
                break;
            }
            at += 1;
        }
        assert!(at > 6, "{mode:?}: {at} steps");
    }
}
