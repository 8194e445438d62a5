//! Hand-offs and sessions of protected hosts, sealed for browsers.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_domain::{
    apps::WebOrigin,
    host_session::{HandOff, HostSession},
    ports::{HostSeal, StoreError},
    secret::{HandOffCode, SealedHostSession},
};

use crate::{
    records,
    seal::{RecordContext, Seal},
};

/// Seals what browsers hold at protected hosts. Each host is a context of its own: nothing opens at
/// another.
pub struct SealedHosts(Arc<Seal>);

impl SealedHosts {
    /// Seals with this seal.
    pub fn new(seal: Arc<Seal>) -> Self {
        Self(seal)
    }

    fn sealed(
        &self,
        context: RecordContext<'_>,
        record: &impl records::Encodable,
    ) -> Result<String, StoreError> {
        Ok(BASE64_URL_SAFE_NO_PAD.encode(self.0.seal(context, record)?))
    }

    fn opened<T>(
        &self,
        context: RecordContext<'_>,
        text: &str,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let mut sealed = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        read(self.0.open(context, &mut sealed).ok()?)
    }
}

fn hand_off_context(host: &WebOrigin) -> RecordContext<'_> {
    RecordContext { kind: "hand-off to a host", key: host.as_str().as_bytes() }
}

fn session_context(host: &WebOrigin) -> RecordContext<'_> {
    RecordContext { kind: "session at a host", key: host.as_str().as_bytes() }
}

impl HostSeal for SealedHosts {
    fn seal_hand_off(
        &self,
        host: &WebOrigin,
        hand_off: &HandOff,
    ) -> Result<HandOffCode, StoreError> {
        let sealed = self.sealed(hand_off_context(host), &records::HandOff::of(hand_off))?;
        Ok(HandOffCode::new(sealed))
    }

    fn open_hand_off(&self, host: &WebOrigin, code: &HandOffCode) -> Option<HandOff> {
        let read = |plain: &[u8]| records::HandOff::read(plain).ok().flatten();
        self.opened(hand_off_context(host), code.expose(), read)
    }

    fn seal_session(
        &self,
        host: &WebOrigin,
        session: &HostSession,
    ) -> Result<SealedHostSession, StoreError> {
        let sealed = self.sealed(session_context(host), &records::HostSession::of(session))?;
        Ok(SealedHostSession::new(sealed))
    }

    fn open_session(&self, host: &WebOrigin, sealed: &SealedHostSession) -> Option<HostSession> {
        let read = |plain: &[u8]| records::HostSession::read(plain).ok();
        self.opened(session_context(host), sealed.expose(), read)
    }
}

#[cfg(test)]
mod tests {
    use portico_domain::{
        epoch::Epoch,
        host_session::BrowserChallenge,
        secret::{BrowserId, State},
        session::SessionKey,
        testing::CountingEntropy,
        time::Timestamp,
    };
    use url::Url;

    use super::*;
    use crate::key_ring::KeyRing;

    fn host(text: &str) -> WebOrigin {
        WebOrigin::parse(text).unwrap()
    }

    fn hosts() -> SealedHosts {
        let entropy = Arc::new(CountingEntropy::default());
        let ring = KeyRing::draw(&*entropy).unwrap();
        SealedHosts::new(Arc::new(Seal::new(Arc::new(ring), entropy)))
    }

    fn session() -> HostSession {
        let session = SessionKey::from_bytes([7; 32]);
        HostSession { session, expires_at: Timestamp::from_unix_seconds(1_000) }
    }

    fn hand_off() -> HandOff {
        HandOff {
            id: State::new("id"),
            session: SessionKey::from_bytes([7; 32]),
            challenge: BrowserChallenge::of(&BrowserId::new("browser")),
            return_to: Url::parse("https://app.example/deep?x=1").unwrap(),
            epoch: Epoch::from_number(3),
            expires_at: Timestamp::from_unix_seconds(1_000),
        }
    }

    #[test]
    fn sealed_values_open_at_their_host_alone() {
        let (hosts, app) = (hosts(), host("https://app.example"));
        let sealed = hosts.seal_session(&app, &session()).unwrap();
        let code = hosts.seal_hand_off(&app, &hand_off()).unwrap();
        assert_eq!(hosts.open_session(&app, &sealed), Some(session()));
        assert_eq!(hosts.open_hand_off(&app, &code), Some(hand_off()));
        for other in ["http://127.0.0.1", "https://app.example:8443", "https://other.example"] {
            assert_eq!(hosts.open_session(&host(other), &sealed), None, "{other}");
            assert_eq!(hosts.open_hand_off(&host(other), &code), None, "{other}");
        }
    }

    #[test]
    fn code_and_cookie_do_not_open_as_each_other_nor_changed() {
        let (hosts, app) = (hosts(), host("https://app.example"));
        let sealed = hosts.seal_session(&app, &session()).unwrap();
        let code = hosts.seal_hand_off(&app, &hand_off()).unwrap();
        assert_eq!(hosts.open_session(&app, &SealedHostSession::new(code.expose())), None);
        assert_eq!(hosts.open_hand_off(&app, &HandOffCode::new(sealed.expose())), None);
        let changed = sealed.expose().replacen('A', "B", 1);
        let changed = if changed == sealed.expose() { format!("{changed}A") } else { changed };
        for text in [changed.as_str(), "", "AAAA", "!"] {
            assert_eq!(hosts.open_session(&app, &SealedHostSession::new(text)), None, "{text}");
        }
    }
}
