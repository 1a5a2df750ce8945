//! THE TABLE of permissions that a call needs beside the one of its own name.

use crate::action::Action;
use crate::action::Grant::{self, Everything, Limited, Makes, Others, Ours, OursByName};

/// A row of the table.
pub(super) struct Further {
    /// The service's word in IAM actions.
    pub service: &'static str,
    pub name: &'static str,
    /// The calls that AWS asks for it; it stands with the first.
    pub calls: &'static [Action],
    pub grants: &'static [Grant],
}

const MOUNT_TARGET_GROUND: Grant = Others {
    statement: "MountInExistingSubnets",
    resources: &["network-interface", "subnet"],
    reason: "EFS makes a mount target's interface without our tags, in a subnet that may be an existing one",
};

const MOUNT_TARGET_INTERFACE: Grant = Others {
    statement: "ChangeMountTargetInterfaces",
    resources: &["network-interface"],
    reason: "EFS makes a mount target's interface without our tags",
};

const ENDPOINT_ZONE: Grant = Others {
    statement: "NameInterfaceEndpoints",
    resources: &["hostedzone"],
    reason: "the zone with the names of an endpoint belongs to AWS",
};

const PUBLIC_PARAMETER: Grant = Others {
    statement: "ResolveImages",
    resources: &["parameter/aws/service"],
    reason: "these parameters belong to AWS and everybody may read them",
};

/// Our roles may be handed to these only.
const RECIPIENTS: Grant = Limited {
    resources: &["role"],
    operator: "StringEquals",
    key: "iam:PassedToService",
    values: &["ec2.amazonaws.com", "vpc-flow-logs.amazonaws.com"],
};

/// A role that a user names for the notifications of a lifecycle hook is the user's, and may be handed to nobody else.
const NOTIFIER: Grant = Limited {
    resources: &["any-role"],
    operator: "StringEquals",
    key: "iam:PassedToService",
    values: &["autoscaling.amazonaws.com"],
};

/// What a group launches from a template of ours is the group's and carries no tag of ours. Whether we may launch it is asked when
/// the group is told which template.
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html>
const FROM_TEMPLATE: Grant = Limited {
    resources: &["image", "instance", "key-pair", "network-interface", "subnet", "volume"],
    operator: "ArnLike",
    key: "ec2:LaunchTemplate",
    values: &["arn:aws:ec2:*:*:launch-template/*"],
};

/// A template says which tags its instances have.
const TAGS_OF_INSTANCES: Grant = Limited {
    resources: &["instance", "network-interface", "volume"],
    operator: "StringEquals",
    key: "ec2:CreateAction",
    values: &["RunInstances"],
};

/// The role with which a service works in an account, made when its first resource is.
const SERVICE_ROLE: Grant = Limited {
    resources: &["service-linked-role"],
    operator: "StringEquals",
    key: "iam:AWSServiceName",
    values: &[
        "autoscaling.amazonaws.com",
        "elasticfilesystem.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
    ],
};

/// A role of ours with which RDS hands on what Enhanced Monitoring reads.
const MONITOR: Grant = Limited {
    resources: &["role"],
    operator: "StringEquals",
    key: "iam:PassedToService",
    values: &["monitoring.rds.amazonaws.com"],
};

/// The role with which RDS works in an account.
const DATABASE_SERVICE_ROLE: Grant = Limited {
    resources: &["service-linked-role"],
    operator: "StringEquals",
    key: "iam:AWSServiceName",
    values: &["rds.amazonaws.com"],
};

/// Which key a database is encrypted with is the user's choice; it is used for that alone.
const DATABASE_KEY: Grant = Limited {
    resources: &["key"],
    operator: "StringLike",
    key: "kms:ViaService",
    values: &["rds.*.amazonaws.com", "secretsmanager.*.amazonaws.com"],
};

/// The last snapshot of a database, which is made with its deletion.
const LAST_SNAPSHOT: Grant = Others {
    statement: "KeepLastSnapshots",
    resources: &["cluster-snapshot", "snapshot"],
    reason: "the last snapshot of a database is made with its deletion, when it has no tags yet",
};

