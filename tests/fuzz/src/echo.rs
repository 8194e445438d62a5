//! Tokens echoed in clouds' responses.

use portico_domain::{json::has_unique_members, testing::holds_token};

use crate::{first_line, text};

/// A token on the first line, a response on the others. An unencoded token in a response is
/// detected in any context, and no input makes the search panic or hang.
pub fn token_echo(data: &[u8]) {
    let (token, reply) = first_line(data);
    let (Some(token), Some(reply)) = (text(token), text(reply)) else { return };
    if token.len() > 1_024 {
        return;
    }
    holds_token(token, reply);
    if token.bytes().any(|byte| byte.is_ascii_alphanumeric()) && !token.contains('.') {
        assert!(
            holds_token(token, &format!("{reply}{token}{reply}")),
            "{token:?} is not found in {reply:?}"
        );
    }
}

/// A JSON document. Its members are unique exactly if parsing loses none of them.
pub fn unique_members(data: &[u8]) {
    let Some(json) = text(data) else { return };
    let is_unique = has_unique_members(json);
    let Ok(value) = serde_json::from_str::<serde_json::Value>(json) else { return };
    let members = members(&value);
    let colons = outside_strings(json).filter(|byte| *byte == b':').count();
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

fn outside_strings(json: &str) -> impl Iterator<Item = u8> {
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
