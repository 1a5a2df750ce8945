//! What somebody may change behind hastack's back.

pub mod bastion;
pub mod certificate;
pub mod database;
pub mod file_system;
pub mod load_balancer;
pub mod network;
pub mod service_fleet;
pub mod service_image;
pub mod service_launch;
pub mod service_routing;
pub mod service_scaling;

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
        Area::Database => database::tampers(&object.state),
        Area::Access | Area::Image | Area::Fleet | Area::Routing => {
            let parts = [
                service_fleet::tampers,
                service_launch::tampers,
                service_routing::tampers,
                service_scaling::tampers,
            ];
            parts.iter().flat_map(|tampers| tampers(&object.state)).collect()
        }
    };
    if row.carrier == Carrier::Tags {
        tampers.push(("the name tag", |object| {
            object.tags.insert("Name".into(), "somebody was here".into());
        }));
    }
    tampers
}
