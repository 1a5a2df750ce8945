//! THE TABLE of calls: each one this crate makes, whether it reads or writes, and what it must be allowed to do.

mod grant;

use grant::{
    BACKUPS, DATABASE_SECRET, DEFAULT_GROUP, DEFAULT_GROUPS, EXISTING_GROUND, EXISTING_VPC, IMAGED_INSTANCE,
    LAST_SNAPSHOT, LEFT_INTERFACE, PUBLIC_PARAMETER, READER, RECORDS, WEB_ACL,
};

pub(crate) use grant::Grant;

use Grant::{Everything, Makes, MakesPart, MakesUnseen, Ours, OursByName, RemoveTags, SetTags, TagsOfCreations};

/// A service of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    Acm,
    ApplicationAutoScaling,
    AutoScaling,
    Ec2,
    Efs,
    Elb,
    Iam,
    Logs,
    Rds,
    Route53,
    SecretsManager,
    Ssm,
    Sts,
    Wafv2,
}

/// Whether a call changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Read,
    Write,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub action: Action,
    /// AWS's name of it.
    pub name: &'static str,
    pub service: Service,
    pub class: Class,
    pub grants: &'static [Grant],
}

macro_rules! actions {
    ($($service:ident $class:ident $action:ident $(= $name:literal)?: $grants:expr,)*) => {
        /// A call of AWS's API, by AWS's name; where two services have the same name for one, by the service's too.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(clippy::enum_variant_names, reason = "some of AWS's names end so")]
        pub(crate) enum Action { $($action),* }

        /// The table.
        pub(crate) static TABLE: &[Row] = &[$(Row {
            action: Action::$action,
            name: name!($action $($name)?),
            service: Service::$service,
            class: Class::$class,
            grants: &$grants,
        }),*];
    };
}

macro_rules! name {
    ($action:ident) => {
        stringify!($action)
    };
    ($action:ident $name:literal) => {
        $name
    };
}

