//! A login attempt, from the redirect to the identity provider to the code it sends back.
//!
//! Each state consumes the one before: a [`PendingLogin`] that was answered is gone, and an
//! [`AuthorizedLogin`] can be redeemed once.

use std::time::Duration;

use thiserror::Error;
use url::Url;

pub mod decision;
pub mod epoch;
mod finished;

pub use self::{
    decision::{Arrival, Choice, DECISION_LIFETIME, DecisionKey, MAX_UNDECIDED, Undecided},
    epoch::{CurrentEpoch, Epoch},
    finished::FinishedLogin,
};

use crate::{
    digest,
    identity::{ProviderId, Revision, TenantId},
    issuer_template::IssuerTemplate,
    return_to::ReturnTo,
    secret::{AuthorizationCode, BrowserId, Nonce, PkceVerifier, State},
    session::{SessionKey, SignOutCount},
    time::Timestamp,
};

/// How long a person may take to sign in. Multi-factor enrolment takes minutes; a code lives ten.
pub const ATTEMPT_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// What stores know a login attempt by: the SHA-256 of its `state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttemptKey([u8; 32]);

impl AttemptKey {
    /// The key of the attempt that this `state` names.
    pub fn of(state: &State) -> Self {
        Self(digest::of_bytes(state.expose().as_bytes()))
    }

    /// The key that a store kept.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key as a store keeps it.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A short name for the attempt's cookie: 16 hexadecimal digits, no secret.
    pub fn label(&self) -> String {
        self.0[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What stores know a browser by, as long as logins of it are under way: the SHA-256 of its cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BrowserKey([u8; 32]);

impl BrowserKey {
    /// The key of the browser that holds this.
    pub fn of(id: &BrowserId) -> Self {
        Self(digest::of_bytes(id.expose().as_bytes()))
    }

    /// The key as a store keeps it.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The secrets of one attempt, drawn when it begins.
#[derive(Clone, Debug)]
pub struct LoginSecrets {
    /// Names the attempt.
    pub state: State,
    /// Must come back in the ID token.
    pub nonce: Nonce,
    /// Must accompany the code.
    pub verifier: PkceVerifier,
}

/// What the `iss` of an authorization response must be (RFC 9207).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseIssuer {
    /// The provider's issuer; `{tenantid}` in it stands for any one tenant.
    pub issuer: String,
    /// Whether the provider said that it sends `iss`: then its absence is an attack.
    pub required: bool,
}

impl ResponseIssuer {
    /// Whether a response with this `iss` may be from the provider.
    pub fn accepts(&self, iss: Option<&str>) -> bool {
        let Some(iss) = iss else { return !self.required };
        IssuerTemplate::new(&self.issuer).matches(iss)
    }
}

/// Where a login was begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoginOrigin {
    /// The session that the browser had.
    pub session: Option<SessionKey>,
    /// Whether a page of Portico's or the dashboard's began it: then whoever signs in is connected
    /// to that session without a question.
    pub own_page: bool,
    /// The sign-outs that there were.
    pub sign_outs: SignOutCount,
}

/// A login that waits for its person to come back from the identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingLogin {
    /// Where they went.
    pub provider: ProviderId,
    /// The build of the provider that the login ends on.
    pub revision: Revision,
    /// The tenant they asked for, where they did.
    pub tenant: Option<TenantId>,
    /// The redirect URI of the authorization request: the token request must repeat it.
    pub redirect_uri: Url,
    /// Where the login ends.
    pub return_to: ReturnTo,
    /// Whether the login goes back there with an `error` where it fails: `return_to` was asked for,
    /// so that it is an app that can read it.
    pub returns_errors: bool,
    /// Must come back in the ID token.
    pub nonce: Nonce,
    /// Must accompany the code.
    pub verifier: PkceVerifier,
    /// What the answer's `iss` must be.
    pub issuer: ResponseIssuer,
    /// Where it was begun.
    pub origin: LoginOrigin,
    /// The epoch it began in: a store that refuses this epoch refuses the attempt.
    pub epoch: Epoch,
    /// After this it fits no callback.
    pub expires_at: Timestamp,
}

/// What came to a redirect URI, read but not yet believed.
#[derive(Clone, Debug)]
pub struct Callback {
    /// The `iss` parameter (RFC 9207).
    pub iss: Option<String>,
    /// What the provider has to say.
    pub response: AuthorizationResponse,
}

/// What an identity provider says at the end of an authorization request.
#[derive(Clone, Debug)]
pub enum AuthorizationResponse {
    /// The person signed in (RFC 6749 section 4.1.2).
    Code(AuthorizationCode),
    /// They did not, or may not (section 4.1.2.1).
    Error(OAuthError),
}

/// An OAuth error, in the provider's words. For the log; a page shows it escaped or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    /// The registered word, such as `access_denied`.
    pub error: String,
    /// The provider's explanation.
    pub description: Option<String>,
}

