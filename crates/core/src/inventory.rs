//! What exists in one account and region: every resource that carries our tags, kept by sweeps and by our own writes.
//!
//! The rules that make it safe to act on:
//! - A sweep that started soon after one of our writes may still show the old state: for a while the write counts.
//! - A new resource may stay invisible for a while: it counts from the reply to its creation.
//! - Absence in one sweep proves nothing. What is missing is read by id, and only AWS's word that there is no such id counts.
//! - A sweep is complete or it is nothing.

mod copy;
mod look;
mod named;
mod rival;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::cloud::{CloudError, Deletion};
use crate::desired::{Desired, Origin};
use crate::kind::{Kind, Recovery};
use crate::memory::Memory;
use crate::object::{Object, Phase};
use crate::observed::{Observed, Seen};
use crate::owner::{NodeId, Owner};
use crate::tag;
use crate::timing::{Timing, after};

pub use look::Look;
use named::is_named;

/// A resource by kind and AWS id.
pub type Key = (Kind, String);

/// What exists in one account and region.
#[derive(Debug)]
pub struct Inventory {
    cluster: String,
    timing: Timing,
    entries: BTreeMap<Key, Entry>,
    by_owner: BTreeMap<Owner, BTreeSet<Key>>,
    /// Resources that are not ours, of kinds whose names are shared.
    strangers: BTreeMap<Kind, Vec<Object>>,
    /// Resources that carry the tags of what they were made from.
    copies: BTreeMap<Kind, Vec<Object>>,
    /// Resources that come with a parent, by the parent's id.
    by_parent: BTreeMap<String, BTreeSet<Key>>,
    sweeps: BTreeMap<Kind, Sweep>,
    /// Reads of single resources that failed, by kind.
    reads: BTreeMap<Kind, Sweep>,
    /// Ids to read one by one, with what became of it.
    checks: BTreeMap<Key, Check>,
    interests: BTreeMap<Owner, Interest>,
}

/// A resource that is known.
#[derive(Clone, Debug)]
struct Entry {
    object: Object,
    /// When we created it, until AWS shows it.
    born: Option<Timestamp>,
    /// When we last changed it, until AWS shows that.
    written: Option<Timestamp>,
    /// When we deleted it: it does not count any more, unless AWS goes on showing it.
    deleted: Option<Timestamp>,
    /// It was in no sweep when it should have been.
    missing: bool,
    /// When what only a read shows was last read.
    detailed: Option<Timestamp>,
}

/// The looks of one sort at one kind.
#[derive(Clone, Debug, Default)]
struct Sweep {
    /// When the last complete one started.
    started: Option<Timestamp>,
    /// When the last one, complete or not, ended.
    ended: Option<Timestamp>,
    /// Why the last ones failed, and how many.
    failure: Option<(CloudError, u32)>,
}

/// An id that is read by itself.
#[derive(Clone, Debug, Default)]
struct Check {
    /// Who refers to it although it is not ours: for them it is read again and again.
    referrers: BTreeSet<Owner>,
    read: Option<Timestamp>,
    verdict: Option<Verdict>,
    /// A read that started before says nothing.
    since: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Gone,
    Present,
}

/// What one owner needs to know.
#[derive(Clone, Debug, Default)]
struct Interest {
    /// Kinds it wants or has.
    kinds: BTreeSet<Kind>,
    /// Kinds in which something is pending.
    awaited: BTreeSet<Kind>,
    /// Ids it wants or has, of kinds that are looked at one by one.
    named: BTreeSet<Key>,
}

impl Inventory {
    /// An inventory of what carries `cluster`'s tags, which knows nothing yet.
    pub fn new(cluster: impl Into<String>, timing: Timing) -> Self {
        Self {
            cluster: cluster.into(),
            timing,
            entries: BTreeMap::new(),
            by_owner: BTreeMap::new(),
            strangers: BTreeMap::new(),
            copies: BTreeMap::new(),
            by_parent: BTreeMap::new(),
            sweeps: BTreeMap::new(),
            reads: BTreeMap::new(),
            checks: BTreeMap::new(),
            interests: BTreeMap::new(),
        }
    }

    /// What exists of the owner of `desired`. Ids it refers to and ids it remembers are looked at from now on.
    pub fn observe(&mut self, desired: &Desired, memory: &Memory) -> Observed {
        let owner = &desired.identity.owner;
        self.follow_renamed(owner, memory);
        let mut observed = self.facts();
        let mut inherent = BTreeSet::new();
        for key in self.by_owner.get(owner).into_iter().flatten() {
            let Some(entry) = self.entries.get(key) else { continue };
            let Some(identity) = tag::identity(&self.cluster, &entry.object.tags) else {
                continue;
            };
            entry.show(identity.node, &mut observed);
            inherent.extend(self.by_parent.get(&key.1).into_iter().flatten());
        }
        for key in inherent {
            if let Some(entry) = self.entries.get(key) {
                entry.show(inherent_node(key), &mut observed);
            }
        }
        for (id, node) in &desired.nodes {
            if let Origin::External(aws_id) = &node.origin {
                self.check_external(owner, id, aws_id, &mut observed);
            }
        }
        for (node, aws_id) in &memory.recorded {
            let inherent = node.kind.row().recovery == Recovery::Inherent;
            // Its kind is not known at all yet, so nothing is missing.
            let unswept = !observed.swept.contains_key(&node.kind);
            if !(inherent
                || unswept
                || is_named(node.kind)
                || observed.objects.contains_key(node)
                || self.is_deleted(node.kind, aws_id))
            {
                self.check_recorded(node, aws_id, &mut observed);
            }
        }
        self.observe_named(desired, memory, &mut observed);
        self.observe_rivals(desired, &mut observed);
        observed
    }

