//! Changes of what a service's instances are launched with, and of who reaches them.

use hastack_core::object::Object;
use hastack_core::resource::launch_template::{History, Version};
use hastack_core::resource::{State, launch_template};

use super::Tamper;

pub(super) fn tampers(state: &State) -> Vec<Tamper> {
    match state {
        State::LaunchTemplate(_) => launch_template_tampers(),
        _ => Vec::new(),
    }
}

/// A version cannot be changed, nor the default one deleted.
fn launch_template_tampers() -> Vec<Tamper> {
    vec![
        ("a version of another image as the default", |object| {
            add(object, "by hand");
            let template = template_of(object);
            template.default = template.latest;
        }),
        ("a version that looks like ours", |object| add(object, "hastack:0000")),
        ("no version of ours", |object| {
            add(object, "by hand");
            let template = template_of(object);
            template.default = template.latest;
            let latest = template.latest;
            let history = template.history.as_mut().expect("the sim keeps all versions");
            history.versions.retain(|number, _| *number == latest);
        }),
    ]
}

fn add(object: &mut Object, description: &str) {
    let template = template_of(object);
    template.latest += 1;
    let version = Version {
        description: description.into(),
        image_id: Some("ami-0f0f0f0f0f0f0f0f0".into()),
    };
    if let Some(History { latest, versions }) = &mut template.history {
        *latest = template.latest;
        versions.insert(template.latest, version);
    }
}

fn template_of(object: &mut Object) -> &mut launch_template::State {
    match &mut object.state {
        State::LaunchTemplate(template) => template,
        other => panic!("{other:?} is no launch template"),
    }
}
