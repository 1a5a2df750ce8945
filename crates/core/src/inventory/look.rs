//! What to look at next, and what a look teaches.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::{Check, Entry, Interest, Inventory, Key, Sweep, Verdict, is_named};
use crate::cloud::CloudError;
use crate::kind::{Details, Kind, Lane, Recovery};
use crate::object::{Object, Phase};
use crate::owner::Owner;
use crate::tag;
use crate::timing::{after, spread};

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// Every resource of a kind.
    Sweep(Kind),
    /// These resources of a kind, with their details.
    Read(Kind, Vec<String>),
}

/// The longest that failing sweeps are apart.
const LONGEST_BACKOFF: Duration = Duration::from_mins(2);

impl Inventory {
    /// What to look at now.
    pub fn due(&self, now: Timestamp) -> Vec<Look> {
        let sweeps = Kind::all()
            .filter(|&kind| self.sweep_at(kind).is_some_and(|at| at <= now))
            .map(Look::Sweep);
        let all: Vec<_> = self.reads().collect();
        let kinds: BTreeSet<Kind> = all
            .iter()
            .filter(|(_, at)| *at <= now)
            .map(|((kind, _), _)| *kind)
            .collect();
        let mut reads: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
        for ((kind, id), at) in all {
            // What is read again and again is read together, before its time if need be: AWS shows several at once.
            let early = match kind.row().details {
                _ if is_named(kind) => self.calm(kind) / 2,
                Details::Slow => self.timing.slow / 2,
                Details::None | Details::Rare | Details::Steady => Duration::ZERO,
            };
            if kinds.contains(&kind) && at <= after(now, early) {
                reads.entry(kind).or_default().push(id);
            }
        }
        sweeps
            .chain(reads.into_iter().map(|(kind, ids)| Look::Read(kind, ids)))
            .collect()
    }

    /// When something is due next; never where no one is interested in anything.
    pub fn next_due(&self) -> Option<Timestamp> {
        let sweeps = Kind::all().filter_map(|kind| self.sweep_at(kind));
        sweeps.chain(self.reads().map(|(_, at)| at)).min()
    }

    /// Takes up a complete sweep. Returns whom it concerns.
    pub fn swept(
        &mut self,
        kind: Kind,
        mut objects: Vec<Object>,
        started: Timestamp,
        ended: Timestamp,
    ) -> BTreeSet<Owner> {
        let mut concerned = self.awaiting(kind);
        concerned.extend(self.set_aside(kind, &mut objects));
        concerned.extend(self.set_copies_aside(kind, &mut objects));
        let shown: BTreeSet<_> = objects.iter().map(|object| object.id.clone()).collect();
        for object in objects {
            concerned.extend(self.shown(object, started, None));
        }
        let unseen: Vec<Key> = self
            .entries
            .keys()
            .filter(|(other, id)| *other == kind && !shown.contains(id))
            .cloned()
            .collect();
        for key in unseen {
            concerned.extend(self.missed(&key, started));
        }
        self.sweeps.insert(
            kind,
            Sweep {
                started: Some(started),
                ended: Some(ended),
                failure: None,
            },
        );
        concerned
    }

    /// Takes up a read of `ids`. What is not among `objects` does not exist. Returns whom it concerns.
    pub fn read(&mut self, kind: Kind, ids: &[String], objects: Vec<Object>, started: Timestamp) -> BTreeSet<Owner> {
        let mut concerned = self.awaiting(kind);
        self.reads.remove(&kind);
        for id in ids {
            let exists = |object: &Object| object.id == *id && object.phase != Phase::Deleted;
            let verdict = if objects.iter().any(exists) {
                Verdict::Present
            } else {
                Verdict::Gone
            };
            let key = (kind, id.clone());
            let naming = self.naming(&key);
            if let Some(check) = self.checks.get_mut(&key) {
                if check.since.is_some_and(|since| started < since) {
                    continue;
                }
                if check.verdict != Some(verdict) {
                    concerned.extend(naming);
                    concerned.extend(check.referrers.iter().cloned());
                }
                check.read = Some(started);
                check.verdict = Some(verdict);
            }
            if verdict == Verdict::Gone {
                concerned.extend(self.proven_gone(&key, started));
            }
        }
        for object in objects {
            let key = (kind, object.id.clone());
            let outdated = match self.checks.get(&key) {
                Some(check) => check.since.is_some_and(|since| started < since),
                // Who named it has taken it away while it was read.
                None => is_named(kind),
            };
            if !outdated {
                if self.entries.get(&key).is_none_or(|entry| entry.object != object) {
                    concerned.extend(self.naming(&key));
                }
                concerned.extend(self.shown(object, started, Some(started)));
            }
        }
        concerned
    }

