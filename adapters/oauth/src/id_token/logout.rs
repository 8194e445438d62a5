//! Checks of the claims of a logout token with a valid signature (OpenID Connect Back-Channel Logout
//! section 2.6).

use portico_domain::{
    check::Check,
    identity::Claims,
    ports::{EndedAtProvider, IdentityProviderError, MAX_LOGOUT_TOKEN_AGE, VerifiedLogout},
    sign_in::ProviderSessionId,
    time::Timestamp,
    verified_claims::VerifiedClaims,
};
use serde_json::Value;

use super::{
    Expected,
    claims::{LEEWAY, Members, SignedBy, meant_for_us, numeric_date, text, times},
};
use crate::document::invalid;

/// The member of `events` that makes a JWT a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The longest `jti`, in bytes.
const MAX_ID_LEN: usize = 255;

/// Checks the claims. In this order: those of ID tokens as far as their times, the age, `events`,
/// `nonce`, `jti`, `sid` and `sub`.
pub(super) fn check(
    claims: Claims,
    expected: &Expected<'_>,
    signed_by: &SignedBy<'_>,
) -> Result<VerifiedLogout, IdentityProviderError> {
    let members = claims.members();
    let issuer = meant_for_us(&members, expected, signed_by)?.to_owned();
    times(&members, expected)?;
    let until = until(&members, expected.now)?;
    if !members.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object) {
        return Err(invalid(Check::LogoutTokenEvent, "its events name no back-channel logout"));
    }
    // What an ID token has, so that none passes for a logout token.
    if members.contains_key("nonce") {
        return Err(invalid(Check::LogoutTokenNonce, "it has a nonce"));
    }
    let id = text(&members, "jti").filter(|id| (1..=MAX_ID_LEN).contains(&id.len()));
    let id = id.ok_or_else(|| invalid(Check::LogoutTokenId, "it has no jti of use"))?.to_owned();
    let ended = ended(&members, claims)?;
    Ok(VerifiedLogout { issuer, id, until, ended })
}

/// The first second at which the token is refused.
fn until(members: &Members, now: Timestamp) -> Result<Timestamp, IdentityProviderError> {
    // Both are there, or `times` had failed.
    let [issued, expires] = ["iat", "exp"].map(|name| numeric_date(members, name).unwrap_or(0));
    let too_old = issued.saturating_add(MAX_LOGOUT_TOKEN_AGE.as_secs());
    if too_old.saturating_add(LEEWAY) < now.unix_seconds() {
        return Err(invalid(Check::LogoutTokenTooOld, "it was issued too long ago"));
    }
    Ok(Timestamp::from_unix_seconds(expires.min(too_old).saturating_add(LEEWAY + 1)))
}

/// What has ended: the session, if the token names one, and else all of the person.
fn ended(members: &Members, claims: Claims) -> Result<EndedAtProvider, IdentityProviderError> {
    let refused = |detail| invalid(Check::LogoutTokenSubject, detail);
    let subject = match members.get("sub") {
        None => false,
        Some(Value::String(subject)) if !subject.is_empty() => true,
        Some(_) => return Err(refused("its sub is no text")),
    };
    match members.get("sid") {
        Some(session) => {
            let session = session.as_str().and_then(ProviderSessionId::parse);
            let session = session.ok_or_else(|| refused("its sid is no id of a session"))?;
            Ok(EndedAtProvider::Session(session))
        }
        None if subject => Ok(EndedAtProvider::Person(VerifiedClaims::assertion(claims))),
        None => Err(refused("it has neither sub nor sid")),
    }
}
