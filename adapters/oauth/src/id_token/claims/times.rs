//! Checks of `exp`, `iat` and `nbf`; detects a difference between the provider's clock and this
//! machine's.

use portico_domain::{check::Check, ports::IdentityProviderError};

use super::{Expected, Members};
use crate::document::invalid;

/// Accepted difference between the provider's clock and this machine's, in seconds.
pub(in super::super) const LEEWAY: u64 = 60;
/// The largest difference that is taken for a wrong clock, in seconds: ten years. A larger one has
/// another cause, such as milliseconds instead of seconds.
const MAX_DIFFERENCE: u64 = 316_224_000;

/// Checks `exp`, `iat` and, if present, `nbf`.
pub(in super::super) fn times(
    claims: &Members,
    expected: &Expected<'_>,
) -> Result<(), IdentityProviderError> {
    let now = expected.now.unix_seconds();
    let expires = numeric_date(claims, "exp")
        .ok_or_else(|| invalid(Check::IdTokenExpired, "it does not say when it expires"))?;
    if expires.saturating_add(LEEWAY) < now {
        let detail = format!("it expired {} seconds ago", now - expires);
        return Err(time_error(Check::IdTokenExpired, detail, claims, expected));
    }
    let issued = numeric_date(claims, "iat")
        .ok_or_else(|| invalid(Check::IdTokenIssuedAt, "it does not say when it was issued"))?;
    if issued > now.saturating_add(LEEWAY) {
        let ahead = issued - now;
        let detail = format!("it was issued {ahead} seconds from now; one of the clocks is wrong");
        return Err(time_error(Check::IdTokenIssuedAt, detail, claims, expected));
    }
    if claims.contains_key("nbf") {
        let begins = numeric_date(claims, "nbf");
        if begins.is_none_or(|begins| begins > now.saturating_add(LEEWAY)) {
            return Err(invalid(Check::IdTokenNotYetValid, "it is not valid yet"));
        }
    }
    Ok(())
}

/// The error for an expired or future token; states the clock difference if that is the cause.
fn time_error(
    check: Check,
    detail: String,
    claims: &Members,
    expected: &Expected<'_>,
) -> IdentityProviderError {
    match clock_difference(claims, expected) {
        Some(difference) => {
            IdentityProviderError::ClockDiffers { check, detail: format!("{detail}; {difference}") }
        }
        None => invalid(check, detail),
    }
}

/// Describes the clock difference, if it explains the token's times: all of its times are in the
/// future, or the response's `Date` is in the past as well. An expired token alone may be a replay.
fn clock_difference(claims: &Members, expected: &Expected<'_>) -> Option<String> {
    let now = expected.now.unix_seconds();
    let (issued, expires) = (numeric_date(claims, "iat")?, numeric_date(claims, "exp")?);
    let is_ahead = |time: u64| (LEEWAY + 1..=MAX_DIFFERENCE).contains(&time.saturating_sub(now));
    let begins_ahead =
        || !claims.contains_key("nbf") || numeric_date(claims, "nbf").is_some_and(is_ahead);
    let date = expected.provider_time.map(|time| time.unix_seconds());
    let dated = |date| format!("its HTTP header Date is {}", relative(date, now));
    if is_ahead(issued) && expires > issued && begins_ahead() {
        let clock = relative(issued, now);
        let dated = date.map_or_else(|| "it sent no HTTP header Date".into(), dated);
        return Some(format!("by it the provider's clock is {clock}, and {dated}"));
    }
    let date = date.filter(|date| date.saturating_add(LEEWAY) < now && issued <= expires)?;
    Some(format!("the provider's clock is wrong, or this one: {}", dated(date)))
}

/// A provider's time relative to this machine's clock.
fn relative(provider: u64, now: u64) -> String {
    if provider >= now {
        format!("{} seconds ahead of this machine's clock", provider - now)
    } else {
        format!("{} seconds behind this machine's clock", now - provider)
    }
}

/// A `NumericDate` (RFC 7519 section 2) in whole seconds.
pub(in super::super) fn numeric_date(claims: &Members, name: &str) -> Option<u64> {
    let number = claims.get(name)?;
    let fractional = || number.as_f64().filter(|seconds| (0.0..1e15).contains(seconds));
    number.as_u64().or_else(|| fractional().map(|seconds| seconds as u64))
}
