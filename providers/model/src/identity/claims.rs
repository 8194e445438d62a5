//! The claims about a person, as JSON text that every parser reads alike.

use std::borrow::Cow;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::rules::json::{has_unique_members, well_formed};

/// The claims of an ID token, or the user record of a provider without ID tokens: one JSON object.
///
/// They are stored as text, because a session returns them far more often than a member is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims(String);

/// The text is not a JSON object, or an object in it has two members of the same name.
#[derive(Debug, Error)]
#[error("the claims are not a JSON object, or hold a member twice")]
pub struct NotAnObject(#[source] Option<serde_json::Error>);

impl Claims {
    /// Parses a JSON object with unique members: apps that parse the claims after Portico must read
    /// the same values. Unpaired surrogates are replaced, because some parsers refuse them.
    pub fn parse(text: impl Into<String>) -> Result<Self, NotAnObject> {
        let text = text.into();
        let text = match well_formed(&text) {
            Cow::Owned(replaced) => replaced,
            Cow::Borrowed(_) => text,
        };
        match serde_json::from_str::<Value>(&text) {
            Ok(Value::Object(_)) if has_unique_members(&text) => Ok(Self(text)),
            Ok(_) => Err(NotAnObject(None)),
            Err(error) => Err(NotAnObject(Some(error))),
        }
    }

    /// Wraps the text of earlier [`Claims::json`] without parsing it. The caller has authenticated it.
    pub fn from_authenticated(text: String) -> Self {
        Self(text)
    }

    /// The JSON text.
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
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::empty("")]
    #[case::array("[]")]
    #[case::number("1")]
    #[case::truncated("{")]
    #[case::null("null")]
    fn parse_refuses_what_is_not_an_object(#[case] text: &str) {
        assert!(Claims::parse(text).is_err());
    }

    #[rstest]
    #[case::same_spelling(r#"{"sub":"a","sub":"b"}"#)]
    #[case::escaped(r#"{"sub":"a","s\u0075b":"a"}"#)]
    #[case::nested(r#"{"x":[{"y":1,"y":1}]}"#)]
    #[case::surrogates_that_become_equal(r#"{"\ud800":"a","\ud801":"b"}"#)]
    fn parse_refuses_duplicate_member(#[case] text: &str) {
        assert!(Claims::parse(text).is_err());
    }

    #[test]
    fn parse_takes_equal_names_in_different_objects() {
        assert!(Claims::parse(r#"{"sub":"a","x":{"sub":"b"}}"#).is_ok());
    }

    #[test]
    fn parse_replaces_unpaired_surrogate() {
        let claims = Claims::parse(r#"{"sub":"a","name":"Zofia \ud83d"}"#).unwrap();
        assert_eq!(claims.members()["name"], "Zofia \u{fffd}");
        assert_eq!(claims.json(), r#"{"sub":"a","name":"Zofia \ufffd"}"#);
    }
}
