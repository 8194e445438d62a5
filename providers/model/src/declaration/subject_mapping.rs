//! Who a person is: where their identity stands in verified claims. The host reads it; no guest
//! has a word in it.

use serde_json::Value;
use thiserror::Error;
use url::Url;

use crate::{
    identity::{Claims, Identity, InvalidIdentifier, Subject, TenantId},
    rules::text::clean,
};

/// The longest name that is kept, in characters.
const MAX_NAME_LEN: usize = 256;

/// Where the identity of a person stands in the ID token's claims, or in the user record where
/// there is no ID token (JSON Pointers, RFC 6901).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectMapping {
    /// Stable within the tenant: Entra's `/oid`.
    pub subject: String,
    /// Entra's `/tid`. `None`, or nothing there: the issuer's host is the tenant.
    pub tenant: Option<String>,
    /// What a person calls themselves; the first of these that holds a text.
    pub display_name: Vec<String>,
    /// What a person types to sign in; the first of these that holds a text.
    pub username: Vec<String>,
}

/// Why verified claims name nobody.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SubjectNotFound {
    /// There is no subject at its place.
    #[error("there is no subject at {0}")]
    NoSubject(String),
    /// What stands there is no identifier.
    #[error(transparent)]
    Identifier(#[from] InvalidIdentifier),
    /// The issuer has no host that could be the tenant.
    #[error("the issuer {0:?} has no host")]
    Issuer(String),
}

/// Where the subject stands in every ID token of its kind: `sub` (OpenID Connect Core section 2) and
/// Entra ID's `oid`.
const PROMISED: [&str; 2] = ["/sub", "/oid"];

/// How many members are named of claims that name nobody, and how long each name may be.
const MAX_MEMBERS: usize = 24;
const MAX_MEMBER_LEN: usize = 32;

impl SubjectMapping {
    /// Whether claims without a subject at its place are untrue, whoever reads them. Anywhere else
    /// it is the declaration that points to nothing.
    pub fn is_promised(&self) -> bool {
        PROMISED.contains(&self.subject.as_str())
    }

    /// The person whom `claims`, which `issuer` gave, name.
    pub fn identify(&self, claims: &Claims, issuer: &str) -> Result<Identity, SubjectNotFound> {
        let claims = Value::Object(claims.members());
        let text = |at: &String| claims.pointer(at).and_then(as_text);
        let subject =
            text(&self.subject).ok_or_else(|| SubjectNotFound::NoSubject(self.subject.clone()))?;
        let subject = Subject::parse(subject)?;
        let tenant = match self.tenant.as_ref().and_then(text) {
            Some(tenant) => tenant,
            None => {
                issuer_host(issuer).ok_or_else(|| SubjectNotFound::Issuer(issuer.to_owned()))?
            }
        };
        let name = |places: &[String]| {
            let named = places.iter().filter_map(|at| claims.pointer(at).and_then(Value::as_str));
            named.map(|text| clean(text, MAX_NAME_LEN)).find(|name| !name.is_empty())
        };
        let username = name(&self.username);
        let display_name = name(&self.display_name)
            .or_else(|| username.clone())
            .unwrap_or_else(|| subject.as_str().to_owned());
        Ok(Identity { subject, tenant: TenantId::parse(tenant)?, display_name, username })
    }
}

/// The places of the members of some claims, down to the second level, and no value of them: what a
/// pointer to nobody could have been meant for.
pub fn places(claims: &Claims) -> String {
    let mut places = Vec::new();
    for (name, value) in claims.members() {
        let name = clean(&name, MAX_MEMBER_LEN);
        match value {
            Value::Object(inner) => places
                .extend(inner.keys().map(|it| format!("/{name}/{}", clean(it, MAX_MEMBER_LEN)))),
            _ => places.push(format!("/{name}")),
        }
    }
    places.truncate(MAX_MEMBERS);
    places.join(", ")
}

/// The tenant of everybody at a provider without tenants.
pub fn issuer_host(issuer: &str) -> Option<String> {
    Url::parse(issuer).ok()?.host_str().map(str::to_owned)
}

/// Some clouds use numbers as subjects (GitHub).
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

    const ISSUER: &str = "https://login.example/contoso";

    fn at(subject: &str, tenant: Option<&str>) -> SubjectMapping {
        SubjectMapping {
            subject: subject.into(),
            tenant: tenant.map(Into::into),
            display_name: vec!["/name".into(), "/login".into()],
            username: vec!["/login".into()],
        }
    }

    fn named(people: &SubjectMapping, claims: &str) -> Result<(String, String), SubjectNotFound> {
        let identity = people.identify(&Claims::parse(claims).unwrap(), ISSUER)?;
        Ok((identity.tenant.to_string(), identity.subject.to_string()))
    }

    fn pair(tenant: &str, subject: &str) -> Result<(String, String), SubjectNotFound> {
        Ok((tenant.into(), subject.into()))
    }

    #[test]
    fn identify_reads_subject_and_tenant_at_the_declared_places_alone() {
        let people = at("/oid", Some("/tid"));
        let claims = r#"{"oid":"zofia","tid":"contoso","name":"marek","sub":"fabrikam"}"#;
        assert_eq!(named(&people, claims), pair("contoso", "zofia"));
        assert!(named(&people, r#"{"sub":"zofia","tid":"contoso"}"#).is_err());
        assert!(named(&people, "{}").is_err());
    }

    #[test]
    fn identify_takes_the_issuers_host_where_no_tenant_stands() {
        let claims = r#"{"account":{"id":583231},"tid":"contoso"}"#;
        for people in [at("/account/id", None), at("/account/id", Some("/hd"))] {
            assert_eq!(named(&people, claims), pair("login.example", "583231"));
        }
    }

    #[test]
    fn identify_refuses_a_subject_or_tenant_that_is_no_identifier() {
        for bad in [r#""""#, r#""a b""#, r#""ż""#, "1.5", "true", "null", r#"["x"]"#, "{}"] {
            let claims = format!(r#"{{"id":{bad}}}"#);
            assert!(named(&at("/id", None), &claims).is_err(), "{claims}");
        }
        assert!(named(&at("/id", Some("/t")), r#"{"id":"z","t":"a b"}"#).is_err());
    }

    #[test]
    fn places_names_members_of_two_levels_and_no_value() {
        let claims = r#"{"account":{"uuid":"u-1","team":{"id":7}},"name":"Zofia"}"#;
        let named = places(&Claims::parse(claims).unwrap());
        assert_eq!(named, "/account/team, /account/uuid, /name");
        let many: Vec<_> = (0..100).map(|n| format!("\"{n:0>80}\":1")).collect();
        let named = places(&Claims::parse(format!("{{{}}}", many.join(","))).unwrap());
        assert!(named.len() < 24 * 40, "{named}");
    }

    #[test]
    fn identify_shows_the_first_name_that_is_left_after_cleaning() {
        let shown = |claims: &str| {
            let claims = Claims::parse(claims).unwrap();
            let identity = at("/id", None).identify(&claims, ISSUER).unwrap();
            (identity.display_name, identity.username)
        };
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(
            shown(r#"{"id":7,"name":"Zofia\r\n","login":"z"}"#),
            ("Zofia".into(), some("z"))
        );
        assert_eq!(shown(r#"{"id":7,"name":"\u202e","login":"z"}"#), ("z".into(), some("z")));
        assert_eq!(shown(r#"{"id":7,"name":7}"#), ("7".into(), None));
    }
}
