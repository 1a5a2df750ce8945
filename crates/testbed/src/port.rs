//! Free ports of the loopback interface.
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

/// Below the range from which Linux and macOS take the ports of outgoing connections: one of those could otherwise take
/// the port before the server it is meant for does.
const FIRST: u16 = 20_000;
const PORTS: u16 = 12_000;

/// A port nothing listens on just now, chosen at random so that test processes running beside each other do not meet.
///
/// Should all of them be taken the answer is 0, which lets the system choose.
pub fn free() -> u16 {
    let start = RandomState::new().hash_one(()) % u64::from(PORTS);
    let start = u16::try_from(start).unwrap_or_default();
    let candidates = (0..PORTS).map(|step| FIRST + (start + step) % PORTS);
    candidates
        .into_iter()
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_can_be_listened_on() {
        let port = free();
        assert!((FIRST..FIRST + PORTS).contains(&port));
        assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok());
    }

    #[test]
    fn a_taken_port_is_not_offered() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, free())).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!((0..50).all(|_| free() != port));
    }
}
