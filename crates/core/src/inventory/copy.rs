//! Copies: AWS puts the tags of a database on its snapshots, and on what is restored from these. A copy has another name, and so has a
//! database that somebody has renamed: what AWS calls it whatever its name is tells these two apart.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html>

use std::collections::{BTreeMap, BTreeSet};

use super::{Entry, Inventory, Key};
use crate::desire::is_copy;
use crate::kind::Kind;
use crate::memory::Memory;
use crate::object::Object;
use crate::owner::{NodeId, Owner};
use crate::tag;

impl Inventory {
    /// Keeps apart what a sweep has shown under other names than ours, but for what was renamed and is in no other's place. What was
    /// known under an earlier name is not known under that any more. Returns whom it concerns.
    pub(super) fn set_copies_aside(&mut self, kind: Kind, objects: &mut Vec<Object>) -> BTreeSet<Owner> {
        if !kind.row().holds_data {
            return BTreeSet::new();
        }
        let named = objects.iter().filter(|object| !is_copy(&self.cluster, object));
        let named: BTreeSet<_> = named.filter_map(|object| self.place(object)).collect();
        let is_set_aside = |object: &mut Object| {
            let in_anothers_place = self.place(object).is_some_and(|place| named.contains(&place));
            let known = self.entries.contains_key(&(kind, object.id.clone()));
            is_copy(&self.cluster, object) && (in_anothers_place || !known)
        };
        let copies: Vec<_> = objects.extract_if(.., is_set_aside).collect();
        for copy in &copies {
            self.remove(&(kind, copy.id.clone()));
        }
        self.forget_earlier_names(kind, objects);
        let new = |copy: &&Object| !self.copies.get(&kind).is_some_and(|known| known.contains(copy));
        let concerned = copies.iter().filter(new).filter_map(|copy| Some(self.place(copy)?.0));
        let concerned = concerned.collect();
        self.copies.insert(kind, copies);
        concerned
    }

    /// Takes up as its owner's what was renamed.
    pub(super) fn follow_renamed(&mut self, owner: &Owner, memory: &Memory) {
        // Names are changing hands: what has another one now is not the database any more.
        let keys = self.by_owner.get(owner).into_iter().flatten();
        let mut entries = keys.filter_map(|key| self.entries.get(key));
        if entries.any(|entry| entry.object.is_switching_names()) {
            return;
        }
        for (node, original) in &memory.originals {
            let place = (owner.clone(), node.clone());
            let is_it =
                |copy: &Object| copy.resource_id() == Some(original) && self.place(copy).as_ref() == Some(&place);
            let mut copies = self.copies.get(&node.kind).into_iter().flatten();
            let Some(renamed) = copies.find(|copy| is_it(copy)).cloned() else {
                continue;
            };
            let keys = self.by_owner.get(owner).into_iter().flatten();
            let (missing, there): (Vec<_>, Vec<_>) = keys
                .filter_map(|key| Some((key.clone(), self.entries.get(key)?)))
                .filter(|(_, entry)| self.place(&entry.object).as_ref() == Some(&place))
                .partition(|(_, entry)| entry.missing && entry.object.resource_id() == Some(original));
            if !there.is_empty() {
                continue;
            }
            let missing: Vec<Key> = missing.into_iter().map(|(key, _)| key).collect();
            for key in &missing {
                self.remove(key);
            }
            self.copies
                .entry(node.kind)
                .or_default()
                .retain(|copy| copy.id != renamed.id);
            self.put(Entry {
                object: renamed,
                born: None,
                written: None,
                deleted: None,
                missing: false,
                detailed: None,
            });
        }
    }

    /// Forgets under its earlier name what a sweep has shown under another one.
    fn forget_earlier_names(&mut self, kind: Kind, objects: &[Object]) {
        let names: BTreeMap<_, _> = objects
            .iter()
            .filter_map(|object| Some((object.resource_id()?, object.id.as_str())))
            .collect();
        let earlier: Vec<Key> = self
            .of(kind)
            .filter(|((_, id), entry)| {
                let name = entry.object.resource_id().and_then(|original| names.get(original));
                name.is_some_and(|name| name != id)
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in &earlier {
            self.remove(key);
        }
    }

    /// Whose it is by its tags, and which of the owner's.
    fn place(&self, object: &Object) -> Option<(Owner, NodeId)> {
        let identity = tag::identity(&self.cluster, &object.tags)?;
        Some((identity.owner, identity.node))
    }
}
