//! Mutable state of a running emulator: keys, codes, tokens, faults and the journal. No lock is held across an `await`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::SystemTime;

use aws_lc_rs::error::Unspecified;
use tokio::sync::watch;

use crate::bytes::random;
use crate::directory::{Directory, TokenSettings};
use crate::faults::{ActiveFaults, Fault, FaultKind, Occasion, SentIssuer, Target};
use crate::grants::{CodeGrant, Codes, Grant, Tokens};
use crate::journal::{Journal, JournalEntry};
use crate::keys::KeyRing;
use crate::pushed::PushedRequests;
use crate::registration::Registrations;

/// The state as handlers hold it.
pub(crate) type SharedState = Arc<EmulatorState>;

/// The mutable state, with the listeners and the registered redirect URIs.
pub(crate) struct EmulatorState {
    redirect_uris: Vec<String>,
    /// Scheme and port of each listener.
    listeners: Vec<(&'static str, u16)>,
    directory: Mutex<Directory>,
    /// The directory at the start, which a reset restores.
    initial: Directory,
    keys: RwLock<Arc<KeyRing>>,
    /// MAC key of Entra ID's refresh tokens; replacing it revokes all of them.
    seal: RwLock<[u8; 32]>,
    codes: Mutex<Codes<CodeGrant>>,
    /// Codes and tokens of the clouds other than Azure.
    cloud_codes: Mutex<Codes<Grant>>,
    cloud_tokens: Mutex<Tokens>,
    registrations: Mutex<Registrations>,
    pushed: Mutex<PushedRequests>,
    faults: Mutex<ActiveFaults>,
    /// Notifies of each removal of all faults.
    cleared: watch::Sender<()>,
    journal: Mutex<Journal>,
}

impl EmulatorState {
    pub(crate) fn new(
        redirect_uris: Vec<String>,
        listeners: Vec<(&'static str, u16)>,
        directory: Directory,
    ) -> Result<Self, Unspecified> {
        Ok(Self {
            redirect_uris,
            listeners,
            directory: Mutex::new(directory.clone()),
            initial: directory,
            keys: RwLock::new(Arc::new(KeyRing::generate()?)),
            seal: RwLock::new(random()),
            codes: Mutex::default(),
            cloud_codes: Mutex::default(),
            cloud_tokens: Mutex::default(),
            registrations: Mutex::default(),
            pushed: Mutex::default(),
            faults: Mutex::default(),
            cleared: watch::Sender::default(),
            journal: Mutex::default(),
        })
    }

    /// The emulator's time in seconds since 1970: the machine's, unless a fault shifts it.
    pub(crate) fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        since.as_secs().cast_signed().saturating_add(lock(&self.faults).clock_shift())
    }

    pub(crate) fn redirect_uris(&self) -> &[String] {
        &self.redirect_uris
    }

    /// Whether a listener of this emulator has this scheme and port.
    pub(crate) fn listens(&self, scheme: &str, port: Option<u16>) -> bool {
        self.listeners.iter().any(|(own, own_port)| *own == scheme && Some(*own_port) == port)
    }

    pub(crate) fn directory(&self) -> MutexGuard<'_, Directory> {
        lock(&self.directory)
    }

    pub(crate) fn token_settings(&self) -> TokenSettings {
        self.directory().settings
    }

    pub(crate) fn keys(&self) -> Arc<KeyRing> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn rotate_keys(&self, keep_old: bool) -> Result<(), Unspecified> {
        let next = self.keys().rotated(keep_old)?;
        self.set_keys(next);
        Ok(())
    }

    fn set_keys(&self, ring: KeyRing) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    pub(crate) fn seal(&self) -> [u8; 32] {
        *self.seal.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn codes(&self) -> MutexGuard<'_, Codes<CodeGrant>> {
        lock(&self.codes)
    }

    pub(crate) fn cloud_codes(&self) -> MutexGuard<'_, Codes<Grant>> {
        lock(&self.cloud_codes)
    }

    pub(crate) fn cloud_tokens(&self) -> MutexGuard<'_, Tokens> {
        lock(&self.cloud_tokens)
    }

    pub(crate) fn registrations(&self) -> MutexGuard<'_, Registrations> {
        lock(&self.registrations)
    }

    pub(crate) fn pushed(&self) -> MutexGuard<'_, PushedRequests> {
        lock(&self.pushed)
    }

    pub(crate) fn add_fault(&self, fault: Fault) {
        lock(&self.faults).add(fault);
    }

    pub(crate) fn clear_faults(&self) {
        *lock(&self.faults) = ActiveFaults::default();
        self.cleared.send_replace(());
    }

    /// Changes whenever all faults are removed from now on.
    pub(crate) fn cleared(&self) -> watch::Receiver<()> {
        self.cleared.subscribe()
    }

    pub(crate) fn faults(&self) -> Vec<Fault> {
        lock(&self.faults).list().to_vec()
    }

    /// Takes the oldest transport fault of an endpoint.
    pub(crate) fn transport_fault(&self, occasion: Occasion<'_>) -> Option<FaultKind> {
        lock(&self.faults).take_first(occasion, FaultKind::is_transport)
    }

    /// Takes the content faults of an endpoint for which `selects` returns true.
    pub(crate) fn content_faults(
        &self,
        occasion: Occasion<'_>,
        selects: impl Fn(&FaultKind) -> bool,
    ) -> Vec<FaultKind> {
        lock(&self.faults).take(occasion, selects)
    }

    /// Takes the OAuth error (code, description) that an endpoint must return instead of success.
    pub(crate) fn oauth_error(&self, occasion: Occasion<'_>) -> Option<(String, String)> {
        let is_error = |kind: &FaultKind| matches!(kind, FaultKind::OauthError { .. });
        match lock(&self.faults).take_first(occasion, is_error)? {
            FaultKind::OauthError { error, description } => Some((error, description)),
            _ => None,
        }
    }

    /// The RFC 9207 `iss` policy of the authorization endpoint; `None` if the metadata at `target` does not advertise it.
    pub(crate) fn sent_issuer(&self, target: Target) -> Option<SentIssuer> {
        let from_fault = lock(&self.faults).sent_issuer(target);
        from_fault.or_else(|| target.sends_issuer().then_some(SentIssuer::Right))
    }

    pub(crate) fn record_request(&self, entry: JournalEntry) {
        lock(&self.journal).push(entry);
    }

    pub(crate) fn requests(&self) -> Vec<JournalEntry> {
        lock(&self.journal).list()
    }

    pub(crate) fn clear_requests(&self) {
        *lock(&self.journal) = Journal::default();
    }

    /// Restores the initial state with new keys: no codes, cloud tokens, faults or journal entries.
    pub(crate) fn reset(&self) -> Result<(), Unspecified> {
        *self.directory() = self.initial.clone();
        self.set_keys(KeyRing::generate()?);
        *self.seal.write().unwrap_or_else(PoisonError::into_inner) = random();
        *self.codes() = Codes::default();
        *self.cloud_codes() = Codes::default();
        *self.cloud_tokens() = Tokens::default();
        *self.registrations() = Registrations::default();
        *self.pushed() = PushedRequests::default();
        self.clear_faults();
        self.clear_requests();
        Ok(())
    }
}

/// Ignores poisoning: every change is one assignment or push, so the data is consistent after a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
