//! What changes while the emulator runs: keys, codes, faults and the journal. Locks are held for moments, never
//! across an `await`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::SystemTime;

use aws_lc_rs::error::Unspecified;

use crate::bytes::random;
use crate::clouds::{Grant, Tokens};
use crate::codes::Codes;
use crate::entra::codes::CodeGrant;
use crate::faults::{Fault, FaultKind, Faults, SentIssuer, Target};
use crate::journal::{Journal, JournalEntry};
use crate::keys::KeyRing;

/// The state as handlers hold it.
pub(crate) type Shared = Arc<Running>;

/// Everything that changes, and what the listeners are called.
pub(crate) struct Running {
    redirect_uris: Vec<String>,
    /// Scheme and port of each listener.
    listeners: Vec<(&'static str, u16)>,
    keys: RwLock<Arc<KeyRing>>,
    /// Authenticates refresh tokens; a new one makes all of them void.
    seal: RwLock<[u8; 32]>,
    codes: Mutex<Codes<CodeGrant>>,
    /// Codes and tokens of the clouds that are not Azure.
    cloud_codes: Mutex<Codes<Grant>>,
    cloud_tokens: Mutex<Tokens>,
    faults: Mutex<Faults>,
    journal: Mutex<Journal>,
}

impl Running {
    pub(crate) fn new(
        redirect_uris: Vec<String>,
        listeners: Vec<(&'static str, u16)>,
    ) -> Result<Self, Unspecified> {
        Ok(Self {
            redirect_uris,
            listeners,
            keys: RwLock::new(Arc::new(KeyRing::generate()?)),
            seal: RwLock::new(random()),
            codes: Mutex::default(),
            cloud_codes: Mutex::default(),
            cloud_tokens: Mutex::default(),
            faults: Mutex::default(),
            journal: Mutex::default(),
        })
    }

    /// The emulator's time in seconds since 1970: the machine's, unless a fault shifts it.
    pub(crate) fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        since.as_secs().cast_signed().saturating_add(locked(&self.faults).clock_shift())
    }

    pub(crate) fn redirect_uris(&self) -> &[String] {
        &self.redirect_uris
    }

    /// Whether a listener of ours has this scheme and port.
    pub(crate) fn listens(&self, scheme: &str, port: Option<u16>) -> bool {
        self.listeners.iter().any(|(own, own_port)| *own == scheme && Some(*own_port) == port)
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
        locked(&self.codes)
    }

    pub(crate) fn cloud_codes(&self) -> MutexGuard<'_, Codes<Grant>> {
        locked(&self.cloud_codes)
    }

    pub(crate) fn cloud_tokens(&self) -> MutexGuard<'_, Tokens> {
        locked(&self.cloud_tokens)
    }

    pub(crate) fn add_fault(&self, fault: Fault) {
        locked(&self.faults).add(fault);
    }

    pub(crate) fn clear_faults(&self) {
        *locked(&self.faults) = Faults::default();
    }

    pub(crate) fn faults(&self) -> Vec<Fault> {
        locked(&self.faults).list().to_vec()
    }

    /// The next transport fault of an endpoint.
    pub(crate) fn transport_fault(&self, target: Target, grant: Option<&str>) -> Option<FaultKind> {
        locked(&self.faults).take_first(target, grant, FaultKind::is_transport)
    }

    /// The lies that an endpoint is to tell, among those that `wanted` picks.
    pub(crate) fn lies(
        &self,
        target: Target,
        grant: Option<&str>,
        wanted: impl Fn(&FaultKind) -> bool,
    ) -> Vec<FaultKind> {
        locked(&self.faults).take(target, grant, wanted)
    }

    /// The error, and its description, that an endpoint is to answer instead of success.
    pub(crate) fn oauth_error(
        &self,
        target: Target,
        grant: Option<&str>,
    ) -> Option<(String, String)> {
        let is_error = |kind: &FaultKind| matches!(kind, FaultKind::OauthError { .. });
        match locked(&self.faults).take_first(target, grant, is_error)? {
            FaultKind::OauthError { error, description } => Some((error, description)),
            _ => None,
        }
    }

    /// What an authorization endpoint sends as `iss`, by the metadata beside it; `None` when it is not advertised.
    pub(crate) fn sent_issuer(&self, target: Target) -> Option<SentIssuer> {
        let told = locked(&self.faults).sent_issuer(target);
        told.or_else(|| target.sends_issuer().then_some(SentIssuer::Right))
    }

    pub(crate) fn note(&self, entry: JournalEntry) {
        locked(&self.journal).push(entry);
    }

    pub(crate) fn requests(&self) -> Vec<JournalEntry> {
        locked(&self.journal).list()
    }

    pub(crate) fn clear_requests(&self) {
        *locked(&self.journal) = Journal::default();
    }

    /// As new: other keys, no code, no token of a cloud, no fault, an empty journal.
    pub(crate) fn reset(&self) -> Result<(), Unspecified> {
        self.set_keys(KeyRing::generate()?);
        *self.seal.write().unwrap_or_else(PoisonError::into_inner) = random();
        *self.codes() = Codes::default();
        *self.cloud_codes() = Codes::default();
        *self.cloud_tokens() = Tokens::default();
        self.clear_faults();
        self.clear_requests();
        Ok(())
    }
}

/// A panic elsewhere leaves the data whole: every change is one assignment or push.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
