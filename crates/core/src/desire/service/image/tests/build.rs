//! Images that are made.

use super::*;
use crate::desired::Desired;
use crate::memory::Memory;
use crate::observed::Seen;
use crate::plan::plan;
use crate::resource::instance::Build;
use crate::timing::Timing;

/// What exists of a service, of kinds that have been looked at.
#[derive(Default)]
struct World(BTreeMap<NodeId, Vec<Seen>>);

impl World {
    fn with(mut self, node: &NodeId, phase: Phase, created: &str, state: State) -> Self {
        let object = Object {
            id: format!("aws-{}", node.name.replace('/', "-")),
            tags: crate::tag::tags("c", &identity().owner, "u", node, &crate::tag::Tags::new()),
            phase,
            created: Some(created.parse().unwrap()),
            state,
        };
        self.0.entry(node.clone()).or_default().push(Seen {
            object,
            confirmed: true,
        });
        self
    }

    fn image(self, node: &NodeId, phase: Phase, created: &str) -> Self {
        let state = image::State {
            name: "an image".into(),
            root_device: Some("/dev/xvda".into()),
            architecture: Some("x86_64".into()),
            snapshot_ids: Vec::new(),
            unfinished: phase == Phase::Pending,
            reason: None,
        };
        self.with(node, phase, created, State::Image(state))
    }

    fn builder(self, recipe: &Recipe<'_>, build: Build) -> Self {
        let state = instance::State {
            instance_type: "t3.micro".into(),
            image_parameter: None,
            image_id: Some(NEW.into()),
            subnet_id: "x".into(),
            group_ids: ["aws-builder".to_owned()].into(),
            profile_id: None,
            key_name: None,
            volume_size_gib: None,
            guards_metadata: true,
            runs: matches!(build, Build::Running { .. }),
            public_ip: None,
            build: Some(build),
        };
        self.with(
            &recipe.builder(),
            Phase::Ready,
            "2027-01-15T10:00:00Z",
            State::Instance(state),
        )
    }

    fn group(self) -> Self {
        let everywhere = security_group::Rule {
            protocol: security_group::ALL.into(),
            ports: None,
            peer: security_group::Peer::Cidr(security_group::ANYWHERE.into()),
        };
        let state = security_group::State {
            vpc_id: "x".into(),
            name: "shop/ground/web/builder".into(),
            ingress: Vec::new(),
            egress: vec![everywhere],
        };
        let node = NodeId::named(Kind::SecurityGroup, BUILDER);
        self.with(&node, Phase::Ready, "2027-01-15T10:00:00Z", State::SecurityGroup(state))
    }

    /// What is planned next, a line each, with `<recipe>` for the digest of the present one.
    fn planned(self, spec: &AutoScaledServiceSpec) -> String {
        let now = "2027-01-15T12:00:00Z".parse().unwrap();
        let mut inputs = Inputs::default();
        inputs.observed.objects = self.0;
        for kind in [Kind::SecurityGroup, Kind::Instance, Kind::Image] {
            inputs.observed.swept.insert(kind, now);
        }
        let inputs = answered(spec, inputs, NEW, &[OLD, NEW]);
        planned(spec, &inputs)
    }
}

fn planned(spec: &AutoScaledServiceSpec, inputs: &Inputs) -> String {
    let neighbours = ["vpc", "subnet/private/us-east-1a"].map(|node| {
        let node: NodeId = node.parse().unwrap();
        (node.of(&"HAStack/shop/ground".parse().unwrap()), "x".to_owned())
    });
    let desired = Desired {
        nodes: on(|site| desire(spec, site, inputs)).unwrap(),
        neighbours: neighbours.into(),
        ..Desired::none(identity())
    };
    let now = "2027-01-15T12:00:00Z".parse().unwrap();
    let plan = plan(&desired, &inputs.observed, &Memory::default(), &Timing::default(), now);
    let recipe = Recipe::of(spec).map(|recipe| recipe.image().name).unwrap_or_default();
    let name = on(|site| unique(site.identity, &NodeId::named(Kind::Image, recipe.as_str()), LONGEST));
    let plan = plan.to_string();
    if recipe.is_empty() {
        return plan;
    }
    plan.replace(&name, "<name>").replace(&recipe, "<recipe>")
}

