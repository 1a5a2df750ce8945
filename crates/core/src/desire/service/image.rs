//! The image part of a service: the image its instances start from, and what makes it where it is made.

mod choice;
mod recipe;
mod reference;
mod window;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use hastack_api::AutoScaledServiceSpec;
use hastack_api::auto_scaled_service::Placement;
use hastack_api::service::image::{FromInstance, ImageUpdate};

use crate::cloud::Question;
use crate::desire::name::{digest, unique};
use crate::desire::site::Site;
use crate::desire::{Inputs, SpecError};
use crate::desired::{Node, Origin};
use crate::kind::Kind;
use crate::object::{Object, Phase};
use crate::owner::NodeId;
use crate::resource::instance::{ImageRef, Purpose, Volume};
use crate::resource::security_group::Allowance;
use crate::resource::{Spec, State, image, instance, security_group};

pub(crate) use choice::chosen;
pub(super) use choice::{due, source};
use recipe::Recipe;

/// The word in the ids of what builds an image.
const BUILDER: &str = "builder";

/// The longest name of an image.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html>
const LONGEST: usize = 128;

/// The nodes of this part.
pub(super) fn desire(
    spec: &AutoScaledServiceSpec,
    site: &Site<'_>,
    inputs: &Inputs,
) -> Result<BTreeMap<NodeId, Node>, SpecError> {
    if spec.image_update == ImageUpdate::Window && spec.update_window.is_none() {
        return Err(SpecError::LeaveOutWindow);
    }
    let mut nodes = BTreeMap::new();
    if let Some(from) = &spec.image.from_instance {
        let image = of_instance(from);
        let source = image::Source::Instance {
            id: from.id.clone(),
            reboot: from.reboot,
        };
        nodes.insert(image.clone(), wanted(&image, source, site));
    }
    if let Some(recipe) = Recipe::of(spec) {
        let image = recipe.image();
        nodes.extend(kept(&recipe, site, inputs));
        nodes.extend(builder(&recipe, spec, site, inputs)?);
        let source = image::Source::Builder(recipe.builder());
        nodes.insert(image.clone(), wanted(&image, source, site));
    }
    Ok(nodes)
}

/// What must be looked up; more, perhaps, once some of it is answered.
pub(super) fn questions(spec: &AutoScaledServiceSpec, inputs: &Inputs) -> Vec<Question> {
    match Recipe::of(spec) {
        Some(recipe) if is_builder_wanted(&recipe, inputs) => {
            let base = recipe.base();
            base.map_or_else(|_| Vec::new(), |base| base.questions(&inputs.answers))
        }
        Some(_) => Vec::new(),
        None => choice::questions(spec, inputs),
    }
}

/// The image that is made for the service, where one is.
fn made(spec: &AutoScaledServiceSpec) -> Option<NodeId> {
    let built = Recipe::of(spec).map(|recipe| recipe.image());
    built.or_else(|| spec.image.from_instance.as_ref().map(of_instance))
}

fn of_instance(from: &FromInstance) -> NodeId {
    let FromInstance { id, reboot, revision } = from;
    let revision = revision.as_deref().unwrap_or_default();
    NodeId::named(Kind::Image, digest(&format!("{id}\n{revision}\n{reboot}")))
}

fn wanted(node: &NodeId, source: image::Source, site: &Site<'_>) -> Node {
    let spec = image::Spec {
        name: unique(site.identity, node, LONGEST),
        description: format!("Made by hastack for {}", site.identity.owner),
        source,
    };
    Node::new(Spec::Image(spec), Origin::Managed)
}

/// The images made before that are kept: the newest, as many as the recipe says with the present one, and what is not finished.
fn kept(recipe: &Recipe<'_>, site: &Site<'_>, inputs: &Inputs) -> BTreeMap<NodeId, Node> {
    let present = recipe.image();
    let is_made = phases(&present, inputs).any(|phase| phase == Phase::Ready);
    let keep = usize::from(recipe.build.keep).saturating_sub(usize::from(is_made));
    let others = inputs.observed.all();
    let mut others: Vec<_> = others
        .filter(|(node, _)| node.kind == Kind::Image && **node != present)
        .collect();
    others.sort_by_key(|(node, image)| (Reverse(image.created), *node));
    let of_phase = |phase: Phase| {
        let others = others.iter().filter(move |(_, image)| image.phase == phase);
        others.map(|(node, _)| *node)
    };
    let nodes = of_phase(Phase::Ready).take(keep).chain(of_phase(Phase::Pending));
    nodes
        .map(|node| {
            (
                node.clone(),
                wanted(node, image::Source::Kept { image: node.clone() }, site),
            )
        })
        .collect()
}