    /// States what an owner needs to know from now on.
    pub fn attend(&mut self, owner: &Owner, kinds: BTreeSet<Kind>, awaited: BTreeSet<Kind>, named: BTreeSet<Key>) {
        let interest = Interest { kinds, awaited, named };
        let earlier = self.interests.insert(owner.clone(), interest).unwrap_or_default();
        self.forget_unnamed(earlier.named);
    }

    /// Forgets an owner of which nothing is left.
    pub fn dismiss(&mut self, owner: &Owner) {
        let interest = self.interests.remove(owner).unwrap_or_default();
        self.forget_unnamed(interest.named);
        for check in self.checks.values_mut() {
            check.referrers.remove(owner);
        }
        let unasked = |key: &Key, check: &Check| {
            !is_named(key.0) && check.referrers.is_empty() && check.verdict == Some(Verdict::Present)
        };
        let unasked: Vec<Key> = self
            .checks
            .extract_if(.., |key, check| unasked(key, check))
            .map(|(key, _)| key)
            .collect();
        for key in unasked {
            self.remove(&key);
        }
    }

    /// The resources under which AWS lists those of `kind`.
    pub fn parents(&self, kind: Kind) -> Vec<Object> {
        let parents = kind.row().listed_by.iter().flat_map(|&parent| self.of(parent));
        let ours = parents.filter(|(_, entry)| entry.deleted.is_none() && self.owner(&entry.object).is_some());
        ours.map(|(_, entry)| entry.object.clone()).collect()
    }

    /// Counts every resource of ours by kind and phase.
    pub fn count(&self) -> BTreeMap<(Kind, &'static str), usize> {
        let mut counts = BTreeMap::new();
        let ours = |entry: &&Entry| entry.deleted.is_none() && self.owner(&entry.object).is_some();
        for entry in self.entries.values().filter(ours) {
            let phase = match entry.object.phase {
                Phase::Pending => "pending",
                Phase::Ready => "ready",
                Phase::Deleting => "deleting",
                Phase::Deleted => "deleted",
                Phase::Failed => "failed",
            };
            *counts.entry((entry.object.kind(), phase)).or_default() += 1;
        }
        counts
    }

    /// Takes up the reply to a creation.
    pub fn created(&mut self, object: Object, now: Timestamp) {
        let key = (object.kind(), object.id.clone());
        if is_named(key.0) {
            self.name_created(&key, now);
        } else {
            self.checks.remove(&key);
        }
        self.put(Entry {
            object,
            born: Some(now),
            written: None,
            deleted: None,
            missing: false,
            detailed: Some(now),
        });
    }

    /// Takes up the reply to a change.
    pub fn updated(&mut self, kind: Kind, id: &str, now: Timestamp, fold: impl FnOnce(&mut Object)) {
        if let Some(entry) = self.entries.get_mut(&(kind, id.to_owned())) {
            fold(&mut entry.object);
            entry.written = Some(now);
        }
    }

    /// Takes up the reply to a deletion.
    pub fn deleted(&mut self, kind: Kind, id: &str, deletion: Deletion, now: Timestamp) {
        if let Some(entry) = self.entries.get_mut(&(kind, id.to_owned())) {
            entry.written = Some(now);
            entry.object.phase = Phase::Deleting;
            match deletion {
                Deletion::Gone => entry.deleted = Some(now),
                // It counts until AWS stops showing it.
                Deletion::Started => {}
            }
        }
        self.take_along(kind, id, now);
    }

    /// Takes up that what goes with a resource has gone with it.
    fn take_along(&mut self, kind: Kind, id: &str, now: Timestamp) {
        let goes_along = |(other, _): &(&Key, &mut Entry)| other.0.row().goes_with == Some(kind);
        for (_, entry) in self.entries.iter_mut().filter(goes_along) {
            if entry.object.state.uses().contains(&id) {
                entry.object.phase = Phase::Deleting;
                entry.deleted = Some(now);
            }
        }
    }

    /// Lets the next sweep say how a resource is, and a read what no sweep shows, whatever we wrote: the reply was lost.
    pub fn doubt(&mut self, kind: Kind, id: &str, now: Timestamp) {
        if is_named(kind) {
            self.doubt_place(kind, id, now);
        }
        if let Some(entry) = self.entries.get_mut(&(kind, id.to_owned())) {
            entry.written = None;
            entry.detailed = None;
        }
    }