impl std::fmt::Display for OAuthError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.description {
            Some(description) => write!(f, "{}: {description}", self.error),
            None => f.write_str(&self.error),
        }
    }
}

/// Why a callback does not continue the attempt that its `state` names.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum CallbackRejected {
    /// It came to another provider's redirect URI.
    #[error("the login was begun with another provider")]
    OtherProvider,
    /// `iss` is not the provider's, or is missing though the provider sends it (RFC 9207).
    #[error("the answer does not name the provider that was asked as its issuer")]
    WrongIssuer,
    /// The provider answered with an error.
    #[error("the provider refused: {0}")]
    Refused(OAuthError),
}

fn is_live(expires_at: Timestamp, now: Timestamp) -> bool {
    now < expires_at && expires_at <= now.plus(ATTEMPT_LIFETIME)
}

impl PendingLogin {
    /// Whether the attempt may be answered at `now`: before it expires, and not before it began. One
    /// from the future was begun under a clock that was ahead, and would live too long.
    pub fn is_live(&self, now: Timestamp) -> bool {
        is_live(self.expires_at, now)
    }

    /// Holds a callback against this attempt, which the browser that began it has brought.
    ///
    /// Who asks is checked before what is said: an error is believed only from the provider that
    /// was asked.
    pub fn accept(
        self,
        provider: &ProviderId,
        callback: Callback,
    ) -> Result<AuthorizedLogin, CallbackRejected> {
        if self.provider != *provider {
            return Err(CallbackRejected::OtherProvider);
        }
        if !self.issuer.accepts(callback.iss.as_deref()) {
            return Err(CallbackRejected::WrongIssuer);
        }
        match callback.response {
            AuthorizationResponse::Error(said) => Err(CallbackRejected::Refused(said)),
            AuthorizationResponse::Code(code) => Ok(AuthorizedLogin {
                revision: self.revision,
                tenant: self.tenant,
                return_to: self.return_to,
                origin: self.origin,
                redemption: Redemption {
                    code,
                    verifier: self.verifier,
                    nonce: self.nonce,
                    redirect_uri: self.redirect_uri,
                },
            }),
        }
    }
}

/// A login whose person came back with a code.
#[derive(Debug)]
pub struct AuthorizedLogin {
    /// The build of the provider that the login began with.
    pub revision: Revision,
    /// The tenant they asked for, where they did.
    pub tenant: Option<TenantId>,
    /// Where the login ends.
    pub return_to: ReturnTo,
    /// Where it was begun.
    pub origin: LoginOrigin,
    /// What to redeem. Moves into the one token request.
    pub redemption: Redemption,
}

/// One code and everything that must go with it to the token endpoint.
#[derive(Debug)]
pub struct Redemption {
    /// Works once.
    pub code: AuthorizationCode,
    /// The PKCE verifier of the attempt.
    pub verifier: PkceVerifier,
    /// The nonce that the ID token must carry.
    pub nonce: Nonce,
    /// The redirect URI of the authorization request.
    pub redirect_uri: Url,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::samples;

