//! Reads the session JWT that an app presents, and finds its session.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use thiserror::Error;

use super::{Current, CurrentSession, KeepSigningKeys, LiveSession};
use crate::{
    apps::{AccessDenied, ProtectedApp},
    identity::ProviderId,
    ports::{Clock, StoreError},
    session::SessionKey,
};

/// Reads session JWTs.
pub struct ReadSessionJwt {
    /// The keys that sign them.
    pub keys: KeepSigningKeys,
    /// The issuer.
    pub issuer: String,
    /// Finds sessions.
    pub sessions: CurrentSession,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A valid session JWT and its session.
pub struct SessionOfJwt {
    /// The claims.
    pub claims: Map<String, Value>,
    /// The key that the session has now.
    pub key: SessionKey,
    /// The session.
    pub live: LiveSession,
}

/// Why a text is no valid session JWT of an app. The texts are for the log.
#[derive(Debug, Error)]
pub enum InvalidSessionJwt {
    /// No key of this Portico signed it as a session JWT.
    #[error("session_jwt_signature: this Portico did not sign it as a session JWT")]
    Signature,
    /// It is of another issuer.
    #[error("session_jwt_issuer: its issuer is another")]
    Issuer,
    /// It is for another app.
    #[error("session_jwt_audience: it is for another app")]
    Audience,
    /// It has expired.
    #[error("session_jwt_expired: it has expired")]
    Expired,
    /// Its session has ended.
    #[error("session_jwt_session: its session has ended")]
    SessionEnded,
    /// Its session belongs to another person by now.
    #[error("session_jwt_subject: its session is another person's")]
    Subject,
    /// The person may not use the app any more.
    #[error("session_jwt_access: {0}")]
    Denied(#[from] AccessDenied),
    /// The session is unavailable while the plug-in of this provider cannot be loaded.
    #[error("the provider {0} cannot be loaded now")]
    Away(ProviderId),
    /// The store could not be used.
    #[error("the store could not be used")]
    Store(#[from] StoreError),
}

impl ReadSessionJwt {
    /// The session of this JWT, if it was issued to `app`, its session is alive, and the person may still
    /// use the app.
    pub async fn run(
        &self,
        token: &str,
        app: &ProtectedApp,
    ) -> Result<SessionOfJwt, InvalidSessionJwt> {
        let claims = self.keys.verified(token).ok_or(InvalidSessionJwt::Signature)?;
        let key = self.check(&claims, app)?;
        let (key, current) = self.sessions.follow(key).await?;
        let live = match current {
            Current::Live(live) => live,
            Current::Away(provider) => return Err(InvalidSessionJwt::Away(provider)),
            Current::Ended(_) | Current::Unreadable(_) | Current::Nothing => {
                return Err(InvalidSessionJwt::SessionEnded);
            }
        };
        if text(&claims, "sub") != Some(live.session.person.id().as_str()) {
            return Err(InvalidSessionJwt::Subject);
        }
        app.access.check(&live.session)?;
        Ok(SessionOfJwt { claims, key, live })
    }

    /// Checks the claims; returns the key that the session had.
    fn check(
        &self,
        claims: &Map<String, Value>,
        app: &ProtectedApp,
    ) -> Result<SessionKey, InvalidSessionJwt> {
        if text(claims, "iss") != Some(self.issuer.as_str()) {
            return Err(InvalidSessionJwt::Issuer);
        }
        // The id as well: another app may have the origin by now.
        let is_for = text(claims, "aud") == Some(app.audience())
            && text(claims, "client_id") == Some(app.id.as_str());
        if !is_for {
            return Err(InvalidSessionJwt::Audience);
        }
        let now = self.clock.now().unix_seconds();
        if claims.get("exp").and_then(Value::as_u64).is_none_or(|expires| expires <= now) {
            return Err(InvalidSessionJwt::Expired);
        }
        let key = text(claims, "sid").and_then(|it| BASE64_URL_SAFE_NO_PAD.decode(it).ok());
        let key = key.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        key.map(SessionKey::from_bytes).ok_or(InvalidSessionJwt::Signature)
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}
