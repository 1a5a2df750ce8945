//! A bastion: who gets in and how, and what happens when it is terminated or told to be another.

use serde_json::{Value, json};

use crate::aws::{items, text};
use crate::cluster::{ONE_ZONE, web};
use crate::operator::failed;
use crate::stage::Stage;
use crate::wait::until;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBUCkjUIsVqHfMCKtJLvQB2cmF1fIijvsB7aZ7XqnX5l";

fn with_bastion(fields: &str) -> String {
    web(ONE_ZONE, &format!("bastion: {{{fields}}}"))
}

#[tokio::test]
async fn with_ssh_it_lets_in_whom_it_is_told_with_the_key_it_is_given() {
    let stage = Stage::set("bastion-ssh").await;
    let operator = stage.operator().await;
    stage
        .build(&with_bastion(&format!(
            "allowedCidrs: [203.0.113.7/32], sshPublicKey: {KEY}"
        )))
        .await;
    let (found, status) = (stage.aws.look().await, stage.status("web").await);
    let instance = found.the("instance");
    let address = text(&instance.object["PublicIpAddress"]);
    let group = found.named("security group", "security-group/bastion");
    assert_eq!(
        status["bastion"],
        json!({
            "instanceId": instance.id,
            "address": address,
            "securityGroupId": group.id,
            "access": format!("ssh ec2-user@{address}"),
        })
    );
    assert_eq!(instance.state.as_deref(), Some("running"));
    assert_eq!(instance.object["InstanceType"], "t4g.nano");
    assert_eq!(instance.object["KeyName"], found.the("key pair").object["KeyName"]);
    assert_eq!(instance.object["MetadataOptions"]["HttpTokens"], "required");
    assert_eq!(
        instance.object["SubnetId"],
        status["network"]["publicSubnetIds"]["us-east-1a"]
    );
    assert_eq!(found.the("volume").object["Encrypted"], true);
    let rules = items(&group.object["IpPermissions"]);
    assert_eq!(rules.len(), 1, "{rules:?}");
    assert_eq!((&rules[0]["FromPort"], &rules[0]["ToPort"]), (&json!(22), &json!(22)));
    assert_eq!(ranges(&rules[0]), ["203.0.113.7/32"]);
    stage.clear().await;
    assert_eq!(failed(&operator.writes()), []);
}

#[tokio::test]
async fn with_session_manager_nothing_comes_in() {
    let stage = Stage::set("bastion-session").await;
    let _operator = stage.operator().await;
    stage.build(&with_bastion("")).await;
    let (found, status) = (stage.aws.look().await, stage.status("web").await);
    let group = found.named("security group", "security-group/bastion");
    assert_eq!(group.object["IpPermissions"], json!([]));
    let instance = found.the("instance");
    assert_eq!(instance.object.get("KeyName"), None);
    let access = format!("aws ssm start-session --target {} --region us-east-1", instance.id);
    assert_eq!(status["bastion"]["access"], access);
    let role = json!({"RoleName": found.the("role").id});
    let attached = stage.aws.ask("iam", "list_attached_role_policies", role).await;
    assert_eq!(
        attached["AttachedPolicies"][0]["PolicyName"],
        "AmazonSSMManagedInstanceCore"
    );
    stage.clear().await;
}

#[tokio::test]
async fn terminated_by_others_it_is_replaced_and_its_address_stays() {
    let stage = Stage::set("bastion-terminated").await;
    let operator = stage.operator().await;
    stage
        .build(&with_bastion(
            "allowedCidrs: [203.0.113.7/32], keyName: ops, elasticIp: true",
        ))
        .await;
    let before = stage.status("web").await["bastion"].clone();
    let terminate = json!({"InstanceIds": [before["instanceId"]]});
    stage.aws.ask("ec2", "terminate_instances", terminate).await;
    until("there is another instance", async || {
        let bastion = stage.status("web").await["bastion"].clone();
        let is_new = bastion["instanceId"].is_string() && bastion["instanceId"] != before["instanceId"];
        if is_new {
            Ok(())
        } else {
            Err(format!("{bastion:#}\n{}", operator.log()))
        }
    })
    .await;
    stage.await_ready("web").await;
    let (found, after) = (stage.aws.look().await, stage.status("web").await["bastion"].clone());
    assert_eq!(found.the("instance").id, text(&after["instanceId"]));
    assert_eq!(after["address"], before["address"]);
    let address = found.the("elastic IP");
    assert_eq!(address.object["PublicIp"], after["address"]);
    assert_eq!(address.object["InstanceId"], after["instanceId"]);
    stage.clear().await;
    // The address may be seen to be free before the instance is seen to be gone: then AWS says no, and it is looked again.
    let (writes, early) = (operator.writes(), ("AssociateAddress", Some(400)));
    let others: Vec<_> = failed(&writes).into_iter().filter(|call| *call != early).collect();
    assert_eq!(others, []);
}

#[tokio::test]
async fn each_change_takes_the_calls_it_needs_and_no_other() {
    let stage = Stage::set("bastion-changes").await;
    let operator = stage.operator().await;
    let fields = |more: &str| with_bastion(&format!("keyName: ops, {more}"));
    stage.build(&fields("allowedCidrs: [203.0.113.7/32]")).await;
    operator.proxy.clear();
    let changes: [(&str, &[(&str, usize)]); 5] = [
        (
            "allowedCidrs: [203.0.113.7/32, 198.51.100.20/32]",
            &[("AuthorizeSecurityGroupIngress", 1)],
        ),
        ("allowedCidrs: [198.51.100.20/32]", &[("RevokeSecurityGroupIngress", 1)]),
        (
            "allowedCidrs: [198.51.100.20/32], elasticIp: true",
            &[("AllocateAddress", 1), ("AssociateAddress", 1)],
        ),
        (
            "allowedCidrs: [198.51.100.20/32]",
            &[("DisassociateAddress", 1), ("ReleaseAddress", 1)],
        ),
        (
            "allowedCidrs: [198.51.100.20/32], instanceType: t3.micro",
            &[("RunInstances", 1), ("TerminateInstances", 1)],
        ),
    ];
    for (change, calls) in changes {
        stage.build(&fields(change)).await;
        operator.wrote(change, calls);
    }
    operator.sweeps(2).await;
    operator.wrote("at rest", &[]);
    stage.clear().await;
}

/// The ranges of a rule.
fn ranges(rule: &Value) -> Vec<String> {
    let ranges = items(&rule["IpRanges"]);
    ranges.iter().map(|range| text(&range["CidrIp"])).collect()
}
