//! Tokens are detected in the usual encodings, and honest responses have none.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD},
};
use rstest::rstest;

use super::*;

const OPAQUE: &str = "gho_16C7e42F292c6912E7710c838347Ae178B4a-x~y/z+w=";

/// As DigitalOcean writes its tokens.
const HEX: &str = "dop_v1_9b1d4c0e7f3a85d26e0f4b7c91a3d85e62f7049c1b8ed3a56f20c47e918bd365";

/// A JWT with a signature of 256 bytes, as RS256 has it.
fn jwt() -> String {
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let header = r#"{"typ":"JWT","alg":"RS256","kid":"7_Zuf1tvkwLxYaHS3q6lUjUYIGw"}"#;
    let payload = r#"{"aud":"https://management.example","iss":"https://sts.example/8e8c1d5e/",
        "oid":"5e1b0d8a-7c2f-4e7b-9a1d-3c6f8b2a4d10","name":"Zofia","scp":"user_impersonation",
        "tid":"8e8c1d5e-52b6-4a57-9d5c-0f0e6a1b2c3d","uti":"bLrjWqkP8k2uXoQ","ver":"1.0"}"#;
    let signature: Vec<u8> = (0..256_u32).map(|n| (n * n * 37 + n * 101 + 11) as u8).collect();
    let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
    format!("{}.{}.{signature}", encode(header), encode(payload))
}

fn watching(token: &str) -> TokenEcho {
    let mut echo = TokenEcho::default();
    echo.watch(&AccessToken::new(token));
    echo
}

fn each(text: &str, form: impl Fn(u8) -> String) -> String {
    text.bytes().map(form).collect()
}

fn percent(text: &str) -> String {
    each(text, |byte| format!("%{byte:02X}"))
}

fn wrapped(text: &str, every: usize, with: &str) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(every).map(String::from_utf8_lossy).collect();
    lines.join(with)
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// Escapes every other character as JSON does.
fn half_escaped(token: &str) -> String {
    let alternating = |(at, c): (usize, char)| match at % 2 {
        0 => c.to_string(),
        _ => format!("\\u{:04X}", u32::from(c)),
    };
    token.chars().enumerate().map(alternating).collect()
}

fn assert_finds_each_token(encode: fn(&str) -> String) {
    for token in [OPAQUE.to_owned(), jwt(), HEX.to_owned()] {
        let echo = watching(&token);
        let encoded = encode(&token);
        for text in [
            encoded.clone(),
            format!("{{\"name\": \"100%{encoded}\\u00e9\"}}"),
            format!("<p>\\{encoded}&amp;"),
        ] {
            assert!(echo.is_in_text(&text), "{text}");
        }
    }
}

#[rstest]
#[case::unchanged(str::to_owned)]
#[case::upper_case(str::to_uppercase)]
#[case::lower_case(str::to_lowercase)]
#[case::reversed(reversed)]
#[case::first_half(|token: &str| token[..token.len() / 2].to_owned())]
#[case::second_half(|token: &str| token[token.len() / 2..].to_owned())]
#[case::in_lines(|token: &str| wrapped(token, 10, "\n"))]
#[case::in_lines_in_json(|token: &str| wrapped(token, 5, "\\r\\n"))]
#[case::in_lines_in_html(|token: &str| wrapped(token, 7, "<br class='x'>"))]
#[case::spaced(|token: &str| wrapped(token, 1, " "))]
#[case::list_of_parts(|token: &str| format!("[\"{}\"]", wrapped(token, 4, "\", \"")))]
#[case::zero_width_spaces(|token: &str| wrapped(token, 3, "\u{200b}"))]
fn is_in_text_finds_a_token_in_plain_text(#[case] write: fn(&str) -> String) {
    assert_finds_each_token(write);
}