    /// Takes up a look that failed. Returns whom it concerns. A read that fails says nothing of sweeps, and does not hold them up.
    pub fn failed(&mut self, look: &Look, error: CloudError, ended: Timestamp) -> BTreeSet<Owner> {
        let (kind, pace) = match look {
            Look::Sweep(kind) => (*kind, self.sweeps.entry(*kind).or_default()),
            Look::Read(kind, _) => (*kind, self.reads.entry(*kind).or_default()),
        };
        let failures = pace.failure.as_ref().map_or(0, |(_, failures)| *failures) + 1;
        pace.ended = Some(ended);
        pace.failure = Some((error, failures));
        self.interested(|interest| interest.kinds.contains(&kind))
    }

    pub(super) fn interested(&self, concerns: impl Fn(&Interest) -> bool) -> BTreeSet<Owner> {
        let interests = self.interests.iter().filter(|(_, interest)| concerns(interest));
        interests.map(|(owner, _)| owner.clone()).collect()
    }

    fn awaiting(&self, kind: Kind) -> BTreeSet<Owner> {
        self.interested(|interest| interest.awaited.contains(&kind))
    }

    /// Takes up a resource that AWS shows; `detailed` when a read showed it.
    fn shown(&mut self, mut object: Object, started: Timestamp, detailed: Option<Timestamp>) -> Option<Owner> {
        let key = (object.kind(), object.id.clone());
        let timing = self.timing;
        let Some(entry) = self.entries.get_mut(&key) else {
            let owner = self.owner(&object);
            // AWS goes on listing what is deleted. It is no news, and its check stays, or it would be read again for ever.
            if object.phase == Phase::Deleted {
                return None;
            }
            self.take_in(object, detailed);
            return owner;
        };
        object.state.keep_details(&entry.object.state);
        let settled = entry.born.or(entry.written).or(entry.deleted).is_none() && !entry.missing;
        entry.born = None;
        let stale = entry.outruns(started, &timing) && object != entry.object;
        if stale && !matches!(object.phase, Phase::Deleting | Phase::Deleted) {
            return None;
        }
        let changed = !settled || entry.object != object;
        let detailed = detailed.or(entry.detailed);
        let owner = self
            .owner(&object)
            .or_else(|| self.entries.get(&key).and_then(|entry| self.owner(&entry.object)));
        self.remove(&key);
        if object.phase != Phase::Deleted {
            self.take_in(object, detailed);
        }
        owner.filter(|_| changed)
    }

    /// Keeps a resource just as AWS shows it; one of ours is in sweeps, so it is not read by id any more.
    fn take_in(&mut self, object: Object, detailed: Option<Timestamp>) {
        if self.identified(&object) && !is_named(object.kind()) {
            self.checks.remove(&(object.kind(), object.id.clone()));
        }
        self.put(Entry {
            object,
            born: None,
            written: None,
            deleted: None,
            missing: false,
            detailed,
        });
    }

    /// Takes up that a sweep did not show a resource.
    fn missed(&mut self, key: &Key, started: Timestamp) -> Option<Owner> {
        let entry = self.entries.get(key)?;
        let owner = self.owner(&entry.object);
        let inherent = key.0.row().recovery == Recovery::Inherent;
        if entry.deleted.is_some_and(|deleted| started >= deleted) || inherent {
            self.remove(key);
            return owner;
        }
        // What does not carry our tags is in no sweep.
        if entry.deleted.is_some() || entry.is_fresh(started, &self.timing) || !self.identified(&entry.object) {
            return None;
        }
        let known = entry.missing;
        self.entries.get_mut(key)?.missing = true;
        self.checks.entry(key.clone()).or_default();
        owner.filter(|_| !known)
    }

    /// Takes up AWS's word that there is no such id.
    fn proven_gone(&mut self, key: &Key, started: Timestamp) -> Option<Owner> {
        let entry = self.entries.get(key)?;
        if entry.is_fresh(started, &self.timing) {
            return None;
        }
        let owner = self.owner(&entry.object);
        self.remove(key);
        // Sweeps may have shown it since, and show what is gone only when they come again.
        self.take_along(key.0, &key.1, started);
        owner
    }

    pub(super) fn identified(&self, object: &Object) -> bool {
        tag::identity(&self.cluster, &object.tags).is_some()
    }

