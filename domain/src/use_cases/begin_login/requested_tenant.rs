//! Where somebody signs in to the tenant they requested for, without a word about that tenant.
//!
//! Nobody has signed in yet, so nothing may tell an allowed tenant from another: neither a refusal
//! nor the time that a discovery document takes, which is kept for tenants that people use. The
//! document of the default tenant serves for all, and its addresses get the tenant that was requested
//! for. Whether people of that tenant may sign in is checked once they have.

use url::Url;

use crate::{
    identity::TenantId,
    login::ResponseIssuer,
    ports::Authorization,
    provider::{Endpoints, SignIn},
};

/// Whether a tenant may be called this: an id or a domain. What a server between could take for more
/// than one segment of a path is no name.
pub(super) fn is_valid(tenant: &TenantId) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let name = tenant.as_str();
    name.bytes().all(plain) && !matches!(name, "." | "..")
}

/// A GUID in small letters, in which issuers name their tenants; anything else as it is. Case does not
/// matter in a GUID (RFC 9562 section 4), and this says only where somebody wants to sign in.
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

/// The part in which the issuers of two tenants differ.
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

    /// The same address of the tenant that was requested for; `None` where the address does not begin
    /// as the default issuer does.
    fn applied_to(&self, address: &str) -> Option<String> {
        let rest = address.strip_prefix(self.before)?.strip_prefix(self.default)?;
        Some([self.before, self.requested, rest].concat())
    }
}

/// The sign-in to the requested tenant with the endpoints of the default one; `None` where the provider
/// is not requested for its endpoints at all.
pub(super) fn with_default_endpoints(requested: &SignIn, default: &SignIn) -> Option<SignIn> {
    let discovered = |sign_in: &SignIn| matches!(sign_in.endpoints, Endpoints::OpenId(_));
    let endpoints = || default.endpoints.clone();
    (discovered(requested) && discovered(default))
        .then(|| SignIn { endpoints: endpoints(), ..requested.clone() })
}

/// The authorization at the default tenant's endpoints as one at the requested tenant's; `None` where
/// the addresses do not show how.
pub(super) fn retargeted(
    authorization: Authorization,
    default: &SignIn,
    requested: &SignIn,
) -> Option<Authorization> {
    let difference = Difference::between(default.issuer().as_str(), requested.issuer().as_str());
    let url = Url::parse(&difference.applied_to(authorization.url.as_str())?).ok()?;
    let ResponseIssuer { issuer, required } = authorization.issuer;
    // An issuer that stands for every tenant stands for this one.
    let issuer = difference.applied_to(&issuer).unwrap_or(issuer);
    let same_host = url.origin() == authorization.url.origin();
    same_host.then_some(Authorization { url, issuer: ResponseIssuer { issuer, required } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::samples;

    fn sign_in(issuer: &str) -> SignIn {
        let endpoints = Endpoints::OpenId(Url::parse(issuer).unwrap());
        SignIn { endpoints, ..samples::sign_in() }
    }

    fn retarget(
        default: &str,
        requested: &str,
        url: &str,
        issuer: &str,
    ) -> Option<(String, String)> {
        let issuer = ResponseIssuer { issuer: issuer.into(), required: false };
        let authorization = Authorization { url: Url::parse(url).unwrap(), issuer };
        let retargeted = retargeted(authorization, &sign_in(default), &sign_in(requested))?;
        Some((retargeted.url.to_string(), retargeted.issuer.issuer))
    }

    #[test]
    fn a_guid_is_asked_for_in_small_letters_and_nothing_else_is_changed() {
        let requested = |text: &str| normalized(TenantId::parse(text).unwrap()).to_string();
        let guid = "72f988bf-86f1-41af-91ab-2d7cd011db47";
        assert_eq!(requested(&guid.to_ascii_uppercase()), guid);
        for other in ["Contoso.example", "72F988BF86F141AF91AB2D7CD011DB47", "ABC"] {
            assert_eq!(requested(other), other);
        }
    }

    #[test]
    fn the_endpoint_and_the_issuer_get_the_tenant_that_was_asked_for() {
        for (default, requested) in [("organizations", "8b6d"), ("3f1c", "3f1d"), ("a1", "ba1")] {
            let at = |tenant: &str, path: &str| format!("https://login.example/{tenant}/{path}");
            let retargeted = retarget(
                &at(default, "v2.0"),
                &at(requested, "v2.0"),
                &at(default, "oauth2/v2.0/authorize?state=organizations"),
                &at(default, "v2.0"),
            );
            let expected = at(requested, "oauth2/v2.0/authorize?state=organizations");
            assert_eq!(
                retargeted,
                Some((expected, at(requested, "v2.0"))),
                "{default} {requested}"
            );
        }
    }

    #[test]
    fn an_issuer_of_every_tenant_stays() {
        let every = "https://login.example/{tenantid}/v2.0";
        let retargeted = retarget(
            "https://login.example/organizations/v2.0",
            "https://login.example/8b6d/v2.0",
            "https://login.example/organizations/authorize",
            every,
        );
        assert_eq!(retargeted.unwrap().1, every);
    }

    #[test]
    fn a_provider_that_has_one_issuer_for_all_keeps_its_endpoint() {
        let one = "https://accounts.example";
        let url = "https://accounts.example/o/oauth2/auth?hd=contoso";
        assert_eq!(retarget(one, one, url, one), Some((url.into(), one.into())));
    }

    #[test]
    fn an_endpoint_that_does_not_show_the_tenant_is_not_moved() {
        let (default, requested) = ("https://login.example/a", "https://login.example/b");
        assert_eq!(
            retarget(default, requested, "https://other.example/a/authorize", default),
            None
        );
        assert_eq!(
            retarget(default, requested, "https://login.example/c/authorize", default),
            None
        );
    }

    #[test]
    fn the_endpoint_never_moves_to_another_host() {
        let (default, requested) = ("https://login.example/a", "https://login.example.evil/b");
        assert_eq!(
            retarget(default, requested, "https://login.example/a/authorize", default),
            None
        );
    }
}
