//! Query strings in which every parameter stands once.

use std::collections::HashMap;

use url::form_urlencoded;

/// The parameters of a request.
#[derive(Debug)]
pub(crate) struct Query(HashMap<String, String>);

/// A parameter that stands twice: which of the two an attacker meant for whom, nobody can tell.
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

    /// A parameter that is there and not empty.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_stands_twice_is_refused_however_it_is_spelled() {
        for text in ["state=a&state=b", "state=a&state=a", "state=a&%73tate=b", "x&x"] {
            assert!(Query::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn values_are_decoded_and_an_empty_one_is_none() {
        let mut query = Query::parse("code=a%2Bb+c&state=").unwrap();
        assert_eq!(query.take("code").as_deref(), Some("a+b c"));
        assert_eq!(query.take("state"), None);
    }
}
