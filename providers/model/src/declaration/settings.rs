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
mod tests;
