//! How the providers are: what they are called, which are being loaded and which are failing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock},
};

use portico_domain::{identity::ProviderId, provider::Providers};
use serde::Serialize;

/// What keeps plug-ins from being offered. Clones are the same list: whoever loads plug-ins writes
/// it, `/readyz` counts it. What they are is the operator's to know: they name folders and files.
#[derive(Clone, Debug, Default)]
pub struct ProviderFaults(Arc<RwLock<Vec<String>>>);

impl ProviderFaults {
    /// These, and no others.
    pub fn set(&self, faults: Vec<String>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// All of them.
    pub fn list(&self) -> Vec<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Which providers people cannot sign in with now. Clones are the same notes: whoever loads plug-ins and
/// asks identity providers writes them, `/readyz` shows them to anybody, in words that say nothing of
/// addresses, folders and files.
#[derive(Clone, Debug, Default)]
pub struct ProviderNotes(Arc<RwLock<Notes>>);

#[derive(Debug, Default)]
struct Notes {
    loading: BTreeSet<ProviderId>,
    failing: BTreeMap<ProviderId, String>,
}

impl ProviderNotes {
    /// These plug-ins are being loaded, and no others.
    pub fn set_loading(&self, loading: BTreeSet<ProviderId>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).loading = loading;
    }

    /// Whether any plug-in is being loaded.
    pub fn is_loading(&self) -> bool {
        !self.0.read().unwrap_or_else(PoisonError::into_inner).loading.is_empty()
    }

    /// Whether this plug-in is being loaded.
    pub(crate) fn loads(&self, id: &ProviderId) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).loading.contains(id)
    }

    /// Logins with these fail, each for a reason in one stable word, and with no others.
    pub fn set_failing(&self, failing: BTreeMap<ProviderId, String>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).failing = failing;
    }

    /// Each provider that is not well, as `/readyz` shows it.
    pub(crate) fn shown(&self) -> BTreeMap<String, ProviderNote> {
        let notes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let loading = notes.loading.iter().map(|id| (id, ProviderNote::Loading));
        let failing = notes.failing.iter();
        let failing =
            failing.map(|(id, reason)| (id, ProviderNote::Failing { reason: reason.clone() }));
        failing.chain(loading).map(|(id, note)| (id.to_string(), note)).collect()
    }
}

/// Why people cannot sign in with a provider now.
#[derive(Debug, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub(crate) enum ProviderNote {
    /// Its plug-in is being loaded.
    Loading,
    /// Logins with it fail, for a reason in one stable word.
    Failing { reason: String },
}

/// A provider's name for a person, its id where the provider has gone.
pub(crate) fn name_of(providers: &Providers, id: &ProviderId) -> String {
    let found = providers.find(id);
    found.map_or_else(|| id.to_string(), |found| found.cloud.descriptor().name.clone())
}
