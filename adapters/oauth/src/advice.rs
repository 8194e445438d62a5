//! Log texts for a provider whose issuer differs from the settings: the requested address and the
//! value to set.

use url::Url;

use crate::url_text::{issuer_text, text};

/// The environment variables that a provider's issuer is built from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuerSettings {
    /// In the order of their position in the issuer URL, the one with the host first: `OIDC_ISSUER`,
    /// or `AZURE_AUTHORITY_HOST` and `AZURE_TENANT_ID`.
    pub variables: Vec<String>,
    /// Whether a single variable holds the whole issuer.
    pub is_whole: bool,
}

impl IssuerSettings {
    /// The advice to replace the `configured` issuer with `suggested`.
    pub(crate) fn for_issuer(&self, suggested: &Url, configured: &Url) -> String {
        let Some(first) = self.variables.first() else { return self.for_unknown() };
        let shown = text(issuer_text(suggested));
        if self.is_whole {
            format!("if that is the provider you mean, set {first}={shown}")
        } else if suggested.origin() == configured.origin() {
            format!("check {}: the issuer is likely {shown}", self.variables.join(", "))
        } else {
            let origin = text(&suggested.origin().ascii_serialization());
            format!("if that is the provider you mean, set {first}={origin}")
        }
    }

    /// The advice without a suggestion.
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

/// Issuers that may be the correct form of a `configured` one, the likeliest first: without the path
/// of the discovery document, without the last path segments (of a page for people), and with or
/// without the `/auth` that Keycloak's URLs had before version 17.
pub(crate) fn issuer_candidates(configured: &Url) -> Vec<Url> {
    let path = configured.path().trim_end_matches('/');
    let path = path.split_once("/.well-known/").map_or(path, |(issuer, _)| issuer);
    let mut paths = vec![path.to_owned()];
    let parent = |path: &String| path.rsplit_once('/').map(|(parent, _)| parent.to_owned());
    paths.extend(std::iter::successors(parent(&path.to_owned()), parent).take(MAX_PARENTS));
    paths.extend(match path.strip_prefix("/auth/realms/") {
        Some(realm) => Some(format!("/realms/{realm}")),
        None => path.starts_with("/realms/").then(|| format!("/auth{path}")),
    });
    let urls = paths.into_iter().map(|path| {
        let mut url = configured.clone();
        url.set_path(&path);
        url
    });
    urls.filter(|url| {
        issuer_text(url).trim_end_matches('/') != configured.as_str().trim_end_matches('/')
    })
    .collect()
}

/// How many trailing path segments are dropped at most.
const MAX_PARENTS: usize = 3;

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[rstest]
    #[case::discovery_document(
        "https://a.example/t/v2.0/.well-known/openid-configuration",
        &["https://a.example/t/v2.0", "https://a.example/t", "https://a.example/"],
    )]
    #[case::discovery_document_at_root(
        "https://a.example/.well-known/openid-configuration",
        &["https://a.example/"],
    )]
    #[case::keycloak_with_auth(
        "https://a.example/auth/realms/x",
        &[
            "https://a.example/auth/realms",
            "https://a.example/auth",
            "https://a.example/",
            "https://a.example/realms/x",
        ],
    )]
    #[case::keycloak_without_auth(
        "https://a.example/realms/x",
        &["https://a.example/realms", "https://a.example/", "https://a.example/auth/realms/x"],
    )]
    #[case::page("https://a.example/login/", &["https://a.example/"])]
    #[case::root("https://a.example/", &[])]
    fn issuer_candidates_drop_well_known_path_and_trailing_segments(
        #[case] configured: &str,
        #[case] expected: &[&str],
    ) {
        let candidates = issuer_candidates(&url(configured));
        assert_eq!(candidates.iter().map(Url::as_str).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn advice_names_setting_and_suggested_value() {
        let configured = url("https://a.example/t/v2.0");
        let suggested = url("https://b.example/t/v2.0");
        let settings = |variables: &[&str], is_whole| IssuerSettings {
            variables: variables.iter().map(|name| (*name).to_owned()).collect(),
            is_whole,
        };
        let whole = settings(&["OIDC_ISSUER"], true);
        assert!(
            whole
                .for_issuer(&suggested, &configured)
                .ends_with("OIDC_ISSUER=https://b.example/t/v2.0")
        );
        let parts = settings(&["AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID"], false);
        let advice = parts.for_issuer(&suggested, &configured);
        assert!(advice.ends_with("set AZURE_AUTHORITY_HOST=https://b.example"), "{advice}");
        let advice = parts.for_issuer(&url("https://a.example/u/v2.0"), &configured);
        assert!(advice.starts_with("check AZURE_AUTHORITY_HOST, AZURE_TENANT_ID: "), "{advice}");
        assert!(settings(&[], false).for_unknown().contains("plug-in"));
    }
}
