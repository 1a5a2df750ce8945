//! Changes of a service's image, and of the instance it is built on.

use hastack_core::object::Object;
use hastack_core::resource::{State, image};

use super::Tamper;
use super::bastion::instance_of;

/// What it was started with says nothing of what has been built on it.
pub(super) fn builder_tampers() -> Vec<Tamper> {
    vec![
        ("the metadata", |object| instance_of(object).guards_metadata = false),
        ("no security group", |object| instance_of(object).group_ids.clear()),
        ("another security group", |object| {
            instance_of(object).group_ids.insert("sg-foreign".into());
        }),
    ]
}

/// The state of an image.
pub fn image_of(object: &mut Object) -> &mut image::State {
    match &mut object.state {
        State::Image(image) => image,
        other => panic!("{other:?} is no image"),
    }
}
