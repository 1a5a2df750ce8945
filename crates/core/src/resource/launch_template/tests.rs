use super::*;

/// Others of the owner, each under its own name; those that are missing are not there.
struct Others {
    missing: &'static [&'static str],
}

impl Refs for Others {
    fn usable(&self, node: &NodeId) -> Result<String, NodeId> {
        let name = node.to_string();
        if self.missing.contains(&name.as_str()) {
            return Err(node.clone());
        }
        Ok(name)
    }

    fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
        self.usable(node)
    }
}

const ALL: Others = Others { missing: &[] };
const NO_MOUNT_TARGET: Others = Others {
    missing: &["mount-target/a"],
};

fn spec(image: &str) -> Spec {
    let node = |text: &str| text.parse::<NodeId>().unwrap();
    Spec {
        name: "web".into(),
        image: Image::Given(crate::cloud::Image {
            id: image.into(),
            name: "somebody's".into(),
            architecture: "x86_64".into(),
            root_device: "/dev/xvda".into(),
        }),
        instance_type: "t3.micro".into(),
        key_name: None,
        profile: node("instance-profile/service"),
        profile_name: "web-profile".into(),
        security_groups: vec![node("security-group/service")],
        public_address: false,
        volume: Volume::default(),
        detailed_monitoring: false,
        user_data: vec![
            Piece::Text("mount ".into()),
            Piece::Id(node("file-system")),
            Piece::Text(" /mnt\n".into()),
        ],
        tags: Tags::new(),
        awaits: vec![node("mount-target/a")],
    }
}

fn findings(spec: &Spec, state: &State, others: &Others) -> Vec<String> {
    let found = spec.compare(state, others).into_iter();
    found
        .map(|finding| match finding {
            Finding::Change(change) => change.to_string(),
            Finding::Wait(node) => format!("wait for {node}"),
            Finding::Immutable { field, .. } | Finding::Replace { field } => field.to_owned(),
            Finding::Underway(what) | Finding::Failed(what) => what,
        })
        .collect()
}

fn new(spec: &Spec) -> State {
    State::new(&spec.create(&ALL).unwrap())
}

/// The state after everything that `spec` changes.
fn changed(spec: &Spec, mut state: State) -> State {
    for finding in spec.compare(&state, &ALL) {
        let Finding::Change(change) = finding else {
            panic!("{finding:?}")
        };
        state.fold(&change, &Reply::default());
    }
    state
}

/// A state of these versions, by their images; the last is the newest.
fn of_images(images: &[&str], default: i64) -> State {
    let versions = images.iter().zip(1..).map(|(image, number)| {
        let version = Version {
            description: format!("{OURS}{number}"),
            image_id: Some((*image).to_owned()),
        };
        (number, version)
    });
    let versions: BTreeMap<_, _> = versions.collect();
    let latest = *versions.keys().last().unwrap();
    State {
        name: "web".into(),
        latest,
        default,
        history: Some(History { latest, versions }),
    }
}

fn pruned(state: &State, in_use: &[i64]) -> Option<Change> {
    let history = state.history.as_ref().unwrap();
    state.superfluous(history, state.latest, &in_use.iter().copied().collect())
}

fn delete(numbers: &[i64]) -> Change {
    Change::DeleteVersions(numbers.iter().copied().collect())
}

#[test]
fn a_new_template_says_all_that_is_wanted_with_every_id_known() {
    let create = spec("ami-1").create(&ALL).unwrap();
    assert_eq!(create.data.user_data.as_deref(), Some("mount file-system /mnt\n"));
    assert_eq!(create.data.security_group_ids, ["security-group/service"]);
    assert!(findings(&spec("ami-1"), &new(&spec("ami-1")), &ALL).is_empty());
}

#[test]
fn the_digest_of_a_release_is_that_of_the_next() {
    // Another one replaces every instance of every fleet.
    let data = spec("ami-1").create(&ALL).unwrap().data;
    assert_eq!(
        data.description(),
        "hastack:abb6a6b811ca6a309df70a70437486cd17ed57e8e1a9c507df80dfbc767d7ef0"
    );
}

