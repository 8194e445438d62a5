//! Values that must not be seen: redacted in `Debug`, without `Display`, zeroised when dropped,
//! compared in constant time.
//!
//! Reading one is a call to `expose`, so that every place that does can be found by that word.

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
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(Zeroizing::new(text.into()))
            }

            /// The text itself. Never into a log, an error or a page.
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
    /// A token that opens a cloud's API (RFC 6749 section 1.4).
    AccessToken;
    /// A token that gets new access tokens (RFC 6749 section 1.5).
    RefreshToken;
    /// What an application proves itself with at a token endpoint (RFC 6749 section 2.3.1).
    ClientSecret;
    /// A setting that a provider is not told and a grant puts into a header: an API key.
    ProviderSecret;
    /// What the identity provider hands the browser on its way back (RFC 6749 section 4.1.2).
    AuthorizationCode;
    /// Names one login attempt in the authorization request and its answer (RFC 6749 section 4.1.1).
    State;
    /// Ties an ID token to one login attempt (OpenID Connect Core section 3.1.2.1).
    Nonce;
    /// The secret behind a PKCE challenge (RFC 7636 section 4.1).
    PkceVerifier;
    /// A login attempt as the one browser that began it keeps it, in a cookie: sealed, in base64url.
    /// Whoever has it is that browser.
    SealedAttempt;
    /// A login that succeeded as its browser remembers it, in a cookie: sealed, in base64url.
    SealedFinish;
    /// Held by one browser while logins of it are under way, in a cookie that all of them share.
    BrowserId;
    /// Names a login whose person has to say what shall become of it, in a cookie.
    DecisionId;
    /// What a browser's session cookie holds. Stores know its hash only.
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
    fn debug_shows_the_kind_of_a_secret_and_never_its_value() {
        assert_eq!(format!("{:?}", AccessToken::new("ey.x.y")), "AccessToken(redacted)");
    }

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        let verifier = PkceVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
