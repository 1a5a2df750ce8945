//! Kinds that AWS does not list, or only together with everybody's: their ids are known beforehand, so each is read by itself,
//! again and again for as long as somebody names it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Check, Inventory, Key, Verdict};
use crate::desired::Desired;
use crate::kind::{Kind, Lane};
use crate::known::Known;
use crate::memory::Memory;
use crate::observed::Observed;
use crate::owner::{NodeId, Owner};
use crate::tag;
use crate::timing::{after, spread};

impl Inventory {
    /// Shows what is wanted or remembered under an id that is known beforehand; what has not been read yet is doubtful.
    pub(super) fn observe_named(&mut self, desired: &Desired, memory: &Memory, observed: &mut Observed) {
        let known = Known {
            desired,
            observed,
            memory,
        };
        let wanted = known.named();
        for (node, aws_id) in &wanted {
            self.show_place(node, aws_id, memory, observed);
        }
        let recorded = memory.recorded.iter().filter(|(node, _)| is_named(node.kind));
        for (node, aws_id) in recorded {
            let asked = wanted.iter().any(|(other, id)| other == node && id == aws_id);
            if !(asked || observed.objects.contains_key(node)) {
                self.show_place(node, aws_id, memory, observed);
            }
        }
    }

    fn show_place(&mut self, node: &NodeId, aws_id: &str, memory: &Memory, observed: &mut Observed) {
        let key = (node.kind, aws_id.to_owned());
        let Some(verdict) = self.checks.entry(key.clone()).or_default().verdict else {
            observed.doubtful.insert(node.clone());
            return;
        };
        let entry = self.entries.get(&key).filter(|entry| entry.deleted.is_none());
        let (Verdict::Present, Some(entry)) = (verdict, entry) else {
            return;
        };
        let shown = |node| {
            observed
                .objects
                .get(node)
                .is_some_and(|seen| seen.iter().any(|seen| seen.object.id == aws_id))
        };
        if shown(node) {
            return;
        }
        let nobodys = tag::identity(&self.cluster, &entry.object.tags).is_none();
        if nobodys && memory.recorded.get(node).is_some_and(|recorded| recorded == aws_id) {
            observed.disowned.insert(node.clone(), aws_id.to_owned());
            entry.show(node.clone(), observed);
        } else {
            observed.taken.insert(node.clone(), entry.object.clone());
        }
    }

    /// Takes up that one of such a kind was created: it is read again soon.
    pub(super) fn name_created(&mut self, key: &Key, now: Timestamp) {
        let check = self.checks.entry(key.clone()).or_default();
        check.read = Some(now);
        check.verdict = Some(Verdict::Present);
    }

    /// Takes up that the outcome of a write is not known: only a read from now on counts.
    pub(super) fn doubt_place(&mut self, kind: Kind, id: &str, now: Timestamp) {
        let check = self.checks.entry((kind, id.to_owned())).or_default();
        check.read = None;
        check.verdict = None;
        check.since = Some(now);
    }

    /// When such an id is read next; never where nobody names it any more.
    pub(super) fn next_read(&self, key: &Key, check: &Check) -> Option<Timestamp> {
        let Some(read) = check.read else {
            return Some(Timestamp::MIN);
        };
        let calm = spread(self.calm(key.0), key.0.word());
        let unconfirmed = self
            .entries
            .get(key)
            .is_some_and(|entry| entry.born.or(entry.written).is_some());
        match check.verdict {
            None => Some(after(read, key.0.row().poll)),
            Some(_) if unconfirmed => Some(after(read, key.0.row().poll)),
            Some(_) => self.is_named(key).then(|| after(read, calm)),
        }
    }

    /// Who names an id.
    pub(super) fn naming(&self, key: &Key) -> BTreeSet<Owner> {
        self.interested(|interest| interest.named.contains(key))
    }

    /// Forgets those of these ids that nobody names any more.
    pub(super) fn forget_unnamed(&mut self, keys: BTreeSet<Key>) {
        for key in keys {
            if !self.is_named(&key) {
                self.checks.remove(&key);
                self.remove(&key);
            }
        }
    }

    fn is_named(&self, key: &Key) -> bool {
        self.interests.values().any(|interest| interest.named.contains(key))
    }
}

/// Whether things of a kind are looked at one by one.
pub(super) fn is_named(kind: Kind) -> bool {
    kind.row().lane == Lane::Named
}

#[cfg(test)]
mod tests;
