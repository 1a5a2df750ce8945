//! What calls must be allowed to do, and the reasons for what is not bound to our tags.

use Grant::{Limited, Others};

/// What a call must be allowed to do, in IAM's words for types of resources. A call that IAM allows to everyone needs none.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// It cannot be limited to resources.
    Everything,
    /// It makes these, with our tag in the request.
    Makes(&'static [&'static str]),
    /// It makes something, with our tag in the request, of which IAM knows no resource before.
    MakesUnseen,
    /// It makes a part of this, with our tag in the request; the whole, which IAM asks about, carries our tag.
    MakesPart(&'static str),
    /// It touches only these, which carry our tag.
    Ours(&'static [&'static str]),
    /// It touches only these, whose names begin with ours.
    OursByName(&'static [&'static str]),
    /// It touches these too, whatever tags they carry; all calls of a statement touch the same.
    Others {
        statement: &'static str,
        resources: &'static [&'static str],
        reason: &'static str,
    },
    /// It touches these, if the request is so.
    Limited {
        resources: &'static [&'static str],
        operator: &'static str,
        key: &'static str,
        values: &'static [&'static str],
    },
    /// It puts tags on what is being made.
    TagsOfCreations,
    /// It puts tags on what carries our tag already.
    SetTags,
    /// It takes tags off what carries our tag, but not those that make it ours.
    RemoveTags,
}

pub(super) const DEFAULT_GROUP: Grant = Others {
    statement: "EmptyDefaultSecurityGroups",
    resources: &["security-group"],
    reason: "the default group of a VPC appears without tags; a revocation only narrows it",
};

pub(super) const EXISTING_VPC: Grant = Others {
    statement: "BuildInExistingVpcs",
    resources: &["vpc"],
    reason: "the VPC may be an existing one, which carries no tag of ours; nothing of it changes",
};

pub(super) const EXISTING_GROUND: Grant = Others {
    statement: "RunOnExistingGround",
    resources: &["image", "key-pair", "subnet"],
    reason: "image, key pair and subnet may be existing ones, which carry no tag of ours; nothing of them changes",
};

pub(super) const IMAGED_INSTANCE: Grant = Others {
    statement: "MakeImagesOfInstances",
    resources: &["instance"],
    reason: "which instance an image is made of is the user's choice; it may be restarted, and nothing else of it changes",
};

pub(super) const LEFT_INTERFACE: Grant = Others {
    statement: "DeleteLeftInterfaces",
    resources: &["network-interface"],
    reason: "those of load balancers and mount targets are made by AWS, without our tags; one in use cannot be deleted",
};

pub(super) const WEB_ACL: Grant = Others {
    statement: "AssociateWebAcls",
    resources: &["loadbalancer/app", "webacl"],
    reason: "a web ACL is its owner's, and WAF asks for no tags of load balancers; the load balancer's service does",
};

pub(super) const DEFAULT_GROUPS: Grant = Others {
    statement: "UseDefaultGroups",
    resources: &["cluster-pg:default", "og:default", "pg:default"],
    reason: "RDS asks for the groups that a database has where none is named, which AWS makes without tags; nothing of them changes",
};

pub(super) const READER: Grant = Others {
    statement: "DeleteReadersOfAws",
    resources: &["db:application-autoscaling-"],
    reason: "AWS adds readers to clusters without our tags, under names that nobody else can use; what it has left goes with its cluster",
};

pub(super) const BACKUPS: Grant = Others {
    statement: "RestoreBackups",
    resources: &["cluster-snapshot", "snapshot"],
    reason: "which backup a database is restored from is the user's choice; it is only read",
};

pub(super) const LAST_SNAPSHOT: Grant = Others {
    statement: "KeepLastSnapshots",
    resources: &["cluster-snapshot"],
    reason: "the last snapshot of a database is made with its deletion, when it has no tags yet",
};

pub(super) const DATABASE_SECRET: Grant = Others {
    statement: "UseSecretsOfDatabases",
    resources: &["secret:rds"],
    reason: "RDS makes the secret of a database without our tags, under a name that nobody else can use",
};

pub(super) const PUBLIC_PARAMETER: Grant = Others {
    statement: "ReadParameters",
    resources: &["parameter"],
    reason: "which parameter names an image is the user's choice; none of ours is secret, and only values are read",
};

/// Records of a load balancer, of a certificate and of who may issue one; no other can be touched.
pub(super) const RECORDS: Grant = Limited {
    resources: &["hostedzone"],
    operator: "ForAllValues:StringEquals",
    key: "route53:ChangeResourceRecordSetsRecordTypes",
    values: &["A", "AAAA", "CAA", "CNAME", "TXT"],
};
