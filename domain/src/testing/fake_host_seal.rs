//! A seal of protected hosts that keeps what it seals.

use std::sync::{Mutex, PoisonError};

use crate::{
    apps::WebOrigin,
    host_session::{HandOff, HostSession},
    ports::{HostSeal, StoreError},
    secret::{HandOffCode, SealedHostSession},
};

/// Keeps what it seals, and returns its number.
#[derive(Debug, Default)]
pub struct FakeHostSeal {
    hand_offs: Mutex<Vec<(WebOrigin, HandOff)>>,
    sessions: Mutex<Vec<(WebOrigin, HostSession)>>,
}

fn add<T>(all: &Mutex<Vec<T>>, one: T) -> String {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    all.push(one);
    all.len().to_string()
}

fn find<T: Clone>(all: &Mutex<Vec<(WebOrigin, T)>>, host: &WebOrigin, text: &str) -> Option<T> {
    let number: usize = text.parse().ok()?;
    let all = all.lock().unwrap_or_else(PoisonError::into_inner);
    let (of, found) = all.get(number.checked_sub(1)?)?;
    (of == host).then(|| found.clone())
}

impl HostSeal for FakeHostSeal {
    fn seal_hand_off(
        &self,
        host: &WebOrigin,
        hand_off: &HandOff,
    ) -> Result<HandOffCode, StoreError> {
        Ok(HandOffCode::new(add(&self.hand_offs, (host.clone(), hand_off.clone()))))
    }

    fn open_hand_off(&self, host: &WebOrigin, code: &HandOffCode) -> Option<HandOff> {
        find(&self.hand_offs, host, code.expose())
    }

    fn seal_session(
        &self,
        host: &WebOrigin,
        session: &HostSession,
    ) -> Result<SealedHostSession, StoreError> {
        Ok(SealedHostSession::new(add(&self.sessions, (host.clone(), *session))))
    }

    fn open_session(&self, host: &WebOrigin, sealed: &SealedHostSession) -> Option<HostSession> {
        find(&self.sessions, host, sealed.expose())
    }
}
