//! What every page has in common: its headers, and the page that says one thing. Whatever comes from
//! outside is escaped by the templates.

use askama::Template;
use warp::{
    http::{HeaderValue, header},
    reply::{Reply, Response},
};

/// Nothing but Portico's own style sheet and forms, and nobody may frame it.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
                                 form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "failure.html")]
struct MessagePage<'a> {
    heading: &'a str,
    message: &'a str,
    advice: &'a str,
    correlation: &'a str,
}

/// What happened, what to do, and a way to go on.
pub(crate) fn message_page(
    heading: &str,
    message: &str,
    advice: &str,
    correlation: &str,
) -> Response {
    // The address of a failed callback holds a code: nobody it links to may learn it.
    rendered(&MessagePage { heading, message, advice, correlation }, "no-referrer")
}

/// A page with this `Referrer-Policy`.
pub(crate) fn rendered(page: &impl Template, referrer: &'static str) -> Response {
    as_page(text_of(page).into_response(), referrer)
}

/// A page's text.
pub(crate) fn text_of(page: &impl Template) -> String {
    // Rendering into a string fails only where a template calls something that does.
    page.render().unwrap_or_default()
}

/// Gives an answer the headers of a page.
pub(crate) fn as_page(mut response: Response, referrer: &'static str) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, referrer),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
