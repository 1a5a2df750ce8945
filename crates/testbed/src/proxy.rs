//! What stands in front of the AWS endpoint in tests: it writes down every call and injects faults.
//!
//! A call that is forwarded runs to its end upstream even if the caller goes away, as it does in AWS.
mod call;
mod fault;
mod name;
mod rule;
mod serve;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hyper::Uri;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use call::{Call, Request};
pub use fault::{Fault, Hold};
pub use rule::Rule;

use crate::http::Client;

/// Why there is no proxy.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No port could be had.
    #[error("cannot listen on 127.0.0.1")]
    Listen(#[source] io::Error),
    /// What is to be forwarded to is not an address.
    #[error("cannot forward to {upstream:?}: it is no http:// address")]
    Forward {
        /// What was given.
        upstream: String,
    },
}

/// Names an injected rule, to remove it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleId(u64);

/// A running proxy. Dropping it closes its port and its connections.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: JoinHandle<()>,
}

/// What the proxy knows, shared with its connections.
struct Shared {
    upstream: Uri,
    client: Client,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    /// The sequence number of `calls[0]`.
    first: u64,
    rules: Vec<(RuleId, Rule)>,
    rules_made: u64,
}

impl Proxy {
    /// Starts one on a free loopback port, in front of `upstream`.
    pub async fn start(upstream: &str) -> Result<Self, Error> {
        let forward = || Error::Forward {
            upstream: upstream.into(),
        };
        let uri: Uri = upstream.parse().map_err(|_| forward())?;
        if uri.scheme_str() != Some("http") || uri.authority().is_none() {
            return Err(forward());
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(Error::Listen)?;
        let address = listener.local_addr().map_err(Error::Listen)?;
        let shared = Arc::new(Shared {
            upstream: uri,
            client: Client::default(),
            state: Mutex::default(),
        });
        let listener = tokio::spawn(serve::listen(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            listener,
        })
    }

    /// Its address, for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every call since the start or [`Proxy::clear`], in order of arrival.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.state().calls.clone()
    }

    /// How many calls of each (service, action) there were.
    pub fn counts(&self) -> BTreeMap<(String, String), usize> {
        let mut counts = BTreeMap::new();
        for Call {
            request: Request { service, action, .. },
            ..
        } in &self.shared.state().calls
        {
            *counts.entry((service.clone(), action.clone())).or_default() += 1;
        }
        counts
    }

    /// Forgets the calls. The rules stay.
    pub fn clear(&self) {
        let mut state = self.shared.state();
        state.first += state.calls.len() as u64;
        state.calls.clear();
    }

    /// Puts a rule in force. Of several that match a call the first injected acts; the others do not count the call.
    pub fn inject(&self, rule: Rule) -> RuleId {
        let mut state = self.shared.state();
        state.rules_made += 1;
        let id = RuleId(state.rules_made);
        state.rules.push((id, rule));
        id
    }

    /// Ends a rule.
    pub fn remove(&self, id: RuleId) {
        self.shared.state().rules.retain(|(other, _)| *other != id);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panics while it looks must not break the calls that are still under way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the call down. Answers with its number and the fault it meets.
    fn arrived(&self, request: Request) -> (u64, Option<Fault>) {
        let mut state = self.state();
        let fault = state.rules.iter_mut().find_map(|(_, rule)| rule.apply(&request));
        let sequence = state.first + state.calls.len() as u64;
        state.calls.push(Call {
            sequence,
            request,
            at: Instant::now(),
            status: None,
            fault: fault.clone(),
        });
        (sequence, fault)
    }

    fn answered(&self, sequence: u64, status: u16) {
        let mut state = self.state();
        let index = sequence
            .checked_sub(state.first)
            .and_then(|index| usize::try_from(index).ok());
        if let Some(call) = index.and_then(|index| state.calls.get_mut(index)) {
            call.status = Some(status);
        }
    }
}

#[cfg(test)]
mod tests;
