//! The priorities of rules: the same for the same specs, and never one for two rules of a load balancer.
//!
//! | priorities | whose |
//! |---|---|
//! | any | given by users; no other rule gets one of those, and of two services that are given the same the older one has it |
//! | 1000 to 41319 | automatic: the more particular first, in bands of 48 |
//! | 42000 to 50000 | what a rule has meanwhile that makes way for another one |

use std::collections::{BTreeMap, BTreeSet};

use hastack_api::AutoScaledService;
use jiff::Timestamp;

use super::cut::{self, EVERYTHING, literal};
use crate::desire::SpecError;
use crate::desire::name::digest;
use crate::resource::listener_rule::{Conditions, Place};

/// The highest priority there is.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html>
const HIGHEST: u16 = 50_000;
/// Where automatic priorities begin, and where those that rules have meanwhile do.
const AUTOMATIC: u16 = 1000;
const PARKING: u16 = 42_000;
/// How many priorities a band has: rules that are just as particular as each other are in one, in no order.
const SLOTS: u16 = 48;
/// How many classes of hosts with wildcards there are, of paths, and of further conditions.
const WILDCARD_HOSTS: usize = 5;
const PATHS: usize = 40;
const FURTHER: usize = 3;
/// Up to here each length of a path is a class of its own; beyond, so many make one.
const EXACT_LENGTHS: usize = 32;
const LENGTHS: usize = 16;

/// What a service wants of the load balancer that it shares with others.
pub(super) struct Claim<'a> {
    /// Its name.
    pub(super) service: &'a str,
    /// Since when it exists.
    pub(super) since: Option<Timestamp>,
    /// The priority it is given.
    pub(super) priority: Option<u16>,
    /// What its rules are about.
    pub(super) rules: Vec<Conditions>,
    /// Whether it is on its way out.
    pub(super) is_leaving: bool,
}

/// A rule: whose, and the how-manieth of that service.
type Key<'a> = (&'a str, u16);

/// The places of a service's rules among those of the services beside it.
pub(super) fn places(own: Claim<'_>, services: &[AutoScaledService]) -> Result<Vec<Place>, SpecError> {
    let name = own.service;
    let others = services.iter().filter_map(claim).filter(|other| other.service != name);
    let mut claims: Vec<_> = others.chain([own]).collect();
    claims.sort_by_key(|claim| claim.service);
    let given = given(name, &claims)?;
    let mut taken: BTreeSet<u16> = given.values().copied().collect();
    let mut wanted = given;
    for (key, rule) in claims
        .iter()
        .filter(|claim| claim.priority.is_none())
        .flat_map(Claim::rules)
    {
        let priority = free(automatic(key, rule), &taken);
        taken.insert(priority);
        wanted.insert(key, priority);
    }
    let mut places = Vec::new();
    for (key, _) in claims.iter().flat_map(Claim::rules) {
        let first = PARKING + hash(key, HIGHEST - PARKING);
        let parking = free((first..=HIGHEST).chain(PARKING..first), &taken);
        taken.insert(parking);
        if let (true, Some(&priority)) = (key.0 == name, wanted.get(&key)) {
            let others = wanted.iter().filter(|(other, _)| **other != key);
            places.push(Place {
                priority,
                parking,
                contested: others.map(|(_, priority)| *priority).collect(),
            });
        }
    }
    Ok(places)
}

/// What a service beside this one wants; nothing where its spec cannot be met, which is said of it there.
fn claim(service: &AutoScaledService) -> Option<Claim<'_>> {
    let routing = service.spec.routing.as_ref()?;
    Some(Claim {
        service: service.metadata.name.as_deref()?,
        since: service.metadata.creation_timestamp.as_ref().map(|time| time.0),
        priority: routing.priority,
        rules: cut::rules(routing).ok()?,
        is_leaving: service.metadata.deletion_timestamp.is_some(),
    })
}

