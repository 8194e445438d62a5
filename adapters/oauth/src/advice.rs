//! What an operator is told where a provider's issuer is not what the settings say: which address
//! was asked, and what to write.

use url::{Position, Url};

use crate::endpoints::issuer_text;

/// The longest address that the log is told, in characters.
const MAX_LEN: usize = 160;

/// The settings that make a provider's issuer, by their variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuerSettings {
    /// In the order in which they stand in the issuer, the one with its host first: `OIDC_ISSUER`, or
    /// `AZURE_AUTHORITY_HOST` and `AZURE_TENANT_ID`.
    pub variables: Vec<String>,
    /// Whether the only one is the whole issuer.
    pub is_whole: bool,
}

impl IssuerSettings {
    /// What to write so that `likely` is asked in place of `asked`.
    pub(crate) fn for_issuer(&self, likely: &Url, asked: &Url) -> String {
        let Some(first) = self.variables.first() else { return self.for_unknown() };
        let shown = text(issuer_text(likely));
        if self.is_whole {
            format!("if that is the provider you mean, set {first}={shown}")
        } else if likely.origin() == asked.origin() {
            format!("check {}: the issuer is likely {shown}", self.variables.join(", "))
        } else {
            let origin = text(&likely.origin().ascii_serialization());
            format!("if that is the provider you mean, set {first}={origin}")
        }
    }

    /// What to do where nobody knows a better issuer.
    pub(crate) fn for_unknown(&self) -> String {
        match self.variables.as_slice() {
            [] => "the plug-in names this issuer itself: ask its author".into(),
            [only] => format!("set {only} to the issuer exactly as the provider names itself"),
            several => format!(
                "check {}: together they must make the issuer exactly as the provider names itself",
                several.join(", ")
            ),
        }
    }
}

/// An address as the log names it: without user and query, which may hold what a log must not.
pub(crate) fn shown(url: &Url) -> String {
    let host = &url[Position::BeforeHost..Position::AfterPath];
    text(&format!("{}://{host}", url.scheme()))
}

/// Text of a provider's, bounded.
pub(crate) fn text(text: &str) -> String {
    text.chars().take(MAX_LEN).collect()
}

/// The issuers that somebody may have meant who wrote `asked`, the likeliest first: without the
/// path of its discovery document, without the last segments of its path (a page of the provider's),
/// and with or without the `/auth` that Keycloak's addresses had before version 17.
pub(crate) fn meant(asked: &Url) -> Vec<Url> {
    let path = asked.path().trim_end_matches('/');
    let path = path.split_once("/.well-known/").map_or(path, |(issuer, _)| issuer);
    let mut paths = vec![path.to_owned()];
    let cut = |path: &String| path.rsplit_once('/').map(|(parent, _)| parent.to_owned());
    paths.extend(std::iter::successors(cut(&path.to_owned()), cut).take(MAX_PARENTS));
    paths.extend(match path.strip_prefix("/auth/realms/") {
        Some(realm) => Some(format!("/realms/{realm}")),
        None => path.starts_with("/realms/").then(|| format!("/auth{path}")),
    });
    let urls = paths.into_iter().map(|path| {
        let mut url = asked.clone();
        url.set_path(&path);
        url
    });
    urls.filter(|url| {
        issuer_text(url).trim_end_matches('/') != asked.as_str().trim_end_matches('/')
    })
    .collect()
}

/// How many segments may be too many.
const MAX_PARENTS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn issuer_candidates_drop_well_known_path_and_trailing_segments() {
        for (asked, expected) in [
            (
                "https://a.example/t/v2.0/.well-known/openid-configuration",
                &["https://a.example/t/v2.0", "https://a.example/t", "https://a.example/"][..],
            ),
            ("https://a.example/.well-known/openid-configuration", &["https://a.example/"]),
            (
                "https://a.example/auth/realms/x",
                &[
                    "https://a.example/auth/realms",
                    "https://a.example/auth",
                    "https://a.example/",
                    "https://a.example/realms/x",
                ],
            ),
            ("https://a.example/login/", &["https://a.example/"]),
            ("https://a.example/", &[]),
        ] {
            let meant: Vec<_> = meant(&url(asked)).iter().map(Url::to_string).collect();
            assert_eq!(meant, expected, "{asked}");
        }
        let keycloak = meant(&url("https://a.example/realms/x"));
        assert!(keycloak.contains(&url("https://a.example/auth/realms/x")), "{keycloak:?}");
    }

    #[test]
    fn shown_omits_credentials_and_query_and_truncates() {
        let shown_as = |text: &str| shown(&url(text));
        assert_eq!(shown_as("https://u:p@a.example:8443/x?code=1#y"), "https://a.example:8443/x");
        assert_eq!(shown_as(&format!("https://a.example/{}", "x".repeat(500))).len(), MAX_LEN);
    }

    #[test]
    fn advice_names_setting_and_suggested_value() {
        let (asked, likely) = (url("https://a.example/t/v2.0"), url("https://b.example/t/v2.0"));
        let settings = |variables: &[&str], is_whole| IssuerSettings {
            variables: variables.iter().map(|name| (*name).to_owned()).collect(),
            is_whole,
        };
        let whole = settings(&["OIDC_ISSUER"], true);
        assert!(
            whole.for_issuer(&likely, &asked).ends_with("OIDC_ISSUER=https://b.example/t/v2.0")
        );
        let parts = settings(&["AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID"], false);
        let advice = parts.for_issuer(&likely, &asked);
        assert!(advice.ends_with("set AZURE_AUTHORITY_HOST=https://b.example"), "{advice}");
        let advice = parts.for_issuer(&url("https://a.example/u/v2.0"), &asked);
        assert!(advice.starts_with("check AZURE_AUTHORITY_HOST, AZURE_TENANT_ID: "), "{advice}");
        assert!(settings(&[], false).for_unknown().contains("plug-in"));
    }
}
