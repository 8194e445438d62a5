//! The way back to a client: which redirect URIs are its own, and the redirects to them.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use url::Url;

use crate::base::is_loopback;
use crate::faults::SentIssuer;
use crate::page;
use crate::params::Params;
use crate::personas::{Person, WORLD};
use crate::state::Running;

/// Where an authorization answer goes: the client is known and the redirect URI is one of its own.
#[derive(Debug)]
pub(crate) struct Callback {
    pub(crate) redirect_uri: Url,
    /// As the request spelled it; the token request has to spell it the same.
    pub(crate) spelled: String,
    pub(crate) state: Option<String>,
}

impl Callback {
    /// `None` when the redirect URI is nobody's here.
    pub(crate) fn of(running: &Running, spelled: &str, params: &Params) -> Option<Self> {
        Some(Self {
            redirect_uri: registered(running, spelled)?,
            spelled: spelled.to_owned(),
            state: params.get("state").map(str::to_owned),
        })
    }

    /// The redirect, with RFC 9207's `iss` where there is one.
    pub(crate) fn answer(&self, fields: &[(&str, &str)], iss: Option<String>) -> Response {
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
        found(&url)
    }
}

/// A redirect URI of the application: exactly as registered or, with none registered, any on this machine.
pub(crate) fn registered(running: &Running, uri: &str) -> Option<Url> {
    let url = Url::parse(uri).ok().filter(|url| url.fragment().is_none())?;
    let own = running.redirect_uris();
    let is_own =
        if own.is_empty() { is_loopback(&url) } else { own.iter().any(|known| known == uri) };
    is_own.then_some(url)
}

/// Who a request says is signing in: by the page, or by a hint, which GitHub calls `login`.
pub(crate) fn who(params: &Params) -> Option<&'static Person> {
    let name = ["persona", "login_hint", "login"].into_iter().find_map(|name| params.get(name))?;
    WORLD.person(name)
}

/// What is sent as `iss`; `right` is the issuer of the ID token that will follow.
pub(crate) fn iss(sent: SentIssuer, right: String) -> Option<String> {
    match sent {
        SentIssuer::Right => Some(right),
        SentIssuer::Wrong => Some("https://sts.other.example/v2.0".to_owned()),
        SentIssuer::Absent => None,
    }
}

/// The end of a logout: back to where the application asked for, if that is registered or on this machine; otherwise a
/// page.
pub(crate) fn after_logout(running: &Running, params: &Params) -> Response {
    let back = params.get("post_logout_redirect_uri").and_then(|uri| {
        let local = Url::parse(uri).ok().filter(is_loopback);
        local.or_else(|| registered(running, uri))
    });
    let Some(mut back) = back else { return page::html(StatusCode::OK, page::signed_out()) };
    if let Some(state) = params.get("state") {
        back.query_pairs_mut().append_pair("state", state);
    }
    found(&back)
}

/// 302, never cached.
fn found(url: &Url) -> Response {
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