    fn accept(provider: &str, callback: Callback) -> Result<AuthorizedLogin, CallbackRejected> {
        let provider = ProviderId::parse(provider).unwrap();
        samples::pending_login("nonce").accept(&provider, callback)
    }

    fn code() -> Callback {
        Callback {
            iss: None,
            response: AuthorizationResponse::Code(AuthorizationCode::new("code")),
        }
    }

    fn denied() -> OAuthError {
        OAuthError { error: "access_denied".into(), description: None }
    }

    #[test]
    fn a_code_goes_on_with_the_attempts_secrets() {
        let login = accept("azure", code()).unwrap();
        assert_eq!(login.redemption.code, AuthorizationCode::new("code"));
        assert_eq!(login.redemption.nonce, Nonce::new("nonce"));
    }

    #[test]
    fn an_attempt_is_live_from_its_beginning_until_its_very_second() {
        let attempt = samples::pending_login("nonce");
        for (now, live) in [(999, false), (1_000, true), (1_899, true), (1_900, false)] {
            assert_eq!(attempt.is_live(Timestamp::from_unix_seconds(now)), live, "{now}");
        }
    }

    #[test]
    fn another_providers_callback_is_refused() {
        let refused = accept("google", code()).unwrap_err();
        assert_eq!(refused, CallbackRejected::OtherProvider);
    }

    #[test]
    fn an_error_is_believed_only_where_a_code_would_be() {
        let callback = || Callback { iss: None, response: AuthorizationResponse::Error(denied()) };
        let refused = accept("azure", callback()).unwrap_err();
        assert_eq!(refused, CallbackRejected::Refused(denied()));
        let refused = accept("google", callback()).unwrap_err();
        assert_eq!(refused, CallbackRejected::OtherProvider);
    }

    #[test]
    fn an_issuer_must_be_the_providers_and_present_where_promised() {
        let fixed = ResponseIssuer { issuer: "https://a/v2.0".into(), required: false };
        assert!(fixed.accepts(None) && fixed.accepts(Some("https://a/v2.0")));
        assert!(!fixed.accepts(Some("https://b/v2.0")));
        assert!(!ResponseIssuer { required: true, ..fixed }.accepts(None));
    }

    #[test]
    fn an_issuer_of_many_tenants_takes_any_one_of_them() {
        let many = ResponseIssuer { issuer: "https://a/{tenantid}/v2.0".into(), required: false };
        assert!(many.accepts(Some("https://a/7f7a-1/v2.0")));
        for bad in ["https://a//v2.0", "https://a/x/y/v2.0", "https://b/x/v2.0", "https://a/x"] {
            assert!(!many.accepts(Some(bad)), "{bad}");
        }
    }

    #[test]
    fn a_person_has_a_quarter_of_an_hour_to_sign_in() {
        assert_eq!(ATTEMPT_LIFETIME.as_secs(), 900);
    }

    #[test]
    fn the_key_of_an_attempt_is_the_hash_of_its_state_and_its_label_the_beginning() {
        let key = AttemptKey::of(&State::new("abc"));
        // SHA-256 of "abc" (FIPS 180-2, appendix B.1).
        assert_eq!(key.label(), "ba7816bf8f01cfea");
        assert_eq!(key.as_bytes()[28..], [0xf2, 0x00, 0x15, 0xad]);
        assert_eq!(AttemptKey::from_bytes(*key.as_bytes()), key);
    }

    #[test]
    fn a_refusal_is_logged_in_the_providers_words() {
        assert_eq!(denied().to_string(), "access_denied");
        let explained = OAuthError { description: Some("not today".into()), ..denied() };
        assert_eq!(explained.to_string(), "access_denied: not today");
    }

    #[test]
    fn a_wrong_issuer_refuses_the_callback() {
        let callback = Callback { iss: Some("https://evil.example".into()), ..code() };
        let refused = accept("azure", callback).unwrap_err();
        assert_eq!(refused, CallbackRejected::WrongIssuer);
    }
}