/// RDS makes the secret of a database in the name of whoever makes the database.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html#rds-secrets-manager-permissions>
const DATABASE_SECRET: Grant = Others {
    statement: "UseSecretsOfDatabases",
    resources: &["secret:rds"],
    reason: "RDS makes the secret of a database without our tags, under a name that nobody else can use",
};

/// The role with which AWS adds readers in an account.
const READERS_SERVICE_ROLE: Grant = Limited {
    resources: &["service-linked-role"],
    operator: "StringEquals",
    key: "iam:AWSServiceName",
    values: &["rds.application-autoscaling.amazonaws.com"],
};

/// <https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_permission_validation.html>
const CHECKED_ALARM: Grant = Others {
    statement: "PassChecksOfAlarms",
    resources: &["alarm-of-any-name", "alarm-of-no-name"],
    reason: "whether the caller may do what is done in its name is tried with requests that name no alarm",
};

/// Likewise.
const CHECKED_INSTANCE: Grant = Others {
    statement: "PassChecksOfInstances",
    resources: &["db-of-any-name", "db-of-no-account", "db-of-no-name"],
    reason: "whether the caller may do what is done in its name is tried with requests that name no instance, or one that cannot be",
};

macro_rules! further {
    ($($service:literal $name:ident for $($call:ident)|+: $grants:expr,)*) => {
        /// The table.
        /// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>,
        /// under dependent actions; EFS says its own at each call, as in
        /// <https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html>.
        pub(super) static FURTHER: &[Further] = &[$(Further {
            service: $service,
            name: stringify!($name),
            calls: &[$(Action::$call),+],
            grants: &$grants,
        }),*];
    };
}

