//! What there is in AWS before the stacks and after them.
use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use hastack_testbed::account::Found;

use super::ground::{CLUSTER_TAG, Ground};

/// What the last snapshots of databases are, which are what is kept of them.
const SNAPSHOTS: [&str; 2] = ["DB snapshot", "DB cluster snapshot"];

/// On what is not wanted any more and stays, as its deletion policy says: since when.
const RETAINED_TAG: &str = "hastack.dev/retained-at";

/// What there is: everything in the stand-in; in an account others use too, what carries our cluster's tag.
#[derive(Debug, Default)]
pub(crate) struct Remains {
    kinds: Vec<String>,
    found: BTreeMap<(String, String), Found>,
}

impl Remains {
    pub(crate) async fn take(ground: &Ground) -> Result<Self> {
        let is_shared = ground.account.endpoint.is_none();
        let counts = |found: &Found| !is_shared || found.tags.get(CLUSTER_TAG) == Some(&ground.cluster_id);
        let mut remains = Self::default();
        for region in &ground.stacks.regions {
            let seen = ground.account.look(region).await?;
            remains.kinds = seen.kinds;
            remains.add(seen.found.into_iter().filter(counts));
        }
        Ok(remains)
    }

    fn add(&mut self, found: impl Iterator<Item = Found>) {
        let named = |found: Found| ((found.kind.clone(), found.id.clone()), found);
        self.found.extend(found.map(named));
    }

    /// What is here and not there: what is retained, and what is left.
    pub(crate) fn beyond<'a>(&'a self, other: &Self) -> (Vec<&'a Found>, Vec<&'a Found>) {
        let here = self.found.iter().filter(|(key, _)| !other.found.contains_key(*key));
        here.map(|(_, found)| found)
            .partition(|found| found.tags.contains_key(RETAINED_TAG) || is_last_snapshot(found))
    }

    /// `no VPC, no subnet, ...`, of what nothing is retained.
    pub(crate) fn looked_at(&self, retained: &[&Found]) -> String {
        let stay: BTreeSet<_> = retained.iter().map(|found| &found.kind).collect();
        let gone = self.kinds.iter().filter(|kind| !stay.contains(kind));
        let nouns: Vec<_> = gone.map(|kind| format!("no {kind}")).collect();
        let before = if self.found.len() > retained.len() {
            ", but what was there before"
        } else {
            ""
        };
        format!("{}{before}.", nouns.join(", "))
    }
}

/// Whether it is what a database leaves behind.
fn is_last_snapshot(found: &Found) -> bool {
    SNAPSHOTS.contains(&found.kind.as_str()) && found.tags.contains_key(CLUSTER_TAG)
}

/// What it is, and why it is still there.
pub(crate) fn retained(found: &Found) -> String {
    if is_last_snapshot(found) {
        return format!("{found} keeps the data, as the database's deletion policy says");
    }
    let since = found.tags.get(RETAINED_TAG).map(String::as_str).unwrap_or_default();
    format!("{found} stays, as its deletion policy says; retained since {since}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn remains(ids: &[(&str, bool)]) -> Remains {
        let found = |(id, retained): &(&str, bool)| {
            let tags = retained.then(|| (RETAINED_TAG.to_owned(), "2026-11-23T12:00:00Z".to_owned()));
            Found {
                kind: "VPC".into(),
                id: (*id).into(),
                state: None,
                tags: tags.into_iter().collect(),
                object: json!({}),
            }
        };
        let mut remains = Remains {
            kinds: vec!["VPC".into(), "subnet".into()],
            ..Remains::default()
        };
        remains.add(ids.iter().map(found));
        remains
    }

    #[test]
    fn only_what_is_new_is_left_and_what_a_policy_retains_is_told_apart() {
        let after = remains(&[("vpc-0", false), ("vpc-1", false), ("vpc-2", true)]);
        let (retained, left) = after.beyond(&remains(&[("vpc-0", false)]));
        let ids = |found: Vec<&Found>| found.into_iter().map(|found| found.id.clone()).collect::<Vec<_>>();
        assert_eq!((ids(retained), ids(left)), (vec!["vpc-2".into()], vec!["vpc-1".into()]));
    }

    #[test]
    fn what_is_retained_is_not_said_to_be_gone() {
        let after = remains(&[("vpc-2", true)]);
        let (retained, _) = after.beyond(&Remains::default());
        assert_eq!(after.looked_at(&retained), "no subnet.");
    }
}
