//! The claims about a person, as a text that is read the same by everybody.

use std::borrow::Cow;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::rules::json::{has_unique_members, well_formed};

/// The verified claims of an ID token, or the user record where a provider gives none: the text of
/// one JSON object.
///
/// It is kept as text because a session hands it out far more often than anything reads a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims(String);

/// A text that should have been a JSON object and is not, or holds a member twice.
#[derive(Debug, Error)]
#[error("the claims are not a JSON object, or hold a member twice")]
pub struct NotAnObject(#[source] Option<serde_json::Error>);

impl Claims {
    /// Takes the text of a JSON object in which every member has one value: whoever reads it after
    /// Portico must read the same.
    pub fn parse(text: impl Into<String>) -> Result<Self, NotAnObject> {
        let text = text.into();
        // Whoever reads it after Portico need not take half a surrogate pair either.
        let text = match well_formed(&text) {
            Cow::Owned(mended) => mended,
            Cow::Borrowed(_) => text,
        };
        match serde_json::from_str::<Value>(&text) {
            Ok(Value::Object(_)) if has_unique_members(&text) => Ok(Self(text)),
            Ok(_) => Err(NotAnObject(None)),
            Err(error) => Err(NotAnObject(Some(error))),
        }
    }

    /// Takes a text that [`Claims::json`] gave earlier, for stores that have authenticated it.
    pub fn from_authenticated(text: String) -> Self {
        Self(text)
    }

    /// The JSON object.
    pub fn json(&self) -> &str {
        &self.0
    }

    /// The object's members.
    pub fn members(&self) -> Map<String, Value> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_that_are_not_an_object_are_refused() {
        for bad in ["", "[]", "1", "{", "null"] {
            assert!(Claims::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn claims_with_a_member_twice_are_refused() {
        for bad in [
            r#"{"sub":"a","sub":"b"}"#,
            r#"{"sub":"a","s\u0075b":"a"}"#,
            r#"{"x":[{"y":1,"y":1}]}"#,
        ] {
            assert!(Claims::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Claims::parse(r#"{"sub":"a","x":{"sub":"b"}}"#).is_ok());
        // Two names that are read as one.
        assert!(Claims::parse(r#"{"\ud800":"a","\ud801":"b"}"#).is_err());
    }

    #[test]
    fn claims_with_half_a_surrogate_pair_are_read_and_handed_on_whole() {
        let claims = Claims::parse(r#"{"sub":"a","name":"Zofia \ud83d"}"#).unwrap();
        assert_eq!(claims.members()["name"], "Zofia \u{fffd}");
        assert_eq!(claims.json(), r#"{"sub":"a","name":"Zofia \ufffd"}"#);
    }
}
