//! Who may connect to a service's instances, and where those may connect to.

use hastack_api::AutoScaledServiceSpec;
use hastack_api::service::access::{EgressSpec, IngressSource, IngressSpec, IpProtocol};

use super::access;
use crate::desire::site::{Site, group_of};
use crate::desire::{Inputs, SpecError, file_system, range};
use crate::resource::security_group::{Allowance, Party};

/// Every port.
const ALL_PORTS: (u16, u16) = (0, 65535);

/// What comes in: requests and health checks of the load balancer where the service has any, and what is listed.
pub(super) fn ingress(
    spec: &AutoScaledServiceSpec,
    site: &Site<'_>,
    inputs: &Inputs,
) -> Result<Vec<Allowance>, SpecError> {
    let routed = spec.routing.as_ref().map(|_| [spec.port, spec.health_check.port]);
    let mut ports: Vec<_> = routed.into_iter().flatten().flatten().collect();
    ports.dedup();
    let balancer = || Party::Group(site.load_balancer_group());
    let mut allowances: Vec<_> = ports
        .into_iter()
        .map(|port| allowance(IpProtocol::Tcp, (port, port), balancer()))
        .collect();
    for (index, entry) in spec.ingress.iter().enumerate() {
        let IngressSpec {
            port,
            port_range,
            protocol,
            cidrs,
            from,
        } = entry;
        let field = format!("ingress[{index}]");
        let ports = ports_of(&field, *port, port_range.as_deref())?.ok_or_else(|| SpecError::ReadPorts {
            field: format!("{field}.port"),
            value: String::new(),
        })?;
        let mut parties = ranges(&field, cidrs.iter().flatten())?;
        if let Some(source) = from {
            parties.extend(party(&field, source, site, inputs)?);
        }
        allowances.extend(parties.into_iter().map(|party| allowance(*protocol, ports, party)));
    }
    Ok(allowances)
}

/// What goes out: everything, or what is listed and what is mounted.
pub(super) fn egress(spec: &AutoScaledServiceSpec, site: &Site<'_>) -> Result<Vec<Allowance>, SpecError> {
    let Some(listed) = &spec.egress else {
        return Ok(vec![Allowance::anything()]);
    };
    let mut allowances = Vec::new();
    for (index, entry) in listed.iter().enumerate() {
        let EgressSpec {
            port,
            port_range,
            protocol,
            cidrs,
        } = entry;
        let field = format!("egress[{index}]");
        let ports = ports_of(&field, *port, port_range.as_deref())?.unwrap_or(ALL_PORTS);
        let parties = ranges(&field, cidrs.iter())?;
        allowances.extend(parties.into_iter().map(|party| allowance(*protocol, ports, party)));
    }
    if !spec.mounts.is_empty() {
        let mounted = Party::Group(site.of_stack(file_system::group()));
        let nfs = (file_system::NFS, file_system::NFS);
        allowances.push(allowance(IpProtocol::Tcp, nfs, mounted));
    }
    Ok(allowances)
}

fn allowance(protocol: IpProtocol, ports: (u16, u16), party: Party) -> Allowance {
    let protocol = match protocol {
        IpProtocol::Tcp => "tcp",
        IpProtocol::Udp => "udp",
    };
    Allowance {
        protocol: protocol.to_owned(),
        ports: Some(ports),
        party,
    }
}

/// The ports of an entry, where it gives any.
fn ports_of(field: &str, port: Option<u16>, range: Option<&str>) -> Result<Option<(u16, u16)>, SpecError> {
    let Some(range) = range else {
        return Ok(port.map(|port| (port, port)));
    };
    let ends = range.split_once('-');
    let ends = ends.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    match ends.filter(|(from, to)| from <= to) {
        Some(ends) => Ok(Some(ends)),
        None => Err(SpecError::ReadPorts {
            field: format!("{field}.portRange"),
            value: range.to_owned(),
        }),
    }
}

fn ranges<'a>(field: &str, cidrs: impl Iterator<Item = &'a String>) -> Result<Vec<Party>, SpecError> {
    let range = |(index, range): (usize, &String)| {
        range::read(&format!("{field}.cidrs[{index}]"), range).map(|_| Party::Cidr(range.clone()))
    };
    cidrs.enumerate().map(range).collect()
}

/// The instances that connect: none where they are on their way out.
fn party(field: &str, source: &IngressSource, site: &Site<'_>, inputs: &Inputs) -> Result<Option<Party>, SpecError> {
    let IngressSource { service, bastion } = source;
    if let Some(name) = service {
        if name == site.name() {
            return Ok(Some(Party::Group(access::group())));
        }
        let mut services = inputs.services.iter();
        let service = services.find(|service| service.metadata.name.as_ref() == Some(name));
        let field = format!("{field}.from.service");
        let service = service.ok_or_else(|| site.missing(&field, format!("AutoScaledService {name:?}")))?;
        // Its group cannot go while a rule refers to it.
        let stays = service.metadata.deletion_timestamp.is_none();
        return Ok(stays.then(|| Party::Group(group_of(service))));
    }
    if bastion != &Some(true) {
        return Ok(None);
    }
    let bastion = site.bastion_group(&format!("{field}.from.bastion"))?;
    Ok(Some(Party::Group(bastion)))
}
