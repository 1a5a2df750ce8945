//! What users of a stage do and see: as `kubectl` has it.

use std::collections::BTreeMap;

use hastack_api::{AutoScaledService, Custom, HAStack, ManagedDatabase};
use hastack_core::desire::identity;
use hastack_core::timing::Clock;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::{CLUSTER, Stage, Store};

/// A custom resource whose spec can be put in place of another's.
trait Specified {
    /// Takes on the spec of `other`. Whether that is another one.
    fn specify(&mut self, other: &Self) -> bool;
}

impl Specified for AutoScaledService {
    fn specify(&mut self, other: &Self) -> bool {
        let changed = self.spec != other.spec;
        self.spec.clone_from(&other.spec);
        changed
    }
}

impl Specified for ManagedDatabase {
    fn specify(&mut self, other: &Self) -> bool {
        let changed = self.spec != other.spec;
        self.spec.clone_from(&other.spec);
        changed
    }
}

impl Stage {
    /// What the operator says of the only stack.
    pub fn plan(&self) -> String {
        self.stack().status.unwrap_or_default().plan.join("\n")
    }

    /// What the operator says of every custom resource.
    pub fn plans(&self) -> Vec<String> {
        let stacks = self.stacks.lock().expect("not poisoned");
        let services = self.services.lock().expect("not poisoned");
        let stacks = stacks
            .iter()
            .map(|(owner, stack)| (owner, stack.status().map(|status| &status.plan)));
        let services = services
            .iter()
            .map(|(owner, service)| (owner, service.status().map(|status| &status.plan)));
        let databases = self.databases.lock().expect("not poisoned");
        let databases = databases
            .iter()
            .map(|(owner, database)| (owner, database.status().map(|status| &status.plan)));
        let lines = |plan: Option<&Vec<String>>| plan.map(|plan| plan.join("\n")).unwrap_or_default();
        stacks
            .chain(services)
            .chain(databases)
            .map(|(owner, plan)| format!("{owner}:\n{}", lines(plan)))
            .collect()
    }

    /// Adds a service, as `kubectl apply` does.
    pub fn add(&self, service: AutoScaledService) {
        let owner = identity(&service, CLUSTER).owner;
        self.services.lock().expect("not poisoned").insert(owner, service);
    }

    /// The service of this name.
    pub fn service(&self, name: &str) -> AutoScaledService {
        let services = self.services.lock().expect("not poisoned");
        let mut found = services.iter().filter(|(owner, _)| owner.name == name);
        found.next().expect("there is such a service").1.clone()
    }

    /// Changes the spec of every service, as `kubectl apply` does.
    pub fn edit_services(&self, edit: impl Fn(&mut AutoScaledService)) {
        for service in self.services.lock().expect("not poisoned").values_mut() {
            edit(service);
            service.metadata.generation = service.metadata.generation.map(|generation| generation + 1);
        }
    }

    /// Changes the services into these, as `kubectl apply --prune` does.
    pub fn apply_services(&self, wanted: Vec<AutoScaledService>) {
        self.apply(&self.services, wanted);
    }

    /// Changes the databases into these, as `kubectl apply --prune` does.
    pub fn apply_databases(&self, wanted: Vec<ManagedDatabase>) {
        self.apply(&self.databases, wanted);
    }

    /// Marks every service as to be deleted, as `kubectl delete` does.
    pub fn delete_services(&self) {
        self.apply(&self.services, Vec::new());
    }

    /// Marks every database as to be deleted, as `kubectl delete` does.
    pub fn delete_databases(&self) {
        self.apply(&self.databases, Vec::new());
    }

    /// The only database.
    pub fn database(&self) -> ManagedDatabase {
        let databases = self.databases.lock().expect("not poisoned");
        databases.values().next().expect("there is a database").clone()
    }

    /// Changes the spec of every database, as `kubectl apply` does.
    pub fn edit_databases(&self, edit: impl Fn(&mut ManagedDatabase)) {
        for database in self.databases.lock().expect("not poisoned").values_mut() {
            edit(database);
            let generation = &mut database.metadata.generation;
            *generation = generation.map(|generation| generation + 1);
        }
    }

    fn apply<K: Custom + Specified>(&self, store: &Store<K>, wanted: Vec<K>) {
        let now = self.sim.now();
        let wanted: BTreeMap<_, _> = wanted
            .into_iter()
            .map(|object| (identity(&object, CLUSTER).owner, object))
            .collect();
        let next = |object: &mut K| {
            let generation = &mut object.meta_mut().generation;
            *generation = generation.map(|generation| generation + 1);
        };
        let mut objects = store.lock().expect("not poisoned");
        for (_, object) in objects.iter_mut().filter(|(owner, _)| !wanted.contains_key(*owner)) {
            object.meta_mut().deletion_timestamp = Some(Time(now));
            next(object);
        }
        for (owner, wanted) in wanted {
            let object = objects.entry(owner).or_insert_with(|| wanted.clone());
            if object.specify(&wanted) {
                next(object);
            }
        }
    }

    /// Changes a spec, as `kubectl apply` does.
    pub fn edit(&self, edit: impl Fn(&mut HAStack)) {
        for stack in self.stacks.lock().expect("not poisoned").values_mut() {
            edit(stack);
            stack.metadata.generation = stack.metadata.generation.map(|generation| generation + 1);
        }
    }

    /// Marks every stack as to be deleted, as `kubectl delete` does.
    pub fn delete(&self) {
        let now = self.sim.now();
        for stack in self.stacks.lock().expect("not poisoned").values_mut() {
            stack.metadata.deletion_timestamp = Some(Time(now));
            stack.metadata.generation = stack.metadata.generation.map(|generation| generation + 1);
        }
    }

    /// The only stack.
    pub fn stack(&self) -> HAStack {
        self.stacks
            .lock()
            .expect("not poisoned")
            .values()
            .next()
            .expect("there is a stack")
            .clone()
    }

    /// Whether a condition of the only stack is true.
    pub fn is(&self, condition: &str) -> bool {
        let conditions = self.stack().status.unwrap_or_default().common.conditions;
        conditions
            .iter()
            .any(|other| other.type_ == condition && other.status == "True")
    }

    /// The message of a condition of the only stack.
    pub fn message(&self, condition: &str) -> String {
        let conditions = self.stack().status.unwrap_or_default().common.conditions;
        conditions
            .into_iter()
            .find(|other| other.type_ == condition)
            .map(|other| other.message)
            .unwrap_or_default()
    }

    /// The reason of a condition of the only stack.
    pub fn reason(&self, condition: &str) -> String {
        let conditions = self.stack().status.unwrap_or_default().common.conditions;
        let mut conditions = conditions.into_iter().filter(|other| other.type_ == condition);
        conditions.next().map(|other| other.reason).unwrap_or_default()
    }
}
