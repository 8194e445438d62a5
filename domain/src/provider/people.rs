//! Who a person is: where a provider's identities stand, and the identity firewall that holds a
//! provider to it.

use serde_json::Value;
use url::Url;

use crate::identity::{Claims, Identity};

/// Where the identity of a person stands in the ID token's claims, or in the user record where
/// there is no ID token.
///
/// It is declared once and shown to the operator, and the host reads the places itself: a provider
/// that chose anew with every login could point to what its accomplice wrote into a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum People {
    /// At these places (JSON Pointers, RFC 6901).
    At {
        /// Stable within the tenant: Entra's `/oid`.
        subject: String,
        /// Entra's `/tid`. `None`, or nothing there: the issuer's host is the tenant.
        tenant: Option<String>,
    },
    /// In any member: the plug-in interface 0.1.0 had no word for the place.
    Anywhere,
}

impl People {
    /// Whether `claims`, which `issuer` gave, name the person that a provider calls `identity`.
    pub fn vouch(&self, claims: &Claims, issuer: &str, identity: &Identity) -> bool {
        let (subject, tenant) = (identity.subject.as_str(), identity.tenant.as_str());
        let is_issuers_host = issuer_host(issuer).as_deref() == Some(tenant);
        let claims = Value::Object(claims.members());
        match self {
            Self::At { subject: at, tenant: tenant_at } => {
                let named = |at: &String| claims.pointer(at).and_then(as_text);
                let tenant_named = tenant_at.as_ref().and_then(named);
                named(at).as_deref() == Some(subject)
                    && tenant_named.map_or(is_issuers_host, |named| named == tenant)
            }
            Self::Anywhere => {
                let members = claims.as_object().into_iter().flat_map(|members| members.values());
                let texts: Vec<_> = members.filter_map(as_text).collect();
                let carry = |wanted: &str| texts.iter().any(|text| text == wanted);
                carry(subject) && (carry(tenant) || is_issuers_host)
            }
        }
    }
}

/// The tenant of everybody at a provider without tenants.
pub fn issuer_host(issuer: &str) -> Option<String> {
    Url::parse(issuer).ok()?.host_str().map(str::to_owned)
}

/// Some clouds number their people.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::samples;

    const ISSUER: &str = "https://login.example/contoso";

    fn at(subject: &str, tenant: Option<&str>) -> People {
        People::At { subject: subject.into(), tenant: tenant.map(Into::into) }
    }

    fn vouched(people: &People, claims: &str, tenant: &str, subject: &str) -> bool {
        let claims = Claims::parse(claims).unwrap();
        people.vouch(&claims, ISSUER, &samples::identity(tenant, subject))
    }

    #[test]
    fn a_person_is_who_stands_at_the_declared_places() {
        let people = at("/oid", Some("/tid"));
        let claims = r#"{"oid":"zofia","tid":"contoso","name":"marek","nickname":"fabrikam"}"#;
        assert!(vouched(&people, claims, "contoso", "zofia"));
        assert!(!vouched(&people, claims, "contoso", "marek"));
        assert!(!vouched(&people, claims, "fabrikam", "zofia"));
        assert!(!vouched(&people, claims, "login.example", "zofia"));
        assert!(!vouched(&people, "{}", "contoso", "zofia"));
    }

    #[test]
    fn without_a_tenant_the_issuers_host_is_the_tenant_and_nothing_else() {
        let claims = r#"{"account":{"id":583231},"tid":"contoso"}"#;
        for people in [at("/account/id", None), at("/account/id", Some("/hd"))] {
            assert!(vouched(&people, claims, "login.example", "583231"));
            assert!(!vouched(&people, claims, "contoso", "583231"));
        }
    }

    #[test]
    fn a_provider_without_declared_places_is_held_to_the_members() {
        let claims = r#"{"oid":"zofia","tid":"contoso","n":7,"deep":{"oid":"marek"}}"#;
        assert!(vouched(&People::Anywhere, claims, "contoso", "zofia"));
        assert!(vouched(&People::Anywhere, claims, "login.example", "7"));
        assert!(!vouched(&People::Anywhere, claims, "contoso", "marek"));
        assert!(!vouched(&People::Anywhere, claims, "fabrikam", "zofia"));
    }

    #[test]
    fn a_float_or_a_flag_names_nobody() {
        for claims in [r#"{"id":1.5}"#, r#"{"id":true}"#, r#"{"id":null}"#, r#"{"id":["1.5"]}"#] {
            for subject in ["1.5", "true", "null"] {
                assert!(!vouched(&at("/id", None), claims, "login.example", subject), "{claims}");
            }
        }
    }
}
