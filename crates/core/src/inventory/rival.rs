//! Names that somebody else has already. AWS refuses a second one of a name, or answers as if it had made that which is there: what
//! is not ours must be known before anything is created in its place.

use std::collections::BTreeSet;

use super::Inventory;
use crate::desired::{Desired, Origin};
use crate::kind::Kind;
use crate::object::Object;
use crate::observed::Observed;
use crate::owner::Owner;
use crate::tag::{self, Tags};

impl Inventory {
    /// Keeps those a sweep has shown that are not ours, where that matters, and leaves the others. Returns whom it concerns.
    pub(super) fn set_aside(&mut self, kind: Kind, objects: &mut Vec<Object>) -> BTreeSet<Owner> {
        if !kind.row().shares_names {
            return BTreeSet::new();
        }
        let strangers: Vec<_> = objects.extract_if(.., |object| !self.identified(object)).collect();
        let earlier = self.strangers.insert(kind, strangers).unwrap_or_default();
        if self.strangers.get(&kind) == Some(&earlier) {
            return BTreeSet::new();
        }
        self.interested(|interest| interest.kinds.contains(&kind))
    }

    /// Whether AWS has answered a creation with what is somebody else's.
    pub fn is_anothers(&self, made: &Object) -> bool {
        let Some(strangers) = self.strangers.get(&made.kind()) else {
            return false;
        };
        let known = self.entries.get(&(made.kind(), made.id.clone()));
        let known = known.map(|entry| &entry.object.tags).into_iter();
        let mut known = known.chain(
            strangers
                .iter()
                .filter(|other| other.id == made.id)
                .map(|other| &other.tags),
        );
        let identity = |tags: &Tags| tag::identity(&self.cluster, tags).map(|identity| (identity.owner, identity.node));
        known.any(|tags| identity(tags) != identity(&made.tags))
    }

    /// Shows what is in the places of such as are wanted and are not there.
    pub(super) fn observe_rivals(&self, desired: &Desired, observed: &mut Observed) {
        let absent = desired.nodes.iter().filter(|(id, node)| {
            id.kind.row().shares_names && node.origin == Origin::Managed && !observed.objects.contains_key(id)
        });
        let mut taken = Vec::new();
        for (id, node) in absent {
            let strangers = self.strangers.get(&id.kind).into_iter().flatten();
            let neighbours = self.of(id.kind).filter(|(_, entry)| entry.deleted.is_none());
            let neighbours = neighbours.map(|(_, entry)| &entry.object);
            let owner = &desired.identity.owner;
            let mut others = strangers.chain(neighbours.filter(|object| self.owner(object).as_ref() != Some(owner)));
            let rival = others.find(|object| node.spec.rivals(&object.state));
            taken.extend(rival.map(|rival| (id.clone(), rival.clone())));
        }
        observed.taken.extend(taken);
    }
}