#[rstest]
#[case::json_slashes(|token: &str| token.replace('/', "\\/"))]
#[case::json_every_character(|token: &str| each(token, |byte| format!("\\u{byte:04x}")))]
#[case::json_every_other_character(half_escaped)]
#[case::json_in_json(|token: &str| each(token, |byte| format!("\\\\u{byte:04x}")))]
#[case::javascript_hexadecimal(|token: &str| each(token, |byte| format!("\\x{byte:02x}")))]
#[case::javascript_code_point(|token: &str| each(token, |byte| format!("\\u{{{byte:x}}}")))]
#[case::octal(|token: &str| each(token, |byte| format!("\\{byte:03o}")))]
#[case::percent(percent)]
#[case::percent_lower_case(|token: &str| percent(token).to_lowercase())]
#[case::percent_twice(|token: &str| percent(&percent(token)))]
#[case::percent_three_times(|token: &str| percent(&percent(&percent(token))))]
#[case::percent_u(|token: &str| each(token, |byte| format!("%u{byte:04x}")))]
#[case::html_decimal(|token: &str| each(token, |byte| format!("&#{byte};")))]
#[case::html_hexadecimal(|token: &str| each(token, |byte| format!("&#x{byte:X};")))]
#[case::html_of_html(|token: &str| each(token, |byte| format!("&amp;#{byte};")))]
#[case::json_of_percent(|token: &str| percent(token).replace('%', "\\u0025"))]
#[case::percent_of_json(
    |token: &str| percent(&each(token, |byte| format!("\\u{byte:04x}")))
)]
#[case::utf_16(|token: &str| wrapped(token, 1, "\\u0000"))]
fn is_in_text_finds_an_escaped_token(#[case] escape: fn(&str) -> String) {
    assert_finds_each_token(escape);
}

#[rstest]
#[case::hexadecimal(|token: &str| each(token, |byte| format!("{byte:02x}")))]
#[case::hexadecimal_upper_case(|token: &str| each(token, |byte| format!("{byte:02X}")))]
#[case::hexadecimal_with_colons(|token: &str| each(token, |byte| format!("{byte:02x}:")))]
#[case::hexadecimal_numbers(|token: &str| each(token, |byte| format!("0x{byte:02x}, ")))]
#[case::decimal_numbers(|token: &str| each(token, |byte| format!("{byte},")))]
fn is_in_text_finds_a_token_written_as_bytes(#[case] write: fn(&str) -> String) {
    assert_finds_each_token(write);
}

fn base64(token: &str) -> String {
    BASE64_STANDARD.encode(token)
}

#[rstest]
#[case::padded(base64)]
#[case::unpadded(|token: &str| base64(token).trim_end_matches('=').to_owned())]
#[case::url_safe(|token: &str| BASE64_URL_SAFE.encode(token))]
#[case::one_byte_before(|token: &str| base64(&format!("~{token}!!")))]
#[case::two_bytes_before(|token: &str| base64(&format!("x:{token}?")))]
#[case::in_lines(|token: &str| wrapped(&base64(token), 64, "\r\n"))]
#[case::in_lines_in_json(|token: &str| wrapped(&base64(token), 20, "\\n"))]
#[case::slashes_escaped(|token: &str| base64(token).replace('/', "\\/"))]
#[case::percent_encoded(|token: &str| percent(&base64(token)))]
#[case::twice(|token: &str| base64(&base64(token)))]
#[case::reversed(|token: &str| reversed(&base64(token)))]
#[case::of_the_reversed_token(|token: &str| base64(&reversed(token)))]
fn is_in_text_finds_a_token_in_base64(#[case] encode: fn(&str) -> String) {
    assert_finds_each_token(encode);
}

#[test]
fn is_in_reads_headers_like_the_body() {
    let echo = watching(OPAQUE);
    let reply = |value: &str, body: &str| Reply {
        status: 200,
        headers: vec![("etag".into(), "1".into()), ("link".into(), value.into())],
        body: body.into(),
    };
    assert!(echo.is_in(&reply(&percent(OPAQUE), "{}")));
    assert!(echo.is_in(&reply("<a>", OPAQUE)));
    assert!(!echo.is_in(&reply("<https://cloud.example/?page=2>; rel=\"next\"", "{}")));
}

