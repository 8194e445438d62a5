//! Passes the health of the providers to the web adapter, which shows it in `/readyz`.

use portico_http::{ProviderFaults, ProviderNotes};
use portico_plugins::{Health, HealthObserver};

/// The web adapter's view of the health of the providers.
#[derive(Clone, Default)]
pub(super) struct WebHealth {
    pub(super) faults: ProviderFaults,
    pub(super) notes: ProviderNotes,
}

impl HealthObserver for WebHealth {
    fn changed(&self, health: &Health) {
        self.faults.set(health.faults.clone());
        self.notes.set_loading(health.loading.clone());
        self.notes.set_failing(health.failing.clone());
    }
}
