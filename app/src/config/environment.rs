//! The variables of a process, as text.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
};

/// The variables that a program was started with. Their names and values need not be text: what is
/// none has no setting's name, or is a fault of the setting that it is for and of no other.
///
/// It holds secrets, so it is not `Debug`.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    texts: BTreeMap<String, String>,
    /// The names of those whose values are no UTF-8.
    unreadable: BTreeSet<String>,
}

impl Environment {
    /// The text of this variable.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// Whether the variable is set to something that is no UTF-8.
    pub(super) fn is_unreadable(&self, name: &str) -> bool {
        self.unreadable.contains(name)
    }

    /// Every variable that is text.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    /// Of two variables of one name the later one counts.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            // No setting has a name that is no text.
            let Ok(name) = name.into().into_string() else { continue };
            match value.into().into_string() {
                Ok(text) => {
                    environment.unreadable.remove(&name);
                    environment.texts.insert(name, text);
                }
                Err(_) => {
                    environment.texts.remove(&name);
                    environment.unreadable.insert(name);
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
        let given = [
            (bytes(b"A"), bytes(b"text")),
            (bytes(b"B"), bytes(b"\xc1")),
            (bytes(b"\xc1"), bytes(b"text")),
        ];
        let environment: Environment = given.into_iter().collect();
        assert_eq!(environment.texts().collect::<Vec<_>>(), [("A", "text")]);
        assert!(environment.is_unreadable("B") && !environment.is_unreadable("A"));
    }

    #[test]
    fn from_iter_uses_the_last_of_repeated_variables() {
        let given =
            [("A", bytes(b"\xc1")), ("A", bytes(b"b")), ("B", bytes(b"b")), ("B", bytes(b"\xc1"))];
        let environment: Environment = given.into_iter().collect();
        assert_eq!((environment.get("A"), environment.get("B")), (Some("b"), None));
        assert!(!environment.is_unreadable("A") && environment.is_unreadable("B"));
    }
}
