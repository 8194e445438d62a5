//! Verification of ID tokens (OpenID Connect Core section 3.1.3.7, RFC 8725), and of logout tokens
//! (OpenID Connect Back-Channel Logout section 2.6).
//!
//! The token names a key and an algorithm; both must be among the provider's keys and the accepted
//! algorithms. Each check has its own code for the log ([`Check`]).

mod claims;
mod header;
mod logout;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::crypto;
use portico_domain::{
    check::Check,
    identity::Claims,
    ports::{IdentityProviderError, VerifiedLogout},
    secret::{AccessToken, Nonce},
    time::Timestamp,
    verified_claims::VerifiedClaims,
};

use self::header::{Header, Kind};
use crate::{
    document::invalid,
    keys::{Key, KeySet, NoKey},
};

/// The longest claims, in bytes of JSON.
const MAX_CLAIMS_LEN: usize = 64 * 1024;
/// The longest header, in bytes of JSON; usual ones have about a hundred.
const MAX_HEADER_LEN: usize = 8 * 1024;

/// The values that a token must have for this login.
pub(crate) struct Expected<'a> {
    /// The provider's issuer, perhaps with `{tenantid}`.
    pub(crate) issuer: &'a str,
    /// The claim that fills `{tenantid}`.
    pub(crate) tenant_claim: Option<&'a str>,
    pub(crate) client_id: &'a str,
    /// The nonce of the login; `None` for a refresh, whose ID token needs none (OpenID Connect Core
    /// section 12.2).
    pub(crate) nonce: Option<&'a Nonce>,
    /// The access token of the same token response; `None` for a logout token, which comes alone.
    pub(crate) access_token: Option<&'a AccessToken>,
    pub(crate) now: Timestamp,
    /// The `Date` header of the token response.
    pub(crate) provider_time: Option<Timestamp>,
}

/// The claims and issuer of a token that has passed every check.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) claims: VerifiedClaims,
    pub(crate) issuer: String,
}

/// A parsed token (RFC 7515 section 7.1), not verified.
pub(crate) struct Unverified<'a> {
    header: Header,
    /// The JWS signing input.
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Unverified<'a> {
    /// Splits an ID token and parses its header.
    pub(crate) fn parse(token: &'a str) -> Result<Self, IdentityProviderError> {
        Self::parse_as(Kind::IdToken, token)
    }

    /// Splits a logout token and parses its header.
    pub(crate) fn parse_logout(token: &'a str) -> Result<Self, IdentityProviderError> {
        Self::parse_as(Kind::LogoutToken, token)
    }

    fn parse_as(kind: Kind, token: &'a str) -> Result<Self, IdentityProviderError> {
        let unreadable = || invalid(Check::IdTokenUnreadable, "it is not a signed JWT");
        let (message, signature) = token.rsplit_once('.').ok_or_else(unreadable)?;
        let (header, payload) = message.split_once('.').ok_or_else(unreadable)?;
        if payload.contains('.') {
            return Err(unreadable());
        }
        if payload.len() > base64_length(MAX_CLAIMS_LEN)
            || header.len() > base64_length(MAX_HEADER_LEN)
        {
            return Err(invalid(Check::IdTokenTooLarge, "it is larger than any honest one"));
        }
        let header = BASE64_URL_SAFE_NO_PAD.decode(header).map_err(|_| unreadable())?;
        Ok(Self { header: Header::read(&header, kind)?, message, payload, signature })
    }

    /// The provider's key that the token names.
    pub(crate) fn key_among<'k>(&self, keys: &'k KeySet) -> Result<&'k Key, NoKey> {
        keys.find(self.header.kid.as_deref(), self.header.algorithm)
    }

    /// Verifies the signature of an ID token with `key` and checks the claims.
    pub(crate) fn verify(
        &self,
        key: &Key,
        expected: &Expected<'_>,
    ) -> Result<Verified, IdentityProviderError> {
        let claims = self.signed_claims(key)?;
        let issuer = claims::check(&claims.members(), expected, &self.signed_by(key))?;
        Ok(Verified { claims: VerifiedClaims::assertion(claims), issuer })
    }

    /// Verifies the signature of a logout token with `key` and checks the claims.
    pub(crate) fn verify_logout(
        &self,
        key: &Key,
        expected: &Expected<'_>,
    ) -> Result<VerifiedLogout, IdentityProviderError> {
        logout::check(self.signed_claims(key)?, expected, &self.signed_by(key))
    }

    fn signed_by<'k>(&self, key: &'k Key) -> claims::SignedBy<'k> {
        claims::SignedBy { algorithm: self.header.algorithm, issuer: key.issuer.as_deref() }
    }

    /// The claims, whose signature is that of `key`.
    fn signed_claims(&self, key: &Key) -> Result<Claims, IdentityProviderError> {
        let message = self.message.as_bytes();
        let verified =
            crypto::verify(self.signature, message, &key.decoding, self.header.algorithm);
        if !verified.unwrap_or(false) {
            return Err(invalid(Check::IdTokenSignature, "the signature is not the key's"));
        }
        let unreadable = || invalid(Check::IdTokenUnreadable, "its claims are not a JSON object");
        let payload = BASE64_URL_SAFE_NO_PAD.decode(self.payload).map_err(|_| unreadable())?;
        let payload = String::from_utf8(payload).map_err(|_| unreadable())?;
        Claims::parse(payload).map_err(|_| unreadable())
    }
}

const fn base64_length(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// The error for a token without a matching key.
pub(crate) fn no_key(why: NoKey) -> IdentityProviderError {
    let detail = match why {
        NoKey::Unknown => "the provider has no key of that name".into(),
        NoKey::Ambiguous => "it names no key, and the provider has several".into(),
        NoKey::WrongKeyType(algorithm) => {
            format!("the key it names is not for its algorithm {algorithm:?}")
        }
    };
    invalid(Check::IdTokenKey, detail)
}

#[cfg(test)]
mod tests;
