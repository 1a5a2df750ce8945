use super::*;
use crate::desire::service::sample::{inputs, on, service, stack};

mod machine;
mod reader;

use machine::Machine;
use reader::{Part, read};

const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf";
const FILES: &str = "fileSystem: {accessPoints: [{name: uploads}]}";
const MOUNT: &str = "mounts: [{fileSystem: stack, path: /mnt/efs}]";

fn pieces(stack_parts: &str, parts: &str, texts: &[(TextRef, &str)]) -> Result<Vec<Piece>, SpecError> {
    let texts = texts.iter().map(|(source, text)| (source.clone(), (*text).to_owned()));
    let inputs = Inputs {
        texts: texts.collect(),
        ..inputs()
    };
    let spec = service("web", parts).spec;
    on(&stack(stack_parts), |site| user_data(&spec, site, &inputs))
}

/// The text with ids as AWS gives them.
fn whole(pieces: &[Piece]) -> String {
    let texts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.as_str(),
        Piece::Id(node) if node.kind == Kind::AccessPoint => "fsap-0123456789abcdef0",
        Piece::Id(_) => "fs-0123456789abcdef0",
    });
    texts.collect()
}

fn of(parts: &str) -> String {
    whole(&pieces(FILES, parts, &[]).unwrap())
}

fn config_map() -> TextRef {
    TextRef {
        store: TextStore::ConfigMap,
        name: "settings".into(),
        key: "mode".into(),
    }
}

fn refusal(parts: &str) -> String {
    pieces("", parts, &[]).unwrap_err().to_string()
}

/// A service with these variables, as YAML.
fn environment(entries: &[(&str, &str)]) -> String {
    let entries = entries.iter().map(|(name, value)| {
        let value = serde_json::to_string(value).unwrap();
        format!("{{name: {name}, value: {value}}}")
    });
    format!("environment: [{}]", entries.collect::<Vec<_>>().join(", "))
}

#[test]
fn where_there_is_nothing_to_set_up_the_users_data_is_as_it_is() {
    assert!(pieces("", "", &[]).unwrap().is_empty());
    assert!(pieces("", "userData: ' '", &[]).unwrap().is_empty());
    assert_eq!(of("userData: \"#!/bin/sh\\necho grün\\n\""), "#!/bin/sh\necho grün\n");
}

#[test]
fn user_data_is_read_from_a_secret_or_config_map() {
    let parts = "userDataFrom: {configMap: {name: settings, key: mode}}";
    let found = pieces("", parts, &[(config_map(), "#!/bin/sh\n")]).unwrap();
    assert_eq!(whole(&found), "#!/bin/sh\n");
    assert_eq!(
        refusal("userDataFrom: {secret: {name: boot, key: script}}"),
        "cannot read userDataFrom: there is no key \"script\" in the Secret \"boot\""
    );
}

#[test]
fn what_must_be_read_is_named() {
    let parts = "userDataFrom: {secret: {name: boot, key: script}}, environment: [{name: A, configMap: {name: settings, key: mode}}, {name: B, configMap: {name: settings, key: mode}}]";
    let names: Vec<_> = texts(&service("web", parts).spec)
        .iter()
        .map(|text| format!("{} {}/{}", text.store, text.name, text.key))
        .collect();
    assert_eq!(names, ["Secret boot/script", "ConfigMap settings/mode"]);
}

#[test]
fn what_cannot_be_met_is_refused_with_the_fields_name() {
    let cases = [
        (
            "environment: [{name: A, database: {name: orders, key: host}}]",
            "cannot use environment A: HAStack ground has no ManagedDatabase \"orders\"",
        ),
        (
            "environment: [{name: A, configMap: {name: settings, key: mode}}]",
            "cannot read environment A: there is no key \"mode\" in the ConfigMap \"settings\"",
        ),
        (MOUNT, "cannot use mounts[0]: HAStack ground has no fileSystem"),
    ];
    for (parts, message) in cases {
        assert_eq!(refusal(parts), message);
    }
    let parts = "mounts: [{fileSystem: stack, path: /mnt/efs, accessPoint: other}]";
    assert_eq!(
        pieces(FILES, parts, &[]).unwrap_err().to_string(),
        "cannot use mounts[0].accessPoint: HAStack ground has no access point \"other\""
    );
}

