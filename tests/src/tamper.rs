//! What somebody may change behind hastack's back.

pub mod bastion;
pub mod certificate;
pub mod file_system;
pub mod load_balancer;
pub mod network;

use hastack_core::kind::{Area, Carrier};
use hastack_core::object::Object;

/// A change made outside of hastack, and its name.
pub type Tamper = (&'static str, fn(&mut Object));

/// Every change that can be made to an object outside of hastack.
pub fn tampers(object: &Object) -> Vec<Tamper> {
    let row = object.kind().row();
    let mut tampers = match row.area {
        Area::Network => network::tampers(&object.state),
        Area::LoadBalancer => load_balancer::tampers(&object.state),
        Area::Certificate => certificate::tampers(&object.state),
        Area::FileSystem => file_system::tampers(&object.state),
        Area::Bastion => bastion::tampers(&object.state),
    };
    if row.carrier == Carrier::Tags {
        tampers.push(("the name tag", |object| {
            object.tags.insert("Name".into(), "somebody was here".into());
        }));
    }
    tampers
}
