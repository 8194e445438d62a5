//! The issuer of a provider with many tenants.

use std::borrow::Cow;

/// What stands for the tenant in the issuer of a provider with many (Entra ID's `common`).
const PLACEHOLDER: &str = "{tenantid}";

/// An issuer, or, with `{tenantid}` in it, the issuers of all tenants of one provider (Entra ID,
/// "OpenID Connect on the Microsoft identity platform").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerTemplate<'a>(&'a str);

impl<'a> IssuerTemplate<'a> {
    /// The issuer that a provider names.
    pub const fn new(issuer: &'a str) -> Self {
        Self(issuer)
    }

    /// Whether it stands for the issuers of many tenants.
    pub fn has_placeholder(&self) -> bool {
        self.0.contains(PLACEHOLDER)
    }

    /// The issuer of this tenant; `None` where the text can be no tenant's: letters, digits and `-`.
    pub fn of_tenant(&self, tenant: &str) -> Option<Cow<'a, str>> {
        match self.has_placeholder() {
            false => Some(self.0.into()),
            true => is_tenant(tenant).then(|| self.0.replace(PLACEHOLDER, tenant).into()),
        }
    }

    /// Whether this is the issuer, or that of any one tenant.
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
    use super::*;

    const ONE: IssuerTemplate<'_> = IssuerTemplate::new("https://login.example/contoso");
    const MANY: IssuerTemplate<'_> = IssuerTemplate::new("https://login.example/{tenantid}/v2.0");

    #[test]
    fn an_issuer_without_placeholder_matches_itself_alone() {
        assert!(ONE.matches("https://login.example/contoso"));
        assert!(!ONE.matches("https://login.example/contoso/"));
        assert_eq!(ONE.of_tenant("a/b").as_deref(), Some("https://login.example/contoso"));
    }

    #[test]
    fn a_template_matches_any_one_tenant() {
        assert!(MANY.matches("https://login.example/72f988bf-86f1/v2.0"));
        for other in ["", "a/b", "a.b", "a%2Fb", "{tenantid}", "a/v2.0/../b"] {
            assert!(!MANY.matches(&format!("https://login.example/{other}/v2.0")), "{other}");
            assert_eq!(MANY.of_tenant(other), None, "{other}");
        }
        assert!(!MANY.matches("https://evil.example/contoso/v2.0"));
        let issuer = MANY.of_tenant("contoso");
        assert_eq!(issuer.as_deref(), Some("https://login.example/contoso/v2.0"));
    }
}
