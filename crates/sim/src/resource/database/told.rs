//! What AWS tells of databases beside how they are.

use std::time::Duration;

use hastack_core::resource::database::event::{Details, Event, Snapshot};
use hastack_core::resource::database::setting::Setting;
use hastack_core::resource::database::status::Status;
use hastack_core::timing::after;

use crate::world::{Sim, World};

/// How long an event is told by a call that asks for no other time.
const TOLD: Duration = Duration::from_hours(1);

impl World {
    /// Tells that something has happened to a database.
    pub(in crate::resource) fn tell(&mut self, id: &str, message: &str, category: &str) {
        let time = self.now;
        if let Some(database) = self.database_mut(id) {
            database.events.push(Event {
                time,
                message: message.to_owned(),
                categories: vec![category.to_owned()],
            });
        }
    }

    /// Tells what a database has become. The first thing AWS does with one that keeps backups is to take one.
    pub(super) fn tell_change(&mut self, id: &str, was: Status, status: Status) {
        match (was, status) {
            (Status::Creating, Status::Available) => {
                self.tell(id, "DB instance created", "creation");
                self.back_up(id);
            }
            (Status::Rebooting, Status::Available) => self.tell(id, "DB instance restarted", "availability"),
            (Status::Starting, Status::Available) => self.tell(id, "DB instance started", "notification"),
            (_, Status::Stopped) => self.tell(id, "DB instance stopped", "notification"),
            (_, Status::StorageFull) => self.tell(id, "DB instance has run out of storage", "low storage"),
            (_, _) => {}
        }
    }

    fn back_up(&mut self, id: &str) {
        let time = self.now;
        if let Some(database) = self.database_mut(id)
            && database.holds_data()
            && database.settings.get(&Setting::BackupRetention) != Some(&0.into())
        {
            let snapshot = Snapshot {
                id: format!("rds:{id}-{}", time.strftime("%Y-%m-%d-%H-%M")),
                time,
            };
            database.details = Some(Details {
                last_snapshot: Some(snapshot),
            });
        }
    }

    /// Tells no more what has happened long ago.
    pub(super) fn forget_events(&mut self, id: &str) {
        let now = self.now;
        if let Some(database) = self.database_mut(id) {
            database.events.retain(|event| after(event.time, TOLD) > now);
        }
    }
}

impl Sim {
    /// Has AWS tell that something has happened to a database.
    pub fn tell(&self, id: &str, message: &str, category: &str) {
        let mut world = self.world();
        world.tell(id, message, category);
        world.remember();
    }
}
