//! Seals what browsers hold at protected hosts.

use super::StoreError;
use crate::{
    apps::WebOrigin,
    host_session::{HandOff, HostSession},
    secret::{HandOffCode, SealedHostSession},
};

/// Seals hand-offs and sessions of protected hosts for browsers. Nothing is stored.
///
/// An adapter MUST encrypt and authenticate them, bind each to its host and kind, so that none opens at
/// another host or as the other kind, and return base64url. It MUST NOT access a store: a forged value
/// costs one decryption.
pub trait HostSeal: Send + Sync {
    /// Seals a hand-off to this host.
    fn seal_hand_off(
        &self,
        host: &WebOrigin,
        hand_off: &HandOff,
    ) -> Result<HandOffCode, StoreError>;

    /// Opens a hand-off to this host; `None` if it was not sealed for it, or the key is gone.
    fn open_hand_off(&self, host: &WebOrigin, code: &HandOffCode) -> Option<HandOff>;

    /// Seals a session at this host.
    fn seal_session(
        &self,
        host: &WebOrigin,
        session: &HostSession,
    ) -> Result<SealedHostSession, StoreError>;

    /// Opens a session at this host; `None` if it was not sealed for it, or the key is gone.
    fn open_session(&self, host: &WebOrigin, sealed: &SealedHostSession) -> Option<HostSession>;
}
