//! An image that instances start from, made of an instance.

use std::time::Duration;

use hastack_core::cloud::ErrorKind;
use hastack_core::object::Phase;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::image::{Change, Create, State};
use hastack_core::resource::instance::Build;

use super::{Life, Names, Refusal, Simulated};
use crate::world::World;

/// What ids of instances begin with that somebody else has: there is any number of them.
const FOREIGN: &str = "i-";

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateImage",
        describe: "DescribeImages",
        delete: "DeregisterImage",
    };
    const LIFE: Life = Life {
        pending: Duration::from_mins(1),
        deleting: Duration::ZERO,
        listed: Duration::ZERO,
    };

    fn update_name(change: &Change) -> &'static str {
        match *change {}
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create {
            name,
            description: _,
            instance_id,
            reboot: _,
        } = create;
        if world
            .states()
            .any(|state| matches!(state, AnyState::Image(other) if other.name == *name))
        {
            let message = format!("AMI name {name} is already in use");
            return Err((ErrorKind::AlreadyExists, "InvalidAMIName.Duplicate", message));
        }
        if !instance_id.starts_with(FOREIGN) {
            world.must_exist(instance_id)?;
        }
        // AWS would make one all the same, of half of what was to be built.
        if let Some(AnyState::Instance(instance)) = world.state(instance_id)
            && instance.build.as_ref().is_some_and(|build| *build != Build::Succeeded)
        {
            let message = format!("{instance_id} has not built what it is to");
            return Err((ErrorKind::Invalid, "IncorrectInstanceState", message));
        }
        Ok(Self {
            name: name.clone(),
            root_device: None,
            architecture: None,
            snapshot_ids: Vec::new(),
            unfinished: true,
            reason: None,
        })
    }

    fn ordered(create: &Create, world: &mut World, id: &str) {
        world.imaged.insert(id.to_owned(), create.instance_id.clone());
        world.snapshots.insert(snapshot_of(id));
        if create.reboot {
            world.stopped.insert(create.instance_id.clone());
        }
    }

    /// An instance may go while its image stays.
    fn holds(&self, _id: &str) -> bool {
        false
    }

    /// A snapshot that is not complete is left behind.
    fn gone(&self, world: &mut World, id: &str) {
        world.imaged.remove(id);
        if !self.unfinished {
            world.snapshots.remove(&snapshot_of(id));
        }
    }
}

fn snapshot_of(id: &str) -> String {
    format!("snap-{id}")
}

impl World {
    /// Shows what there is to see of images that are made.
    pub(crate) fn finish_images(&mut self) {
        for (id, thing) in &mut self.things {
            if let AnyState::Image(image) = &mut thing.object.state
                && thing.object.phase == Phase::Ready
                && image.unfinished
            {
                image.unfinished = false;
                image.root_device = Some("/dev/xvda".to_owned());
                image.architecture = Some("x86_64".to_owned());
                image.snapshot_ids = vec![snapshot_of(id)];
                self.imaged.remove(id);
            }
        }
    }

    /// Has the images fail that are being made of an instance that goes.
    pub(crate) fn fail_images_of(&mut self, instance_id: &str) {
        for (id, _) in self.imaged.extract_if(.., |_, of| of == instance_id) {
            if let Some(thing) = self.things.get_mut(&id) {
                thing.fail();
                if let AnyState::Image(image) = &mut thing.object.state {
                    image.unfinished = false;
                    image.reason = Some("Client.InstanceTerminated: the instance was terminated".to_owned());
                }
            }
        }
    }
}
