//! The subject mapping: where a person's identity is in verified claims. The host reads it there; no
//! code of a plug-in is involved.

use serde_json::Value;
use thiserror::Error;
use url::Url;

use crate::{
    identity::{Claims, Identity, InvalidIdentifier, Subject, TenantId},
    rules::text::clean,
};

/// The longest name in an identity, in characters.
const MAX_NAME_LEN: usize = 256;

/// Where the identity of a person is in the claims of an ID token, or in the user record if there is no
/// ID token (JSON Pointers, RFC 6901).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectMapping {
    /// An identifier that never changes within the tenant: Entra ID's `/oid`.
    pub subject: String,
    /// Entra ID's `/tid`. If it is `None` or finds nothing, the issuer's host is the tenant.
    pub tenant: Option<String>,
    /// The person's name: the first of these that is a text.
    pub display_name: Vec<String>,
    /// What the person types to sign in: the first of these that is a text.
    pub username: Vec<String>,
}

/// Why verified claims contain no identity.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SubjectNotFound {
    /// There is no text or whole number at this pointer.
    #[error("there is no subject at {0}")]
    NoSubject(String),
    /// The subject or the tenant is not a valid identifier.
    #[error(transparent)]
    Identifier(#[from] InvalidIdentifier),
    /// The issuer has no host that could be the tenant.
    #[error("the issuer {0:?} has no host")]
    Issuer(String),
}

/// Subjects that a specification requires in every ID token: `sub` (OpenID Connect Core section 2) and
/// Entra ID's `oid`.
const REQUIRED_SUBJECTS: [&str; 2] = ["/sub", "/oid"];

/// The most members that [`places`] names, and the longest name of one.
const MAX_MEMBERS: usize = 24;
const MAX_MEMBER_LEN: usize = 32;

impl SubjectMapping {
    /// Whether a specification requires the subject, so that claims without it are the provider's fault.
    /// Otherwise the declaration is at fault.
    pub fn is_promised(&self) -> bool {
        REQUIRED_SUBJECTS.contains(&self.subject.as_str())
    }

    /// The identity in claims of this issuer.
    pub fn identify(&self, claims: &Claims, issuer: &str) -> Result<Identity, SubjectNotFound> {
        let claims = Value::Object(claims.members());
        let text = |pointer: &String| claims.pointer(pointer).and_then(as_text);
        let subject =
            text(&self.subject).ok_or_else(|| SubjectNotFound::NoSubject(self.subject.clone()))?;
        let subject = Subject::parse(subject)?;
        let tenant = match self.tenant.as_ref().and_then(text) {
            Some(tenant) => tenant,
            None => {
                issuer_host(issuer).ok_or_else(|| SubjectNotFound::Issuer(issuer.to_owned()))?
            }
        };
        let name = |pointers: &[String]| {
            let texts = pointers.iter().filter_map(|it| claims.pointer(it).and_then(Value::as_str));
            texts.map(|text| clean(text, MAX_NAME_LEN)).find(|name| !name.is_empty())
        };
        let username = name(&self.username);
        let display_name = name(&self.display_name)
            .or_else(|| username.clone())
            .unwrap_or_else(|| subject.as_str().to_owned());
        Ok(Identity { subject, tenant: TenantId::parse(tenant)?, display_name, username })
    }
}

/// Pointers to the members of claims, down to the second level, without their values: for the error
/// about a pointer that finds no subject.
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

/// The host of an issuer, which is the tenant of everybody if the claims have none.
pub fn issuer_host(issuer: &str) -> Option<String> {
    Url::parse(issuer).ok()?.host_str().map(str::to_owned)
}

/// A text or whole number. Some clouds use numeric subjects (GitHub).
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
