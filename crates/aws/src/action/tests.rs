use std::fs;
use std::path::Path;

use super::*;

#[test]
fn the_table_is_in_the_order_of_the_enum() {
    for (index, row) in TABLE.iter().enumerate() {
        assert_eq!(row.action as usize, index, "{}", row.name);
    }
}

#[test]
fn a_call_is_found_by_its_service_and_name() {
    assert_eq!(Action::named("EC2", "CreateVpc"), Some(Action::CreateVpc));
    assert_eq!(Action::named("EFS", "TagResource"), Some(Action::EfsTagResource));
    assert_eq!(Action::named("CloudWatch Logs", "TagResource"), None);
    assert_eq!(Action::named("EFS", "CreateVpc"), None);
    assert_eq!(Action::named("EC2", "RebootInstances"), None);
    let put = |service| Action::named(service, "PutScalingPolicy");
    assert_eq!(put("Auto Scaling"), Some(Action::PutScalingPolicy));
    let application = Some(Action::ApplicationAutoScalingPutScalingPolicy);
    assert_eq!(put("Application Auto Scaling"), application);
}

#[test]
fn a_service_has_one_call_of_a_name() {
    for row in TABLE {
        assert_eq!(Action::named(row.service.sdk(), row.name), Some(row.action));
    }
}

#[test]
fn a_call_is_called_by_its_name_and_at_most_its_service() {
    for row in TABLE {
        let name = format!("{:?}", row.action);
        let service = format!("{:?}", row.service);
        assert_eq!(name.strip_prefix(&service).unwrap_or(&name), row.name);
    }
}

/// This crate's sources but the tests, without the white space.
fn sources() -> Vec<(String, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if !(name.ends_with("/tests.rs") || name.ends_with("/testing.rs")) {
                let text = fs::read_to_string(&path).unwrap();
                sources.push((name, text.split_whitespace().collect()));
            }
        }
    }
    sources
}

/// The services, by the names of their clients.
fn services() -> Vec<(Service, String)> {
    let mut services: Vec<_> = TABLE.iter().map(|row| row.service).collect();
    services.dedup();
    let named = services
        .into_iter()
        .map(|service| (service, format!("{service:?}").to_lowercase()));
    named.collect()
}

/// The SDK's calls in a source: `aws.ec2.write.create_vpc(` and so on.
fn calls(source: &str) -> Vec<(Service, Class, String)> {
    let mut calls = Vec::new();
    for (service, client) in services() {
        for (class, word) in [(Class::Read, "read"), (Class::Write, "write")] {
            let client = format!("aws.{client}.{word}.");
            for (start, _) in source.match_indices(&client) {
                let rest = &source[start + client.len()..];
                let end = rest.find('(').unwrap();
                calls.push((service, class, rest[..end].to_owned()));
            }
        }
    }
    calls
}

/// Whether the SDK's `get_web_acl_for_resource` is AWS's `GetWebACLForResource`.
fn same(snake: &str, name: &str) -> bool {
    snake.replace('_', "").eq_ignore_ascii_case(name)
}

#[test]
fn every_call_in_the_source_is_in_the_table() {
    for (file, source) in sources() {
        for (service, class, name) in calls(&source) {
            let mut rows = TABLE.iter().filter(|row| row.service == service);
            let row = rows.find(|row| same(&name, row.name));
            let row = row.unwrap_or_else(|| panic!("{file} calls {name}"));
            assert_eq!(row.class, class, "{file}: {name}");
            assert!(
                source.contains(&format!("Action::{:?}", row.action)),
                "{file} calls {name} by another name"
            );
        }
    }
}

#[test]
fn every_call_in_the_table_is_made() {
    let made: Vec<_> = sources().iter().flat_map(|(_, source)| calls(source)).collect();
    let unused: Vec<_> = TABLE
        .iter()
        .filter(|row| {
            !made
                .iter()
                .any(|(service, _, name)| *service == row.service && same(name, row.name))
        })
        .map(|row| row.action)
        .collect();
    assert_eq!(unused, [], "nobody calls these");
}

#[test]
fn every_client_is_reached_in_the_way_the_source_is_searched_for() {
    for (file, source) in sources() {
        // One client's name may end like another's.
        let whole = |start: usize| !source[..start].ends_with(char::is_alphanumeric);
        let reached = |way: &str| source.match_indices(way).filter(|(start, _)| whole(*start)).count();
        let count = |client: &str| reached(&format!("{client}.read")) + reached(&format!("{client}.write"));
        let clients: usize = services().iter().map(|(_, client)| count(client)).sum();
        assert_eq!(clients, calls(&source).len(), "{file}");
        let sent = source.matches(".send()").count();
        assert_eq!(
            clients, sent,
            "{file} sends what it did not build, or the other way round"
        );
    }
}
