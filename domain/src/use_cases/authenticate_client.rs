//! Authenticates the backend of an app (RFC 6749 section 2.3, RFC 7523 section 2.2).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::{
    apps::{AppId, Apps, ProtectedApp},
    digest,
    ports::{AssertionVerifier, Clock},
    time::Timestamp,
};

/// The longest lifetime of an assertion.
const MAX_LIFETIME: Duration = Duration::from_mins(5);

/// How far the clock of a backend may be behind or ahead.
const LEEWAY: Duration = Duration::from_secs(60);

/// The most assertions of one app that are remembered: 24 a second for the longest lifetime and its leeway.
const MAX_USED: usize = 10_000;

/// Authenticates backends.
pub struct AuthenticateClient {
    /// The apps.
    pub apps: Apps,
    /// Verifies signatures.
    pub verifier: Arc<dyn AssertionVerifier>,
    /// What assertions may name as their audience: the issuer, and the URL of the token endpoint.
    pub audiences: Vec<String>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The assertions that were used.
    pub used: UsedAssertions,
}

/// How a backend authenticates.
#[derive(Clone, Copy)]
pub enum ClientCredential<'a> {
    /// By its id and a secret.
    Secret(&'a str, &'a str),
    /// By an assertion; it may name its id besides.
    Assertion(Option<&'a str>, &'a str),
}

/// Why a client is not authenticated. The texts are for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ClientRefused {
    /// There is no app with this id.
    #[error("client_unknown: there is no app with this id")]
    Unknown,
    /// The app has no credential of this kind.
    #[error("client_method: the app has no credential of this kind in portico.toml")]
    Method,
    /// The secret is wrong.
    #[error("client_secret: the secret is not one of the app's")]
    Secret,
    /// No key of the app signed the assertion.
    #[error("client_assertion_signature: no key of the app signed it")]
    Signature,
    /// Issuer and subject of the assertion are not both the app's id.
    #[error("client_assertion_subject: its iss and sub are not both the id of the app")]
    Subject,
    /// Its audience is another server.
    #[error("client_assertion_audience: its aud is neither the issuer nor the token endpoint")]
    Audience,
    /// It has expired, is not valid yet, or is valid for longer than five minutes.
    #[error(
        "client_assertion_lifetime: it has expired, is not valid yet, or lives longer than 5 min"
    )]
    Lifetime,
    /// It has no id, or was used before.
    #[error("client_assertion_replay: it has no jti, or was used before")]
    Replay,
    /// The app has used more assertions lately than are remembered.
    #[error("client_assertion_rate: the app used too many assertions within 5 min")]
    TooMany,
}

impl AuthenticateClient {
    /// The app whose backend has this credential.
    pub fn run(
        &self,
        credential: ClientCredential<'_>,
    ) -> Result<Arc<ProtectedApp>, ClientRefused> {
        match credential {
            ClientCredential::Secret(id, secret) => {
                let app = self.app(id)?;
                if app.backend.secrets.is_empty() {
                    return Err(ClientRefused::Method);
                }
                // Every hash is compared: the time tells nothing of which one fits.
                let fits = app.backend.secrets.iter().filter(|hash| hash.is_of(secret)).count();
                if fits == 0 { Err(ClientRefused::Secret) } else { Ok(app) }
            }
            ClientCredential::Assertion(id, assertion) => self.by_assertion(id, assertion),
        }
    }

    fn app(&self, id: &str) -> Result<Arc<ProtectedApp>, ClientRefused> {
        let id = AppId::parse(id).map_err(|_| ClientRefused::Unknown)?;
        self.apps.named(&id).ok_or(ClientRefused::Unknown)
    }

    fn by_assertion(
        &self,
        id: Option<&str>,
        assertion: &str,
    ) -> Result<Arc<ProtectedApp>, ClientRefused> {
        let unverified = unverified(assertion).ok_or(ClientRefused::Signature)?;
        let subject = text(&unverified, "sub").ok_or(ClientRefused::Subject)?;
        if id.is_some_and(|id| id != subject) {
            return Err(ClientRefused::Subject);
        }
        let app = self.app(subject)?;
        if app.backend.keys.is_empty() {
            return Err(ClientRefused::Method);
        }
        let claims = self.verifier.verified(assertion, &app.backend.keys);
        let claims = claims.ok_or(ClientRefused::Signature)?;
        self.check(&app.id, &claims)?;
        Ok(app)
    }

    /// Checks the claims of an assertion (RFC 7523 section 3).
    fn check(&self, app: &AppId, claims: &Map<String, Value>) -> Result<(), ClientRefused> {
        let is_own = |name| text(claims, name) == Some(app.as_str());
        if !is_own("iss") || !is_own("sub") {
            return Err(ClientRefused::Subject);
        }
        if !self.is_audience(claims.get("aud")) {
            return Err(ClientRefused::Audience);
        }
        let now = self.clock.now();
        let expires = time(claims, "exp")?.ok_or(ClientRefused::Lifetime)?;
        let is_over = expires.plus(LEEWAY) <= now;
        let is_long = expires > now.plus(MAX_LIFETIME).plus(LEEWAY);
        let begins = time(claims, "nbf")?.max(time(claims, "iat")?);
        let is_early = begins.is_some_and(|begins| begins > now.plus(LEEWAY));
        if is_over || is_long || is_early {
            return Err(ClientRefused::Lifetime);
        }
        let id = text(claims, "jti").filter(|id| !id.is_empty()).ok_or(ClientRefused::Replay)?;
        self.used.take(app, id, expires.plus(LEEWAY), now)
    }

    /// Whether the audience is this server alone: an assertion for several could be used by each at the
    /// others.
    fn is_audience(&self, audience: Option<&Value>) -> bool {
        let audience = match audience {
            Some(Value::Array(one)) if one.len() == 1 => one.first(),
            audience => audience,
        };
        let audience = audience.and_then(Value::as_str);
        audience.is_some_and(|audience| self.audiences.iter().any(|own| own == audience))
    }
}

/// The claims of a JWT whose signature nobody verified.
fn unverified(token: &str) -> Option<Map<String, Value>> {
    let payload = token.split('.').nth(1)?;
    let json = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice(&json).ok()
}

/// A time among the claims, in whole seconds; one that is something else is refused, not left out.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, ClientRefused> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_u64().ok_or(ClientRefused::Lifetime)?;
    Ok(Some(Timestamp::from_unix_seconds(seconds)))
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// The ids of used assertions with the time until which they could be used again, for each app apart: no
/// app can use up the room of another.
#[derive(Default)]
pub struct UsedAssertions(Mutex<HashMap<AppId, HashMap<[u8; 32], Timestamp>>>);

impl UsedAssertions {
    /// Remembers this one; refuses it if it is remembered already.
    fn take(
        &self,
        app: &AppId,
        id: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), ClientRefused> {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let used = used.entry(app.clone()).or_default();
        if used.len() >= MAX_USED {
            used.retain(|_, until| now < *until);
        }
        if used.len() >= MAX_USED {
            return Err(ClientRefused::TooMany);
        }
        match used.insert(digest::of_bytes(id.as_bytes()), until) {
            Some(former) if now < former => Err(ClientRefused::Replay),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
