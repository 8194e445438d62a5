//! Replaces the offered registrations atomically.

use portico_domain::{identity::ProviderId, provider::Away};

use super::PluginManager;
use crate::status::{State, Status, away};

impl PluginManager {
    /// Offers the built-in providers first, then plug-ins by id.
    pub(super) fn offer(&self, statuses: &[Status]) {
        let built_in = self.built_in.registrations();
        // Replaced by a plug-in that is loaded or being loaded.
        let replaced = |id: &ProviderId| {
            let replaces = |status: &&Status| {
                status.id == id.as_str()
                    && status.state == State::Loading { replaces_built_in: true }
            };
            statuses.iter().find(replaces).is_some() || self.loaded.contains_key(id)
        };
        let own = built_in.iter().filter(|it| !replaced(it.id()));
        let plugins = self.loaded.values().map(|loaded| &loaded.registration);
        let mut all: Vec<_> = own.chain(plugins).cloned().collect();
        // A plug-in that replaces a built-in provider keeps its position.
        all.sort_by_key(|it| !built_in.iter().any(|built_in| built_in.id() == it.id()));
        let away = if self.unread { Away::Everything } else { away(statuses) };
        let loading =
            statuses.iter().filter(|status| matches!(status.state, State::Loading { .. }));
        let loading = loading.filter_map(|status| ProviderId::parse(&status.id).ok());
        self.providers.offer(all, away, self.clock.now());
        let loading = loading.collect();
        self.health.update(|health| health.loading = loading);
        self.offered.notify_one();
    }
}
