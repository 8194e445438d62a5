//! Tokens are detected in the usual encodings, and honest responses have none.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD},
};

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

/// Every detected encoding, with its name.
fn spellings(token: &str) -> Vec<(&'static str, String)> {
    [text_spellings(token), base64_spellings(token)].concat()
}

fn base64_spellings(token: &str) -> Vec<(&'static str, String)> {
    let base64 = BASE64_STANDARD.encode(token);
    vec![
        ("base64", base64.clone()),
        ("base64 without padding", base64.trim_end_matches('=').to_owned()),
        ("base64url", BASE64_URL_SAFE.encode(token)),
        ("base64, one before", BASE64_STANDARD.encode(format!("~{token}!!"))),
        ("base64, two before", BASE64_STANDARD.encode(format!("x:{token}?"))),
        ("base64 in lines", wrapped(&base64, 64, "\r\n")),
        ("base64 in JSON's lines", wrapped(&base64, 20, "\\n")),
        ("base64 with slashes escaped", base64.replace('/', "\\/")),
        ("base64, percent", percent(&base64)),
        ("base64 twice", BASE64_STANDARD.encode(&base64)),
        ("base64 reversed", reversed(&base64)),
        ("base64 of the reverse", BASE64_STANDARD.encode(reversed(token))),
    ]
}

fn text_spellings(token: &str) -> Vec<(&'static str, String)> {
    let alternating = |(at, c): (usize, char)| match at % 2 {
        0 => c.to_string(),
        _ => format!("\\u{:04X}", u32::from(c)),
    };
    let halves = (token[..token.len() / 2].to_owned(), token[token.len() / 2..].to_owned());
    vec![
        ("raw", token.to_owned()),
        ("upper case", token.to_uppercase()),
        ("lower case", token.to_lowercase()),
        ("reversed", reversed(token)),
        ("first half", halves.0),
        ("second half", halves.1),
        ("JSON, slashes escaped", token.replace('/', "\\/")),
        ("JSON, every character escaped", each(token, |byte| format!("\\u{byte:04x}"))),
        ("JSON, every other one", token.chars().enumerate().map(alternating).collect()),
        ("JSON in JSON", each(token, |byte| format!("\\\\u{byte:04x}"))),
        ("JavaScript", each(token, |byte| format!("\\x{byte:02x}"))),
        ("ECMAScript 6", each(token, |byte| format!("\\u{{{byte:x}}}"))),
        ("octal", each(token, |byte| format!("\\{byte:03o}"))),
        ("percent", percent(token)),
        ("percent, lower case", percent(token).to_lowercase()),
        ("percent twice", percent(&percent(token))),
        ("percent three times", percent(&percent(&percent(token)))),
        ("escape()", each(token, |byte| format!("%u{byte:04x}"))),
        ("HTML, decimal", each(token, |byte| format!("&#{byte};"))),
        ("HTML, hexadecimal", each(token, |byte| format!("&#x{byte:X};"))),
        ("HTML of HTML", each(token, |byte| format!("&amp;#{byte};"))),
        ("JSON of percent", percent(token).replace('%', "\\u0025")),
        ("percent of JSON", percent(&each(token, |byte| format!("\\u{byte:04x}")))),
        ("hex", each(token, |byte| format!("{byte:02x}"))),
        ("hex, upper case", each(token, |byte| format!("{byte:02X}"))),
        ("hex with colons", each(token, |byte| format!("{byte:02x}:"))),
        ("hex as numbers", each(token, |byte| format!("0x{byte:02x}, "))),
        ("bytes as numbers", each(token, |byte| format!("{byte},"))),
        ("in lines", wrapped(token, 10, "\n")),
        ("in JSON's lines", wrapped(token, 5, "\\r\\n")),
        ("in HTML's lines", wrapped(token, 7, "<br class='x'>")),
        ("spaced", wrapped(token, 1, " ")),
        ("in a list", format!("[\"{}\"]", wrapped(token, 4, "\", \""))),
        ("with zero-width spaces", wrapped(token, 3, "\u{200b}")),
        ("UTF-16", wrapped(token, 1, "\\u0000")),
    ]
}

#[test]
fn is_in_text_finds_a_token_in_each_encoding() {
    for token in [OPAQUE.to_owned(), jwt(), HEX.to_owned()] {
        let echo = watching(&token);
        for (name, spelled) in spellings(&token) {
            for text in [
                spelled.clone(),
                format!("{{\"name\": \"100%{spelled}\\u00e9\"}}"),
                format!("<p>\\{spelled}&amp;"),
            ] {
                assert!(echo.is_in_text(&text), "{name}: {text}");
            }
        }
    }
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

#[test]
fn what_honest_clouds_say_holds_no_token() {
    let echo = [jwt().as_str(), OPAQUE].iter().fold(TokenEcho::default(), |mut echo, token| {
        echo.watch(&AccessToken::new(*token));
        echo
    });
    for honest in [
        "",
        "{}",
        r#"{"value":[{"id":"/subscriptions/5e1b0d8a-7c2f-4e7b-9a1d-3c6f8b2a4d10","name":"One"}]}"#,
        r#"{"aud":"https://management.example","iss":"https://sts.example/8e8c1d5e/"}"#,
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
        "%25%25%5C&&;;<<>>\\u\\u{}\\u{zz}\\x\\%u%%&#;&#x;&#xffffffff;",
    ] {
        assert!(!echo.is_in_text(honest), "{honest}");
    }
}

#[test]
fn every_token_that_is_watched_is_looked_for_and_none_before() {
    let mut echo = watching(OPAQUE);
    let other = "AQoDYXdzEJr1K5hhJcRk0pV2c8Tgq3mNnZyWxUuA7";
    assert!(!echo.is_in_text(other));
    echo.watch(&AccessToken::new(other));
    assert!(echo.is_in_text(other) && echo.is_in_text(OPAQUE));
}

#[test]
fn a_token_that_is_short_or_of_one_character_is_found_too() {
    for token in
        ["t0k-en", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
    {
        let echo = watching(token);
        assert!(echo.is_in_text(&format!("you sent {token}")), "{token}");
        assert!(echo.is_in_text(&percent(token)), "{token}");
        assert!(!echo.is_in_text("you sent nothing"), "{token}");
    }
    // One without a letter or digit cannot be told from punctuation.
    assert!(!watching("...").is_in_text("..."));
}

#[test]
fn nothing_of_a_token_is_shown() {
    assert_eq!(format!("{:?}", watching(OPAQUE)), "TokenEcho(1 redacted)");
}