#[test]
fn a_template_is_made_once_what_instances_use_is_there() {
    let missing: NodeId = "mount-target/a".parse().unwrap();
    assert_eq!(spec("ami-1").create(&NO_MOUNT_TARGET), Err(missing));
}

#[test]
fn what_is_gone_later_holds_up_a_new_version_only() {
    let state = new(&spec("ami-1"));
    assert!(findings(&spec("ami-1"), &state, &NO_MOUNT_TARGET).is_empty());
    let waits = findings(&spec("ami-2"), &state, &NO_MOUNT_TARGET);
    assert_eq!(waits, ["wait for mount-target/a"]);
}

#[test]
fn a_change_is_a_new_version() {
    let state = changed(&spec("ami-2"), new(&spec("ami-1")));
    assert_eq!((state.latest, state.newest_ours(), state.default), (2, Some(2), 1));
    assert_eq!(state.image_of(2), Some("ami-2"));
    assert_eq!(state.uses(), ["ami-1", "ami-2"]);
    assert!(!state.lacks_details());
    assert!(findings(&spec("ami-2"), &state, &ALL).is_empty());
}

#[test]
fn what_was_before_is_a_new_version_too() {
    let state = changed(&spec("ami-2"), new(&spec("ami-1")));
    let state = changed(&spec("ami-1"), state);
    assert_eq!(state.newest_ours(), Some(3));
    assert_eq!(state.image_of(3), Some("ami-1"));
}

#[test]
fn a_version_of_somebody_else_is_not_taken_for_the_wanted_one() {
    let mut state = new(&spec("ami-1"));
    let foreign = Version {
        description: "by hand".into(),
        image_id: Some("ami-9".into()),
    };
    state.latest = 2;
    assert!(state.lacks_details(), "there is one that is not known");
    assert_eq!(findings(&spec("ami-1"), &state, &ALL), ["looking at its versions"]);
    state.history.as_mut().unwrap().versions.insert(2, foreign);
    state.history.as_mut().unwrap().latest = 2;
    assert_eq!(state.newest_ours(), Some(1));
    assert!(findings(&spec("ami-1"), &state, &ALL).is_empty());
}

#[test]
fn a_sweep_keeps_the_versions_that_were_read_until_there_are_others() {
    let earlier = new(&spec("ami-1"));
    let mut swept = State {
        history: None,
        ..earlier.clone()
    };
    swept.keep_details(&earlier);
    assert_eq!(swept, earlier);
    let mut newer = State {
        latest: 2,
        history: None,
        ..earlier.clone()
    };
    newer.keep_details(&earlier);
    assert!(newer.lacks_details());
}

#[test]
fn the_newest_few_versions_are_kept_and_those_in_use() {
    assert_eq!(pruned(&of_images(&["a"; 5], 1), &[5]), None);
    assert_eq!(pruned(&of_images(&["a"; 8], 1), &[8]), Some(delete(&[2, 3])));
    assert_eq!(pruned(&of_images(&["a"; 8], 1), &[2, 8]), Some(delete(&[3])));
}

#[test]
fn versions_of_an_earlier_image_go_once_nothing_uses_them() {
    let state = of_images(&["a", "a", "b"], 1);
    assert_eq!(pruned(&state, &[1, 2]), None, "both are in use");
    assert_eq!(pruned(&state, &[2, 3]), Some(Change::SetDefault(3)));
    assert_eq!(pruned(&of_images(&["a", "a", "b"], 3), &[2, 3]), Some(delete(&[1])));
    assert_eq!(pruned(&of_images(&["a", "a", "b"], 3), &[3]), Some(delete(&[1, 2])));
}

#[test]
fn a_change_reads_as_what_it_makes() {
    let changes = findings(&spec("ami-2"), &new(&spec("ami-1")), &ALL);
    let (begins, ends) = ("new version ", ": t3.micro from ami-2");
    assert!(
        changes[0].starts_with(begins) && changes[0].ends_with(ends),
        "{changes:?}"
    );
    assert_eq!(Change::SetDefault(3).to_string(), "default version -> 3");
    assert_eq!(delete(&[1, 2]).to_string(), "delete versions 1, 2");
}
