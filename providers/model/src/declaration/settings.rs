//! What an operator says to a provider, held against what the provider asks for.

use std::collections::BTreeMap;

use url::Url;

use super::template::{self, TemplateError};
use crate::ProviderError;

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
    /// What it is where nothing is said; `{key}` in it is a setting that stands before this one.
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
    /// Kept by the host, which puts it into a header by a grant: no provider is told it.
    Secret,
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
    pub fn complete(mut self, specs: &[SettingSpec]) -> Result<Self, ProviderError> {
        self.0.retain(|_, value| !value.is_empty());
        for spec in specs {
            if spec.kind == FieldKind::Secret {
                continue;
            }
            let given = match self.0.get(&spec.key) {
                Some(given) => Some(given.clone()),
                None => self.default_of(spec)?,
            };
            let why = match &given {
                Some(value) => spec.kind.refuses(value),
                None => spec.required.then(|| format!("is missing: {}", spec.help)),
            };
            if let Some(why) = why {
                return Err(ProviderError::Setting { key: spec.key.clone(), why });
            }
            self.0.extend(given.map(|value| (spec.key.clone(), value)));
        }
        Ok(self)
    }

    /// A default that rests on a setting which is not given is none. In an address a setting stays
    /// what the operator agreed to: a part of the host's name, a segment of the path.
    fn default_of(&self, spec: &SettingSpec) -> Result<Option<String>, ProviderError> {
        let Some(default) = &spec.default else { return Ok(None) };
        let mut keys = template::placeholders(default).peekable();
        let is_template = keys.peek().is_some();
        if !keys.all(|key| self.0.contains_key(key)) {
            return Ok(None);
        }
        let text = template::fill(default, |key| self.get(key));
        if !is_template || spec.kind != FieldKind::Url {
            return Ok(Some(text));
        }
        let url = template::address(default, self, None).map_err(|error| {
            // What stands in a default is another setting's; the rest is this one's.
            let key = match &error {
                TemplateError::Missing(key) | TemplateError::Misfit { key, .. } => key,
                TemplateError::Address(_) => &spec.key,
            };
            ProviderError::Setting { key: key.clone(), why: error.to_string() }
        })?;
        let is_same = Url::parse(&text).is_ok_and(|parsed| parsed == url);
        Ok(Some(if is_same { text } else { url.into() }))
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
            Self::Text | Self::Secret => None,
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

    fn completed(pairs: &[(&str, &str)], spec: SettingSpec) -> Result<Settings, ProviderError> {
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
    fn complete_fills_a_default_with_the_settings_before_it() {
        let region = spec("region", FieldKind::Text, false, None);
        let url = spec("url", FieldKind::Url, false, Some("https://oidc.{region}.example"));
        let of = |pairs: &[(&str, &str)]| {
            let said = Settings::from_iter(pairs.iter().copied());
            let complete = said.complete(&[region.clone(), url.clone()]).unwrap();
            complete.get("url").map(str::to_owned)
        };
        assert_eq!(of(&[("region", "eu")]).as_deref(), Some("https://oidc.eu.example"));
        let said = [("region", "eu"), ("url", "https://a.example")];
        assert_eq!(of(&said).as_deref(), Some("https://a.example"));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn complete_refuses_a_setting_that_would_change_the_address_of_a_default() {
        let region = spec("region", FieldKind::Text, true, None);
        let url = spec("url", FieldKind::Url, false, Some("https://oidc.{region}.example"));
        for bad in ["evil.example/", "x:1", "x@y", "a b", "a..b", "{region}", "ż"] {
            let refused =
                Settings::from_iter([("region", bad)]).complete(&[region.clone(), url.clone()]);
            assert!(
                matches!(refused, Err(ProviderError::Setting { key, .. }) if key == "region"),
                "{bad}"
            );
        }
    }

    #[test]
    fn complete_keeps_a_setting_in_a_default_one_segment_of_the_path() {
        let team = spec("team", FieldKind::Text, true, None);
        let url = spec("url", FieldKind::Url, false, Some("https://api.example/{team}/list"));
        let said = Settings::from_iter([("team", "a/../b?c")]).complete(&[team, url]).unwrap();
        assert_eq!(said.get("url"), Some("https://api.example/a%2F..%2Fb%3Fc/list"));
    }

    #[test]
    fn complete_passes_over_a_secret() {
        let secret = spec("api-key", FieldKind::Secret, true, None);
        assert_eq!(completed(&[], secret).unwrap(), Settings::default());
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