#[test]
fn is_in_text_finds_a_part_with_five_different_characters_and_none_with_four() {
    assert!(watching(&"abcde".repeat(12)).is_in_text(&"cdeab".repeat(6)));
    // Each character twice in every window.
    assert!(watching(&"abcdefgh".repeat(6)).is_in_text(&"cdefghab".repeat(3)));
    let echo = watching(&format!("{OPAQUE}{}{HEX}", "abcd".repeat(12)));
    assert!(!echo.is_in_text(&"bcda".repeat(12)));
}

#[test]
fn is_in_text_finds_any_23_characters_and_no_15() {
    let token: String = OPAQUE.chars().filter(char::is_ascii_alphanumeric).collect();
    let echo = watching(&token);
    for begin in 0..=token.len() - 23 {
        assert!(echo.is_in_text(&format!("..{}..", &token[begin..begin + 23])), "{begin}");
        assert!(!echo.is_in_text(&token[begin..begin + 15]), "{begin}");
    }
}

#[test]
fn is_in_text_finds_the_public_part_of_a_jwt_only_as_a_whole() {
    let (token, echo) = (jwt(), watching(&jwt()));
    let parts: Vec<_> = token.split('.').collect();
    // Another token of the same issuer, which a cloud may hand out.
    assert!(!echo.is_in_text(parts[0]));
    let same_tenant = r#"{"skip":10,"tid":"8e8c1d5e-52b6-4a57-9d5c-0f0e6a1b2c3d"}"#;
    for before in ["", " ", "  "] {
        let page = BASE64_URL_SAFE.encode(format!("{before}{same_tenant}"));
        assert!(!echo.is_in_text(&format!("https://cloud.example/list?$skiptoken={page}")));
    }
    assert!(echo.is_in_text(&format!("{}.{}", parts[0], parts[1])));
    assert!(echo.is_in_text(parts[1]));
    assert!(echo.is_in_text(&parts[2][100..130]));
}

#[rstest]
#[case::empty("")]
#[case::empty_object("{}")]
#[case::subscriptions(
    r#"{"value":[{"id":"/subscriptions/5e1b0d8a-7c2f-4e7b-9a1d-3c6f8b2a4d10","name":"One"}]}"#
)]
#[case::claims_of_the_token(
    r#"{"aud":"https://management.example","iss":"https://sts.example/8e8c1d5e/"}"#
)]
#[case::padding("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")]
#[case::incomplete_escapes("%25%25%5C&&;;<<>>\\u\\u{}\\u{zz}\\x\\%u%%&#;&#x;&#xffffffff;")]
fn is_in_text_finds_no_token_in_an_honest_response(#[case] honest: &str) {
    let echo = [jwt().as_str(), OPAQUE].iter().fold(TokenEcho::default(), |mut echo, token| {
        echo.watch(&AccessToken::new(*token));
        echo
    });
    assert!(!echo.is_in_text(honest));
}

#[test]
fn is_in_text_finds_a_second_token_only_after_watch() {
    let mut echo = watching(OPAQUE);
    let other = "AQoDYXdzEJr1K5hhJcRk0pV2c8Tgq3mNnZyWxUuA7";
    assert!(!echo.is_in_text(other));
    echo.watch(&AccessToken::new(other));
    assert!(echo.is_in_text(other) && echo.is_in_text(OPAQUE));
}

#[rstest]
#[case::short("t0k-en")]
#[case::one_character("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
fn is_in_text_finds_a_token_without_a_window(#[case] token: &str) {
    let echo = watching(token);
    assert!(echo.is_in_text(&format!("you sent {token}")));
    assert!(echo.is_in_text(&percent(token)));
    assert!(!echo.is_in_text("you sent nothing"));
}

/// It cannot be told from punctuation.
#[test]
fn is_in_text_ignores_a_token_without_letters_and_digits() {
    assert!(!watching("...").is_in_text("..."));
}

#[test]
fn debug_of_token_echo_redacts_its_tokens() {
    assert_eq!(format!("{:?}", watching(OPAQUE)), "TokenEcho(1 redacted)");
}
