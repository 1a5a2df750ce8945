//! Ranges of addresses that users give.

use ipnet::Ipv4Net;

use super::SpecError;

/// A range with no host bits set.
pub(super) fn read(field: &str, range: &str) -> Result<Ipv4Net, SpecError> {
    match range.parse::<Ipv4Net>() {
        Ok(net) if net == net.trunc() => Ok(net),
        Ok(_) | Err(_) => Err(SpecError::ReadRange {
            field: field.to_owned(),
            value: range.to_owned(),
        }),
    }
}
