//! Query and form parameters in request order, with duplicates.

use url::form_urlencoded;

/// Decoded `application/x-www-form-urlencoded` parameters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first non-empty value of a parameter: as in Entra ID, an empty value counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The name of a repeated parameter, which RFC 6749 section 3.1 forbids.
    pub(crate) fn repeated(&self) -> Option<&str> {
        let names = || self.0.iter().map(|(name, _)| name.as_str());
        names()
            .enumerate()
            .find(|(at, name)| names().skip(at + 1).any(|later| later == *name))
            .map(|(_, name)| name)
    }

    /// Adds a parameter unless it has a value.
    pub(crate) fn with_default(&self, name: &str, value: &str) -> Self {
        let mut all = self.clone();
        if all.get(name).is_none() {
            all.0.push((name.to_owned(), value.to_owned()));
        }
        all
    }

    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }
}