#[test]
fn an_image_is_built_step_by_step() {
    let spec = spec(BUILD);
    let recipe = Recipe::of(&spec).unwrap();
    let image = recipe.image();
    let running = Build::Running {
        since: Some("2027-01-15T10:00:00Z".parse().unwrap()),
    };
    let world = || World::default().group();
    for (world, plan) in [
        (
            World::default(),
            "create security-group/builder: nothing in\n\
             wait instance/builder/<recipe>: for security-group/builder\n\
             wait image/<recipe>: for instance/builder/<recipe>\n",
        ),
        (
            world(),
            "create instance/builder/<recipe>: t3.micro with ami-00000000000000002\n\
             wait image/<recipe>: for instance/builder/<recipe>\n",
        ),
        (
            world().builder(&recipe, running),
            "wait instance/builder/<recipe>: running image.build.script since 2027-01-15T10:00:00Z, for 60 minutes at most\n\
             wait image/<recipe>: for instance/builder/<recipe>\n",
        ),
        (
            world().builder(&recipe, Build::Unread),
            "wait instance: looking at what exists\n\
             wait image/<recipe>: for instance/builder/<recipe>\n",
        ),
        (
            world().builder(&recipe, Build::Succeeded),
            "create image/<recipe>: <name> of instance/builder/<recipe>\n",
        ),
        (
            world()
                .builder(&recipe, Build::Succeeded)
                .image(&image, Phase::Pending, "2027-01-15T11:00:00Z"),
            "wait image/<recipe>: AWS is preparing it\n",
        ),
        (
            world()
                .builder(&recipe, Build::Succeeded)
                .image(&image, Phase::Ready, "2027-01-15T11:00:00Z"),
            "delete instance/builder/<recipe> aws-builder-<recipe>\n\
             wait security-group/builder: until instance/builder/<recipe> is gone\n",
        ),
        (
            world().image(&image, Phase::Ready, "2027-01-15T11:00:00Z"),
            "delete security-group/builder aws-builder\n",
        ),
        (World::default().image(&image, Phase::Ready, "2027-01-15T11:00:00Z"), ""),
    ] {
        assert_eq!(world.planned(&spec), plan);
    }
}

#[test]
fn a_build_that_failed_is_not_tried_again_and_says_why() {
    let spec = spec(BUILD);
    let failed = Build::Failed {
        status: 100,
        output: "no such package".into(),
    };
    let world = World::default().group().builder(&Recipe::of(&spec).unwrap(), failed);
    assert_eq!(
        world.planned(&spec),
        "wait image/<recipe>: for instance/builder/<recipe>\n\
         blocked instance/builder/<recipe>: image.build.script failed with status 100; change image.build, or terminate \
         the instance to have it tried again; its output ends with: no such package\n"
    );
}

#[test]
fn nothing_is_built_before_it_is_certain_that_there_is_no_image() {
    let spec = spec(BUILD);
    let image = Recipe::of(&spec).unwrap().image();
    let is_wanted = |inputs: &Inputs| {
        let inputs = answered(&spec, inputs.clone(), NEW, &[NEW]);
        let nodes = on(|site| desire(&spec, site, &inputs)).unwrap();
        nodes.keys().any(|node| node.kind == Kind::Instance)
    };
    let mut inputs = Inputs::default();
    assert!(!is_wanted(&inputs), "images are not looked at yet");
    inputs.observed.swept.insert(Kind::Image, Timestamp::MIN);
    assert!(is_wanted(&inputs));
    inputs.observed.doubtful.insert(image.clone());
    assert!(!is_wanted(&inputs), "one was there");
    inputs.observed.objects = World::default().image(&image, Phase::Ready, "2027-01-15T11:00:00Z").0;
    assert!(!is_wanted(&inputs), "one is there, though AWS did not show it lately");
}

