//! Checks of the claims of an ID token with a valid signature (OpenID Connect Core section 3.1.3.7).

mod times;

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use portico_domain::{
    check::Check,
    issuer_template::IssuerTemplate,
    ports::IdentityProviderError,
    secret::{AccessToken, Nonce},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha384, Sha512};

pub(super) use self::times::{LEEWAY, numeric_date, times};
use super::Expected;
use crate::document::invalid;

pub(super) type Members = Map<String, Value>;

/// The algorithm and key of the signature.
pub(super) struct SignedBy<'a> {
    pub(super) algorithm: Algorithm,
    /// The issuer that the key belongs to, perhaps with `{tenantid}` (a JWK member of Entra ID's).
    pub(super) issuer: Option<&'a str>,
}

/// Checks the claims and returns the issuer. In this order: `iss` and the tenant claim, the key's
/// issuer, `aud` and `azp`, `sub`, `exp`, `iat`, `nbf`, `nonce`, `at_hash`.
pub(super) fn check(
    claims: &Members,
    expected: &Expected<'_>,
    signed_by: &SignedBy<'_>,
) -> Result<String, IdentityProviderError> {
    let issuer = meant_for_us(claims, expected, signed_by)?;
    if text(claims, "sub").is_none_or(str::is_empty) {
        return Err(invalid(Check::IdTokenSubject, "it has no subject"));
    }
    times(claims, expected)?;
    // The comparison of nonces takes constant time.
    if let Some(nonce) = expected.nonce
        && text(claims, "nonce").map(Nonce::new).as_ref() != Some(nonce)
    {
        return Err(invalid(Check::IdTokenNonce, "its nonce is not that of this login"));
    }
    // `at_hash` is optional in this flow; if present, it must match the access token (OpenID Connect
    // Core section 3.1.3.8).
    if let (Some(hash), Some(token)) = (claims.get("at_hash"), expected.access_token)
        && hash.as_str() != Some(&left_half_of_hash(token, signed_by.algorithm))
    {
        return Err(invalid(Check::IdTokenAccessToken, "it was issued with another access token"));
    }
    Ok(issuer.to_owned())
}

/// Checks who issued the token with which key, and to whom: `iss` and the tenant claim, the key's issuer,
/// `aud` and `azp`. Returns the issuer.
pub(super) fn meant_for_us<'a>(
    claims: &'a Members,
    expected: &Expected<'_>,
    signed_by: &SignedBy<'_>,
) -> Result<&'a str, IdentityProviderError> {
    let issuer = issuer(claims, expected)?;
    if let Some(template) = signed_by.issuer
        && fill(template, claims, expected.tenant_claim)? != issuer
    {
        return Err(invalid(Check::IdTokenKeyIssuer, "its key signs for another issuer"));
    }
    audience(claims, expected.client_id)?;
    Ok(issuer)
}

/// The value of `at_hash`, with the hash function of the signature algorithm (OpenID Connect Core
/// section 3.1.3.6); for Ed25519 that is SHA-512 (RFC 8032 section 5.1).
fn left_half_of_hash(token: &AccessToken, algorithm: Algorithm) -> String {
    use Algorithm::{ES384, EdDSA, PS384, PS512, RS384, RS512};
    let token = token.expose().as_bytes();
    let hash = match algorithm {
        RS384 | PS384 | ES384 => Sha384::digest(token).to_vec(),
        RS512 | PS512 | EdDSA => Sha512::digest(token).to_vec(),
        _ => Sha256::digest(token).to_vec(),
    };
    BASE64_URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2])
}

fn issuer<'a>(
    claims: &'a Members,
    expected: &Expected<'_>,
) -> Result<&'a str, IdentityProviderError> {
    let expected = fill(expected.issuer, claims, expected.tenant_claim)?;
    text(claims, "iss")
        .filter(|issuer| *issuer == expected)
        .ok_or_else(|| invalid(Check::IdTokenIssuer, "its issuer is not the provider"))
}

/// `template` with `{tenantid}` replaced by the tenant claim.
fn fill<'t>(
    template: &'t str,
    claims: &Members,
    tenant_claim: Option<&str>,
) -> Result<Cow<'t, str>, IdentityProviderError> {
    let issuers = IssuerTemplate::new(template);
    let Some(name) = tenant_claim.filter(|_| issuers.has_placeholder()) else {
        return Ok(template.into());
    };
    let issuer = text(claims, name).and_then(|tenant| issuers.of_tenant(tenant));
    issuer.ok_or_else(|| invalid(Check::IdTokenTenant, format!("its {name} names no tenant")))
}

fn audience(claims: &Members, client_id: &str) -> Result<(), IdentityProviderError> {
    let audiences: Vec<_> = match claims.get("aud") {
        Some(Value::Array(many)) => many.iter().map(Value::as_str).collect(),
        one => vec![one.and_then(Value::as_str)],
    };
    if !audiences.contains(&Some(client_id)) || audiences.contains(&None) {
        return Err(invalid(Check::IdTokenAudience, "it is not meant for this application"));
    }
    let party = claims.get("azp");
    let party_is_us = party.and_then(Value::as_str) == Some(client_id);
    if (audiences.len() > 1 || party.is_some()) && !party_is_us {
        let detail = "it was issued to another application";
        return Err(invalid(Check::IdTokenAuthorizedParty, detail));
    }
    Ok(())
}

pub(super) fn text<'a>(claims: &'a Members, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}