    fn facts(&self) -> Observed {
        let swept = self
            .sweeps
            .iter()
            .filter_map(|(&kind, sweep)| Some((kind, sweep.started?)))
            .chain(
                Kind::all()
                    .filter(|kind| is_named(*kind))
                    .map(|kind| (kind, Timestamp::MAX)),
            );
        let looks = self.reads.iter().chain(&self.sweeps);
        let failures = looks.filter_map(|(&kind, look)| Some((kind, look.failure.as_ref()?.0.clone())));
        Observed {
            swept: swept.collect(),
            failures: failures.collect(),
            ..Observed::default()
        }
    }

    fn is_deleted(&self, kind: Kind, id: &str) -> bool {
        self.entries
            .get(&(kind, id.to_owned()))
            .is_some_and(|entry| entry.deleted.is_some())
    }

    /// Shows a resource that is not ours.
    fn check_external(&mut self, owner: &Owner, node: &NodeId, aws_id: &str, observed: &mut Observed) {
        let key = (node.kind, aws_id.to_owned());
        let check = self.checks.entry(key.clone()).or_default();
        check.referrers.insert(owner.clone());
        if check.verdict.is_none() {
            observed.doubtful.insert(node.clone());
        }
        if let Some(entry) = self.entries.get(&key) {
            entry.show(node.clone(), observed);
        }
    }

    /// Shows a resource that status remembers and no sweep has shown.
    fn check_recorded(&mut self, node: &NodeId, aws_id: &str, observed: &mut Observed) {
        let key = (node.kind, aws_id.to_owned());
        match self.checks.entry(key.clone()).or_default().verdict {
            None => {
                observed.doubtful.insert(node.clone());
            }
            Some(Verdict::Gone) => {}
            Some(Verdict::Present) => {
                if let Some(entry) = self.entries.get(&key) {
                    observed.disowned.insert(node.clone(), aws_id.to_owned());
                    entry.show(node.clone(), observed);
                }
            }
        }
    }

    fn put(&mut self, entry: Entry) {
        let key = (entry.object.kind(), entry.object.id.clone());
        if let Some(identity) = tag::identity(&self.cluster, &entry.object.tags) {
            self.by_owner.entry(identity.owner).or_default().insert(key.clone());
        }
        for parent in entry.object.state.parents() {
            self.by_parent.entry(parent.to_owned()).or_default().insert(key.clone());
        }
        self.entries.insert(key, entry);
    }

    fn remove(&mut self, key: &Key) {
        let Some(entry) = self.entries.remove(key) else { return };
        if let Some(identity) = tag::identity(&self.cluster, &entry.object.tags)
            && let Some(keys) = self.by_owner.get_mut(&identity.owner)
        {
            keys.remove(key);
            if keys.is_empty() {
                self.by_owner.remove(&identity.owner);
            }
        }
        for parent in entry.object.state.parents() {
            if let Some(keys) = self.by_parent.get_mut(parent) {
                keys.remove(key);
                if keys.is_empty() {
                    self.by_parent.remove(parent);
                }
            }
        }
    }

    /// Whom a resource concerns.
    fn owner(&self, object: &Object) -> Option<Owner> {
        let mut parents = object.state.parents().into_iter().peekable();
        if parents.peek().is_some() {
            let row = object.kind().row();
            let known = |id: &str| {
                let mut kinds = row.listed_by.iter().chain(row.depends_on);
                kinds.find_map(|&kind| self.entries.get(&(kind, id.to_owned())))
            };
            return parents.find_map(|id| self.owner(&known(id)?.object));
        }
        tag::identity(&self.cluster, &object.tags).map(|identity| identity.owner)
    }
}

/// What such a resource is to its owner: a VPC has one default group and an Auto Scaling group one refresh, and any number of what
/// occupies them.
fn inherent_node((kind, id): &Key) -> NodeId {
    if kind.row().occupies {
        NodeId::named(*kind, id)
    } else {
        NodeId::only(*kind)
    }
}

impl Entry {
    fn show(&self, node: NodeId, observed: &mut Observed) {
        if self.deleted.is_some() || self.object.phase == Phase::Deleted {
            return;
        }
        if self.missing {
            observed.doubtful.insert(node.clone());
        }
        let seen = Seen {
            object: self.object.clone(),
            confirmed: self.born.or(self.written).is_none(),
        };
        observed.objects.entry(node).or_default().push(seen);
    }

    /// Whether a look that started then may still show the resource as it was before our last write.
    fn outruns(&self, started: Timestamp, timing: &Timing) -> bool {
        let last = self.written.max(self.deleted);
        last.is_some_and(|last| started < after(last, timing.settle))
    }

    /// Whether a look that started then may not show the resource yet.
    fn is_fresh(&self, started: Timestamp, timing: &Timing) -> bool {
        self.born.is_some_and(|born| started < after(born, timing.grace))
    }
}

#[cfg(test)]
mod tests;