#[test]
fn more_than_aws_takes_is_refused_with_what_hastack_adds() {
    let most = format!("userData: '#!{}'", "x".repeat(MOST - 2));
    assert_eq!(of(&most).len(), MOST);
    let refused = pieces(FILES, &format!("{most}, {MOUNT}"), &[]).unwrap_err().to_string();
    let expected = "cannot fit userData: it has 16384 bytes, ";
    assert!(
        refused.starts_with(expected) && refused.ends_with("and AWS takes 16384"),
        "{refused}"
    );
}

#[test]
fn ids_are_those_of_the_stack() {
    let parts = "mounts: [{fileSystem: stack, path: /mnt, accessPoint: uploads}]";
    let pieces = pieces(FILES, parts, &[]).unwrap();
    let ids = pieces.iter().filter_map(|piece| match piece {
        Piece::Id(node) => Some(node.to_string()),
        Piece::Text(_) => None,
    });
    let ids: Vec<_> = ids.collect();
    assert_eq!(
        ids,
        [
            "file-system of HAStack/ground",
            "access-point/uploads of HAStack/ground"
        ]
    );
}

#[test]
fn the_setup_comes_first_and_the_users_data_is_what_it_was() {
    let cases = [
        ("#!/bin/bash\necho \"$A\"\n", "text/x-shellscript"),
        ("#cloud-config\npackages: [nginx]\n", "text/cloud-config"),
        ("#include-once\nhttps://example.com\n", "text/x-include-once-url"),
        ("## template: jinja\n#cloud-config\n", "text/jinja2"),
        ("#!/bin/sh\necho grün 東京 \u{1F980}\n", "text/x-shellscript"),
        ("something else", "text/plain"),
    ];
    for (given, kind) in cases {
        let parts = format!("userData: {}, {MOUNT}", serde_json::to_string(given).unwrap());
        let message = of(&parts);
        assert!(message.is_ascii(), "{message}");
        assert_eq!(message, of(&parts), "the same again");
        let parts = read(&message);
        let names: Vec<_> = parts
            .iter()
            .map(|part| (part.kind.as_str(), part.file.as_str()))
            .collect();
        assert_eq!(
            names,
            [("text/x-shellscript", "00-hastack-setup.sh"), (kind, "10-user-data")]
        );
        assert!(parts[0].text.starts_with("#!/bin/sh\n# Written by hastack"));
        assert_eq!(parts[1].text, given);
    }
}

#[test]
fn a_message_is_a_part_of_the_whole() {
    let given = "Content-Type: multipart/mixed; boundary=\"b\"\nMIME-Version: 1.0\n\n--b\nContent-Type: text/cloud-config\n\n#cloud-config\n--b\nContent-Type: text/x-shellscript; charset=\"utf-8\"\n\n#!/bin/sh\n--b--\n";
    let parts = format!("userData: {}, {MOUNT}", serde_json::to_string(given).unwrap());
    let kinds: Vec<_> = read(&of(&parts)).into_iter().map(|part: Part| part.kind).collect();
    assert_eq!(kinds, ["text/x-shellscript", "text/cloud-config", "text/x-shellscript"]);
}

#[test]
fn the_environment_is_what_was_said_for_a_shell_and_for_systemd() {
    let values = [
        ("PLAIN", "postgres://shop?a=b&c=d"),
        ("QUOTES", "it's \"so\" and `so` for $HOME and \\n at 50% %s !x"),
        ("LINES", "one\ntwo\n  three\t"),
        ("UNICODE", "grün 東京"),
        ("EMPTY", ""),
        ("BACKSLASH", "\\0101 \\"),
    ];
    let machine = Machine::new();
    machine.run(&of(&environment(&values))).succeeded();
    for (name, value) in values {
        assert_eq!(machine.variable(name), value, "{name}");
        assert_eq!(machine.systemd_variable(name), value, "{name}");
    }
    assert_eq!(machine.mode("etc/hastack/environment"), 0o600);
}

