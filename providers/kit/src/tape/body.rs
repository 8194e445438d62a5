//! The body of a reply in a JSON document: a string or, if written by hand, the JSON itself.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A reply body. A JSON string is the body's text; any other JSON value is the body's JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Body(pub String);

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            json => json.to_string(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_deserializes_from_string_or_other_json() {
        let read = |json| serde_json::from_str::<Body>(json).unwrap().0;
        assert_eq!(read(r#""{\"a\": 1}""#), r#"{"a": 1}"#);
        assert_eq!(read(r#"{"a": 1}"#), r#"{"a":1}"#);
        assert_eq!(read("null"), "null");
    }
}
