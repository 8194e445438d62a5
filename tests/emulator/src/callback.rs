//! Redirect URIs: which are registered, and the authorization responses sent to them.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use url::Url;

use crate::base_url::is_loopback;
use crate::faults::SentIssuer;
use crate::page;
use crate::params::Params;
use crate::personas::{Person, WORLD};
use crate::state::EmulatorState;

/// The destination of an authorization response: the client is known and the redirect URI is registered.
#[derive(Debug)]
pub(crate) struct Callback {
    pub(crate) redirect_uri: Url,
    /// The redirect URI as the request wrote it; the token request must repeat it exactly.
    pub(crate) redirect_uri_text: String,
    pub(crate) state: Option<String>,
}

impl Callback {
    /// `None` if the redirect URI is not registered.
    pub(crate) fn parse(
        state: &EmulatorState,
        redirect_uri_text: &str,
        params: &Params,
    ) -> Option<Self> {
        Some(Self {
            redirect_uri: registered_redirect_uri(state, redirect_uri_text)?,
            redirect_uri_text: redirect_uri_text.to_owned(),
            state: params.get("state").map(str::to_owned),
        })
    }

    /// The authorization response as a redirect, with RFC 9207's `iss` if given.
    pub(crate) fn redirect(&self, fields: &[(&str, &str)], iss: Option<String>) -> Response {
        let mut url = self.redirect_uri.clone();
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(fields);
            if let Some(state) = &self.state {
                query.append_pair("state", state);
            }
            if let Some(iss) = &iss {
                query.append_pair("iss", iss);
            }
        }
        redirect_to(&url)
    }
}

/// Parses a redirect URI: it must match a registered one exactly or, if none is registered, name a loopback host.
pub(crate) fn registered_redirect_uri(state: &EmulatorState, uri: &str) -> Option<Url> {
    let url = Url::parse(uri).ok().filter(|url| url.fragment().is_none())?;
    let registered = state.redirect_uris();
    let is_registered = if registered.is_empty() {
        is_loopback(&url)
    } else {
        registered.iter().any(|known| known == uri)
    };
    is_registered.then_some(url)
}

/// The person named by the sign-in page (`persona`) or by the login hint, which GitHub calls `login`.
pub(crate) fn hinted_person(params: &Params) -> Option<&'static Person> {
    let name = ["persona", "login_hint", "login"].into_iter().find_map(|name| params.get(name))?;
    WORLD.person(name)
}

/// The `iss` parameter to send; `right` is the issuer of the ID token that will follow.
pub(crate) fn iss_parameter(sent: SentIssuer, right: String) -> Option<String> {
    match sent {
        SentIssuer::Right => Some(right),
        SentIssuer::Wrong => Some("https://sts.other.example/v2.0".to_owned()),
        SentIssuer::Absent => None,
    }
}

/// Redirects to `post_logout_redirect_uri` if it is registered or loopback; otherwise shows a page.
pub(crate) fn logout_response(state: &EmulatorState, params: &Params) -> Response {
    let back = params.get("post_logout_redirect_uri").and_then(|uri| {
        let local = Url::parse(uri).ok().filter(is_loopback);
        local.or_else(|| registered_redirect_uri(state, uri))
    });
    let Some(mut back) = back else { return page::html(StatusCode::OK, page::signed_out()) };
    if let Some(state) = params.get("state") {
        back.query_pairs_mut().append_pair("state", state);
    }
    redirect_to(&back)
}

/// 302 with `Cache-Control: no-store`.
fn redirect_to(url: &Url) -> Response {
    match HeaderValue::from_str(url.as_str()) {
        Ok(location) => {
            let headers = [
                (header::LOCATION, location),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            ];
            (StatusCode::FOUND, headers).into_response()
        }
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
