//! The form of a route's responses.

use warp::http::{HeaderMap, header};

/// The form of a route's responses and errors.
///
/// Browsers (`Accept: text/html`) get errors as a page, except from [`Rendering::OAuthJson`], whose
/// clients are programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rendering {
    /// A page or a resource of one. Errors: a page, or JSON for programs.
    Page,
    /// JSON. Errors: `{"error", "advice", "code", "correlation"}`, or a page.
    Json,
    /// JSON. Errors: `{"error", "error_description"}` (RFC 6749 section 5.2).
    OAuthJson,
    /// A redirect. Errors: a redirect to the app that began the login, if any; else a page or JSON.
    Redirect,
}

impl Rendering {
    /// Whether a request with these headers gets errors as a page.
    pub(crate) fn wants_page(self, headers: &HeaderMap) -> bool {
        const HTML: &[u8] = b"text/html";
        let accepts = |it: &[u8]| it.windows(HTML.len()).any(|part| part == HTML);
        self != Self::OAuthJson
            && headers.get_all(header::ACCEPT).iter().any(|it| accepts(it.as_bytes()))
    }
}
