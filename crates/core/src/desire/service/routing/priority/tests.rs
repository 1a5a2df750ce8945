use hastack_api::service::routing::RoutingSpec;
use proptest::prelude::*;

use super::*;

fn routing(text: &str) -> RoutingSpec {
    serde_yaml_ng::from_str(&format!("{{{text}}}")).unwrap()
}

fn service(name: &str, text: &str) -> AutoScaledService {
    let text = format!(
        "{{apiVersion: hastack.dev/v1alpha1, kind: AutoScaledService, metadata: {{name: {name}, namespace: shop}}, spec: {{stackRef: {{name: web}}, image: {{id: ami-0123456789abcdef0}}, capacity: {{min: 1, max: 1}}, routing: {{{text}}}}}}}"
    );
    serde_yaml_ng::from_str(&text).unwrap()
}

/// The places of the rules of a service of this name.
fn places_of(name: &str, routing: &RoutingSpec, others: &[AutoScaledService]) -> Result<Vec<Place>, SpecError> {
    let own = Claim {
        service: name,
        since: None,
        priority: routing.priority,
        rules: cut::rules(routing)?,
        is_leaving: false,
    };
    places(own, others)
}

/// The places of each service's rules, by the service's name.
fn all(services: &[AutoScaledService]) -> Result<BTreeMap<String, Vec<Place>>, SpecError> {
    let places = services.iter().map(|service| {
        let name = service.metadata.name.clone().unwrap();
        let routing = service.spec.routing.as_ref().unwrap();
        let others: Vec<_> = services.iter().filter(|other| *other != service).cloned().collect();
        let places = places_of(&name, routing, &others)?;
        Ok((name, places))
    });
    places.collect()
}

fn priorities(services: &[(&str, &str)]) -> Vec<(String, Vec<u16>)> {
    let services: Vec<_> = services.iter().map(|(name, text)| service(name, text)).collect();
    let places = all(&services).unwrap().into_iter();
    places
        .map(|(name, places)| (name, places.iter().map(|place| place.priority).collect()))
        .collect()
}

#[test]
fn the_more_particular_comes_first() {
    let order = [
        "hosts: [a.example.com], paths: [/api/v1/*]",
        "hosts: [a.example.com], paths: [/api/*], headers: [{name: x-team, values: [a]}], methods: [GET]",
        "hosts: [a.example.com], paths: [/api/*], methods: [GET]",
        "hosts: [a.example.com], paths: [/api/*]",
        "hosts: [a.example.com]",
        "hosts: ['*.a.example.com']",
        "hosts: ['*.example.com', a.example.com]",
        "paths: [/a/very/long/path/that/goes/on/for/ever/and/ever/*]",
        "paths: [/api/v1/*]",
        "paths: [/api]",
        "paths: [/api*]",
        "paths: [/api/v1/*, /a/*]",
        "paths: ['/*'], methods: [GET]",
        "paths: ['/*']",
    ];
    let priority = |text: &&str| places_of("web", &routing(text), &[]).unwrap()[0].priority;
    let found: Vec<_> = order.iter().map(priority).collect();
    // `/api` fits what `/api*` does not begin with.
    assert!(found.is_sorted(), "{found:?}");
}

#[test]
fn a_given_priority_is_taken_and_those_that_follow_where_there_are_several_rules() {
    let services = [
        ("a", "paths: [/a/*], priority: 10"),
        ("b", "paths: [/b/1/*, /b/2/*, /b/3/*, /b/4/*], priority: 20"),
    ];
    assert_eq!(
        priorities(&services),
        [("a".to_owned(), vec![10]), ("b".to_owned(), vec![20, 21])]
    );
}

#[test]
fn an_automatic_priority_is_never_one_that_another_service_is_given() {
    let alone = priorities(&[("web", "paths: ['/*']")])[0].1[0];
    let given = format!("paths: [/b/*], priority: {alone}");
    let beside = priorities(&[("web", "paths: ['/*']"), ("zebra", &given)]);
    assert_ne!(beside[0].1[0], alone);
    assert_eq!(beside[1].1[0], alone);
}

#[test]
fn one_priority_for_two_services_is_refused_and_both_are_named() {
    let services = [
        "paths: [/a/1/*, /a/2/*, /a/3/*, /a/4/*], priority: 10",
        "paths: [/b/*], priority: 11",
    ];
    let mut services: Vec<_> = ["orders", "users"]
        .iter()
        .zip(services)
        .map(|(name, text)| service(name, text))
        .collect();
    assert_eq!(
        all(&services).unwrap_err().to_string(),
        "cannot use routing.priority 11: users and orders both take it, on one load balancer"
    );
    // One that is being deleted makes way.
    services[0].metadata.deletion_timestamp = serde_yaml_ng::from_str("2026-01-01T00:00:00Z").unwrap();
    let users = services[1].spec.routing.as_ref().unwrap();
    let places = places_of("users", users, &services[..1]).unwrap();
    assert_eq!(places[0].priority, 11);
}

