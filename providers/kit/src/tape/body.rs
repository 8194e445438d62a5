//! The body of a reply in a JSON document: the text itself, or, for whoever writes it by hand, JSON.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A body. Written as a string it is that text; anything else is taken as the JSON it is.
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
    fn a_body_is_its_text_or_the_json_that_stands_there() {
        let read = |json| serde_json::from_str::<Body>(json).unwrap().0;
        assert_eq!(read(r#""{\"a\": 1}""#), r#"{"a": 1}"#);
        assert_eq!(read(r#"{"a": 1}"#), r#"{"a":1}"#);
        assert_eq!(read("null"), "null");
    }
}