#[rustfmt::skip]
actions! {
    Acm Read  DescribeCertificate:           [Everything],
    Acm Read  ListCertificates:              [Everything],
    Acm Read  ListTagsForCertificate:        [Everything],

    Acm Write RequestCertificate:            [MakesUnseen],
    Acm Write DeleteCertificate:             [Ours(&["certificate"])],
    Acm Write AddTagsToCertificate:          [SetTags],
    Acm Write RemoveTagsFromCertificate:     [RemoveTags],

    ApplicationAutoScaling Read  DescribeScalableTargets:    [Everything],
    ApplicationAutoScaling Read  DescribeScalingPolicies:    [Everything],

    // It changes one that is registered too, and then says no tags.
    ApplicationAutoScaling Write RegisterScalableTarget:     [Makes(&["scalable-target"]), Ours(&["scalable-target"])],
    ApplicationAutoScaling Write DeregisterScalableTarget:   [Ours(&["scalable-target"])],
    ApplicationAutoScaling Write ApplicationAutoScalingPutScalingPolicy = "PutScalingPolicy": [Ours(&["scalable-target"])],

    AutoScaling Read  DescribeAutoScalingGroups:             [Everything],
    AutoScaling Read  DescribeInstanceRefreshes:             [Everything],
    AutoScaling Read  DescribeLifecycleHooks:                [Everything],
    AutoScaling Read  DescribePolicies:                      [Everything],
    AutoScaling Read  DescribeScalingActivities:             [Everything],
    AutoScaling Read  DescribeScheduledActions:              [Everything],

    AutoScaling Write CreateAutoScalingGroup:                [Makes(&["autoScalingGroup"])],
    AutoScaling Write AttachLoadBalancerTargetGroups:        [Ours(&["autoScalingGroup"])],
    AutoScaling Write CancelInstanceRefresh:                 [Ours(&["autoScalingGroup"])],
    AutoScaling Write DeleteAutoScalingGroup:                [Ours(&["autoScalingGroup"])],
    AutoScaling Write DeleteLifecycleHook:                   [Ours(&["autoScalingGroup"])],
    AutoScaling Write DeletePolicy:                          [Ours(&["autoScalingGroup"])],
    AutoScaling Write DeleteScheduledAction:                 [Ours(&["autoScalingGroup"])],
    AutoScaling Write DeleteWarmPool:                        [Ours(&["autoScalingGroup"])],
    AutoScaling Write DetachLoadBalancerTargetGroups:        [Ours(&["autoScalingGroup"])],
    AutoScaling Write PutLifecycleHook:                      [Ours(&["autoScalingGroup"])],
    AutoScaling Write PutScalingPolicy:                      [Ours(&["autoScalingGroup"])],
    AutoScaling Write PutScheduledUpdateGroupAction:         [Ours(&["autoScalingGroup"])],
    AutoScaling Write PutWarmPool:                           [Ours(&["autoScalingGroup"])],
    AutoScaling Write ResumeProcesses:                       [Ours(&["autoScalingGroup"])],
    AutoScaling Write SetDesiredCapacity:                    [Ours(&["autoScalingGroup"])],
    AutoScaling Write StartInstanceRefresh:                  [Ours(&["autoScalingGroup"])],
    AutoScaling Write SuspendProcesses:                      [Ours(&["autoScalingGroup"])],
    AutoScaling Write UpdateAutoScalingGroup:                [Ours(&["autoScalingGroup"])],
    AutoScaling Write CreateOrUpdateTags:                    [SetTags],
    AutoScaling Write AutoScalingDeleteTags = "DeleteTags":  [RemoveTags],

    Ec2 Read  DescribeAddresses:             [Everything],
    Ec2 Read  DescribeAvailabilityZones:     [Everything],
    Ec2 Read  DescribeFlowLogs:              [Everything],
    Ec2 Read  DescribeImages:                [Everything],
    Ec2 Read  DescribeInstances:             [Everything],
    Ec2 Read  DescribeInternetGateways:      [Everything],
    Ec2 Read  DescribeKeyPairs:              [Everything],
    Ec2 Read  DescribeLaunchTemplates:       [Everything],
    Ec2 Read  DescribeLaunchTemplateVersions: [Everything],
    Ec2 Read  DescribeNatGateways:           [Everything],
    Ec2 Read  DescribeNetworkInterfaces:     [Everything],
    Ec2 Read  DescribeRouteTables:           [Everything],
    Ec2 Read  DescribeSecurityGroups:        [Everything],
    Ec2 Read  DescribeSubnets:               [Everything],
    Ec2 Read  DescribeVpcAttribute:          [Everything],
    Ec2 Read  DescribeVpcEndpoints:          [Everything],
    Ec2 Read  DescribeVpcs:                  [Everything],
    Ec2 Read  GetConsoleOutput:              [Ours(&["instance"])],

    Ec2 Write AllocateAddress:               [Makes(&["elastic-ip"])],
    Ec2 Write CreateFlowLogs:                [Makes(&["vpc-flow-log"]), Ours(&["vpc"])],
    Ec2 Write CreateImage:                   [Makes(&["image", "snapshot"]), IMAGED_INSTANCE],
    Ec2 Write CreateInternetGateway:         [Makes(&["internet-gateway"])],
    Ec2 Write CreateLaunchTemplate:          [Makes(&["launch-template"])],
    Ec2 Write CreateNatGateway:              [Makes(&["natgateway"]), Ours(&["elastic-ip", "subnet"])],
    Ec2 Write CreateRouteTable:              [Makes(&["route-table"]), Ours(&["vpc"])],
    Ec2 Write CreateSecurityGroup:           [Makes(&["security-group"]), EXISTING_VPC],
    Ec2 Write CreateSubnet:                  [Makes(&["subnet"]), Ours(&["vpc"])],
    Ec2 Write CreateVpc:                     [Makes(&["vpc"])],
    Ec2 Write CreateVpcEndpoint:             [Makes(&["vpc-endpoint"]), Ours(&["route-table", "security-group", "subnet", "vpc"])],
    Ec2 Write ImportKeyPair:                 [Makes(&["key-pair"])],
    Ec2 Write RunInstances:                  [Makes(&["instance", "network-interface", "volume"]), Ours(&["security-group"]), EXISTING_GROUND],

    Ec2 Write AssociateAddress:              [Ours(&["elastic-ip", "instance", "network-interface"])],
    Ec2 Write AssociateRouteTable:           [Ours(&["route-table", "subnet"])],
    Ec2 Write AttachInternetGateway:         [Ours(&["internet-gateway", "vpc"])],
    Ec2 Write AuthorizeSecurityGroupEgress:  [Ours(&["security-group"])],
    Ec2 Write AuthorizeSecurityGroupIngress: [Ours(&["security-group"])],
    Ec2 Write CreateLaunchTemplateVersion:   [Ours(&["launch-template"])],
    Ec2 Write CreateRoute:                   [Ours(&["route-table"])],
    Ec2 Write DeleteFlowLogs:                [Ours(&["vpc-flow-log"])],
    Ec2 Write DeleteInternetGateway:         [Ours(&["internet-gateway"])],
    Ec2 Write DeleteKeyPair:                 [Ours(&["key-pair"])],
    Ec2 Write DeleteLaunchTemplate:          [Ours(&["launch-template"])],
    Ec2 Write DeleteLaunchTemplateVersions:  [Ours(&["launch-template"])],
    Ec2 Write DeleteNatGateway:              [Ours(&["natgateway"])],
    Ec2 Write DeleteRoute:                   [Ours(&["route-table"])],
    Ec2 Write DeleteRouteTable:              [Ours(&["route-table"])],
    Ec2 Write DeleteSecurityGroup:           [Ours(&["security-group"])],
    Ec2 Write DeleteSubnet:                  [Ours(&["subnet"])],
    Ec2 Write DeleteVpc:                     [Ours(&["vpc"])],
    Ec2 Write DeleteVpcEndpoints:            [Ours(&["vpc-endpoint"])],
    Ec2 Write DeregisterImage:               [Ours(&["image"])],
    Ec2 Write DetachInternetGateway:         [Ours(&["internet-gateway", "vpc"])],
    Ec2 Write DisassociateAddress:           [Ours(&["elastic-ip", "network-interface"])],
    Ec2 Write DisassociateRouteTable:        [Ours(&["route-table", "subnet"])],
    Ec2 Write ModifyInstanceAttribute:       [Ours(&["instance", "security-group"])],
    Ec2 Write ModifyInstanceMetadataOptions: [Ours(&["instance"])],
    Ec2 Write ModifyLaunchTemplate:          [Ours(&["launch-template"])],
    Ec2 Write ModifySubnetAttribute:         [Ours(&["subnet"])],
    Ec2 Write ModifyVpcAttribute:            [Ours(&["vpc"])],
    Ec2 Write ModifyVpcEndpoint:             [Ours(&["route-table", "security-group", "subnet", "vpc-endpoint"])],
    Ec2 Write ReleaseAddress:                [Ours(&["elastic-ip"])],
    Ec2 Write ReplaceRoute:                  [Ours(&["route-table"])],
    Ec2 Write ReplaceRouteTableAssociation:  [Ours(&["route-table", "subnet"])],
    Ec2 Write StartInstances:                [Ours(&["instance"])],
    Ec2 Write TerminateInstances:            [Ours(&["instance"])],

    Ec2 Write CreateTags:                    [TagsOfCreations, SetTags],
    Ec2 Write DeleteTags:                    [RemoveTags],

    Ec2 Write DeleteNetworkInterface:        [LEFT_INTERFACE],
    Ec2 Write RevokeSecurityGroupEgress:     [DEFAULT_GROUP],
    Ec2 Write RevokeSecurityGroupIngress:    [DEFAULT_GROUP],

    Efs Read  DescribeAccessPoints:              [Everything],
    Efs Read  DescribeBackupPolicy:              [Everything],
    Efs Read  DescribeFileSystems:               [Everything],
    Efs Read  DescribeLifecycleConfiguration:    [Everything],
    Efs Read  DescribeMountTargets:              [Everything],
    Efs Read  DescribeMountTargetSecurityGroups: [Everything],

    Efs Write CreateAccessPoint:                 [MakesPart("file-system")],
    Efs Write CreateFileSystem:                  [MakesUnseen],
    Efs Write CreateMountTarget:                 [Ours(&["file-system"])],
    Efs Write DeleteAccessPoint:                 [Ours(&["access-point"])],
    Efs Write DeleteFileSystem:                  [Ours(&["file-system"])],
    Efs Write DeleteMountTarget:                 [Ours(&["file-system"])],
    Efs Write ModifyMountTargetSecurityGroups:   [Ours(&["file-system"])],
    Efs Write PutBackupPolicy:                   [Ours(&["file-system"])],
    Efs Write PutLifecycleConfiguration:         [Ours(&["file-system"])],
    Efs Write UpdateFileSystem:                  [Ours(&["file-system"])],
    Efs Write EfsTagResource = "TagResource":     [TagsOfCreations, SetTags],
    Efs Write EfsUntagResource = "UntagResource": [RemoveTags],

    Elb Read  DescribeListenerCertificates:      [Everything],
    Elb Read  DescribeListeners:                 [Everything],
    Elb Read  DescribeLoadBalancerAttributes:    [Everything],
    Elb Read  DescribeLoadBalancers:             [Everything],
    Elb Read  DescribeRules:                     [Everything],
    Elb Read  DescribeTargetGroupAttributes:     [Everything],
    Elb Read  DescribeTargetGroups:              [Everything],
    Elb Read  DescribeTargetHealth:              [Everything],
    Elb Read  ElbDescribeTags = "DescribeTags":  [Everything],

    Elb Write CreateListener:                    [MakesPart("loadbalancer/app")],
    Elb Write CreateLoadBalancer:                [Makes(&["loadbalancer/app"])],
    Elb Write CreateRule:                        [MakesPart("listener/app")],
    Elb Write CreateTargetGroup:                 [Makes(&["targetgroup"])],
    Elb Write AddListenerCertificates:           [Ours(&["listener/app"])],
    Elb Write DeleteListener:                    [Ours(&["listener/app"])],
    Elb Write DeleteLoadBalancer:                [Ours(&["loadbalancer/app"])],
    Elb Write DeleteRule:                        [Ours(&["listener-rule/app"])],
    Elb Write DeleteTargetGroup:                 [Ours(&["targetgroup"])],
    Elb Write ModifyListener:                    [Ours(&["listener/app"])],
    Elb Write ModifyLoadBalancerAttributes:      [Ours(&["loadbalancer/app"])],
    Elb Write ModifyRule:                        [Ours(&["listener-rule/app"])],
    Elb Write ModifyTargetGroup:                 [Ours(&["targetgroup"])],
    Elb Write ModifyTargetGroupAttributes:       [Ours(&["targetgroup"])],
    Elb Write RemoveListenerCertificates:        [Ours(&["listener/app"])],
    Elb Write SetRulePriorities:                 [Ours(&["listener-rule/app"])],
    Elb Write SetSecurityGroups:                 [Ours(&["loadbalancer/app"])],
    Elb Write SetSubnets:                        [Ours(&["loadbalancer/app"])],
    Elb Write ElbAddTags = "AddTags":            [TagsOfCreations, SetTags],
    Elb Write ElbRemoveTags = "RemoveTags":      [RemoveTags],

    Iam Read  GetRolePolicy:                 [OursByName(&["role"])],
    Iam Read  ListAttachedRolePolicies:      [OursByName(&["role"])],
    Iam Read  ListInstanceProfiles:          [Everything],
    Iam Read  ListRolePolicies:              [OursByName(&["role"])],
    Iam Read  ListRoles:                     [Everything],

    Iam Write AddRoleToInstanceProfile:      [OursByName(&["instance-profile"])],
    Iam Write AttachRolePolicy:              [OursByName(&["role"])],
    Iam Write CreateInstanceProfile:         [OursByName(&["instance-profile"])],
    Iam Write CreateRole:                    [OursByName(&["role"])],
    Iam Write DeleteInstanceProfile:         [OursByName(&["instance-profile"])],
    Iam Write DeleteRole:                    [OursByName(&["role"])],
    Iam Write DeleteRolePolicy:              [OursByName(&["role"])],
    Iam Write DetachRolePolicy:              [OursByName(&["role"])],
    Iam Write PutRolePolicy:                 [OursByName(&["role"])],
    Iam Write RemoveRoleFromInstanceProfile: [OursByName(&["instance-profile"])],
    Iam Write UpdateAssumeRolePolicy:        [OursByName(&["role"])],

    Logs Read  DescribeLogGroups:            [Everything],

    Logs Write CreateLogGroup:               [OursByName(&["log-group"])],
    Logs Write DeleteLogGroup:               [OursByName(&["log-group"])],
    Logs Write PutRetentionPolicy:           [OursByName(&["log-group"])],

    Rds Read  DescribeBlueGreenDeployments:        [Everything],
    Rds Read  DescribeDBClusterParameterGroups:    [Everything],
    Rds Read  DescribeDBClusterParameters:         [Everything],
    Rds Read  DescribeDBClusterSnapshots:          [Everything],
    Rds Read  DescribeDBClusters:                  [Everything],
    Rds Read  DescribeDBInstances:                 [Everything],
    Rds Read  DescribeDBParameterGroups:           [Everything],
    Rds Read  DescribeDBParameters:                [Everything],
    Rds Read  DescribeDBSnapshots:                 [Everything],
    Rds Read  DescribeDBSubnetGroups:              [Everything],
    Rds Read  DescribeEvents:                      [Everything],
    Rds Read  DescribePendingMaintenanceActions:   [Everything],

    Rds Write CreateBlueGreenDeployment:           [Makes(&["deployment"]), Ours(&["cluster", "cluster-pg", "db", "pg"]), DEFAULT_GROUPS],
    Rds Write CreateDBCluster:                     [Makes(&["cluster"]), Ours(&["cluster-pg", "subgrp"]), DEFAULT_GROUPS],
    Rds Write CreateDBClusterParameterGroup:       [Makes(&["cluster-pg"])],
    Rds Write CreateDBInstance:                    [Makes(&["db"]), Ours(&["cluster", "pg", "subgrp"]), DEFAULT_GROUPS],
    Rds Write CreateDBInstanceReadReplica:         [Makes(&["db"]), Ours(&["pg", "subgrp"]), DEFAULT_GROUPS],
    Rds Write CreateDBParameterGroup:              [Makes(&["pg"])],
    Rds Write CreateDBSubnetGroup:                 [Makes(&["subgrp"])],
    Rds Write RestoreDBClusterFromSnapshot:        [Makes(&["cluster"]), Ours(&["cluster-pg", "subgrp"]), DEFAULT_GROUPS, BACKUPS],
    Rds Write RestoreDBClusterToPointInTime:       [Makes(&["cluster"]), Ours(&["cluster-pg", "subgrp"]), DEFAULT_GROUPS],
    Rds Write RestoreDBInstanceFromDBSnapshot:     [Makes(&["db"]), Ours(&["pg", "subgrp"]), DEFAULT_GROUPS, BACKUPS],
    Rds Write RestoreDBInstanceToPointInTime:      [Makes(&["db"]), Ours(&["pg", "subgrp"]), DEFAULT_GROUPS],

    Rds Write DeleteBlueGreenDeployment:           [Ours(&["deployment"])],
    Rds Write DeleteDBCluster:                     [Ours(&["cluster"]), LAST_SNAPSHOT],
    Rds Write DeleteDBClusterParameterGroup:       [Ours(&["cluster-pg"])],
    Rds Write DeleteDBInstance:                    [Ours(&["db"]), READER],
    Rds Write DeleteDBParameterGroup:              [Ours(&["pg"])],
    Rds Write DeleteDBSubnetGroup:                 [Ours(&["subgrp"])],
    Rds Write ModifyDBCluster:                     [Ours(&["cluster", "cluster-pg"]), DEFAULT_GROUPS],
    Rds Write ModifyDBClusterParameterGroup:       [Ours(&["cluster-pg"])],
    Rds Write ModifyDBInstance:                    [Ours(&["db", "pg"]), DEFAULT_GROUPS],
    Rds Write ModifyDBParameterGroup:              [Ours(&["pg"])],
    Rds Write ModifyDBSubnetGroup:                 [Ours(&["subgrp"])],
    Rds Write RebootDBInstance:                    [Ours(&["db"])],
    Rds Write ResetDBClusterParameterGroup:        [Ours(&["cluster-pg"])],
    Rds Write ResetDBParameterGroup:               [Ours(&["pg"])],
    Rds Write StartDBCluster:                      [Ours(&["cluster"])],
    Rds Write StartDBInstance:                     [Ours(&["db"])],
    Rds Write StopDBCluster:                       [Ours(&["cluster"])],
    Rds Write StopDBInstance:                      [Ours(&["db"])],
    Rds Write SwitchoverBlueGreenDeployment:       [Ours(&["deployment"])],
    // IAM is not told whether it is asked for tags within a creation, so it is asked only whether one of them is ours.
    Rds Write AddTagsToResource:                   [Makes(&["cluster", "cluster-pg", "cluster-snapshot", "db", "deployment", "pg", "snapshot", "subgrp"]), SetTags],
    Rds Write RemoveTagsFromResource:              [RemoveTags],

    Route53 Read  GetHostedZone:             [Everything],
    Route53 Read  ListHostedZonesByName:     [Everything],
    Route53 Read  ListResourceRecordSets:    [Everything],

    Route53 Write ChangeResourceRecordSets:  [RECORDS],

    SecretsManager Read  DescribeSecret:     [DATABASE_SECRET],
    SecretsManager Read  GetSecretValue:     [DATABASE_SECRET],

    SecretsManager Write RotateSecret:       [DATABASE_SECRET],

    Ssm Read  GetParameter:                  [PUBLIC_PARAMETER],

    Sts Read  GetCallerIdentity:             [],

    Wafv2 Read  GetWebACLForResource:        [Everything],

    Wafv2 Write AssociateWebACL:             [WEB_ACL],
    Wafv2 Write DisassociateWebACL:          [WEB_ACL],
}

