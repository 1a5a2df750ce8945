//! The upgrade of a database beside it. As long as it goes on, the database is wanted as it is, and beside it a copy of the version
//! that is wanted; once the two have changed names, the database is as wanted, and what made the copy is not any more.

use hastack_api::ManagedDatabaseSpec;
use hastack_api::database::protection::UpgradeStrategy;

use super::{Plan, engine, parameters, primary};
use crate::desire::Inputs;
use crate::desired::{Node, Origin};
use crate::digest::digest;
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::database::version;
use crate::resource::{Spec, blue_green_deployment};

/// How many digits tell deployments apart: of a name AWS takes 60 characters.
const DIGITS: usize = 16;

/// An upgrade of a database beside it.
pub(in crate::desire) struct Upgrade {
    /// The version it has.
    pub(super) from: String,
    /// The version that a copy is to have; none while a copy that is not wanted any more is on its way out.
    to: Option<String>,
}

impl Upgrade {
    /// The one that is wanted, if one is.
    pub(super) fn of(spec: &ManagedDatabaseSpec, inputs: &Inputs) -> Option<Self> {
        let from = parameters::version_of(spec, inputs).filter(|_| spec.running)?;
        match spec.upgrade_strategy {
            UpgradeStrategy::BlueGreen => {}
            UpgradeStrategy::InPlace => {
                let mut all = inputs.observed.all();
                let copied = all.any(|(node, _)| node.kind == Kind::BlueGreenDeployment);
                return copied.then_some(Self { from, to: None });
            }
        }
        let to = spec.version.clone();
        let major = version::is_major_upgrade(engine::word(spec.engine), &from, &to);
        let wanted = !version::is_at_least(&from, &to) && (spec.allow_major_version_upgrade || !major);
        wanted.then_some(Self { from, to: Some(to) })
    }
}

/// The node of this part, and the parameter group of the version it is to have.
pub(super) fn desire(plan: &Plan<'_>) -> Vec<(NodeId, Node)> {
    let Some(to) = plan.upgrade.as_ref().and_then(|upgrade| upgrade.to.as_ref()) else {
        return Vec::new();
    };
    let family = engine::family(plan.spec.engine, to);
    let node = NodeId::named(Kind::BlueGreenDeployment, to.as_str());
    let mut name = digest(&format!("{}\n{node}", plan.site.identity.uid));
    name.truncate(DIGITS);
    let spec = blue_green_deployment::Spec {
        name: format!("upgrade-{name}"),
        database: primary(plan.spec),
        version: to.clone(),
        parameter_group: parameters::group(plan.spec, &family),
        default_group: parameters::default_group(&family),
        approved: plan.spec.switch_over_to.as_ref() == Some(to),
    };
    let deployment = (node, Node::new(Spec::BlueGreenDeployment(spec), Origin::Managed));
    parameters::of_family(plan, &family)
        .into_iter()
        .chain([deployment])
        .collect()
}
