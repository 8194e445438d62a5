//! Sign-ins at a provider, as its logouts name them: by the session there, or by the person.

use std::fmt;

use crate::{
    digest,
    identity::{PersonKey, ProviderId},
    verified_claims::VerifiedClaims,
};

/// A provider's id of a session of a person: `sid` (OpenID Connect Back-Channel Logout section 2.1).
///
/// Whoever knows it can end that session by a front-channel logout, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderSessionId(String);

impl ProviderSessionId {
    /// The longest one, in bytes. Those of known providers have 20 to 64.
    pub const MAX_LEN: usize = 255;

    /// Parses the value of a claim or parameter; `None` if it is empty, longer than
    /// [`MAX_LEN`](Self::MAX_LEN), or has control characters.
    pub fn parse(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let is_valid =
            (1..=Self::MAX_LEN).contains(&text.len()) && !text.contains(char::is_control);
        is_valid.then_some(Self(text))
    }

    /// The `sid` of an ID token; `None` if it has none of use.
    pub fn of_id_token(claims: &VerifiedClaims) -> Option<Self> {
        Self::parse(claims.claims().members().get("sid")?.as_str()?)
    }
}

impl fmt::Debug for ProviderSessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProviderSessionId(redacted)")
    }
}

/// Under this, a store finds the sessions that a provider's logout ends: half of a SHA-256, since each session
/// that has one takes that much space.
///
/// The issuer is not part of it, because the front-channel logout of Entra ID does not name it.
/// [`Account::is_of_issuer`](crate::account::Account::is_of_issuer) checks it where it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignInKey([u8; 16]);

impl SignInKey {
    /// The key of a session at a provider.
    pub fn of_session(provider: &ProviderId, session: &ProviderSessionId) -> Self {
        Self::half(digest::of_fields("portico provider session", &[provider.as_str(), &session.0]))
    }

    /// The key of a person's accounts in sessions that somebody else began. Those that the person began
    /// are found by the person.
    pub fn of_connected(person: &PersonKey) -> Self {
        Self::half(digest::of_fields("portico connected person", &[&person.id()]))
    }

    /// Reads a key that a store holds.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The key as bytes, for a store.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    fn half(digest: [u8; 32]) -> Self {
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        Self(half)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;
    use crate::{identity::Claims, testing::samples};

    #[rstest]
    #[case::usual("0f8fad5b-d9cb-469f-a165-70867728950e".into(), true)]
    #[case::longest("x".repeat(255), true)]
    #[case::too_long("x".repeat(256), false)]
    #[case::empty(String::new(), false)]
    #[case::control_character("a\nb".into(), false)]
    fn parse_bounds_the_id(#[case] text: String, #[case] accepted: bool) {
        assert_eq!(ProviderSessionId::parse(text).is_some(), accepted);
    }

    #[rstest]
    #[case::text(json!({"sid": "s"}), true)]
    #[case::none(json!({}), false)]
    #[case::number(json!({"sid": 7}), false)]
    #[case::empty(json!({"sid": ""}), false)]
    fn of_id_token_takes_a_text_only(#[case] claims: Value, #[case] found: bool) {
        let claims = VerifiedClaims::assertion(Claims::parse(claims.to_string()).unwrap());
        assert_eq!(ProviderSessionId::of_id_token(&claims).is_some(), found);
    }

    #[test]
    fn debug_does_not_show_the_id() {
        let id = ProviderSessionId::parse("secret-sid").unwrap();
        assert!(!format!("{id:?}").contains("secret"));
    }

    #[test]
    fn keys_differ_by_provider_and_session_and_kind() {
        let (azure, oidc) = (samples::azure(), ProviderId::parse("oidc").unwrap());
        let sid = |text: &str| ProviderSessionId::parse(text).unwrap();
        let person = samples::person("contoso", "zofia");
        let keys = [
            SignInKey::of_session(&azure, &sid("one")),
            SignInKey::of_session(&azure, &sid("two")),
            SignInKey::of_session(&oidc, &sid("one")),
            SignInKey::of_connected(&person),
            SignInKey::of_connected(&samples::person("contoso", "marek")),
        ];
        assert_eq!(std::collections::BTreeSet::from(keys).len(), keys.len());
    }
}