#[test]
fn of_two_services_that_are_given_one_priority_the_older_one_has_it() {
    let aged = |name: &str, since: &str| {
        let mut service = service(name, "paths: [/a/*], priority: 10");
        service.metadata.creation_timestamp = serde_yaml_ng::from_str(since).unwrap();
        service
    };
    let (old, new) = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
    for (names, holder) in [([("b", old), ("a", new)], "b"), ([("a", old), ("b", old)], "a")] {
        let services = names.map(|(name, since)| aged(name, since));
        for (index, service) in services.iter().enumerate() {
            let other = [services[1 - index].clone()];
            let claim = claim(service).unwrap();
            let name = claim.service;
            match places(claim, &other) {
                Ok(places) => {
                    assert_eq!(name, holder);
                    assert_eq!(places[0].priority, 10);
                    assert!(places[0].contested.is_empty());
                }
                Err(error) => {
                    assert_ne!(name, holder);
                    assert!(error.to_string().contains(holder), "{error}");
                }
            }
        }
    }
}

#[test]
fn what_a_service_has_beside_others_follows_from_their_specs_alone() {
    let mut services = ["d", "b", "a", "c"].map(|name| service(name, "paths: [/api/*]"));
    let first = all(&services).unwrap();
    services.reverse();
    assert_eq!(all(&services).unwrap(), first);
    let priorities: BTreeSet<_> = first.values().map(|places| places[0].priority).collect();
    assert_eq!(priorities.len(), 4);
}

#[test]
fn what_is_wrong_with_others_is_not_said_of_a_service() {
    let services: Vec<_> = ["a", "b"]
        .iter()
        .map(|name| service(name, "paths: [/a/*], priority: 10"))
        .collect();
    let routing = routing("paths: [/c/*]");
    assert!(places_of("c", &routing, &services).is_ok());
}

#[test]
fn rules_beyond_the_highest_priority_are_refused() {
    let routing = routing("paths: [/a/1/*, /a/2/*, /a/3/*, /a/4/*], priority: 50000");
    let refused = places_of("web", &routing, &[]);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "cannot route requests by routing.priority: it takes 2 rules, and 50000 is the highest there is"
    );
}

#[test]
fn rules_that_change_places_have_somewhere_to_go_meanwhile() {
    let services = [
        service("a", "paths: [/a/*], priority: 20"),
        service("b", "paths: [/b/*], priority: 10"),
    ];
    let places = all(&services).unwrap();
    assert_eq!(places["a"][0].contested, BTreeSet::from([10]));
    assert_eq!(places["b"][0].contested, BTreeSet::from([20]));
    assert_ne!(places["a"][0].parking, places["b"][0].parking);
}

proptest! {
    #[test]
    fn no_two_rules_have_one_priority_and_all_services_agree(
        texts in proptest::collection::vec(
            (
                proptest::option::of("[a-z*]{1,3}\\.[a-c]{1,2}"),
                proptest::collection::vec("/[a-c]{0,3}(/\\*)?", 1..9),
                proptest::option::of(1_u16..1200),
            ),
            1..40,
        ),
    ) {
        let text = |(host, paths, priority): &(Option<String>, Vec<String>, Option<u16>)| {
            let host = host.iter().map(|host| format!("hosts: ['{host}'], "));
            let priority = priority.iter().map(|priority| format!(", priority: {priority}"));
            let paths = paths.iter().map(|path| format!("'{path}'")).collect::<Vec<_>>().join(", ");
            let paths = [format!("paths: [{paths}]")];
            host.chain(paths).chain(priority).collect::<String>()
        };
        let services: Vec<_> =
            texts.iter().enumerate().map(|(index, given)| service(&format!("s{index}"), &text(given))).collect();
        // Those that are given one of another service are refused; the others are not to know.
        let places = services.iter().filter_map(|service| {
            let name = service.metadata.name.clone().unwrap();
            let routing = service.spec.routing.as_ref().unwrap();
            Some((name.clone(), places_of(&name, routing, &services).ok()?))
        });
        let places: Vec<_> = places.collect();
        let mut seen = BTreeSet::new();
        for (name, places) in &places {
            for place in places {
                prop_assert!(place.priority >= 1 && place.priority <= HIGHEST);
                prop_assert!(seen.insert(place.priority), "{name} has {} too", place.priority);
                prop_assert!(seen.insert(place.parking), "{name} goes to {} too", place.parking);
                prop_assert!(!place.contested.contains(&place.priority));
            }
        }
    }
}
