//! A key pair.

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::key_pair::{Change, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "ImportKeyPair",
        describe: "DescribeKeyPairs",
        delete: "DeleteKeyPair",
    };

    fn update_name(change: &Change) -> &'static str {
        match *change {}
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create { name, public_key: _ } = create;
        let taken = world
            .states()
            .any(|state| matches!(state, AnyState::KeyPair(other) if other.name == *name));
        if taken {
            let message = format!("The keypair already exists: {name}");
            return Err((ErrorKind::AlreadyExists, "InvalidKeyPair.Duplicate", message));
        }
        Ok(Self { name: name.clone() })
    }

    fn holds(&self, _id: &str) -> bool {
        false
    }
}