#[test]
fn a_recipe_is_another_one_where_it_makes_another_image() {
    let digest = |parts: &str| Recipe::of(&spec(parts)).unwrap().image();
    let first = digest(BUILD);
    for same in [
        "placement: Public, image: {build: {from: {ssmParameter: /base}, script: make, keep: 9, timeoutMinutes: 90}}",
        BUILD,
    ] {
        assert_eq!(digest(same), first, "{same}");
    }
    for other in [
        "image: {build: {from: {ssmParameter: /base}, script: make install}}",
        "image: {build: {from: {ssmParameter: /other}, script: make}}",
        "image: {build: {from: {ssmParameter: /base}, script: make, instanceType: t4g.micro}}",
    ] {
        assert_ne!(digest(other), first, "{other}");
    }
}

#[test]
fn the_newest_images_are_kept() {
    let spec = spec("image: {build: {from: {ssmParameter: /base}, script: make, keep: 2}}");
    let present = Recipe::of(&spec).unwrap().image();
    let image = |name: &str| NodeId::named(Kind::Image, name);
    let before = || {
        World::default()
            .image(&image("first"), Phase::Ready, "2027-01-01T00:00:00Z")
            .image(&image("second"), Phase::Ready, "2027-01-02T00:00:00Z")
            .image(&image("third"), Phase::Ready, "2027-01-03T00:00:00Z")
            .image(&image("broken"), Phase::Failed, "2027-01-04T00:00:00Z")
            .image(&image("begun"), Phase::Pending, "2027-01-05T00:00:00Z")
    };
    let deleted = |world: World| {
        let plan = world.planned(&spec);
        let deleted = plan.lines().filter_map(|line| line.strip_prefix("delete image/"));
        let names = deleted.filter_map(|line| line.split(' ').next());
        names.map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(deleted(before()), "broken first");
    let made = before().image(&present, Phase::Ready, "2027-01-06T00:00:00Z");
    assert_eq!(deleted(made), "broken first second");
}

#[test]
fn an_image_of_an_instance_is_made_once_for_each_revision() {
    let of = |parts: &str| {
        id(
            &format!("image: {{fromInstance: {{id: i-0123456789abcdef0{parts}}}}}"),
            Inputs::default(),
            "",
            &[],
        )
    };
    let first = of("");
    assert_eq!(of(", reboot: true"), first);
    assert_ne!(of(", revision: again"), first);
    let spec = spec("image: {fromInstance: {id: i-0123456789abcdef0, reboot: false}}");
    let plan = World::default().planned(&spec);
    assert!(
        plan.starts_with("create image/") && plan.ends_with("of i-0123456789abcdef0 as it runs\n"),
        "{plan}"
    );
}

#[test]
fn an_instance_that_builds_is_where_the_service_is() {
    for (placement, public) in [("Private", false), ("Public", true)] {
        let spec = spec(&format!("{BUILD}, placement: {placement}"));
        let mut inputs = Inputs::default();
        inputs.observed.swept.insert(Kind::Image, Timestamp::MIN);
        let inputs = answered(&spec, inputs, NEW, &[NEW]);
        let nodes = on(|site| desire(&spec, site, &inputs)).unwrap();
        let Spec::Instance(instance) = &nodes[&Recipe::of(&spec).unwrap().builder()].spec else {
            panic!("it is an instance")
        };
        assert_eq!(instance.public_address, public);
        let tier = placement.to_lowercase();
        assert_eq!(instance.subnets[0].name, format!("{tier}/us-east-1a"));
        assert_eq!(instance.volume.device, "/dev/sda1");
    }
}
