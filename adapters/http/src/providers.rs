//! Names and states of providers: loading, failing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock},
};

use portico_domain::{identity::ProviderId, provider::Providers};
use serde::Serialize;

/// Faults of plug-ins that are not offered. Clones share the list: the plug-in manager sets it, and
/// `/readyz` shows its length only, since faults name folders and files.
#[derive(Clone, Debug, Default)]
pub struct ProviderFaults(Arc<RwLock<Vec<String>>>);

impl ProviderFaults {
    /// Replaces the list.
    pub fn set(&self, faults: Vec<String>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// The list.
    pub fn list(&self) -> Vec<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The providers with which logins fail now. Clones share the state: the plug-in manager and the checks
/// of identity providers set it. `/readyz` shows it to anybody, so it holds no address and no path.
#[derive(Clone, Debug, Default)]
pub struct ProviderNotes(Arc<RwLock<Notes>>);

#[derive(Debug, Default)]
struct Notes {
    loading: BTreeSet<ProviderId>,
    failing: BTreeMap<ProviderId, String>,
}

impl ProviderNotes {
    /// Replaces the set of plug-ins that are being loaded.
    pub fn set_loading(&self, loading: BTreeSet<ProviderId>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).loading = loading;
    }

    /// Whether any plug-in is being loaded.
    pub fn is_loading(&self) -> bool {
        !self.0.read().unwrap_or_else(PoisonError::into_inner).loading.is_empty()
    }

    /// Whether this plug-in is being loaded.
    pub(crate) fn is_provider_loading(&self, id: &ProviderId) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).loading.contains(id)
    }

    /// Replaces the failing providers, each with a stable word for the reason.
    pub fn set_failing(&self, failing: BTreeMap<ProviderId, String>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).failing = failing;
    }

    /// The loading and failing providers, for `/readyz`.
    pub(crate) fn view(&self) -> BTreeMap<String, ProviderNote> {
        let notes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let loading = notes.loading.iter().map(|id| (id, ProviderNote::Loading));
        let failing = notes.failing.iter();
        let failing =
            failing.map(|(id, reason)| (id, ProviderNote::Failing { reason: reason.clone() }));
        failing.chain(loading).map(|(id, note)| (id.to_string(), note)).collect()
    }
}

/// Why logins with a provider fail now.
#[derive(Debug, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub(crate) enum ProviderNote {
    /// The plug-in is being loaded.
    Loading,
    /// Its check failed, with a stable word for the reason.
    Failing { reason: String },
}

/// The display name of a provider; its id if it is no longer offered.
pub(crate) fn name_of(providers: &Providers, id: &ProviderId) -> String {
    let found = providers.find(id);
    found.map_or_else(|| id.to_string(), |found| found.cloud.descriptor().name.clone())
}
