//! What the routes need: the use cases, and how Portico is reached.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use portico_background::Background;
use portico_domain::{
    identity::ProviderId,
    ports::{Entropy, Sessions},
    provider::Providers,
    return_to::Destinations,
    session::SessionPolicy,
    use_cases::{BeginLogin, CompleteLogin, CurrentSession, DecideLogin, LogOut},
};

use serde_json::{Map, Value, json};

use crate::{Answers, Icons, cookies::Cookies, limits::LoginLimiter};

/// Everything the routes need.
pub struct App {
    /// Where logins run: what a cloud answers is read, parsed and verified behind everything that
    /// is served to those who are signed in.
    pub logins: Background,
    /// Begins logins.
    pub begin_login: BeginLogin,
    /// Completes logins.
    pub complete_login: CompleteLogin,
    /// Decides what becomes of logins that wait for a choice.
    pub decide_login: DecideLogin,
    /// Finds sessions.
    pub current_session: CurrentSession,
    /// Ends sessions.
    pub log_out: LogOut,
    /// What the sign-in page offers.
    pub providers: Providers,
    /// Where Portico and the dashboard are.
    pub destinations: Destinations,
    /// For readiness.
    pub sessions: Arc<dyn Sessions>,
    /// What keeps plug-ins from being offered, for readiness.
    pub provider_faults: ProviderFaults,
    /// Which providers are not well, for readiness.
    pub provider_notes: ProviderNotes,
    /// How long sessions last, for the cookie.
    pub policy: SessionPolicy,
    /// How much of Portico anybody may have.
    pub gate: LoginLimiter,
    /// Sessions that cannot be read.
    pub unreadable: UnreadableSessions,
    /// The icons of providers.
    pub icons: Icons,
    /// The long answers, each held once.
    pub answers: Answers,
    /// Where correlation ids come from.
    pub entropy: Arc<dyn Entropy>,
}

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

/// Says once that there are sessions that cannot be read: a key that is gone makes them many.
#[derive(Debug, Default)]
pub struct UnreadableSessions(AtomicBool);

impl UnreadableSessions {
    pub(crate) fn found(&self, why: &str) {
        if self.0.swap(true, Ordering::Relaxed) {
            return tracing::debug!(why, "a session cannot be read");
        }
        tracing::warn!(
            why,
            "a session cannot be read: its browser is signed out, and its cookie taken back. Further \
             ones are logged as debug alone"
        );
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
    pub(crate) fn shown(&self) -> Map<String, Value> {
        let notes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let loading = notes.loading.iter().map(|id| (id, json!({"status": "loading"})));
        let failing = notes.failing.iter();
        let failing =
            failing.map(|(id, reason)| (id, json!({"status": "failing", "reason": reason})));
        failing.chain(loading).map(|(id, note)| (id.to_string(), note)).collect()
    }
}

impl App {
    pub(crate) fn cookies(&self) -> Cookies {
        Cookies { secure: self.is_https() }
    }

    /// Whether browsers reach Portico by https.
    pub(crate) fn is_https(&self) -> bool {
        self.destinations.portico().scheme() == "https"
    }

    /// A provider's name for a person, its id where it has gone.
    pub(crate) fn name_of(&self, provider: &ProviderId) -> String {
        let found = self.providers.find(provider);
        found.map_or_else(|| provider.to_string(), |found| found.cloud.descriptor().name.clone())
    }

    /// Eight random bytes in hexadecimal: stands on a failure's page and in its log line.
    pub(crate) fn correlation(&self) -> String {
        let mut bytes = [0_u8; 8];
        self.entropy.fill(&mut bytes);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
