//! The error of a token endpoint that refused a token of the signed-in person.

use serde::{Deserialize, Serialize};

use crate::{identity::Claims, rules::text::clean};

/// The longest `error` and `suberror`, in characters.
const MAX_CODE_LEN: usize = 64;
/// The longest claims, in bytes.
pub const MAX_CLAIMS_LEN: usize = 4 << 10;
/// The most numbers of the vendor that are kept.
const MAX_NUMBERS: usize = 8;

/// An OAuth error (RFC 6749 section 5.2) of the token endpoint of another tenant, as a provider
/// receives it. A provider decides on `error`, `suberror` and `claims`; the vendor's numbers only
/// explain the error to a person
/// (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>: a client must not
/// react to them).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRefusal {
    /// The registered error code, such as `interaction_required`.
    pub error: String,
    /// The vendor's further code: `suberror` of Entra ID, `error_subtype` of Google.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suberror: Option<String>,
    /// The claims that a new sign-in must request, a JSON object (OpenID Connect Core section 5.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<String>,
    /// The vendor's numbers: `error_codes` of Entra ID, such as 50076.
    #[serde(default, rename = "error_codes", skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<u32>,
}

impl TokenRefusal {
    /// The refusal with its texts cleaned and bounded: codes are cut, claims that are too long or no
    /// JSON object are left out.
    #[must_use]
    pub fn bounded(self) -> Self {
        let code = |text: &str| clean(text, MAX_CODE_LEN);
        Self {
            error: code(&self.error),
            suberror: self.suberror.as_deref().map(code).filter(|code| !code.is_empty()),
            claims: self.claims.filter(|claims| is_claims(claims)),
            numbers: self.numbers.into_iter().take(MAX_NUMBERS).collect(),
        }
    }

    /// As the body of the response with status 0 by which interface 2.0.0 carries a refusal.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads [`to_json`](Self::to_json); `None` if the text is none.
    pub fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self::bounded)
    }
}

/// Whether a text is a claims request: a JSON object of at most [`MAX_CLAIMS_LEN`] bytes.
pub fn is_claims(text: &str) -> bool {
    text.len() <= MAX_CLAIMS_LEN && Claims::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn refusal() -> TokenRefusal {
        TokenRefusal {
            error: "interaction_required".into(),
            suberror: Some("basic_action".into()),
            claims: Some(r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#.into()),
            numbers: vec![50076],
        }
    }

    #[test]
    fn from_json_reads_to_json_again() {
        assert_eq!(TokenRefusal::from_json(&refusal().to_json()), Some(refusal()));
        let bare = TokenRefusal { error: "invalid_grant".into(), ..TokenRefusal::default() };
        assert_eq!(bare.to_json(), r#"{"error":"invalid_grant"}"#);
        assert_eq!(TokenRefusal::from_json(&bare.to_json()), Some(bare));
    }

    #[rstest]
    #[case::empty("")]
    #[case::no_error("{}")]
    #[case::array("[]")]
    #[case::number(r#"{"error":7}"#)]
    #[case::negative_number(r#"{"error":"a","error_codes":[-1]}"#)]
    fn from_json_returns_none_for(#[case] text: &str) {
        assert_eq!(TokenRefusal::from_json(text), None);
    }

    #[test]
    fn bounded_cleans_codes_and_keeps_eight_numbers() {
        let long = TokenRefusal {
            error: format!("a\u{202e}b\r\n{}", "x".repeat(100)),
            suberror: Some("\u{200b}".into()),
            numbers: (0..100).collect(),
            ..refusal()
        };
        let bounded = long.bounded();
        assert_eq!(bounded.error, format!("ab{}", "x".repeat(62)));
        assert_eq!((bounded.suberror, bounded.numbers.len()), (None, 8));
        assert_eq!(bounded.claims, refusal().claims);
    }

    #[rstest]
    #[case::array("[]".into())]
    #[case::text("claims".into())]
    #[case::member_twice(r#"{"a":1,"a":2}"#.into())]
    #[case::too_long(format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_CLAIMS_LEN)))]
    fn bounded_leaves_out_claims(#[case] claims: String) {
        let refused = TokenRefusal { claims: Some(claims), ..refusal() };
        assert_eq!(refused.bounded().claims, None);
    }
}
