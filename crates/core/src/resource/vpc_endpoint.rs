//! An endpoint: a way to a service of AWS that does not leave the VPC. A gateway endpoint is reached through route tables, an
//! interface endpoint by addresses in subnets.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html>

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Refs, Shown, Wanted, fixed};
use crate::cloud::Reply;
use crate::owner::NodeId;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The VPC it is in.
    pub vpc: NodeId,
    /// The service, such as `com.amazonaws.us-east-1.s3`.
    pub service: String,
    /// How the service is reached.
    pub way: Way,
}

/// How a service is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Through route tables.
    Gateway {
        /// The tables that get its routes.
        route_tables: Vec<NodeId>,
    },
    /// By addresses in subnets, under the service's own name.
    Interface {
        /// The subnets, one a zone.
        subnets: Vec<NodeId>,
        /// The security group that lets traffic in.
        group: NodeId,
    },
}

/// What the creating call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The VPC it is in.
    pub vpc_id: String,
    /// The service.
    pub service: String,
    /// How the service is reached.
    pub access: Access,
}

/// How a service is reached, in AWS's ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Access {
    /// Through route tables.
    Gateway {
        /// The tables that have its routes.
        route_table_ids: Vec<String>,
    },
    /// By addresses in subnets.
    Interface {
        /// The subnets.
        subnet_ids: Vec<String>,
        /// Its security groups.
        group_ids: Vec<String>,
        /// Whether the service's own name leads to it within the VPC.
        private_dns: bool,
    },
}

/// What AWS shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The VPC it is in.
    pub vpc_id: String,
    /// The service.
    pub service: String,
    /// How the service is reached.
    pub access: Access,
}

/// What one further call changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Give its routes to these tables and take them from those.
    RouteTables(Edit),
    /// Be in these subnets and security groups and not in those, and under the service's own name.
    Interface {
        /// The subnets.
        subnets: Edit,
        /// The security groups.
        groups: Edit,
        /// Whether the service's own name is to be given to it.
        enable_private_dns: bool,
    },
}

/// What comes to a list and what goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// What comes.
    pub add: Vec<String>,
    /// What goes.
    pub remove: Vec<String>,
}

impl Wanted for Spec {
    type Create = Create;
    type State = State;
    type Change = Change;

    fn create(&self, refs: &dyn Refs) -> Result<Create, NodeId> {
        if let Way::Interface { .. } = &self.way {
            // AWS gives an endpoint a service's name only where the VPC has host names.
            refs.settled(&self.vpc)?;
        }
        Ok(Create {
            vpc_id: refs.usable(&self.vpc)?,
            service: self.service.clone(),
            access: self.access(refs)?,
        })
    }

    fn compare(&self, state: &State, refs: &dyn Refs) -> Vec<Finding<Change>> {
        let vpc = fixed(refs.usable(&self.vpc), &state.vpc_id, "network");
        let access = match self.access(refs) {
            Err(node) => Some(Finding::Wait(node)),
            Ok(wanted) => change(&state.access, &wanted).map(Finding::Change),
        };
        vpc.into_iter().chain(access).collect()
    }
}

impl Spec {
    fn access(&self, refs: &dyn Refs) -> Result<Access, NodeId> {
        let ids = |nodes: &[NodeId]| {
            nodes
                .iter()
                .map(|node| refs.usable(node))
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(match &self.way {
            Way::Gateway { route_tables } => Access::Gateway {
                route_table_ids: ids(route_tables)?,
            },
            Way::Interface { subnets, group } => Access::Interface {
                subnet_ids: ids(subnets)?,
                group_ids: vec![refs.usable(group)?],
                private_dns: true,
            },
        })
    }
}

fn change(is: &Access, wanted: &Access) -> Option<Change> {
    match (is, wanted) {
        (Access::Gateway { route_table_ids: is }, Access::Gateway { route_table_ids }) => {
            let edit = Edit::between(is, route_table_ids);
            (edit != Edit::default()).then_some(Change::RouteTables(edit))
        }
        (
            Access::Interface {
                subnet_ids: are_subnets,
                group_ids: are_groups,
                private_dns: is_private,
            },
            Access::Interface {
                subnet_ids,
                group_ids,
                private_dns,
            },
        ) => {
            let subnets = Edit::between(are_subnets, subnet_ids);
            let groups = Edit::between(are_groups, group_ids);
            let enable_private_dns = *private_dns && !is_private;
            let differs = enable_private_dns || subnets != Edit::default() || groups != Edit::default();
            differs.then_some(Change::Interface {
                subnets,
                groups,
                enable_private_dns,
            })
        }
        // An id of its own tells the two apart.
        (Access::Gateway { .. }, Access::Interface { .. }) | (Access::Interface { .. }, Access::Gateway { .. }) => None,
    }
}

impl Edit {
    fn between(is: &[String], wanted: &[String]) -> Self {
        let only = |these: &[String], those: &[String]| {
            let these = these.iter().filter(|id| !those.contains(id));
            these.cloned().collect::<Vec<_>>()
        };
        Self {
            add: only(wanted, is),
            remove: only(is, wanted),
        }
    }

    fn fold(&self, ids: &mut Vec<String>) {
        ids.retain(|id| !self.remove.contains(id) && !self.add.contains(id));
        ids.extend(self.add.iter().cloned());
    }
}

impl Shown for State {
    type Change = Change;

    fn fold(&mut self, change: &Change, _reply: &Reply) {
        match (change, &mut self.access) {
            (Change::RouteTables(edit), Access::Gateway { route_table_ids }) => edit.fold(route_table_ids),
            (
                Change::Interface {
                    subnets,
                    groups,
                    enable_private_dns,
                },
                Access::Interface {
                    subnet_ids,
                    group_ids,
                    private_dns,
                },
            ) => {
                subnets.fold(subnet_ids);
                groups.fold(group_ids);
                *private_dns |= enable_private_dns;
            }
            (Change::RouteTables(_), Access::Interface { .. }) | (Change::Interface { .. }, Access::Gateway { .. }) => {
            }
        }
    }

    fn uses(&self) -> Vec<&str> {
        let ids: Vec<&String> = match &self.access {
            Access::Gateway { route_table_ids } => route_table_ids.iter().collect(),
            Access::Interface {
                subnet_ids,
                group_ids,
                private_dns: _,
            } => subnet_ids.iter().chain(group_ids).collect(),
        };
        let ids = ids.into_iter().map(String::as_str);
        ids.chain([self.vpc_id.as_str()]).collect()
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.service)
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let added = self.add.iter().map(|id| format!(" +{id}"));
        let removed = self.remove.iter().map(|id| format!(" -{id}"));
        added.chain(removed).try_for_each(|id| formatter.write_str(&id))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RouteTables(edit) => write!(formatter, "route tables{edit}"),
            Self::Interface {
                subnets,
                groups,
                enable_private_dns,
            } => {
                let edits = [("subnets", subnets), ("security groups", groups)];
                let edits = edits.into_iter().filter(|(_, edit)| **edit != Edit::default());
                let mut parts: Vec<_> = edits.map(|(what, edit)| format!("{what}{edit}")).collect();
                if *enable_private_dns {
                    parts.push("private DNS: off -> on".into());
                }
                formatter.write_str(&parts.join("; "))
            }
        }
    }
}
