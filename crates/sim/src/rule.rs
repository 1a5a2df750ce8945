//! What every kind has in common in what AWS accepts and refuses.

use std::collections::BTreeMap;

use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::kind::Recovery;
use hastack_core::object::{Object, Phase};
use hastack_core::resource::launch_template::{self, Data};
use hastack_core::resource::{Change, Create, State};

use crate::fault::failure;
use crate::resource::{self, Refusal};
use crate::world::World;

impl World {
    pub(crate) fn create(&mut self, request: &CreateRequest) -> Result<Object, CloudError> {
        let kind = request.node.kind;
        let token_taken = resource::token_taken(kind);
        let has_token = kind.row().recovery == Recovery::Token || token_taken.is_some();
        if let Some(first) = self.tokens.get(&request.token).filter(|_| has_token) {
            match token_taken {
                None => return Ok(first.clone()),
                Some(code) if self.must_exist(&first.id).is_ok() => {
                    let refusal = (ErrorKind::AlreadyExists, code, format!("{} has this token", first.id));
                    return Err(refused(resource::names(kind).create, refusal));
                }
                Some(_) => {}
            }
        }
        let like = resource::like(self, &request.create);
        if let Some(like) = like.and_then(|id| self.things.get(&id)) {
            // Its own tags are not in the answer, and those of the request are not put on.
            let tags = request.tags.clone();
            return Ok(Object {
                tags,
                ..like.object.clone()
            });
        }
        let state = resource::create(self, &request.create)
            .map_err(|refusal| refused(resource::names(kind).create, refusal))?;
        if let Create::LaunchTemplate(template) = &request.create {
            self.learn(&template.data);
        }
        let object = self.add(request.tags.clone(), state);
        resource::ordered(&request.create, self, &object.id);
        resource::created(&object.state, self, &object.id);
        if has_token {
            self.tokens.insert(request.token.clone(), object.clone());
        }
        Ok(object)
    }

    pub(crate) fn update(&mut self, object: &Object, change: &Change) -> Result<Reply, CloudError> {
        let action = resource::update_name(change);
        self.must_exist(&object.id)
            .map_err(|refusal| refused(action, refusal))?;
        let Some(state) = self.state(&object.id).cloned() else {
            return Ok(Reply::default());
        };
        resource::check(&state, self, change).map_err(|refusal| refused(action, refusal))?;
        if let Change::LaunchTemplate(launch_template::Change::CreateVersion { data, after: _ }) = change {
            self.learn(data);
        }
        let reply = resource::changing(&state, self, &object.id, change);
        if let Some(thing) = self.things.get_mut(&object.id) {
            match change {
                Change::Tags(change) => change.fold(&mut thing.object.tags),
                change => thing.object.state.fold(change, &reply),
            }
        }
        Ok(reply)
    }

    pub(crate) fn delete(&mut self, object: &Object, snapshot: Option<&str>) -> Result<Deletion, CloudError> {
        let (kind, id) = (object.kind(), object.id.as_str());
        let action = resource::names(kind).delete;
        let Some(thing) = self.things.get(id) else {
            return Ok(Deletion::Gone);
        };
        match thing.object.phase {
            Phase::Deleted => return Ok(Deletion::Gone),
            Phase::Deleting => return Ok(Deletion::Started),
            Phase::Pending | Phase::Ready | Phase::Failed => {}
        }
        if let Some(user) = self.user_of(id) {
            let message = format!("{id} has dependencies and cannot be deleted: {user}");
            return Err(refused(action, (ErrorKind::InUse, "DependencyViolation", message)));
        }
        let state = thing.object.state.clone();
        resource::check_deletion(&state, self).map_err(|refusal| refused(action, refusal))?;
        self.keep_data(id, &state, snapshot)
            .map_err(|refusal| refused(action, refusal))?;
        if resource::life(&state).deleting.is_zero() {
            self.vanish(id);
            return Ok(Deletion::Gone);
        }
        self.begin_deletion(id);
        Ok(Deletion::Started)
    }

    /// Takes a resource away, and what goes with it.
    pub(crate) fn vanish(&mut self, id: &str) {
        if let Some(thing) = self.things.remove(id) {
            resource::gone(&thing.object.state, self, id);
        }
    }

    /// Takes note of what a version of a launch template says, which is not shown.
    fn learn(&mut self, data: &Data) {
        self.launch_data.insert(data.description(), data.clone());
    }

    /// A resource's state.
    pub(crate) fn state(&self, id: &str) -> Option<&State> {
        self.things.get(id).map(|thing| &thing.object.state)
    }

    /// The states of all that is not deleted.
    pub(crate) fn states(&self) -> impl Iterator<Item = &State> {
        let objects = self.things.values().map(|thing| &thing.object);
        objects
            .filter(|object| object.phase != Phase::Deleted)
            .map(|object| &object.state)
    }

    pub(crate) fn must_exist(&self, id: &str) -> Result<(), Refusal> {
        match self.things.get(id) {
            Some(thing) if thing.object.phase != Phase::Deleted => Ok(()),
            Some(_) | None => Err((ErrorKind::NotFound, "NotFound", format!("{id} does not exist"))),
        }
    }

    /// Whether a file system can be given parts.
    pub(crate) fn must_be_available(&self, file_system_id: &str) -> Result<(), Refusal> {
        self.must_exist(file_system_id)?;
        match self.things.get(file_system_id).map(|thing| thing.object.phase) {
            Some(Phase::Ready) => Ok(()),
            phase => {
                let message = format!("the file system {file_system_id} is {phase:?}");
                Err((ErrorKind::NotNow, "IncorrectFileSystemLifeCycleState", message))
            }
        }
    }

    /// Gives a public address to whatever has this id, or takes it back.
    pub(crate) fn associate(&mut self, allocation_id: &str, with: Option<&str>) {
        if let Some(thing) = self.things.get_mut(allocation_id)
            && let State::ElasticIp(address) = &mut thing.object.state
        {
            address.association_id = with.map(|id| format!("association-{id}"));
        }
    }

    /// Takes its public address from an instance that is gone.
    pub(crate) fn release(&mut self, instance_id: &str) {
        for thing in self.things.values_mut() {
            if let State::ElasticIp(address) = &mut thing.object.state
                && address.instance_id.as_deref() == Some(instance_id)
            {
                address.association_id = None;
                address.instance_id = None;
            }
        }
    }

    /// Lets a subnet follow no route table.
    pub(crate) fn disassociate(&mut self, subnet_id: &str) {
        for thing in self.things.values_mut() {
            if let State::RouteTable(table) = &mut thing.object.state {
                let other =
                    |association: &hastack_core::resource::route_table::Association| association.subnet_id != subnet_id;
                table.associations.retain(other);
            }
        }
    }

    /// Adds what comes with something else, without tags.
    pub(crate) fn add_untagged(&mut self, state: State) {
        self.add(BTreeMap::new(), state);
    }

    /// Something that keeps `id` from being deleted.
    fn user_of(&self, id: &str) -> Option<String> {
        let objects = self.things.values().map(|thing| &thing.object);
        let alive = |object: &&Object| object.phase != Phase::Deleted && object.id != id;
        let mut users = objects
            .filter(alive)
            .filter(|object| resource::holds(&object.state, id));
        users.next().map(|object| object.id.clone())
    }
}

fn refused(action: &'static str, (kind, code, message): Refusal) -> CloudError {
    failure(action, kind, code, &message)
}
