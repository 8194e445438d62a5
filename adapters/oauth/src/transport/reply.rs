//! Normalises members of a token reply that deviate from RFC 6749 section 5.1.
//!
//! Only members that no check depends on are normalised: identity comes from the ID token, and
//! access is decided by the cloud that accepts the access token.

use serde_json::{Map, Value};

/// The largest `expires_in` that is passed on, in seconds: a year. The caller caps it at a week.
const MAX_EXPIRES_IN: f64 = 31_536_000.0;

/// Rewrites `expires_in` and `scope` in the form of the RFC. Invalid values stay, and are refused later.
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

/// A lifetime as a string or with a fraction becomes whole seconds; an empty string counts as absent.
/// That is safe: the cloud enforces the expiry, and Portico uses it only to refresh in time.
fn seconds(value: &Value) -> Option<Value> {
    let seconds = match value {
        Value::String(text) if text.trim().is_empty() => return Some(Value::Null),
        Value::String(text) => text.trim().parse().ok().filter(|it: &f64| it.is_finite())?,
        number => number.as_f64()?,
    };
    (seconds >= 0.0).then(|| Value::from(seconds.min(MAX_EXPIRES_IN) as u64))
}

/// An array of scopes becomes a space-separated string. That is safe: the cloud enforces the scopes.
fn scopes(value: &Value) -> Option<Value> {
    let all: Option<Vec<_>> = value.as_array()?.iter().map(Value::as_str).collect();
    Some(all?.join(" ").into())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    /// The member after normalisation.
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

    #[rstest]
    #[case::string(json!("a b"), json!("a b"))]
    #[case::array(json!(["a", "b"]), json!("a b"))]
    #[case::array_of_one(json!(["a"]), json!("a"))]
    #[case::empty_array(json!([]), json!(""))]
    #[case::array_with_number_stays(json!(["a", 7]), json!(["a", 7]))]
    #[case::number_stays(json!(7), json!(7))]
    #[case::object_stays(json!({"a": true}), json!({"a": true}))]
    fn scope_list_becomes_space_separated_text(#[case] received: Value, #[case] expected: Value) {
        assert_eq!(loosened("scope", received), expected);
    }

    #[test]
    fn loosen_leaves_other_members_unchanged() {
        for name in ["access_token", "refresh_token", "token_type", "id_token", "error"] {
            assert_eq!(loosened(name, json!("7")), json!("7"), "{name}");
        }
    }
}
