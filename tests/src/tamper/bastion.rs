//! Changes of a bastion.

use hastack_core::object::Object;
use hastack_core::resource::{State, instance};

use super::{Tamper, service_image};

pub(super) fn tampers(state: &State) -> Vec<Tamper> {
    match state {
        State::Instance(instance) if instance.build.is_some() => service_image::builder_tampers(),
        State::Instance(_) => vec![
            ("stopped", |object| instance_of(object).runs = false),
            ("the metadata", |object| instance_of(object).guards_metadata = false),
            ("no security group", |object| instance_of(object).group_ids.clear()),
            ("another security group", |object| {
                instance_of(object).group_ids.insert("sg-foreign".into());
            }),
            ("another type", |object| {
                instance_of(object).instance_type = "m7g.large".into();
            }),
            ("no instance profile", |object| instance_of(object).profile_id = None),
            ("no image tag", |object| instance_of(object).image_parameter = None),
            ("no volume tag", |object| instance_of(object).volume_size_gib = None),
        ],
        _ => Vec::new(),
    }
}

/// The state of an instance.
pub fn instance_of(object: &mut Object) -> &mut instance::State {
    match &mut object.state {
        State::Instance(instance) => instance,
        other => panic!("{other:?} is no instance"),
    }
}