#[test]
fn a_secret_is_read_by_the_instance_and_is_not_in_the_user_data() {
    let machine = Machine::new();
    machine.has_secret(r#"{"user": "shop", "password": "a\"b$c`d\\e'f", "port": 5432}"#);
    let parts = format!(
        "environment: [{{name: WHOLE, secretArn: '{ARN}'}}, {{name: PASSWORD, secretArn: '{ARN}#password'}}, {{name: PORT, secretArn: '{ARN}#port'}}]"
    );
    machine.fails("aws", 2);
    machine.run(&of(&parts)).succeeded();
    assert_eq!(machine.variable("PASSWORD"), "a\"b$c`d\\e'f");
    assert_eq!(machine.systemd_variable("PASSWORD"), "a\"b$c`d\\e'f");
    assert_eq!(machine.variable("PORT"), "5432");
    assert!(machine.variable("WHOLE").starts_with("{\"user\""));
    let call = format!("aws secretsmanager get-secret-value --secret-id {ARN} --region eu-central-1 --output json");
    assert_eq!(machine.calls("aws"), vec![call; 5], "two failed");
}

#[test]
fn a_secret_that_cannot_be_read_stops_what_comes_after() {
    let machine = Machine::new();
    machine.fails("aws", 1000);
    let parts = format!("environment: [{{name: A, secretArn: '{ARN}'}}]");
    let said = machine.run(&of(&parts)).failed();
    assert!(
        said.contains("hastack: cannot read the secret of A; no further user data is run"),
        "{said}"
    );
    assert!(!machine.exists("etc/hastack/environment"), "half of it is none");
    assert_eq!(machine.mode("var/lib/cloud/instance/scripts/10-user-data") & 0o111, 0);
    let waited: u32 = machine
        .calls("sleep")
        .iter()
        .map(|call| call[6..].parse::<u32>().unwrap())
        .sum();
    assert!((300..360).contains(&waited), "{waited} s");
}

#[test]
fn a_file_system_is_mounted_over_tls_where_the_helper_is() {
    let machine = Machine::new();
    machine.has_program("sbin/mount.efs");
    machine.has_file(
        "etc/fstab",
        "UUID=1 / xfs defaults 0 0\nfs-old:/ /mnt/efs efs tls,_netdev 0 0\n",
    );
    machine.run(&of(MOUNT)).succeeded();
    assert_eq!(
        machine.mounts(),
        ["mount -t efs -o tls,rw,_netdev fs-0123456789abcdef0:/ /mnt/efs"]
    );
    assert_eq!(
        machine.file("etc/fstab"),
        "UUID=1 / xfs defaults 0 0\nfs-0123456789abcdef0:/ /mnt/efs efs tls,rw,_netdev,nofail 0 0\n"
    );
    assert!(machine.exists("mnt/efs"));
    assert!(machine.calls("dnf").is_empty());
}

#[test]
fn it_is_mounted_by_nfs_where_no_helper_can_be_had_and_tried_until_names_resolve() {
    let machine = Machine::new();
    machine.fails("dnf", 1);
    machine.fails("mount", 3);
    machine
        .run(&of("mounts: [{fileSystem: stack, path: /mnt/efs, readOnly: true}]"))
        .succeeded();
    assert_eq!(
        machine.calls("dnf"),
        ["dnf -q -y install amazon-efs-utils", "dnf -q -y install nfs-utils"]
    );
    let call = "mount -t nfs4 -o nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport,ro,_netdev fs-0123456789abcdef0.efs.us-east-1.amazonaws.com:/ /mnt/efs";
    assert_eq!(machine.mounts(), [call; 4]);
    assert_eq!(machine.calls("sleep"), ["sleep 1", "sleep 2", "sleep 4"]);
}

#[test]
fn an_access_point_is_used_by_the_helper_and_nothing_else() {
    let parts = "mounts: [{fileSystem: stack, path: /srv, accessPoint: uploads}]";
    let machine = Machine::new();
    machine.has_program("sbin/mount.efs");
    machine.run(&of(parts)).succeeded();
    assert_eq!(
        machine.mounts(),
        ["mount -t efs -o tls,accesspoint=fsap-0123456789abcdef0,rw,_netdev fs-0123456789abcdef0:/ /srv"]
    );
    let machine = Machine::new();
    machine.fails("dnf", 1);
    let said = machine.run(&of(parts)).failed();
    assert!(said.contains("cannot mount /srv by an access point"), "{said}");
    assert!(machine.mounts().is_empty());
}

#[test]
fn what_is_within_another_is_mounted_after_it() {
    let machine = Machine::new();
    machine.has_program("sbin/mount.efs");
    machine
        .run(&of(
            "mounts: [{fileSystem: stack, path: /a/b}, {fileSystem: stack, path: /a}]",
        ))
        .succeeded();
    let paths: Vec<_> = machine
        .mounts()
        .iter()
        .map(|call| call.rsplit(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(paths, ["/a", "/a/b"]);
}

#[test]
fn every_shell_takes_the_script_for_one() {
    let parts = format!("environment: [{{name: A, value: x}}, {{name: B, secretArn: '{ARN}'}}], {MOUNT}");
    for shell in ["sh", "bash", "dash"] {
        machine::check_syntax(shell, &of(&parts));
    }
}
