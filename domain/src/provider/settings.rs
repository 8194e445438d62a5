//! What an operator says to a provider, held against what the provider asks for.

use std::collections::BTreeMap;

use url::Url;

use super::Problem;

/// One thing that a provider asks its operator for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingSpec {
    /// `authority-host`: lower-case letters, digits and `-`.
    pub key: String,
    /// What a person calls it.
    pub label: String,
    /// What to write, and where to find it.
    pub help: String,
    /// What it must look like.
    pub kind: FieldKind,
    /// Whether the provider does nothing without it.
    pub required: bool,
    /// What it is where nothing is said.
    pub default: Option<String>,
}

/// What a setting must look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text.
    Text,
    /// An address, https or of this machine.
    Url,
    /// One of these words.
    Choice(Vec<String>),
    /// `true` or `false`.
    Flag,
}

/// The operator's settings of one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// The setting, where it was given.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Every setting, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The settings with every default filled in; refuses a value that is not what `specs` ask
    /// for, and the lack of one that is required. Empty is the same as not given.
    pub fn complete(mut self, specs: &[SettingSpec]) -> Result<Self, Problem> {
        self.0.retain(|_, value| !value.is_empty());
        for spec in specs {
            let given = self.0.get(&spec.key).or(spec.default.as_ref()).cloned();
            let why = match &given {
                Some(value) => spec.kind.refuses(value),
                None => spec.required.then(|| format!("is missing: {}", spec.help)),
            };
            if let Some(why) = why {
                return Err(Problem::Setting { key: spec.key.clone(), why });
            }
            self.0.extend(given.map(|value| (spec.key.clone(), value)));
        }
        Ok(self)
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Settings {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl FieldKind {
    /// Why `value` is not of this kind.
    fn refuses(&self, value: &str) -> Option<String> {
        match self {
            Self::Text => None,
            Self::Url => Url::parse(value).is_err().then(|| "must be an address".to_owned()),
            Self::Choice(words) => {
                let known = words.iter().any(|word| word == value);
                (!known).then(|| format!("must be one of: {}", words.join(", ")))
            }
            Self::Flag => {
                let known = matches!(value, "true" | "false");
                (!known).then(|| "must be true or false".to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(key: &str, kind: FieldKind, required: bool, default: Option<&str>) -> SettingSpec {
        SettingSpec {
            key: key.into(),
            label: key.into(),
            help: "Ask whoever knows.".into(),
            kind,
            required,
            default: default.map(Into::into),
        }
    }

    fn completed(pairs: &[(&str, &str)], spec: SettingSpec) -> Result<Settings, Problem> {
        Settings::from_iter(pairs.iter().copied()).complete(&[spec])
    }

    #[test]
    fn what_is_not_said_is_the_default() {
        let asked = || spec("region", FieldKind::Text, true, Some("eu"));
        assert_eq!(completed(&[], asked()).unwrap().get("region"), Some("eu"));
        assert_eq!(completed(&[("region", "")], asked()).unwrap().get("region"), Some("eu"));
        assert_eq!(completed(&[("region", "us")], asked()).unwrap().get("region"), Some("us"));
    }

    #[test]
    fn what_is_required_and_has_no_default_must_be_said() {
        let refused = completed(&[], spec("region", FieldKind::Text, true, None)).unwrap_err();
        assert_eq!(refused.to_string(), "the setting region is missing: Ask whoever knows.");
        let without = completed(&[], spec("region", FieldKind::Text, false, None)).unwrap();
        assert_eq!(without.get("region"), None);
    }

    #[test]
    fn a_value_of_another_kind_is_refused() {
        let words = || FieldKind::Choice(vec!["user".into(), "application".into()]);
        for (kind, good, bad) in [
            (FieldKind::Url, "https://a.example", "a.example"),
            (words(), "user", "root"),
            (FieldKind::Flag, "false", "no"),
        ] {
            let asked = spec("it", kind, false, None);
            assert!(completed(&[("it", good)], asked.clone()).is_ok(), "{good}");
            assert!(completed(&[("it", bad)], asked).is_err(), "{bad}");
        }
    }
}
