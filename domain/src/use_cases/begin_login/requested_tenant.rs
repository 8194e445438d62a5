//! The authorization request to a requested tenant, without revealing whether that tenant is allowed.
//!
//! Before somebody signed in, nothing may distinguish an allowed tenant from another: neither an error
//! nor the time of a discovery request, which is cached for tenants in use. So the discovery document
//! of the default tenant serves for all, and the requested tenant is put into its URLs. Whether the
//! tenant is allowed is checked after the sign-in.

use url::Url;

use crate::{
    identity::TenantId,
    login::ResponseIssuer,
    ports::Authorization,
    provider::{Endpoints, SignIn},
};

/// Whether the text is an id or a domain. A server on the way must not take it for more than one
/// segment of a path.
pub(super) fn is_valid(tenant: &TenantId) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let name = tenant.as_str();
    name.bytes().all(plain) && !matches!(name, "." | "..")
}

/// A GUID in lower case, as issuers write it; any other text unchanged. GUIDs are case-insensitive
/// (RFC 9562 section 4).
pub(super) fn normalized(tenant: TenantId) -> TenantId {
    let is_dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let fits = |(at, byte): (usize, u8)| match is_dash(at) {
        true => byte == b'-',
        false => byte.is_ascii_hexdigit(),
    };
    let text = tenant.as_str();
    if text.len() != 36 || !text.bytes().enumerate().all(fits) {
        return tenant;
    }
    TenantId::parse(text.to_ascii_lowercase()).unwrap_or(tenant)
}

/// The part in which the issuers of the default and the requested tenant differ.
#[derive(Debug, PartialEq, Eq)]
struct Difference<'a> {
    before: &'a str,
    default: &'a str,
    requested: &'a str,
}

impl<'a> Difference<'a> {
    fn between(default: &'a str, requested: &'a str) -> Self {
        let same = |(a, b): &(char, char)| a == b;
        let before = default.chars().zip(requested.chars()).take_while(same);
        let before: usize = before.map(|(a, _)| a.len_utf8()).sum();
        let (default_rest, requested_rest) = (&default[before..], &requested[before..]);
        let after = default_rest.chars().rev().zip(requested_rest.chars().rev()).take_while(same);
        let after: usize = after.map(|(a, _)| a.len_utf8()).sum();
        Self {
            before: &default[..before],
            default: &default_rest[..default_rest.len() - after],
            requested: &requested_rest[..requested_rest.len() - after],
        }
    }

    /// The URL of the requested tenant; `None` if `address` does not begin like the default issuer.
    fn applied_to(&self, address: &str) -> Option<String> {
        let rest = address.strip_prefix(self.before)?.strip_prefix(self.default)?;
        Some([self.before, self.requested, rest].concat())
    }
}

/// The sign-in to the requested tenant with the endpoints of the default one; `None` if the provider
/// has no discovery document.
pub(super) fn with_default_endpoints(requested: &SignIn, default: &SignIn) -> Option<SignIn> {
    let discovered = |sign_in: &SignIn| matches!(sign_in.endpoints, Endpoints::OpenId(_));
    let endpoints = || default.endpoints.clone();
    (discovered(requested) && discovered(default))
        .then(|| SignIn { endpoints: endpoints(), ..requested.clone() })
}

/// The authorization request with the requested tenant in place of the default one; `None` if the
/// URLs do not show where the tenant is.
pub(super) fn retargeted(
    authorization: Authorization,
    default: &SignIn,
    requested: &SignIn,
) -> Option<Authorization> {
    let difference = Difference::between(default.issuer().as_str(), requested.issuer().as_str());
    let url = Url::parse(&difference.applied_to(authorization.url.as_str())?).ok()?;
    let ResponseIssuer { issuer, required } = authorization.issuer;
    // An issuer with a placeholder matches this tenant too.
    let issuer = difference.applied_to(&issuer).unwrap_or(issuer);
    let same_host = url.origin() == authorization.url.origin();
    same_host.then_some(Authorization { url, issuer: ResponseIssuer { issuer, required } })
}

#[cfg(test)]
mod tests;
