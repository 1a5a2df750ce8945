//! Which calls meet a fault.
use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use super::{Fault, Request};

type Predicate = Box<dyn Fn(&BTreeMap<String, String>) -> bool + Send + Sync>;

/// A fault and the calls that meet it: all of them, unless narrowed down.
#[must_use]
pub struct Rule {
    fault: Fault,
    service: Option<String>,
    action: Option<String>,
    caller: Option<String>,
    predicate: Option<Predicate>,
    calls: RangeInclusive<u64>,
    matched: u64,
}

impl Rule {
    /// Every call meets this fault.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            service: None,
            action: None,
            caller: None,
            predicate: None,
            calls: 1..=u64::MAX,
            matched: 0,
        }
    }

    /// Only calls of this service and action.
    pub fn on(self, service: &str, action: &str) -> Self {
        Self {
            service: Some(service.into()),
            action: Some(action.into()),
            ..self
        }
    }

    /// Only calls of this action, whatever the service.
    pub fn on_action(self, action: &str) -> Self {
        Self {
            action: Some(action.into()),
            ..self
        }
    }

    /// Only calls of this service.
    pub fn on_service(self, service: &str) -> Self {
        Self {
            service: Some(service.into()),
            ..self
        }
    }

    /// Only calls signed with this access key id.
    pub fn from(self, caller: &str) -> Self {
        Self {
            caller: Some(caller.into()),
            ..self
        }
    }

    /// Only calls whose form has the fields this function asks for.
    pub fn with(self, predicate: impl Fn(&BTreeMap<String, String>) -> bool + Send + Sync + 'static) -> Self {
        Self {
            predicate: Some(Box::new(predicate)),
            ..self
        }
    }

    /// Only the `n`th call that matches otherwise, counted from 1.
    pub fn nth(self, n: u64) -> Self {
        self.calls(n..=n)
    }

    /// Only these of the calls that match otherwise, counted from 1.
    pub fn calls(self, calls: RangeInclusive<u64>) -> Self {
        Self { calls, ..self }
    }

    /// The fault this request meets. Counts the request if it matches.
    pub(super) fn apply(&mut self, request: &Request) -> Option<Fault> {
        let Request {
            service,
            action,
            caller,
            parameters,
            body: _,
            protocol: _,
        } = request;
        let wanted = |wanted: &Option<String>, is: &String| wanted.as_ref().is_none_or(|wanted| wanted == is);
        let matches = wanted(&self.service, service)
            && wanted(&self.action, action)
            && wanted(&self.caller, caller)
            && self.predicate.as_ref().is_none_or(|predicate| predicate(parameters));
        self.matched += u64::from(matches);
        (matches && self.calls.contains(&self.matched)).then(|| self.fault.clone())
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            fault,
            service,
            action,
            caller,
            predicate: _,
            calls,
            matched,
        } = self;
        write!(
            f,
            "{fault:?} for {service:?} {action:?} from {caller:?}, calls {calls:?}, {matched} so far"
        )
    }
}
