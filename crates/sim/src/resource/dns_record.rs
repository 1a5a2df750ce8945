//! A DNS record, with the TXT record beside it.

use hastack_core::cloud::{ErrorKind, HostedZone};
use hastack_core::resource::dns_record::{Change, Create, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

/// The hosted zones of the account. Two have the same name.
const HOSTED_ZONES: [(&str, &str); 4] = [
    ("Z0EXAMPLE", "example.com"),
    ("Z0OTHER", "example.org"),
    ("Z0TWIN1", "twin.example"),
    ("Z0TWIN2", "twin.example"),
];

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "ChangeResourceRecordSets",
        describe: "ListResourceRecordSets",
        delete: "ChangeResourceRecordSets",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Write { .. } => "ChangeResourceRecordSets",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        let state = create.state();
        let zone = hosted_zones(&state.zone_id).pop().ok_or_else(|| {
            let message = format!("No hosted zone found with ID: {}", state.zone_id);
            (ErrorKind::NotFound, "NoSuchHostedZone", message)
        })?;
        if !zone.serves(&state.name) {
            let message = format!(
                "RRSet with DNS name {} is not permitted in zone {}",
                state.name, zone.name
            );
            return Err((ErrorKind::Invalid, "InvalidChangeBatch", message));
        }
        if world.must_exist(&state.id()).is_ok() {
            let message = format!(
                "Tried to create resource record set {} but it already exists",
                state.name
            );
            return Err((ErrorKind::AlreadyExists, "InvalidChangeBatch", message));
        }
        Ok(state)
    }

    fn own_id(&self) -> Option<String> {
        Some(self.id())
    }

    fn holds(&self, _id: &str) -> bool {
        false
    }
}

/// The hosted zones of this id or name.
pub(crate) fn hosted_zones(text: &str) -> Vec<HostedZone> {
    let zone = |(id, name): (&str, &str)| HostedZone {
        id: id.to_owned(),
        name: name.to_owned(),
    };
    let asked = |(id, name): &(&str, &str)| *id == text || *name == text;
    HOSTED_ZONES.into_iter().filter(asked).map(zone).collect()
}
