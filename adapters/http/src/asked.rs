//! Which request a log line is about: its method, its path and whom it came from.

use std::{net::IpAddr, sync::Arc};

use warp::http::{HeaderMap, Method};

use crate::{App, handlers::Peer};

/// What is logged of a request, and what its answer depends on.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// As it was sent, without a query.
    pub(crate) path: Arc<str>,
    pub(crate) headers: Arc<HeaderMap>,
    pub(crate) peer: Peer,
}

impl Asked {
    /// The client's address, as the limits count it.
    pub(crate) fn address(&self, app: &App) -> IpAddr {
        app.gate.client(self.peer.0, &self.headers)
    }

    /// The method, where HTTP knows it (RFC 9110 section 9): others are any text.
    pub(crate) fn shown_method(&self) -> &str {
        match self.method {
            Method::GET
            | Method::HEAD
            | Method::POST
            | Method::PUT
            | Method::DELETE
            | Method::OPTIONS
            | Method::PATCH
            | Method::TRACE
            | Method::CONNECT => self.method.as_str(),
            _ => "another",
        }
    }

    /// The path as the log may hold it.
    ///
    /// Other applications put secrets into paths, and their links come here by mistake. A segment
    /// stands here as it is if it is a word, as those of Portico's routes and ids of providers are;
    /// what is long or has many digits is an id, a token or a code, and becomes `…`.
    pub(crate) fn shown_path(&self) -> String {
        const SEGMENTS: usize = 8;
        let mut segments = self.path.split('/').skip(1);
        let mut shown = String::new();
        for segment in segments.by_ref().take(SEGMENTS) {
            shown.push('/');
            shown.push_str(if is_word(segment) { segment } else { "…" });
        }
        if segments.next().is_some() {
            shown.push_str("/…");
        }
        shown
    }
}

fn is_word(segment: &str) -> bool {
    const MAX_LEN: usize = 24;
    const MAX_DIGITS: usize = 2;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    segment.len() <= MAX_LEN
        && segment.bytes().all(plain)
        && segment.bytes().filter(u8::is_ascii_digit).count() <= MAX_DIGITS
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn asked(method: &str, path: &str) -> Asked {
        Asked {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            path: path.into(),
            headers: Arc::default(),
            peer: Peer(Ipv4Addr::LOCALHOST.into()),
        }
    }

    #[test]
    fn the_paths_of_routes_are_shown_and_what_may_be_a_secret_is_not() {
        for (path, shown) in [
            ("/", "/"),
            ("/getAToken", "/getAToken"),
            ("/api/login/azure", "/api/login/azure"),
            ("/api/callback/digitalocean", "/api/callback/digitalocean"),
            ("/api/accounts/Zm9vYmFyMTIzNDU2Nzg5MA/subscriptions", "/api/accounts/…/subscriptions"),
            ("/assets/providers/oidc.svg", "/assets/providers/oidc.svg"),
            ("/oauth2/v2.0/token", "/oauth2/v2.0/token"),
            ("/api//logout", "/api//logout"),
            ("/reset/marked-canary-4711-secret", "/reset/…"),
            ("/a%2Fb", "/…"),
            ("/\u{17c}", "/…"),
            ("/this-is-a-rather-long-secret", "/…"),
            ("/1/2/3/4/5/6/7/8/9", "/1/2/3/4/5/6/7/8/…"),
        ] {
            assert_eq!(asked("GET", path).shown_path(), shown);
        }
    }

    #[test]
    fn a_method_that_http_does_not_know_is_not_shown() {
        assert_eq!(asked("DELETE", "/").shown_method(), "DELETE");
        assert_eq!(asked("MARKED-4711", "/").shown_method(), "another");
    }
}
