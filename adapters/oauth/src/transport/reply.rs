//! What a token reply may write otherwise than RFC 6749 section 5.1 does.
//!
//! These members say how an honest client uses a token. Who somebody is, and what they may, is
//! decided by the ID token and by the cloud that takes the access token.

use serde_json::{Map, Value};

/// The longest life that is told on, in seconds: a year. Portico believes a week at most.
const MAX_WAIT: f64 = 31_536_000.0;

/// Writes these members as the RFC has them. What is none in any writing stays, and is refused.
pub(super) fn loosen(members: &mut Map<String, Value>) {
    let writings = [("expires_in", seconds as fn(&Value) -> Option<Value>), ("scope", scopes)];
    for (name, read) in writings {
        if let Some(value) = members.get_mut(name)
            && let Some(read) = read(value)
        {
            *value = read;
        }
    }
}

/// A life in quotes or with a fraction is that number of seconds, and an empty text says none, as a
/// missing member does. Nobody gains by it: when a token ends is up to the cloud that takes it, and
/// Portico only asks for the next one in time.
fn seconds(value: &Value) -> Option<Value> {
    let seconds = match value {
        Value::String(text) if text.trim().is_empty() => return Some(Value::Null),
        Value::String(text) => text.trim().parse().ok().filter(|it: &f64| it.is_finite())?,
        number => number.as_f64()?,
    };
    (seconds >= 0.0).then(|| Value::from(seconds.min(MAX_WAIT) as u64))
}

/// Scopes as a list are the same scopes. Nobody gains by it: what a token may is up to the cloud
/// that takes it.
fn scopes(value: &Value) -> Option<Value> {
    let all: Option<Vec<_>> = value.as_array()?.iter().map(Value::as_str).collect();
    Some(all?.join(" ").into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What becomes of this member.
    fn loosened(name: &str, value: Value) -> Value {
        let mut members = Map::from_iter([(name.to_owned(), value)]);
        loosen(&mut members);
        members.remove(name).unwrap()
    }

    #[test]
    fn expires_in_becomes_whole_seconds() {
        for (written, read) in [
            (json!(3_599), 3_599_u64),
            (json!("3599"), 3_599),
            (json!(" 3599 "), 3_599),
            (json!("3599.0"), 3_599),
            (json!(3_599.0), 3_599),
            (json!(3_599.9), 3_599),
            (json!(0), 0),
            (json!(u64::MAX), 31_536_000),
            (json!(1e300), 31_536_000),
        ] {
            assert_eq!(loosened("expires_in", written.clone()), json!(read), "{written}");
        }
        assert_eq!(loosened("expires_in", json!("")), json!(null));
    }

    #[test]
    fn invalid_expires_in_stays_unchanged() {
        for written in [
            json!(-1),
            json!("-1"),
            json!("NaN"),
            json!("inf"),
            json!("an hour"),
            json!(true),
            json!([3_599]),
        ] {
            assert_eq!(loosened("expires_in", written.clone()), written);
        }
    }

    #[test]
    fn scope_list_becomes_space_separated_text() {
        for (written, read) in [
            (json!("a b"), "a b"),
            (json!(["a", "b"]), "a b"),
            (json!(["a"]), "a"),
            (json!([]), ""),
        ] {
            assert_eq!(loosened("scope", written.clone()), json!(read), "{written}");
        }
        for stays in [json!(["a", 7]), json!(7), json!({"a": true})] {
            assert_eq!(loosened("scope", stays.clone()), stays);
        }
    }

    #[test]
    fn loosen_leaves_other_members_unchanged() {
        for name in ["access_token", "refresh_token", "token_type", "id_token", "error"] {
            assert_eq!(loosened(name, json!("7")), json!("7"), "{name}");
        }
    }
}