    fn sweep_at(&self, kind: Kind) -> Option<Timestamp> {
        if is_named(kind) {
            return None;
        }
        let sweep = self.sweeps.get(&kind).cloned().unwrap_or_default();
        let interested = |interest: &Interest| interest.kinds.contains(&kind) || interest.awaited.contains(&kind);
        // What exists is ours to keep an eye on, except where sweeps show everybody's.
        let exists = kind.row().recovery != Recovery::Inherent && self.of(kind).next().is_some();
        if !(exists || self.interests.values().any(interested)) {
            return None;
        }
        let unlisted = |&parent: &Kind| self.sweeps.get(&parent).is_none_or(|sweep| sweep.started.is_none());
        if kind.row().listed_by.iter().any(unlisted) {
            return None;
        }
        let Some(ended) = sweep.ended else {
            return Some(Timestamp::MIN);
        };
        let calm = spread(self.calm(kind), kind.word());
        let pace = if self.is_awaited(kind) { kind.row().poll } else { calm };
        let pace = match &sweep.failure {
            None => pace,
            Some((_, failures)) => pace.max(backoff(kind, *failures)).min(LONGEST_BACKOFF),
        };
        Some(after(ended, pace))
    }

    /// Between two looks at things of a kind while all is at rest.
    pub(super) fn calm(&self, kind: Kind) -> Duration {
        match kind.row().lane {
            Lane::Sweep => self.timing.sweep,
            Lane::Slow | Lane::Named => self.timing.slow,
        }
    }

    fn is_awaited(&self, kind: Kind) -> bool {
        let pending = |(_, entry): (&Key, &Entry)| {
            entry.born.or(entry.written).is_some() || matches!(entry.object.phase, Phase::Pending | Phase::Deleting)
        };
        self.interests.values().any(|interest| interest.awaited.contains(&kind)) || self.of(kind).any(pending)
    }

    pub(super) fn of(&self, kind: Kind) -> impl Iterator<Item = (&Key, &Entry)> {
        self.entries
            .range((kind, String::new())..)
            .take_while(move |((other, _), _)| *other == kind)
    }

    /// Resources to read by id, with the time.
    fn reads(&self) -> impl Iterator<Item = (Key, Timestamp)> + '_ {
        let checks = self.checks.iter().filter_map(|(key, check)| {
            if is_named(key.0) {
                let at = self.next_read(key, check)?;
                return Some((key.clone(), self.not_before_backoff(key.0, at)));
            }
            let Check {
                referrers,
                read,
                verdict,
                since: _,
            } = check;
            let again = match (read, verdict) {
                (None, _) => Timestamp::MIN,
                (Some(read), None) => after(*read, key.0.row().poll),
                // One of ours is read again only when somebody asks again.
                (Some(_), Some(_)) if referrers.is_empty() => return None,
                (Some(read), Some(_)) => after(*read, spread(self.calm(key.0), &key.1)),
            };
            Some((key.clone(), self.not_before_backoff(key.0, again)))
        });
        let detailed = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.object.state.has_details() && entry.deleted.is_none());
        let details = detailed.map(|(key, entry)| {
            let read = match entry.detailed {
                Some(read) if !entry.object.state.lacks_details() => after(read, self.detail_pace(key, entry)),
                Some(_) | None => Timestamp::MIN,
            };
            (key.clone(), self.not_before_backoff(key.0, read))
        });
        checks.chain(details)
    }

    /// Between two reads of what only a read of this one resource shows.
    fn detail_pace(&self, key: &Key, entry: &Entry) -> Duration {
        if entry.object.state.is_underway() {
            return key.0.row().poll;
        }
        let owner = self.owner(&entry.object);
        let interest = owner.and_then(|owner| self.interests.get(&owner));
        match key.0.row().details {
            Details::None | Details::Rare => spread(self.timing.detail, &key.1),
            // Its owner waits for what it shows.
            Details::Slow => spread(self.timing.slow, &key.1),
            Details::Steady if interest.is_some_and(|interest| interest.awaited.contains(&key.0)) => key.0.row().poll,
            Details::Steady => spread(self.timing.sweep, &key.1),
        }
    }

    fn not_before_backoff(&self, kind: Kind, at: Timestamp) -> Timestamp {
        let Some(Sweep {
            started: _,
            ended: Some(ended),
            failure: Some((_, failures)),
        }) = self.reads.get(&kind)
        else {
            return at;
        };
        at.max(after(*ended, backoff(kind, *failures)))
    }
}

/// How long to wait after looks of a kind that failed this often in a row.
fn backoff(kind: Kind, failures: u32) -> Duration {
    (kind.row().poll * 2_u32.saturating_pow(failures.min(6))).min(LONGEST_BACKOFF)
}
