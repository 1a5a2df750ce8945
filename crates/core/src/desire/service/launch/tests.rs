use super::*;
use crate::desire::service::sample::{inputs, on, service, stack};

fn wanted(parts: &str) -> Result<launch_template::Spec, SpecError> {
    let spec = service("web", parts).spec;
    let nodes = on(&stack("fileSystem: {}"), |site| desire(&spec, site, &inputs()))?;
    match &nodes[&template()].spec {
        Spec::LaunchTemplate(template) => Ok(template.clone()),
        other => panic!("{other}"),
    }
}

fn awaited(parts: &str) -> Vec<String> {
    wanted(parts).unwrap().awaits.iter().map(ToString::to_string).collect()
}

#[test]
fn a_service_is_launched_in_private_with_its_own_group_and_role() {
    let template = wanted("").unwrap();
    assert_eq!(template.to_string(), "t3.micro from ami-0123456789abcdef0");
    assert!(template.name.starts_with("web-launch-template-"), "{}", template.name);
    assert!(!template.public_address && !template.detailed_monitoring);
    assert_eq!(template.security_groups, [access::group()]);
    assert_eq!(template.user_data, []);
    assert_eq!(awaited(""), ["role/service", "instance-profile/service"]);
}

#[test]
fn what_the_spec_says_is_launched() {
    let template = wanted("placement: Public, keyName: ops, detailedMonitoring: true, userData: '#!/bin/sh'").unwrap();
    assert!(template.public_address && template.detailed_monitoring);
    assert_eq!(template.key_name.as_deref(), Some("ops"));
    assert_eq!(template.user_data, [launch_template::Piece::Text("#!/bin/sh".into())]);
}

#[test]
fn what_is_launched_carries_the_users_tags_and_none_by_which_we_take_it_for_ours() {
    let tags = wanted("tags: {team: a}").unwrap().tags;
    let tags: Vec<_> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(tags, ["Name=web", "hastack.dev/fleet=shop/web", "team=a"]);
}

#[test]
fn what_is_mounted_is_there_before_an_instance_is() {
    assert_eq!(
        awaited("mounts: [{fileSystem: stack, path: /mnt}]"),
        [
            "role/service",
            "instance-profile/service",
            "mount-target/us-east-1a of HAStack/ground",
            "mount-target/us-east-1b of HAStack/ground"
        ]
    );
}

#[test]
fn a_volume_has_what_aws_gives_for_its_size() {
    assert!(wanted("rootVolume: {sizeGib: 20, iops: 10000, throughput: 1000}").is_ok());
    assert!(
        wanted("rootVolume: {sizeGib: 1, throughput: 750}").is_ok(),
        "3000 come with every size"
    );
    for parts in ["{throughput: 751}", "{sizeGib: 6, iops: 3001}"] {
        let refused = wanted(&format!("rootVolume: {parts}")).unwrap_err().to_string();
        assert!(refused.starts_with("cannot combine rootVolume."), "{refused}");
    }
}
