//! Who may use a protected app: rules about the identity with which a session began.
//!
//! Accounts that were connected later never count: people connect accounts themselves, and a connected
//! account must not open an app to them.

use std::fmt;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::{
    identity::{ProviderId, TenantId},
    session::Session,
};

/// The longest name of a claim in a rule, in bytes.
const MAX_CLAIM_NAME_LEN: usize = 64;

/// The claim with a person's groups (Entra ID, and most OpenID providers that tell groups).
const GROUPS: &str = "groups";

/// Its members are the claims that a token leaves to another source (OpenID Connect Core 5.6.2). Entra ID
/// names `groups` in it instead of more than 200 groups (Microsoft, "Configure group claims", overage).
const CLAIM_NAMES: &str = "_claim_names";

/// Entra ID sets it instead of more groups than fit into the URL of an implicit flow (Microsoft, "ID token
/// claims reference").
const HAS_GROUPS: &str = "hasgroups";

/// Who may use a protected app. Without rules: everybody who is signed in.
///
/// Each list that is not empty must be satisfied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessRules {
    /// The session began with one of these providers.
    pub providers: Vec<ProviderId>,
    /// The session began in one of these tenants.
    pub tenants: Vec<TenantId>,
    /// All of these rules are satisfied.
    pub claims: Vec<ClaimRule>,
}

/// Why somebody who is signed in may not use an app. The texts are for the log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AccessDenied {
    /// The session began with another provider.
    #[error("the session began with a provider that the app does not admit")]
    Provider,
    /// The session began in another tenant, or its own account is gone.
    #[error("the session began in a tenant that the app does not admit")]
    Tenant,
    /// The claim has none of the required values, or there is no such claim.
    #[error("the claim {claim} of the session's user has none of the values that the app requires")]
    Claim {
        /// The claim.
        claim: ClaimName,
    },
    /// The provider left the claim out of the token, as Entra ID does with more than 200 groups. The
    /// person may have a required value, or none: it is not known.
    #[error(
        "the claim {claim} that the app requires is unknown: the provider left it out of the ID token, \
         as Entra ID does with more than 200 groups"
    )]
    ClaimOmitted {
        /// The claim.
        claim: ClaimName,
    },
}

impl AccessRules {
    /// Checks whether the person of this session may use the app. Returns the first rule that is not
    /// satisfied: provider, tenant, then the claims in their order.
    pub fn check(&self, session: &Session) -> Result<(), AccessDenied> {
        if !admits(&self.providers, Some(&session.provider)) {
            return Err(AccessDenied::Provider);
        }
        let tenant = session.own_account().map(|own| &own.identity.tenant);
        if !admits(&self.tenants, tenant) {
            return Err(AccessDenied::Tenant);
        }
        // The claims are stored as text: it is parsed only for a rule that needs them.
        if self.claims.is_empty() {
            return Ok(());
        }
        let claims = session.user.members();
        self.claims.iter().try_for_each(|rule| rule.check(&claims))
    }
}

/// Whether the list has this entry, or is empty.
fn admits<T: PartialEq>(list: &[T], entry: Option<&T>) -> bool {
    list.is_empty() || entry.is_some_and(|entry| list.contains(entry))
}

/// A required claim: a string that equals one of the values, or an array that contains one. Values are
/// compared exactly; numbers, truth values and objects satisfy no rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRule {
    claim: ClaimName,
    any_of: Vec<String>,
}

/// The values make no rule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidClaimRule {
    /// There is none: nobody could satisfy the rule.
    #[error("a rule needs a value")]
    NoValue,
    /// One is empty.
    #[error("a value is not empty")]
    EmptyValue,
    /// This one occurs twice.
    #[error("the value {0:?} is there twice")]
    Repeated(String),
}

impl ClaimRule {
    /// The rule that the claim has one of these values.
    pub fn new(claim: ClaimName, any_of: Vec<String>) -> Result<Self, InvalidClaimRule> {
        if any_of.is_empty() {
            return Err(InvalidClaimRule::NoValue);
        }
        if any_of.iter().any(String::is_empty) {
            return Err(InvalidClaimRule::EmptyValue);
        }
        let repeated = any_of.iter().enumerate().find(|(at, value)| any_of[..*at].contains(value));
        match repeated {
            Some((_, value)) => Err(InvalidClaimRule::Repeated(value.clone())),
            None => Ok(Self { claim, any_of }),
        }
    }

    fn check(&self, claims: &Map<String, Value>) -> Result<(), AccessDenied> {
        if self.claim.is_omitted(claims) {
            return Err(AccessDenied::ClaimOmitted { claim: self.claim.clone() });
        }
        let is_required = |value: &Value| {
            value.as_str().is_some_and(|text| self.any_of.iter().any(|it| it == text))
        };
        let is_satisfied = match claims.get(self.claim.as_str()) {
            Some(Value::Array(values)) => values.iter().any(is_required),
            Some(value) => is_required(value),
            None => false,
        };
        match is_satisfied {
            true => Ok(()),
            false => Err(AccessDenied::Claim { claim: self.claim.clone() }),
        }
    }
}

/// The name of a claim: 1 to 64 visible ASCII characters without quotation marks. It is the name of a
/// member, not a JSON Pointer, so a name such as `https://example.com/roles` is written as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimName(String);

/// The text is no name of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the name of a claim has 1 to 64 visible ASCII characters, and no quotation marks")]
pub struct InvalidClaimName;

impl ClaimName {
    /// Parses a name.
    pub fn parse(text: &str) -> Result<Self, InvalidClaimName> {
        let allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`');
        let is_valid = (1..=MAX_CLAIM_NAME_LEN).contains(&text.len()) && text.bytes().all(allowed);
        is_valid.then(|| Self(text.to_owned())).ok_or(InvalidClaimName)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether these claims say that this one was left out of them.
    pub(super) fn is_omitted(&self, claims: &Map<String, Value>) -> bool {
        let elsewhere = claims.get(CLAIM_NAMES).and_then(Value::as_object);
        let is_elsewhere = elsewhere.is_some_and(|names| names.contains_key(self.as_str()));
        // Some issuers write truth values as strings.
        let has_groups = claims.get(HAS_GROUPS);
        let has_groups = has_groups.is_some_and(|value| *value == true || *value == "true");
        is_elsewhere || (has_groups && self.as_str() == GROUPS)
    }
}

impl fmt::Display for ClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
