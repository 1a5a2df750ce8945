//! A mount target.

use std::time::Duration;

use hastack_core::cloud::ErrorKind;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::mount_target::{Change, Create, State};

use super::{Life, Names, Refusal, Simulated};
use crate::world::World;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateMountTarget",
        describe: "DescribeMountTargets",
        delete: "DeleteMountTarget",
    };
    const LIFE: Life = Life {
        pending: Duration::from_secs(90),
        deleting: Duration::from_mins(1),
        listed: Duration::ZERO,
    };
    const DETAILS: &'static [&'static str] = &["DescribeMountTargetSecurityGroups"];

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::SecurityGroups(_) => "ModifyMountTargetSecurityGroups",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let Create {
            file_system_id,
            subnet_id,
            security_group_id,
        } = create;
        world.must_be_available(file_system_id)?;
        world.must_exist(security_group_id)?;
        let Some(AnyState::Subnet(subnet)) = world.state(subnet_id) else {
            let message = format!("the subnet {subnet_id} does not exist");
            return Err((ErrorKind::NotFound, "SubnetNotFound", message));
        };
        let taken = |state: &AnyState| matches!(state, AnyState::MountTarget(other) if other.file_system_id == *file_system_id && other.zone == subnet.zone);
        if world.states().any(taken) {
            let message = format!("{file_system_id} has a mount target in {}", subnet.zone);
            return Err((ErrorKind::AlreadyExists, "MountTargetConflict", message));
        }
        Ok(Self {
            file_system_id: file_system_id.clone(),
            subnet_id: subnet_id.clone(),
            zone: subnet.zone.clone(),
            address: subnet.cidr.split('/').next().map(str::to_owned),
            security_group_ids: Some(vec![security_group_id.clone()]),
        })
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::SecurityGroups(ids) => ids.iter().try_for_each(|id| world.must_exist(id)),
        }
    }

    fn holds(&self, id: &str) -> bool {
        let groups = self.security_group_ids.iter().flatten();
        self.file_system_id == id || self.subnet_id == id || groups.into_iter().any(|group| group == id)
    }

    fn hide(&mut self) {
        self.security_group_ids = None;
    }
}