#[rustfmt::skip]
further! {
    // IAM is not told whether it is asked for tags within a creation, so it is asked only whether one of them is ours.
    "application-autoscaling" TagResource for RegisterScalableTarget:                [Makes(&["scalable-target"])],

    "cloudwatch" DeleteAlarms for RegisterScalableTarget:                            [CHECKED_ALARM],
    "cloudwatch" DescribeAlarms for RegisterScalableTarget:                          [Everything],
    "cloudwatch" PutMetricAlarm for RegisterScalableTarget:                          [CHECKED_ALARM],

    "ec2" CreateNetworkInterface for CreateMountTarget:                              [Ours(&["security-group"]), MOUNT_TARGET_GROUND],
    "ec2" CreateTags for CreateAutoScalingGroup | StartInstanceRefresh | UpdateAutoScalingGroup:   [TAGS_OF_INSTANCES],
    "ec2" DeleteSnapshot for DeregisterImage:                                        [Ours(&["snapshot"])],
    "ec2" DescribeNetworkInterfaceAttribute for DescribeMountTargetSecurityGroups:   [Everything],
    "ec2" ModifyNetworkInterfaceAttribute for ModifyMountTargetSecurityGroups:       [Ours(&["security-group"]), MOUNT_TARGET_INTERFACE],
    "ec2" RunInstances for CreateAutoScalingGroup | StartInstanceRefresh | UpdateAutoScalingGroup: [Ours(&["launch-template", "security-group"]), FROM_TEMPLATE],

    "elasticloadbalancing" CreateWebACLAssociation for AssociateWebACL:              [Ours(&["loadbalancer/app"])],
    "elasticloadbalancing" DeleteWebACLAssociation for DisassociateWebACL:           [Ours(&["loadbalancer/app"])],
    "elasticloadbalancing" GetLoadBalancerWebACL for GetWebACLForResource:           [Everything],
    "elasticloadbalancing" SetWebAcl for AssociateWebACL | DisassociateWebACL:       [Everything],

    "iam" CreateServiceLinkedRole for CreateFileSystem | CreateLoadBalancer | CreateAutoScalingGroup: [SERVICE_ROLE],
    "iam" PassRole for AddRoleToInstanceProfile | CreateAutoScalingGroup | CreateFlowLogs | RunInstances
        | StartInstanceRefresh | UpdateAutoScalingGroup: [RECIPIENTS],
    "iam" PassRole for PutLifecycleHook | CreateAutoScalingGroup:                                             [NOTIFIER],
    "iam" TagInstanceProfile for CreateInstanceProfile:                              [OursByName(&["instance-profile"])],
    "iam" TagRole for CreateRole:                                                    [OursByName(&["role"])],

    "iam" CreateServiceLinkedRole for CreateDBCluster | CreateDBInstance | RestoreDBClusterFromSnapshot | RestoreDBClusterToPointInTime
        | RestoreDBInstanceFromDBSnapshot | RestoreDBInstanceToPointInTime: [DATABASE_SERVICE_ROLE],
    "iam" CreateServiceLinkedRole for RegisterScalableTarget:                        [READERS_SERVICE_ROLE],
    "iam" PassRole for CreateDBInstance | CreateDBInstanceReadReplica | ModifyDBInstance | CreateBlueGreenDeployment: [MONITOR],

    "kms" CreateGrant for CreateDBCluster | CreateDBInstance | CreateDBInstanceReadReplica | ModifyDBCluster | ModifyDBInstance
        | RestoreDBClusterFromSnapshot | RestoreDBClusterToPointInTime | RestoreDBInstanceFromDBSnapshot | RestoreDBInstanceToPointInTime: [DATABASE_KEY],
    "kms" Decrypt for CreateDBCluster | CreateDBInstance | ModifyDBCluster | ModifyDBInstance
        | RestoreDBInstanceFromDBSnapshot | RestoreDBInstanceToPointInTime: [DATABASE_KEY],
    "kms" DescribeKey for CreateDBCluster | CreateDBInstance | CreateDBInstanceReadReplica | ModifyDBCluster | ModifyDBInstance
        | RestoreDBClusterFromSnapshot | RestoreDBClusterToPointInTime | RestoreDBInstanceFromDBSnapshot | RestoreDBInstanceToPointInTime: [DATABASE_KEY],
    "kms" GenerateDataKey for CreateDBCluster | CreateDBInstance | ModifyDBCluster | ModifyDBInstance
        | RestoreDBInstanceFromDBSnapshot | RestoreDBInstanceToPointInTime: [DATABASE_KEY],

    "logs" CreateLogDelivery for CreateFlowLogs:                                     [Everything],
    "logs" DeleteLogDelivery for DeleteFlowLogs:                                     [Everything],
    "logs" TagResource for CreateLogGroup:                                           [OursByName(&["log-group"])],

    "rds" AddTagsToResource for RegisterScalableTarget:                              [CHECKED_INSTANCE],
    "rds" CreateDBInstance for RegisterScalableTarget:                               [CHECKED_INSTANCE],
    "rds" DeleteDBInstance for RegisterScalableTarget:                               [CHECKED_INSTANCE],

    // Beside what databases need anyway: a copy has the tags of what it is one of.
    "rds" CreateDBClusterEndpoint for CreateBlueGreenDeployment:                     [Makes(&["cluster-endpoint"]), Ours(&["cluster"])],
    "rds" DeleteDBClusterEndpoint for DeleteBlueGreenDeployment:                     [Ours(&["cluster-endpoint"])],
    "rds" PromoteReadReplica for SwitchoverBlueGreenDeployment | DeleteBlueGreenDeployment:          [Ours(&["db"])],
    "rds" PromoteReadReplicaDBCluster for SwitchoverBlueGreenDeployment | DeleteBlueGreenDeployment: [Ours(&["cluster"])],

    "rds" CreateDBClusterSnapshot for DeleteDBCluster:                               [Ours(&["cluster"]), LAST_SNAPSHOT],
    "rds" CreateDBSnapshot for DeleteDBInstance:                                     [Ours(&["db"]), LAST_SNAPSHOT],

    "route53" AssociateVPCWithHostedZone for CreateVpcEndpoint:                      [ENDPOINT_ZONE],

    "secretsmanager" CreateSecret for CreateDBCluster | CreateDBInstance | ModifyDBCluster | ModifyDBInstance
        | RestoreDBInstanceFromDBSnapshot | RestoreDBInstanceToPointInTime: [DATABASE_SECRET],
    "secretsmanager" TagResource for CreateDBCluster | CreateDBInstance | ModifyDBCluster | ModifyDBInstance
        | RestoreDBInstanceFromDBSnapshot | RestoreDBInstanceToPointInTime: [DATABASE_SECRET],

    "ssm" GetParameters for RunInstances:                                            [PUBLIC_PARAMETER],

    "wafv2" GetWebACL for GetWebACLForResource:                                      [Everything],
}
