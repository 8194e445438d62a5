//! The claims challenge of a cloud's API.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::headers::header;
use crate::listing::{MAX_CLAIMS_LEN, Reply, is_claims};

/// Base64 with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The claims that a 401 asks a new sign-in for, a JSON object of at most 4 KiB: `WWW-Authenticate:
/// Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="`
/// (<https://learn.microsoft.com/entra/identity-platform/claims-challenge>). The value is base64 or
/// base64url, padded or not.
pub fn claims_challenge(reply: &Reply) -> Option<String> {
    let challenge = header(reply, "www-authenticate").filter(|_| reply.status == 401)?;
    let (scheme, parameters) = challenge.trim_start().split_once(' ')?;
    let is_insufficient = parameter(parameters, "error") == Some("insufficient_claims");
    if !scheme.eq_ignore_ascii_case("bearer") || !is_insufficient {
        return None;
    }
    let encoded = parameter(parameters, "claims")?;
    // Four characters are three bytes.
    if encoded.len() > MAX_CLAIMS_LEN.div_ceil(3) * 4 {
        return None;
    }
    let encoded = encoded.replace('-', "+").replace('_', "/");
    let claims = String::from_utf8(BASE64.decode(encoded).ok()?).ok()?;
    is_claims(&claims).then_some(claims)
}

/// The value of a parameter (RFC 9110 section 11.2), without its quotation marks. A value with an
/// escape is no code and no base64.
fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = parameters;
    loop {
        let (own, after) = rest.split_once('=')?;
        let own = own.trim_matches([' ', ',', '\t']);
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_at(end_of_quoted(quoted)?),
            None => after.split_at(after.find(',').unwrap_or(after.len())),
        };
        if own.eq_ignore_ascii_case(name) {
            return Some(value.trim());
        }
        rest = next.trim_start_matches('"');
    }
}

/// The index of the quotation mark that ends a quoted string.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"x17?>"}}}"#;

    fn challenged(status: u16, challenge: &str) -> Option<String> {
        let headers = vec![("www-authenticate".into(), challenge.into())];
        claims_challenge(&Reply { status, headers, body: String::new() })
    }

    fn bearer(claims: &str) -> String {
        format!(
            r#"Bearer authorization_uri="https://a.example/common", error="insufficient_claims", error_description="a \"b\", claims=\"x\"", claims="{claims}""#
        )
    }

    fn encoded() -> String {
        BASE64.encode(CLAIMS)
    }

    #[rstest]
    #[case::padded(encoded())]
    #[case::unpadded(encoded().trim_end_matches('=').to_owned())]
    #[case::url_alphabet(encoded().replace('+', "-").replace('/', "_"))]
    fn claims_challenge_reads_base64(#[case] claims: String) {
        assert!(encoded().contains('/') && encoded().contains('='));
        assert_eq!(challenged(401, &bearer(&claims)).as_deref(), Some(CLAIMS));
    }

    #[test]
    fn claims_challenge_reads_unquoted_parameters_in_any_order() {
        let unpadded = encoded().trim_end_matches('=').to_owned();
        let challenge = format!("bearer claims={unpadded} , Error=insufficient_claims");
        assert_eq!(challenged(401, &challenge).as_deref(), Some(CLAIMS));
    }

    #[rstest]
    #[case::other_status(403, bearer(&encoded()))]
    #[case::other_error(401, bearer(&encoded()).replace("insufficient_claims", "invalid_token"))]
    #[case::other_scheme(401, bearer(&encoded()).replace("Bearer", "Basic"))]
    #[case::no_parameters(401, "Bearer".into())]
    #[case::no_claims(401, r#"Bearer error="insufficient_claims""#.into())]
    #[case::unclosed(401, bearer(&encoded()).trim_end_matches('"').to_owned())]
    #[case::no_base64(401, bearer("{}"))]
    #[case::no_json(401, bearer(&BASE64.encode("claims")))]
    #[case::array(401, bearer(&BASE64.encode("[]")))]
    #[case::no_utf8(401, bearer(&BASE64.encode([0xff, 0xfe])))]
    #[case::too_long(401, bearer(&BASE64.encode(format!(r#"{{"a":"{}"}}"#, "x".repeat(4_096)))))]
    fn claims_challenge_is_none_for(#[case] status: u16, #[case] challenge: String) {
        assert_eq!(challenged(status, &challenge), None);
    }
}