fn phases(node: &NodeId, inputs: &Inputs) -> impl Iterator<Item = Phase> {
    objects(node, inputs).map(|object| object.phase)
}

fn objects<'a>(node: &NodeId, inputs: &'a Inputs) -> impl Iterator<Item = &'a Object> + use<'a> {
    let objects = inputs.observed.objects.get(node);
    objects.into_iter().flatten().map(|seen| &seen.object)
}

/// Whether an instance is wanted on which the image is built. One is made only if it is certain that there is no image: else the image
/// would be built a second time when this process starts, or whenever AWS does not show it for a moment.
fn is_builder_wanted(recipe: &Recipe<'_>, inputs: &Inputs) -> bool {
    let image = recipe.image();
    if phases(&recipe.builder(), inputs).next().is_some() {
        return phases(&image, inputs).all(|phase| phase != Phase::Ready);
    }
    let observed = &inputs.observed;
    let is_known = observed.swept.contains_key(&Kind::Image) && !observed.doubtful.contains(&image);
    is_known && phases(&image, inputs).next().is_none()
}

/// What the image is built on, until it is there.
fn builder(
    recipe: &Recipe<'_>,
    spec: &AutoScaledServiceSpec,
    site: &Site<'_>,
    inputs: &Inputs,
) -> Result<Vec<(NodeId, Node)>, SpecError> {
    let mut nodes = Vec::new();
    let mut add = |id: NodeId, spec: Spec| {
        let node = Node {
            until: Some(recipe.image()),
            ..Node::new(spec, Origin::Managed)
        };
        nodes.push((id, node));
    };
    let group = NodeId::named(Kind::SecurityGroup, BUILDER);
    let is_wanted = is_builder_wanted(recipe, inputs);
    // One that is there stays while it is not known yet whether the image is.
    if is_wanted || phases(&group, inputs).next().is_some() {
        add(group.clone(), Spec::SecurityGroup(security_group(site)));
    }
    if is_wanted {
        let instance = instance(recipe, group, spec, site, inputs)?;
        add(recipe.builder(), Spec::Instance(instance));
    }
    Ok(nodes)
}

/// Nobody needs to reach the instance. Its name is unique in the VPC, whoever shares that.
fn security_group(site: &Site<'_>) -> security_group::Spec {
    let stack = &site.owner;
    security_group::Spec {
        vpc: site.vpc(),
        name: format!("{}/{}/{}/{BUILDER}", stack.namespace, stack.name, site.name()),
        ingress: Vec::new(),
        egress: vec![Allowance::anything()],
    }
}

fn instance(
    recipe: &Recipe<'_>,
    group: NodeId,
    spec: &AutoScaledServiceSpec,
    site: &Site<'_>,
    inputs: &Inputs,
) -> Result<instance::Spec, SpecError> {
    let (base, device) = match (recipe.base()?.resolve(&inputs.answers), running(recipe, inputs)) {
        (Ok(base), _) => (base.id, base.root_device),
        // One that was started needs nothing any more of what it was started from.
        (Err(_), Some(base)) => (base, String::new()),
        (Err(error), None) => return Err(error),
    };
    Ok(instance::Spec {
        purpose: Purpose::Builder {
            user_data: recipe.user_data()?,
            minutes: recipe.build.timeout_minutes,
        },
        instance_type: recipe.instance_type.to_owned(),
        image: ImageRef::Id(base),
        subnets: site.subnets(spec.placement),
        groups: vec![group],
        public_address: spec.placement == Placement::Public,
        profile: None,
        key: None,
        volume: Volume { device, size_gib: None },
    })
}

/// What the instance was started from, where there is one.
fn running(recipe: &Recipe<'_>, inputs: &Inputs) -> Option<String> {
    objects(&recipe.builder(), inputs).find_map(|object| match &object.state {
        State::Instance(instance) => instance.image_id.clone(),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
