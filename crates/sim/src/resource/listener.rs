//! A listener.

use hastack_core::cloud::ErrorKind;
use hastack_core::object::Phase;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::listener::{Change, Create, Modification, Protocol, State};

use super::{Names, Refusal, Simulated};
use crate::world::World;

/// How many certificates a load balancer takes beside the default one.
const MOST_CERTIFICATES: usize = 25;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "CreateListener",
        describe: "DescribeListeners",
        delete: "DeleteListener",
    };
    const DETAILS: &'static [&'static str] = &["DescribeListenerCertificates"];

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Modify(_) => "ModifyListener",
            Change::AddCertificate(_) => "AddListenerCertificates",
            Change::RemoveCertificate(_) => "RemoveListenerCertificates",
        }
    }

    fn create(world: &World, create: &Create) -> Result<Self, Refusal> {
        world.must_exist(&create.load_balancer_arn)?;
        check_port(world, &create.load_balancer_arn, create.port)?;
        if let Some(arn) = &create.certificate_arn {
            check_certificate(world, arn)?;
        }
        let listener = Self::new(create);
        check_protocol(&listener)?;
        Ok(listener)
    }

    fn check(&self, world: &World, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::Modify(Modification {
                port,
                protocol: _,
                certificate_arn,
                policy: _,
                default_action: _,
            }) => {
                if let Some(port) = port {
                    check_port(world, &self.load_balancer_arn, *port)?;
                }
                certificate_arn.iter().try_for_each(|arn| check_certificate(world, arn))
            }
            Change::AddCertificate(arn) => {
                check_certificate(world, arn)?;
                let full = self.additional.iter().flatten().count() >= MOST_CERTIFICATES;
                let message = "The maximum number of certificates has been reached".to_owned();
                let refusal = (ErrorKind::Quota, "TooManyCertificates", message);
                if full { Err(refusal) } else { Ok(()) }
            }
            Change::RemoveCertificate(_) => Ok(()),
        }
    }

    fn holds(&self, id: &str) -> bool {
        // Its load balancer takes it along.
        let certificates = self.certificate_arn.iter().chain(self.additional.iter().flatten());
        certificates.into_iter().any(|arn| arn == id)
    }

    fn hide(&mut self) {
        if self.protocol == Protocol::Https {
            self.additional = None;
        }
    }
}

fn check_port(world: &World, balancer: &str, port: u16) -> Result<(), Refusal> {
    let taken = world.states().any(
        |state| matches!(state, AnyState::Listener(other) if other.load_balancer_arn == balancer && other.port == port),
    );
    if taken {
        let message = "A listener already exists on this port for this load balancer".into();
        return Err((ErrorKind::AlreadyExists, "DuplicateListener", message));
    }
    Ok(())
}

fn check_protocol(listener: &State) -> Result<(), Refusal> {
    if listener.protocol == Protocol::Https && listener.certificate_arn.is_none() {
        let message = "A certificate must be specified for HTTPS listeners".into();
        return Err((ErrorKind::Invalid, "ValidationError", message));
    }
    Ok(())
}

/// A certificate that nobody here has made is somebody else's, and issued.
fn check_certificate(world: &World, arn: &str) -> Result<(), Refusal> {
    match world.things.get(arn).map(|thing| thing.object.phase) {
        Some(Phase::Ready) => Ok(()),
        Some(Phase::Pending | Phase::Deleting | Phase::Deleted | Phase::Failed) => {
            let message = format!("The certificate '{arn}' must have a fully-qualified domain name and be issued");
            Err((ErrorKind::Invalid, "UnsupportedCertificate", message))
        }
        None if arn.starts_with("arn:") => Ok(()),
        None => Err((
            ErrorKind::NotFound,
            "CertificateNotFound",
            format!("Certificate ARN '{arn}' is not valid"),
        )),
    }
}