/// The priorities that users give: the first rule of a service has the one in its spec, the others those that follow. What an older
/// service has is its, whatever a younger one is given later; one that is on its way out makes way.
fn given<'a>(name: &str, claims: &[Claim<'a>]) -> Result<BTreeMap<Key<'a>, u16>, SpecError> {
    let mut given: BTreeMap<Key<'a>, u16> = BTreeMap::new();
    let mut holders: BTreeMap<u16, &Claim<'a>> = BTreeMap::new();
    let mut oldest_first: Vec<_> = claims.iter().collect();
    oldest_first.sort_by_key(|claim| (claim.since, claim.service));
    for claim in oldest_first {
        let Some(first) = claim.priority else {
            continue;
        };
        for (key, _) in claim.rules() {
            let priority = first.saturating_add(key.1);
            if priority > HIGHEST && claim.service == name {
                return Err(SpecError::RouteRequests {
                    field: "routing.priority",
                    reason: format!(
                        "it takes {} rules, and {HIGHEST} is the highest there is",
                        claim.rules.len()
                    ),
                });
            }
            let holder = holders.get(&priority);
            match holder.filter(|holder| !holder.is_leaving && !claim.is_leaving) {
                Some(other) if claim.service == name => {
                    return Err(SpecError::SharePriority {
                        priority,
                        service: claim.service.to_owned(),
                        other: other.service.to_owned(),
                    });
                }
                // That is said of it there.
                Some(_) => continue,
                None => {}
            }
            if !(claim.is_leaving && holder.is_some()) {
                holders.insert(priority, claim);
            }
            given.insert(key, priority);
        }
    }
    Ok(given)
}

impl<'a> Claim<'a> {
    fn rules(&self) -> impl Iterator<Item = (Key<'a>, &Conditions)> {
        let service = self.service;
        (0..)
            .zip(&self.rules)
            .map(move |(number, rule)| ((service, number), rule))
    }
}

/// The first of these that nobody has.
fn free(mut priorities: impl Iterator<Item = u16>, taken: &BTreeSet<u16>) -> u16 {
    // There are many times more of them than AWS takes rules.
    priorities.find(|priority| !taken.contains(priority)).unwrap_or(HIGHEST)
}

/// What a rule may have, what suits it best first: those of its band, beginning anywhere, so that another service beside it seldom
/// moves it.
fn automatic(key: Key<'_>, rule: &Conditions) -> impl Iterator<Item = u16> {
    let first = AUTOMATIC + band(rule) * SLOTS;
    let slot = hash(key, SLOTS);
    let band = (0..SLOTS).map(move |step| first + (slot + step) % SLOTS);
    band.chain(first + SLOTS..PARKING).chain(AUTOMATIC..first)
}

/// How general a rule is: by its hosts, then by what its paths begin with, then by how much else it asks for. The most general value
/// of each counts.
fn band(rule: &Conditions) -> u16 {
    let Conditions {
        hosts,
        paths,
        methods,
        headers,
        others: _,
    } = rule;
    let labels = |host: &&String| host.matches('.').count().clamp(1, WILDCARD_HOSTS);
    let fewest = hosts
        .iter()
        .filter(|host| host.contains(['*', '?']))
        .map(|host| labels(&host))
        .min();
    let host = match fewest {
        _ if hosts.is_empty() => WILDCARD_HOSTS + 1,
        Some(labels) => WILDCARD_HOSTS + 1 - labels,
        None => 0,
    };
    let paths = paths.iter().filter(|path| *path != EVERYTHING);
    let length = paths.map(|path| literal(path)).min().unwrap_or_default();
    let beyond = length.saturating_sub(EXACT_LENGTHS).div_ceil(LENGTHS);
    let path = (PATHS - 1).saturating_sub(length.min(EXACT_LENGTHS) + beyond);
    let further = FURTHER - 1 - usize::from(!headers.is_empty()) - usize::from(!methods.is_empty());
    u16::try_from((host * PATHS + path) * FURTHER + further).unwrap_or_default()
}

/// A number below `end` that follows from whose rule it is.
fn hash((service, number): Key<'_>, end: u16) -> u16 {
    let digits = digest(&format!("{service}\n{number}"));
    let number = u64::from_str_radix(&digits, 16).unwrap_or_default() % u64::from(end);
    u16::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests;
