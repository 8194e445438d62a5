//! The issuer of a multi-tenant provider.

use std::borrow::Cow;

/// The placeholder for the tenant in a multi-tenant issuer (Entra ID's `common`).
const PLACEHOLDER: &str = "{tenantid}";

/// An issuer, or, with `{tenantid}` in it, the issuers of all tenants of one provider (Entra ID,
/// "OpenID Connect on the Microsoft identity platform").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerTemplate<'a>(&'a str);

impl<'a> IssuerTemplate<'a> {
    /// Wraps the `issuer` of a discovery document or a declaration.
    pub const fn new(issuer: &'a str) -> Self {
        Self(issuer)
    }

    /// Whether it matches the issuers of many tenants.
    pub fn has_placeholder(&self) -> bool {
        self.0.contains(PLACEHOLDER)
    }

    /// The issuer of this tenant; `None` if `tenant` has other characters than letters, digits, `-`.
    pub fn of_tenant(&self, tenant: &str) -> Option<Cow<'a, str>> {
        match self.has_placeholder() {
            false => Some(self.0.into()),
            true => is_tenant(tenant).then(|| self.0.replace(PLACEHOLDER, tenant).into()),
        }
    }

    /// Whether `issuer` is this issuer or, with a placeholder, that of any one tenant.
    pub fn matches(&self, issuer: &str) -> bool {
        match self.0.split_once(PLACEHOLDER) {
            None => issuer == self.0,
            Some((before, after)) => issuer
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after))
                .is_some_and(is_tenant),
        }
    }
}

fn is_tenant(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ONE: IssuerTemplate<'_> = IssuerTemplate::new("https://login.example/contoso");
    const MANY: IssuerTemplate<'_> = IssuerTemplate::new("https://login.example/{tenantid}/v2.0");

    #[test]
    fn matches_only_itself_without_a_placeholder() {
        assert!(ONE.matches("https://login.example/contoso"));
        assert!(!ONE.matches("https://login.example/contoso/"));
        assert_eq!(ONE.of_tenant("a/b").as_deref(), Some("https://login.example/contoso"));
    }

    #[rstest]
    #[case::empty("")]
    #[case::two_segments("a/b")]
    #[case::dot("a.b")]
    #[case::encoded_slash("a%2Fb")]
    #[case::placeholder("{tenantid}")]
    #[case::path_traversal("a/v2.0/../b")]
    fn template_refuses_what_is_no_tenant(#[case] tenant: &str) {
        assert!(!MANY.matches(&format!("https://login.example/{tenant}/v2.0")));
        assert_eq!(MANY.of_tenant(tenant), None);
    }

    #[test]
    fn template_matches_any_one_tenant_of_its_host() {
        assert!(MANY.matches("https://login.example/72f988bf-86f1/v2.0"));
        assert!(!MANY.matches("https://evil.example/contoso/v2.0"));
        let issuer = MANY.of_tenant("contoso");
        assert_eq!(issuer.as_deref(), Some("https://login.example/contoso/v2.0"));
    }
}
