//! The headers that tell an app who asks. They are made once a minute for a session and an app, and then
//! served from memory.

use std::sync::Arc;

use portico_domain::{
    apps::{AppId, ProtectedApp},
    session::SessionKey,
    use_cases::{LiveSession, SessionStamp},
};
use quick_cache::sync::Cache;
use tokio::time::{Duration, Instant};
use warp::http::{HeaderName, HeaderValue, header};

use super::ForwardAuth;
use crate::error::{ErrorCode, Failure};

/// How long the headers are served: the JWT in them is valid for five minutes from its issue.
const SERVED_FOR: Duration = Duration::from_mins(1);

/// The most sessions and apps whose headers are kept: some 150 MB.
const MAX_KEPT: usize = 100_000;

const USER: HeaderName = HeaderName::from_static("x-auth-request-user");
const USERNAME: HeaderName = HeaderName::from_static("x-auth-request-preferred-username");
const PROVIDER: HeaderName = HeaderName::from_static("x-auth-request-provider");
const TENANT: HeaderName = HeaderName::from_static("x-auth-request-tenant");

/// The headers, and when they were made.
pub(super) struct IdentityHeaders {
    pub(super) list: [(HeaderName, HeaderValue); 5],
    made_at: Instant,
}

/// The headers about one session for one app, and the state of the session that they show.
pub(super) struct Identity {
    pub(super) headers: Arc<IdentityHeaders>,
    /// The key that the session has.
    pub(super) key: SessionKey,
    pub(super) stamp: SessionStamp,
    /// The app under whose settings they were made.
    app: Arc<ProtectedApp>,
}

impl Identity {
    pub(super) fn new(
        (key, stamp): (SessionKey, SessionStamp),
        app: Arc<ProtectedApp>,
        headers: Arc<IdentityHeaders>,
    ) -> Self {
        Self { headers, key, stamp, app }
    }
}

/// The headers that were made lately.
pub(crate) struct Identities(Cache<(SessionKey, AppId), Arc<Identity>>);

impl Default for Identities {
    fn default() -> Self {
        Self(Cache::new(MAX_KEPT))
    }
}

impl Identities {
    /// The headers of the session with this key, as a cookie names it. They may be sent only if their
    /// stamp is current.
    pub(super) fn known(&self, key: &SessionKey, app: &Arc<ProtectedApp>) -> Option<Arc<Identity>> {
        let known = self.0.get(&(*key, app.id.clone()))?;
        let is_young = known.headers.made_at.elapsed() < SERVED_FOR;
        // Replaced apps are others, also if they are equal.
        (is_young && Arc::ptr_eq(&known.app, app)).then_some(known)
    }

    pub(super) fn keep(&self, key: SessionKey, identity: Identity) {
        self.0.insert((key, identity.app.id.clone()), Arc::new(identity));
    }
}

impl ForwardAuth {
    /// Makes the headers about this session for this app.
    pub(super) fn identify(
        &self,
        key: &SessionKey,
        live: &LiveSession,
        app: &ProtectedApp,
    ) -> Result<Arc<IdentityHeaders>, Failure> {
        let session = &live.session;
        let jwt = self.session_jwt.run(key, session, app);
        let jwt = jwt.map_err(|error| Failure::from(ErrorCode::NoSigningKey).because(&error))?;
        let own = session.leading_account();
        let identity = own.map(|account| &account.identity);
        let person = session.person.id();
        let username = identity.and_then(|it| it.username.as_deref()).unwrap_or(&person);
        let tenant = identity.map_or("-", |it| it.tenant.as_str());
        let list = [
            (USER, ascii(&person)?),
            (USERNAME, ascii(username)?),
            (PROVIDER, ascii(session.provider.as_str())?),
            (TENANT, ascii(tenant)?),
            (header::AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {jwt}"))?),
        ];
        Ok(Arc::new(IdentityHeaders { list, made_at: Instant::now() }))
    }
}

/// The value of a header: ASCII and not empty. Other characters are percent-encoded (RFC 3986 section
/// 2.1), as is the percent sign, so that no two texts look the same.
fn ascii(text: &str) -> Result<HeaderValue, Failure> {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'!'..=b'$' | b'&'..=b'~' => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    let value = if encoded.is_empty() { "-" } else { &encoded };
    Ok(HeaderValue::from_str(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_encodes_what_is_no_plain_character_and_is_never_empty() {
        for (text, expected) in [
            ("zofia@contoso.example", "zofia@contoso.example"),
            ("Żółć 1%", "%C5%BB%C3%B3%C5%82%C4%87%201%25"),
            ("a\r\nX-Evil: 1", "a%0D%0AX-Evil:%201"),
            ("", "-"),
        ] {
            assert_eq!(ascii(text).unwrap(), expected);
        }
    }
}
