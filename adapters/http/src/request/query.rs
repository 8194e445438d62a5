//! Query strings and forms without repeated parameters.

use std::collections::HashMap;

use url::form_urlencoded;

/// Parsed parameters.
#[derive(Debug)]
pub(crate) struct Query(HashMap<String, String>);

/// The name of a parameter that is repeated. Another reader of the same URL might use the other value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Repeated(pub(crate) String);

impl Query {
    /// Parses `application/x-www-form-urlencoded` text.
    pub(crate) fn parse(text: &str) -> Result<Self, Repeated> {
        let mut parameters = HashMap::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()).into_owned() {
            if parameters.contains_key(&name) {
                return Err(Repeated(name));
            }
            parameters.insert(name, value);
        }
        Ok(Self(parameters))
    }

    /// Removes a parameter and returns its value; `None` if it is missing or empty.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_refuses_repeated_parameter_in_any_spelling() {
        for text in ["state=a&state=b", "state=a&state=a", "state=a&%73tate=b", "x&x"] {
            assert!(Query::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn take_decodes_value_and_returns_none_if_empty() {
        let mut query = Query::parse("code=a%2Bb+c&state=").unwrap();
        assert_eq!(query.take("code").as_deref(), Some("a+b c"));
        assert_eq!(query.take("state"), None);
    }
}
