//! Which image a service's instances start from by now. What names an image may name another one tomorrow: that one is taken up as
//! `imageUpdate` says.

use hastack_api::AutoScaledServiceSpec;
use hastack_api::service::image::{ImageStatus, ImageUpdate};
use jiff::Timestamp;

use super::reference::{Reference, by_id, find};
use super::{made, objects, window};
use crate::cloud::{Image, Question};
use crate::desire::architecture::architecture;
use crate::desire::site::Site;
use crate::desire::{Inputs, SpecError};
use crate::object::Phase;
use crate::resource::launch_template;

/// The image that instances start from.
pub(in crate::desire::service) fn source(
    spec: &AutoScaledServiceSpec,
    _site: &Site<'_>,
    inputs: &Inputs,
) -> Result<launch_template::Image, SpecError> {
    if let Some(node) = made(spec) {
        return Ok(launch_template::Image::Node(node));
    }
    let reference = reference(spec).ok_or_else(|| SpecError::FindImage {
        field: "image".to_owned(),
        what: "id, ssmParameter, filter, fromInstance or build in it".to_owned(),
    })?;
    choose(spec, &reference, inputs).map(launch_template::Image::Given)
}

/// When a newer image is taken up, where one is there and it is not now.
pub(in crate::desire::service) fn due(spec: &AutoScaledServiceSpec, inputs: &Inputs) -> Option<Timestamp> {
    let reference = reference(spec)?;
    let used = used(&reference, inputs).filter(|_| stays(spec, inputs))?;
    let newer = newer(&reference, used, inputs).is_some();
    match spec.image_update {
        ImageUpdate::Window if newer => window::next(spec.update_window.as_ref()?, inputs.now),
        ImageUpdate::Window | ImageUpdate::Pinned | ImageUpdate::Rolling => None,
    }
}

/// The image in use, as the status says it: the one before, while the first or another one is being made.
pub(crate) fn chosen(spec: &AutoScaledServiceSpec, inputs: &Inputs) -> Option<ImageStatus> {
    let earlier = inputs.pinned.as_ref();
    let status = |id: String, source: String, newer: Option<String>| {
        let same = earlier.filter(|earlier| earlier.id.as_deref() == Some(id.as_str()));
        ImageStatus {
            since: same.and_then(|earlier| earlier.since).or(Some(inputs.now)),
            id: Some(id),
            source: Some(source),
            newer,
        }
    };
    if let Some(node) = made(spec) {
        let ready = objects(&node, inputs).find(|object| object.phase == Phase::Ready);
        return match ready {
            Some(image) => Some(status(image.id.clone(), node.to_string(), None)),
            None => earlier.cloned(),
        };
    }
    let reference = reference(spec)?;
    let Ok(image) = choose(spec, &reference, inputs) else {
        return earlier.cloned();
    };
    let newer = newer(&reference, &image.id, inputs);
    Some(status(image.id, reference.text(), newer))
}

/// What must be looked up; more, perhaps, once some of it is answered.
pub(super) fn questions(spec: &AutoScaledServiceSpec, inputs: &Inputs) -> Vec<Question> {
    let Some(reference) = reference(spec) else {
        return Vec::new();
    };
    let mut questions = reference.questions(&inputs.answers);
    if let Some(used) = used(&reference, inputs).map(by_id)
        && !questions.contains(&used)
    {
        questions.push(used);
    }
    questions
}

/// The type of the service's instances, the first of several.
pub(super) fn instance_type(spec: &AutoScaledServiceSpec) -> &str {
    let first = || spec.instance_types.iter().flatten().next();
    spec.instance_type.as_ref().or_else(first).map_or("", String::as_str)
}

fn reference(spec: &AutoScaledServiceSpec) -> Option<Reference<'_>> {
    Reference::of_service(&spec.image, architecture(instance_type(spec)))
}

/// The image that is named by now, or the one in use where that stays; it also does where nothing is named by now.
fn choose(spec: &AutoScaledServiceSpec, reference: &Reference<'_>, inputs: &Inputs) -> Result<Image, SpecError> {
    let named = reference.resolve(&inputs.answers);
    match used(reference, inputs) {
        None => named,
        Some(id) if stays(spec, inputs) => find(&inputs.answers, id).ok_or_else(|| SpecError::FindImage {
            field: "status.image.id".to_owned(),
            what: format!(
                "image {id} any more, which stays in use by imageUpdate; with imageUpdate Rolling the one that image \
                 names by now is taken up"
            ),
        }),
        Some(id) => named.or_else(|error| find(&inputs.answers, id).ok_or(error)),
    }
}

/// The image in use, where it was taken from what the spec says now and that may come to name another.
fn used<'a>(reference: &Reference<'_>, inputs: &'a Inputs) -> Option<&'a str> {
    let ImageStatus {
        id,
        source,
        since: _,
        newer: _,
    } = inputs.pinned.as_ref()?;
    let same = source.as_deref() == Some(reference.text().as_str());
    id.as_deref().filter(|_| same && !reference.is_fixed())
}

/// Whether the image in use stays, whatever is named by now.
fn stays(spec: &AutoScaledServiceSpec, inputs: &Inputs) -> bool {
    match spec.image_update {
        ImageUpdate::Pinned => true,
        ImageUpdate::Rolling => false,
        ImageUpdate::Window => {
            let window = spec.update_window.as_ref();
            !window.is_some_and(|window| window::is_open(window, inputs.now))
        }
    }
}

/// The image that is named by now, where that is another one than this.
fn newer(reference: &Reference<'_>, id: &str, inputs: &Inputs) -> Option<String> {
    let named = reference.resolve(&inputs.answers).ok()?.id;
    (named != id).then_some(named)
}
