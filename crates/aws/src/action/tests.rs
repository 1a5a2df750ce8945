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
fn a_call_is_found_by_its_name() {
    assert_eq!(Action::named("CreateVpc"), Some(Action::CreateVpc));
    assert_eq!(Action::named("RunInstances"), None);
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

/// The SDK's calls in a source: `aws.ec2.write.create_vpc(` and so on.
fn calls(source: &str) -> Vec<(Service, Class, String)> {
    let services = [Service::Ec2, Service::Sts];
    let mut calls = Vec::new();
    for service in services {
        for (class, word) in [(Class::Read, "read"), (Class::Write, "write")] {
            let client = format!("aws.{}.{word}.", service.word());
            for (start, _) in source.match_indices(&client) {
                let rest = &source[start + client.len()..];
                let end = rest.find('(').unwrap();
                calls.push((service, class, camel(&rest[..end])));
            }
        }
    }
    calls
}

fn camel(snake: &str) -> String {
    let words = snake.split('_');
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

#[test]
fn every_call_in_the_source_is_in_the_table() {
    for (file, source) in sources() {
        for (service, class, name) in calls(&source) {
            let action = Action::named(&name).unwrap_or_else(|| panic!("{file} calls {name}"));
            assert_eq!(
                (action.row().service, action.row().class),
                (service, class),
                "{file}: {name}"
            );
            assert!(
                source.contains(&format!("Action::{name}")),
                "{file} calls {name} by another name"
            );
        }
    }
}

#[test]
fn every_call_in_the_table_is_made() {
    let made: Vec<_> = sources().iter().flat_map(|(_, source)| calls(source)).collect();
    for row in TABLE {
        assert!(
            made.iter().any(|(_, _, name)| name == row.name),
            "nobody calls {}",
            row.name
        );
    }
}

#[test]
fn every_client_is_reached_in_the_way_the_source_is_searched_for() {
    for (file, source) in sources() {
        let clients = source.matches("ec2.read").count()
            + source.matches("ec2.write").count()
            + source.matches("sts.read").count()
            + source.matches("sts.write").count();
        assert_eq!(clients, calls(&source).len(), "{file}");
        let sent = source.matches(".send()").count();
        assert_eq!(
            clients, sent,
            "{file} sends what it did not build, or the other way round"
        );
    }
}

#[test]
fn only_reads_are_allowed_everywhere() {
    for row in TABLE {
        let everywhere = matches!(row.grant, Grant::Everything | Grant::Unneeded);
        assert_eq!(everywhere, row.class == Class::Read, "{}", row.name);
    }
}
