//! E-mail addresses that a provider has verified.

use portico_provider_model::text::clean;
use serde_json::Value;

use crate::verified_claims::VerifiedClaims;

/// The longest address, in bytes (RFC 5321 section 4.5.3.1.3, without the angle brackets).
const MAX_LEN: usize = 254;

/// An e-mail address of which the provider says that the person owns it. It is for a person to read and
/// to write to: it may change, and may be given to somebody else later, so it identifies nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedEmail(String);

impl VerifiedEmail {
    /// The verified address beside the subject in the claims, which is at this JSON Pointer; `None` if
    /// there is none, or the claims do not say that it is verified.
    ///
    /// * `email_verified` says so (OpenID Connect Core section 5.1), except in claims with a `tid`.
    /// * Claims with a `tid` are Entra ID's. There an administrator of any tenant may set any `email`,
    ///   also that of another company's employee; only `xms_edov` says that the tenant has proved that
    ///   it owns the address's domain (<https://learn.microsoft.com/en-us/entra/identity-platform/migrate-off-email-claim-authorization>).
    pub fn beside(subject: &str, claims: &VerifiedClaims) -> Option<Self> {
        let claims = Value::Object(claims.claims().members());
        let (parent, _) = subject.rsplit_once('/')?;
        let siblings = claims.pointer(parent)?;
        let proof = match siblings.get("tid") {
            Some(_) => "xms_edov",
            None => "email_verified",
        };
        let is_verified = siblings.get(proof).is_some_and(is_true);
        let address = siblings.get("email")?.as_str()?;
        (is_verified && is_address(address)).then(|| Self(address.to_owned()))
    }

    /// Wraps the text of an earlier [`VerifiedEmail::as_str`]. The caller has authenticated it.
    pub fn from_authenticated(text: String) -> Self {
        Self(text)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Providers send the flag as a boolean, as a text (Amazon Cognito) or as a number (Entra ID).
fn is_true(flag: &Value) -> bool {
    match flag {
        Value::Bool(flag) => *flag,
        Value::String(flag) => flag == "true" || flag == "1",
        Value::Number(flag) => flag.as_u64() == Some(1),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// Whether the text has the form of one address: a part before and after the only `@`, and nothing that
/// a page would show otherwise than it is.
fn is_address(text: &str) -> bool {
    let one_at = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    });
    let plain = !text.contains(|c: char| c.is_whitespace() || "<>,;\"".contains(c));
    one_at && plain && text.len() <= MAX_LEN && clean(text, MAX_LEN) == text
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::identity::Claims;

    fn email(subject: &str, claims: &Value) -> Option<String> {
        let claims = VerifiedClaims::assertion(Claims::parse(claims.to_string()).unwrap());
        VerifiedEmail::beside(subject, &claims).map(|email| email.0)
    }

    #[rstest]
    #[case::boolean("/sub", json!({"email": "z@c.example", "email_verified": true}))]
    #[case::text("/sub", json!({"email": "z@c.example", "email_verified": "true"}))]
    #[case::user_record("/account/uuid", json!({"account": {"email": "z@c.example", "email_verified": true}}))]
    #[case::entra_domain_owner("/oid", json!({"tid": "t", "email": "z@c.example", "xms_edov": true}))]
    #[case::entra_domain_owner_number("/oid", json!({"tid": "t", "email": "z@c.example", "xms_edov": 1}))]
    #[case::entra_domain_owner_text("/oid", json!({"tid": "t", "email": "z@c.example", "xms_edov": "1"}))]
    fn beside_returns_the_verified_address(#[case] subject: &str, #[case] claims: Value) {
        assert_eq!(email(subject, &claims).as_deref(), Some("z@c.example"));
    }

    #[rstest]
    #[case::no_flag("/sub", json!({"email": "z@c.example"}))]
    #[case::not_verified("/sub", json!({"email": "z@c.example", "email_verified": false}))]
    #[case::flag_is_another_text("/sub", json!({"email": "z@c.example", "email_verified": "yes"}))]
    #[case::flag_is_an_object("/sub", json!({"email": "z@c.example", "email_verified": {}}))]
    #[case::entra_without_domain_owner("/oid", json!({"tid": "t", "email": "ceo@c.example"}))]
    #[case::entra_with_email_verified("/oid", json!({"tid": "t", "email": "ceo@c.example", "email_verified": true}))]
    #[case::entra_domain_not_owned("/oid", json!({"tid": "t", "email": "ceo@c.example", "xms_edov": "0"}))]
    #[case::flag_at_another_place("/account/uuid", json!({"email_verified": true, "account": {"email": "z@c.example"}}))]
    #[case::address_at_another_place("/account/uuid", json!({"email": "z@c.example", "email_verified": true, "account": {}}))]
    #[case::no_address("/sub", json!({"email": null, "email_verified": true}))]
    fn beside_returns_none_without_proof(#[case] subject: &str, #[case] claims: Value) {
        assert_eq!(email(subject, &claims), None);
    }

    #[rstest]
    #[case::empty("")]
    #[case::no_at("zofia")]
    #[case::two_ats("z@c@d.example")]
    #[case::nothing_before("@c.example")]
    #[case::nothing_after("zofia@")]
    #[case::with_name("Zofia <z@c.example>")]
    #[case::two_addresses("z@c.example,y@c.example")]
    #[case::line_break("z@c.example\r\nBcc: y@c.example")]
    #[case::right_to_left("z@c.\u{202e}elpmaxe")]
    #[case::too_long(&format!("{}@c.example", "z".repeat(250)))]
    fn beside_returns_none_for_a_text_that_is_no_address(#[case] address: &str) {
        assert_eq!(email("/sub", &json!({"email": address, "email_verified": true})), None);
    }
}