impl Action {
    /// Its row.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// The call of this service, by the SDK's name, that AWS names so.
    pub fn named(service: &str, name: &str) -> Option<Self> {
        let row = TABLE
            .iter()
            .find(|row| row.service.sdk() == service && row.name == name);
        row.map(|row| row.action)
    }
}

impl Service {
    /// Its word in IAM actions and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Acm => "acm",
            Self::ApplicationAutoScaling => "application-autoscaling",
            Self::AutoScaling => "autoscaling",
            Self::Ec2 => "ec2",
            Self::Efs => "elasticfilesystem",
            Self::Elb => "elasticloadbalancing",
            Self::Iam => "iam",
            Self::Logs => "logs",
            Self::Rds => "rds",
            Self::Route53 => "route53",
            Self::SecretsManager => "secretsmanager",
            Self::Ssm => "ssm",
            Self::Sts => "sts",
            Self::Wafv2 => "wafv2",
        }
    }

    /// Its name in the SDK.
    fn sdk(self) -> &'static str {
        match self {
            Self::Acm => "ACM",
            Self::ApplicationAutoScaling => "Application Auto Scaling",
            Self::AutoScaling => "Auto Scaling",
            Self::Ec2 => "EC2",
            Self::Efs => "EFS",
            Self::Elb => "Elastic Load Balancing v2",
            Self::Iam => "IAM",
            Self::Logs => "CloudWatch Logs",
            Self::Rds => "RDS",
            Self::Route53 => "Route 53",
            Self::SecretsManager => "Secrets Manager",
            Self::Ssm => "SSM",
            Self::Sts => "STS",
            Self::Wafv2 => "WAFV2",
        }
    }
}

#[cfg(test)]
mod tests;
