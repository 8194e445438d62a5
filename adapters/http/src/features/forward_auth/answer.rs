//! The response to a proxy.

use portico_domain::{apps::WebOrigin, return_to::MAX_RETURN_TO};
use url::Url;
use warp::{
    http::{HeaderMap, HeaderValue, Method, header},
    reply::{Reply, Response},
};

use super::{
    ForwardAuth,
    decide::Decision,
    hand_off::at,
    target::{Family, Target},
};
use crate::{
    error::{ErrorCode, Failure},
    request::Call,
    response::{Rendering, redirect, see_other},
};

/// The longest URL to which a sign-in returns, percent-encoded, in bytes. While the person signs in, it is
/// part of the address of the hand-off in the `return_to` of the login.
const MAX_RETURN_LEN: usize = MAX_RETURN_TO - 200;

/// RFC 6750 section 3. Browsers ignore it, and ask for no password.
const CHALLENGE: &str = "Bearer";

impl ForwardAuth {
    /// Answers a proxy: 200 with the identity, or why the request may not pass. Never with a cookie: not
    /// every proxy can pass one on.
    pub(super) async fn answer(&self, call: &Call, family: Family) -> Result<Response, Failure> {
        let target = self.target(&call.head, &call.query, family)?;
        match self.decide(call.headers(), &target).await? {
            Decision::Allowed(identity) => {
                let mut response = warp::reply().into_response();
                let headers = response.headers_mut();
                for (name, value) in &identity.list {
                    headers.insert(name, value.clone());
                }
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
                Ok(response)
            }
            Decision::NotSignedIn(code) => not_signed_in(call.headers(), family, &target, code),
        }
    }
}

/// A page is sent to sign in, in the form that the proxy passes on. A call gets 401: a redirect would
/// lead it to a page that it cannot read.
fn not_signed_in(
    headers: &HeaderMap,
    family: Family,
    target: &Target,
    code: ErrorCode,
) -> Result<Response, Failure> {
    let challenge = HeaderValue::from_static(CHALLENGE);
    let refused = Failure::from(code).with_header(header::WWW_AUTHENTICATE, challenge);
    if !is_page(&target.method, headers) {
        return Err(refused);
    }
    let start = start_url(&target.origin, &target.url)?;
    match family {
        Family::Other => Err(refused),
        // nginx turns any status but 401 and 403 into 500, and its configuration reads the header.
        Family::Nginx => {
            Err(refused.with_header(header::LOCATION, HeaderValue::from_str(start.as_str())?))
        }
        Family::Forward | Family::Envoy => Ok(match target.method {
            Method::GET | Method::HEAD => redirect(&start)?,
            // The page of a form is not sent again.
            _ => see_other(&start)?,
        }),
    }
}

/// Where a sign-in for this page begins, at the host of the app: there the browser gets an id, to which
/// the hand-off is bound.
fn start_url(host: &WebOrigin, page: &Url) -> Result<Url, Failure> {
    let start = at(host, "/portico/start")?;
    let returning_to = |page: &Url| {
        let mut start = start.clone();
        start.query_pairs_mut().append_pair("return_to", page.as_str());
        start
    };
    let fits =
        |page: &Url| returning_to(page).query().is_some_and(|query| query.len() <= MAX_RETURN_LEN);
    let mut page = page.clone();
    page.set_fragment(None);
    if !fits(&page) {
        page.set_query(None);
    }
    if !fits(&page) {
        page.set_path("/");
    }
    Ok(returning_to(&page))
}

/// Whether a browser asks for a page that it will show: not a script, a preflight, a WebSocket, or a part
/// of a page (Fetch Metadata section 2).
fn is_page(method: &Method, headers: &HeaderMap) -> bool {
    let is = |name: &str, expected: &str| {
        headers
            .get_all(name)
            .iter()
            .all(|it| it.as_bytes().eq_ignore_ascii_case(expected.as_bytes()))
    };
    *method != Method::OPTIONS
        && Rendering::Page.wants_page(headers)
        && is("sec-fetch-mode", "navigate")
        // Portico's pages refuse frames.
        && is("sec-fetch-dest", "document")
        && !headers.contains_key(header::UPGRADE)
        && !headers.contains_key(header::SEC_WEBSOCKET_KEY)
        && !headers.contains_key("x-requested-with")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use warp::http::HeaderName;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    const HTML: (&str, &str) = ("accept", "text/html,*/*;q=0.8");

    #[rstest]
    #[case::navigation(Method::GET, &[HTML, ("sec-fetch-mode", "navigate")], true)]
    #[case::old_browser(Method::GET, &[HTML], true)]
    #[case::form(Method::POST, &[HTML, ("sec-fetch-mode", "navigate")], true)]
    #[case::fetch_that_takes_html(Method::GET, &[HTML, ("sec-fetch-mode", "cors")], false)]
    #[case::both_modes(Method::GET, &[HTML, ("sec-fetch-mode", "navigate"), ("sec-fetch-mode", "cors")], false)]
    #[case::frame(Method::GET, &[HTML, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")], false)]
    #[case::call(Method::GET, &[("accept", "application/json")], false)]
    #[case::nothing_said(Method::GET, &[], false)]
    #[case::preflight(Method::OPTIONS, &[HTML], false)]
    #[case::websocket(Method::GET, &[HTML, ("upgrade", "websocket")], false)]
    #[case::websocket_whose_upgrade_was_removed(Method::GET, &[HTML, ("sec-websocket-key", "x")], false)]
    #[case::script_library(Method::GET, &[HTML, ("x-requested-with", "XMLHttpRequest")], false)]
    fn page_is_what_a_browser_shows(
        #[case] method: Method,
        #[case] sent: &[(&'static str, &'static str)],
        #[case] expected: bool,
    ) {
        assert_eq!(is_page(&method, &headers(sent)), expected);
    }

    #[rstest]
    #[case::exact("/deep/a%2Fb?x=1&y=%20+", "/deep/a%2Fb?x=1&y=%20+")]
    #[case::long_query(&format!("/deep?{}", "q".repeat(2_000)), "/deep")]
    #[case::long_path(&format!("/{}", "p".repeat(2_000)), "/")]
    fn start_returns_to_the_exact_page_that_fits(#[case] asked: &str, #[case] expected: &str) {
        let host = WebOrigin::parse("https://app.example").unwrap();
        let page = Url::parse(&format!("https://app.example{asked}")).unwrap();
        let start = start_url(&host, &page).unwrap();
        let (name, value) = start.query_pairs().next().unwrap();
        assert_eq!((&*name, &*value), ("return_to", &*format!("https://app.example{expected}")));
        assert_eq!(start.path(), "/portico/start");
    }
}
