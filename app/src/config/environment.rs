//! The environment variables of a process.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
};

/// Environment variables. Variables whose names are not UTF-8 are ignored, since no setting has such a
/// name; a value that is not UTF-8 is a fault only if a setting reads it.
///
/// It contains secrets, so it is not `Debug`.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    texts: BTreeMap<String, String>,
    /// The names of variables whose values are not UTF-8.
    non_utf8: BTreeSet<String>,
}

impl Environment {
    /// The text of this variable.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// Whether the variable is set to a value that is not UTF-8.
    pub(super) fn is_non_utf8(&self, name: &str) -> bool {
        self.non_utf8.contains(name)
    }

    /// The variables with UTF-8 values.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    /// If a name is repeated, the last value counts.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            // No setting has such a name.
            let Ok(name) = name.into().into_string() else { continue };
            match value.into().into_string() {
                Ok(text) => {
                    environment.non_utf8.remove(&name);
                    environment.texts.insert(name, text);
                }
                Err(_) => {
                    environment.texts.remove(&name);
                    environment.non_utf8.insert(name);
                }
            }
        }
        environment
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    fn bytes(bytes: &[u8]) -> OsString {
        OsString::from_vec(bytes.to_vec())
    }

    #[test]
    fn from_iter_skips_invalid_names_and_records_invalid_values() {
        let variables = [
            (bytes(b"A"), bytes(b"text")),
            (bytes(b"B"), bytes(b"\xc1")),
            (bytes(b"\xc1"), bytes(b"text")),
        ];
        let environment: Environment = variables.into_iter().collect();
        assert_eq!(environment.texts().collect::<Vec<_>>(), [("A", "text")]);
        assert!(environment.is_non_utf8("B") && !environment.is_non_utf8("A"));
    }

    #[test]
    fn from_iter_uses_the_last_of_repeated_variables() {
        let variables =
            [("A", bytes(b"\xc1")), ("A", bytes(b"b")), ("B", bytes(b"b")), ("B", bytes(b"\xc1"))];
        let environment: Environment = variables.into_iter().collect();
        assert_eq!((environment.get("A"), environment.get("B")), (Some("b"), None));
        assert!(!environment.is_non_utf8("A") && environment.is_non_utf8("B"));
    }
}
