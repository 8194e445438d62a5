//! When an ID token is good, and whose clock is wrong where it is not.

use portico_domain::{check::Check, ports::IdentityProviderError};

use super::{Expected, Members};
use crate::document::invalid;

/// How far the provider's clock and ours may differ, in seconds.
const LEEWAY: u64 = 60;
/// What differs by more is no clock: milliseconds that were taken for seconds, say.
const MAX_DIFFERENCE_LEN: u64 = 10 * 366 * 24 * 3_600;

/// Checks when the token was issued, and from when and until when it is good.
pub(super) fn times(
    claims: &Members,
    expected: &Expected<'_>,
) -> Result<(), IdentityProviderError> {
    let now = expected.now.unix_seconds();
    let expires = moment(claims, "exp")
        .ok_or_else(|| invalid(Check::IdTokenExpired, "it does not say when it expires"))?;
    if expires.saturating_add(LEEWAY) < now {
        let detail = format!("it expired {} seconds ago", now - expires);
        return Err(of_another_time(Check::IdTokenExpired, detail, claims, expected));
    }
    let issued = moment(claims, "iat")
        .ok_or_else(|| invalid(Check::IdTokenIssuedAt, "it does not say when it was issued"))?;
    if issued > now.saturating_add(LEEWAY) {
        let ahead = issued - now;
        let detail = format!("it was issued {ahead} seconds from now; one of the clocks is wrong");
        return Err(of_another_time(Check::IdTokenIssuedAt, detail, claims, expected));
    }
    if claims.contains_key("nbf") {
        let begins = moment(claims, "nbf");
        if begins.is_none_or(|begins| begins > now.saturating_add(LEEWAY)) {
            return Err(invalid(Check::IdTokenNotYetValid, "it is not valid yet"));
        }
    }
    Ok(())
}

/// The refusal of a token of another time, which says by how much the provider's clock differs where
/// that is why.
fn of_another_time(
    check: Check,
    detail: String,
    claims: &Members,
    expected: &Expected<'_>,
) -> IdentityProviderError {
    match clock_differs(claims, expected) {
        Some(how) => {
            IdentityProviderError::ClockDiffers { check, detail: format!("{detail}; {how}") }
        }
        None => invalid(check, detail),
    }
}

/// How the provider's clock differs from this machine's, where the clock is why a token is of another
/// time: one is of the future in all that it says, or the provider's own `Date` is of the past as
/// well. An old token alone could be one that is shown again.
fn clock_differs(claims: &Members, expected: &Expected<'_>) -> Option<String> {
    let now = expected.now.unix_seconds();
    let (issued, expires) = (moment(claims, "iat")?, moment(claims, "exp")?);
    let is_ahead =
        |time: u64| (LEEWAY + 1..=MAX_DIFFERENCE_LEN).contains(&time.saturating_sub(now));
    let begins_ahead =
        || !claims.contains_key("nbf") || moment(claims, "nbf").is_some_and(is_ahead);
    let date = expected.provider_time.map(|time| time.unix_seconds());
    let dated = |date| format!("its HTTP header Date is {}", apart(date, now));
    if is_ahead(issued) && expires > issued && begins_ahead() {
        let clock = apart(issued, now);
        let dated = date.map_or_else(|| "it sent no HTTP header Date".into(), dated);
        return Some(format!("by it the provider's clock is {clock}, and {dated}"));
    }
    let date = date.filter(|date| date.saturating_add(LEEWAY) < now && issued <= expires)?;
    Some(format!("the provider's clock is wrong, or this one: {}", dated(date)))
}

/// How a provider's time differs from this machine's.
fn apart(theirs: u64, ours: u64) -> String {
    if theirs >= ours {
        format!("{} seconds ahead of this machine's clock", theirs - ours)
    } else {
        format!("{} seconds behind this machine's clock", ours - theirs)
    }
}

/// A `NumericDate` (RFC 7519 section 2), parts of a second dropped.
fn moment(claims: &Members, name: &str) -> Option<u64> {
    let number = claims.get(name)?;
    let parts = || number.as_f64().filter(|seconds| (0.0..1e15).contains(seconds));
    number.as_u64().or_else(|| parts().map(|seconds| seconds as u64))
}
