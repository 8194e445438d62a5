//! Secret values: redacted in `Debug`, without `Display`, zeroised when dropped, compared in constant
//! time.
//!
//! `expose` is the only way to read one, so a search for that word finds every reader.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

macro_rules! secret_text {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// Wraps `text` unchanged.
            pub fn new(text: impl Into<String>) -> Self {
                Self(Zeroizing::new(text.into()))
            }

            /// The secret text. It must never reach a log, an error or a page.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
            }
        }

        impl Eq for $name {}
    )+};
}

secret_text! {
    /// An access token for a cloud's API (RFC 6749 section 1.4).
    AccessToken;
    /// A refresh token (RFC 6749 section 1.5).
    RefreshToken;
    /// An ID token (OpenID Connect Core section 2), kept as the hint of a logout.
    IdToken;
    /// A logout token (OpenID Connect Back-Channel Logout section 2.4).
    LogoutToken;
    /// The application's credential at a token endpoint (RFC 6749 section 2.3.1).
    ClientSecret;
    /// A setting that only a permission's secret header carries, such as an API key. Providers cannot
    /// read it.
    ProviderSecret;
    /// The authorization code in an authorization response (RFC 6749 section 4.1.2).
    AuthorizationCode;
    /// Identifies one login attempt in the authorization request and its response (RFC 6749 section 4.1.1).
    State;
    /// Binds an ID token to one login attempt (OpenID Connect Core section 3.1.2.1).
    Nonce;
    /// The secret behind a PKCE challenge (RFC 7636 section 4.1).
    PkceVerifier;
    /// A sealed login attempt, in base64url, for a cookie of the browser that began it. Its possession
    /// identifies that browser.
    SealedAttempt;
    /// A sealed [`FinishedLogin`](crate::login::FinishedLogin), in base64url, for a cookie of its browser.
    SealedFinish;
    /// A sealed [`HandOff`](crate::host_session::HandOff), in base64url.
    HandOffCode;
    /// A sealed [`HostSession`](crate::host_session::HostSession), in base64url, for a cookie of a protected host.
    SealedHostSession;
    /// Identifies a browser while it has logins under way: one cookie for all of them.
    BrowserId;
    /// Identifies an undecided login, in a cookie.
    DecisionId;
    /// The value of a session cookie. Stores hold only its hash.
    SessionId;
}

impl PkceVerifier {
    /// The `S256` challenge: base64url of the SHA-256 of the verifier (RFC 7636 section 4.2).
    pub fn challenge(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.expose().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_type_and_redacts_the_value() {
        assert_eq!(format!("{:?}", AccessToken::new("ey.x.y")), "AccessToken(redacted)");
    }

    #[test]
    fn challenge_matches_rfc_7636_appendix_b() {
        let verifier = PkceVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
