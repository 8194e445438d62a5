//! HTML pages: their headers, and the page of a message. The templates escape all values.

use askama::Template;
use warp::{
    http::{HeaderValue, header},
    reply::{Reply, Response},
};

/// The `Content-Security-Policy` of a page: own style sheet, images and forms; no frames.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
                                 form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "failure.html")]
struct MessagePage<'a> {
    host: PageHost,
    heading: &'a str,
    message: &'a str,
    advice: &'a str,
    correlation: &'a str,
}

/// The host at which a page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageHost {
    /// Portico's own.
    Portico,
    /// That of a protected app, whose proxy passes `/portico/` to Portico and nothing else.
    App,
}

impl PageHost {
    /// The host at which the response to a request for this path is shown.
    pub(crate) fn of(path: &str) -> Self {
        let at_app = ["/portico/", "/auth/"].iter().any(|prefix| path.starts_with(prefix));
        if at_app { Self::App } else { Self::Portico }
    }

    /// The path of the style sheet.
    fn style(self) -> &'static str {
        match self {
            Self::Portico => "/assets/portico.css",
            Self::App => "/portico/portico.css",
        }
    }

    /// What the root of the host is.
    fn home(self) -> &'static str {
        match self {
            Self::Portico => "Go to the sign-in page",
            Self::App => "Go to the start page",
        }
    }
}

/// A page with a message, advice, and a link to the root of the host.
pub(crate) fn message_page(
    host: PageHost,
    heading: &str,
    message: &str,
    advice: &str,
    correlation: &str,
) -> Response {
    // The URL of a failed callback contains a code, which must not leak by `Referer`.
    page(&MessagePage { host, heading, message, advice, correlation }, "no-referrer")
}

/// A page with this `Referrer-Policy`.
pub(crate) fn page(template: &impl Template, referrer: &'static str) -> Response {
    as_page(html(template).into_response(), referrer)
}

/// Renders a template.
pub(crate) fn html(template: &impl Template) -> String {
    // Fails only if a template calls a fallible function; ours do not.
    template.render().unwrap_or_default()
}

/// Sets the headers of a page.
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
