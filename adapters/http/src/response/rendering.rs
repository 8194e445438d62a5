//! In which form a route answers.

use warp::http::{HeaderMap, header};

/// What a route's answers look like, its errors among them.
///
/// A browser that navigates (`Accept: text/html`) gets every error as a page but those of
/// [`Rendering::OAuthJson`], whose clients are programs by definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rendering {
    /// A page, or a part of one. Errors: a page, or JSON for programs.
    Page,
    /// JSON. Errors: `{"error", "code", "correlation"}`, or a page.
    Json,
    /// JSON. Errors: `{"error", "error_description"}` (RFC 6749 section 5.2).
    OAuthJson,
    /// A redirect. Errors: a redirect to the app that asked, where one did; else a page or JSON.
    Redirect,
}

impl Rendering {
    /// Whether the answer to a request with these headers goes to a person: a browser that navigates
    /// accepts HTML, and says so.
    pub(crate) fn wants_page(self, headers: &HeaderMap) -> bool {
        const HTML: &[u8] = b"text/html";
        let accepts = |it: &[u8]| it.windows(HTML.len()).any(|part| part == HTML);
        self != Self::OAuthJson
            && headers.get_all(header::ACCEPT).iter().any(|it| accepts(it.as_bytes()))
    }
}
