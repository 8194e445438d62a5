//! URLs as text: for the log, and as issuers.

use url::{Position, Url};

/// The longest quoted text in a log line, in characters.
const MAX_LEN: usize = 160;

/// A URL for the log: without credentials, query and fragment, which may hold secrets.
pub(crate) fn shown(url: &Url) -> String {
    let host = &url[Position::BeforeHost..Position::AfterPath];
    text(&format!("{}://{host}", url.scheme()))
}

/// A provider's text for the log, truncated.
pub(crate) fn text(text: &str) -> String {
    text.chars().take(MAX_LEN).collect()
}

/// An issuer in the form that providers use: `Url` serialises an empty path as `/`, which issuers
/// leave out (RFC 8414 section 2).
pub(crate) fn issuer_text(issuer: &Url) -> &str {
    match issuer.path() {
        "/" => issuer.as_str().trim_end_matches('/'),
        _ => issuer.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_omits_credentials_and_query_and_truncates() {
        let shown_as = |text: &str| shown(&Url::parse(text).unwrap());
        assert_eq!(shown_as("https://u:p@a.example:8443/x?code=1#y"), "https://a.example:8443/x");
        assert_eq!(shown_as(&format!("https://a.example/{}", "x".repeat(500))).len(), MAX_LEN);
    }
}
