//! The settings of a provider: their declaration, and an operator's values checked against it.

use std::collections::BTreeMap;

use url::Url;

use super::template::{self, TemplateError};
use crate::error::ProviderError;

/// The declaration of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingSpec {
    /// `authority-host`: lower-case letters, digits and `-`.
    pub key: String,
    /// A name for people.
    pub label: String,
    /// What to write, and where to find it.
    pub help: String,
    /// The kind of value.
    pub kind: FieldKind,
    /// Whether the provider needs a value.
    pub required: bool,
    /// The value if none is given; `{key}` in it is a setting that is declared before this one.
    pub default: Option<String>,
}

/// The kind of a setting's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text.
    Text,
    /// An absolute URL.
    Url,
    /// One of these values.
    Choice(Vec<String>),
    /// `true` or `false`.
    Flag,
    /// Stored by the host, which adds it to a header of a permission. No provider gets its value.
    Secret,
}

/// The operator's settings of one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// The value of a setting, if it is set.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Keys and values, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The settings with every default filled in. An empty value is the same as none.
    ///
    /// # Errors
    /// A value is not of its kind, or a required setting is missing.
    pub fn complete(mut self, specs: &[SettingSpec]) -> Result<Self, ProviderError> {
        self.0.retain(|_, value| !value.is_empty());
        for spec in specs {
            if spec.kind == FieldKind::Secret {
                continue;
            }
            let value = match self.0.get(&spec.key) {
                Some(value) => Some(value.clone()),
                None => self.default_of(spec)?,
            };
            let why = match &value {
                Some(value) => spec.kind.refusal(value),
                None => spec.required.then(|| format!("is missing: {}", spec.help)),
            };
            if let Some(why) = why {
                return Err(ProviderError::Setting { key: spec.key.clone(), why });
            }
            self.0.extend(value.map(|value| (spec.key.clone(), value)));
        }
        Ok(self)
    }

    /// The filled default; `None` if it refers to a setting without a value. In an address it is filled
    /// as [`template::address`] does, so that a setting stays a part of the host name or a segment of
    /// the path.
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
            // A placeholder is another setting's fault, the rest of the default is this one's.
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
    fn refusal(&self, value: &str) -> Option<String> {
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
    use rstest::rstest;

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
    fn complete_takes_default_for_missing_or_empty_value() {
        let region = || spec("region", FieldKind::Text, true, Some("eu"));
        assert_eq!(completed(&[], region()).unwrap().get("region"), Some("eu"));
        assert_eq!(completed(&[("region", "")], region()).unwrap().get("region"), Some("eu"));
        assert_eq!(completed(&[("region", "us")], region()).unwrap().get("region"), Some("us"));
    }

    #[test]
    fn complete_fills_default_with_earlier_settings() {
        let region = spec("region", FieldKind::Text, false, None);
        let url = spec("url", FieldKind::Url, false, Some("https://oidc.{region}.example"));
        let of = |pairs: &[(&str, &str)]| {
            let settings = Settings::from_iter(pairs.iter().copied());
            let complete = settings.complete(&[region.clone(), url.clone()]).unwrap();
            complete.get("url").map(str::to_owned)
        };
        assert_eq!(of(&[("region", "eu")]).as_deref(), Some("https://oidc.eu.example"));
        let both = [("region", "eu"), ("url", "https://a.example")];
        assert_eq!(of(&both).as_deref(), Some("https://a.example"));
        assert_eq!(of(&[]), None);
    }

    #[rstest]
    #[case::path("evil.example/")]
    #[case::port("x:1")]
    #[case::user("x@y")]
    #[case::space("a b")]
    #[case::empty_label("a..b")]
    #[case::placeholder("{region}")]
    #[case::not_ascii("ż")]
    fn complete_refuses_setting_that_changes_host_of_default(#[case] region: &str) {
        let specs = [
            spec("region", FieldKind::Text, true, None),
            spec("url", FieldKind::Url, false, Some("https://oidc.{region}.example")),
        ];
        let refused = Settings::from_iter([("region", region)]).complete(&specs);
        assert!(matches!(refused, Err(ProviderError::Setting { key, .. }) if key == "region"));
    }

    #[test]
    fn complete_keeps_setting_in_default_one_path_segment() {
        let team = spec("team", FieldKind::Text, true, None);
        let url = spec("url", FieldKind::Url, false, Some("https://api.example/{team}/list"));
        let settings = Settings::from_iter([("team", "a/../b?c")]).complete(&[team, url]).unwrap();
        assert_eq!(settings.get("url"), Some("https://api.example/a%2F..%2Fb%3Fc/list"));
    }

    #[test]
    fn complete_ignores_missing_secret() {
        let secret = spec("api-key", FieldKind::Secret, true, None);
        assert_eq!(completed(&[], secret).unwrap(), Settings::default());
    }

    #[test]
    fn complete_refuses_missing_required_setting_with_its_help() {
        let refused = completed(&[], spec("region", FieldKind::Text, true, None)).unwrap_err();
        assert_eq!(refused.to_string(), "the setting region is missing: Ask whoever knows.");
        let without = completed(&[], spec("region", FieldKind::Text, false, None)).unwrap();
        assert_eq!(without.get("region"), None);
    }

    #[rstest]
    #[case::url(FieldKind::Url, "https://a.example", "a.example")]
    #[case::choice(FieldKind::Choice(vec!["user".into(), "application".into()]), "user", "root")]
    #[case::flag(FieldKind::Flag, "false", "no")]
    fn complete_refuses_value_of_another_kind(
        #[case] kind: FieldKind,
        #[case] valid: &str,
        #[case] invalid: &str,
    ) {
        let spec = spec("it", kind, false, None);
        assert!(completed(&[("it", valid)], spec.clone()).is_ok());
        assert!(completed(&[("it", invalid)], spec).is_err());
    }
}
