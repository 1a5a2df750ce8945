//! The Secrets of a cluster: those that specs refer to, and those with which programs connect to databases.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use hastack_core::apply::Outcome;
use hastack_core::binding::PasswordSource;
use hastack_core::cloud::Reveal;
use hastack_core::desire::{TextRef, identity};
use hastack_core::memory::Memory;
use hastack_core::report::{Home, Reported, binding};

use super::{CLUSTER, Secrets, Stage};

/// The Secret `given`, with a password that specs may name.
pub(super) fn given() -> Secrets {
    let entries = [("password".to_owned(), "correct horse".to_owned())];
    Arc::new(Mutex::new([("given".to_owned(), entries.into())].into()))
}

impl Stage {
    /// The texts of Secrets that a spec refers to.
    pub(super) fn texts(&self, wanted: &[TextRef]) -> BTreeMap<TextRef, String> {
        let secrets = self.secrets.lock().expect("not poisoned");
        let texts = wanted.iter().filter_map(|text| {
            let value = secrets.get(&text.name)?.get(&text.key)?;
            Some((text.clone(), value.clone()))
        });
        texts.collect()
    }

    /// Fills the Secret with which programs connect, where that is asked for.
    pub(super) fn bind<K: Reported>(
        &mut self,
        object: &K,
        status: &K::Status,
        outcome: &Outcome,
        memory: &Memory,
        home: Home<'_>,
    ) {
        let owner = identity(object, CLUSTER).owner;
        let Some(binding) = binding(object, status, outcome, memory, home.inputs) else {
            return;
        };
        let mut secrets = self.secrets.lock().expect("not poisoned");
        let fingerprint = binding.fingerprint();
        if secrets.contains_key(&binding.name) && self.process.bound.get(&owner) == Some(&fingerprint) {
            return;
        }
        let password = match &binding.password {
            PasswordSource::Given { text: _, password } => password.clone(),
            PasswordSource::Managed { arn, version: _ } => {
                let Some(Ok(content)) = self.sim.reveal(arn).now_or_never() else {
                    return;
                };
                PasswordSource::of_managed(arn, &content).expect("the sim's secrets are as RDS's")
            }
        };
        secrets.insert(binding.name.clone(), binding.entries(&password));
        self.process.bound.insert(owner, fingerprint);
    }
}
