//! Databases that get another name. All that belongs to one follows, but for what AWS registers by name.

use hastack_core::resource::State as AnyState;
use hastack_core::resource::database::setting::{Setting, Value};
use hastack_core::resource::scalable_target::id_of;

use super::interface;
use crate::world::{Sim, World};

impl World {
    /// Gives a database the name that is set of it, where that is another one.
    pub(super) fn rename_as_set(&mut self, id: &str) {
        let name = self.database_mut(id).and_then(|database| {
            let name = database.settings.get(&Setting::Identifier).and_then(Value::text);
            name.filter(|name| *name != id).map(str::to_owned)
        });
        if let Some(name) = name {
            self.rename(id, &name);
        }
    }

    pub(in crate::resource) fn rename(&mut self, id: &str, name: &str) {
        let Some(mut thing) = self.things.remove(id) else {
            return;
        };
        name.clone_into(&mut thing.object.id);
        if let AnyState::DbInstance(database) | AnyState::DbCluster(database) = &mut thing.object.state {
            database.settings.insert(Setting::Identifier, name.into());
            let hosts = [&mut database.host, &mut database.reader_host];
            for text in hosts.into_iter().flatten().chain([&mut database.arn]) {
                *text = text.replace(id, name);
            }
        }
        self.things.insert(name.to_owned(), thing);
        if let Some(due) = self.due.remove(id) {
            self.due.insert(name.to_owned(), due);
        }
        if let Some(password) = self.passwords.remove(id) {
            self.passwords.insert(name.to_owned(), password);
        }
        self.things.remove(&id_of(id));
        self.rename_in_others(id, name);
    }

    fn rename_in_others(&mut self, id: &str, name: &str) {
        let follow = |text: &mut String| {
            if text == id {
                name.clone_into(text);
            }
        };
        for thing in self.things.values_mut() {
            match &mut thing.object.state {
                AnyState::DbInstance(database) | AnyState::DbCluster(database) => {
                    let whole = [&mut database.cluster, &mut database.replica_of];
                    whole.into_iter().flatten().for_each(follow);
                    if let Some(writes) = database.members.remove(id) {
                        database.members.insert(name.to_owned(), writes);
                    }
                }
                AnyState::Secret(secret) => follow(&mut secret.database),
                AnyState::ForeignDbInstance(member) => member.cluster.iter_mut().for_each(follow),
                AnyState::NetworkInterface(network) if network.description == interface(id) => {
                    network.description = interface(name);
                }
                _ => {}
            }
        }
    }
}

impl Sim {
    /// Gives a database another name behind everybody's back.
    pub fn rename(&self, id: &str, name: &str) {
        let mut world = self.world();
        world.rename(id, name);
        world.remember();
    }
}
