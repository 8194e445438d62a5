//! Tokens in what clouds answer.

use portico_domain::{json::has_unique_members, testing::holds_token};

use crate::{first_line, text};

/// A token in the first line, and a reply. A token that stands in a reply as it is is noticed,
/// whatever stands around it; and neither any token nor any reply is more than can be read.
pub fn token_echo(data: &[u8]) {
    let (token, reply) = first_line(data);
    let (Some(token), Some(reply)) = (text(token), text(reply)) else { return };
    if token.len() > 1_024 {
        return;
    }
    holds_token(token, reply);
    if token.bytes().any(|byte| byte.is_ascii_alphanumeric()) && !token.contains('.') {
        assert!(holds_token(token, &format!("{reply}{token}{reply}")), "{token:?} in {reply:?}");
    }
}

/// A document. One that says each thing once says the same when it is written anew; one that says
/// something twice becomes shorter.
pub fn unique_members(data: &[u8]) {
    let Some(json) = text(data) else { return };
    let is_unique = has_unique_members(json);
    let Ok(value) = serde_json::from_str::<serde_json::Value>(json) else { return };
    let members = members(&value);
    let colons = outside_texts(json).filter(|byte| *byte == b':').count();
    assert_eq!(is_unique, members == colons, "{json}");
}

fn members(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Object(object) => {
            object.len() + object.values().map(members).sum::<usize>()
        }
        serde_json::Value::Array(array) => array.iter().map(members).sum(),
        _ => 0,
    }
}

fn outside_texts(json: &str) -> impl Iterator<Item = u8> {
    let (mut inside, mut escaped) = (false, false);
    json.bytes().filter(move |byte| {
        let was_inside = inside;
        match byte {
            b'"' if !escaped => inside = !inside,
            _ => {}
        }
        escaped = inside && *byte == b'\\' && !escaped;
        !was_inside
    })
}
