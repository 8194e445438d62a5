//! The head of a request: its method, its path, its headers, its peer, and what the log may hold of
//! them.

use std::{net::IpAddr, sync::Arc};

use warp::http::{HeaderMap, Method};

/// A request without its query and its body.
#[derive(Debug)]
pub(crate) struct RequestHead {
    pub(crate) method: Method,
    /// As it was sent, without a query; empty where its target has no path, as that of CONNECT.
    pub(crate) path: Arc<str>,
    pub(crate) headers: HeaderMap,
    pub(crate) peer: Peer,
}

/// The other end of the connection that a request came by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// A request's path, as the server hands it to the routes.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestPath(pub(crate) Arc<str>);

impl RequestHead {
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

    fn head(method: &str, path: &str) -> RequestHead {
        RequestHead {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            path: path.into(),
            headers: HeaderMap::new(),
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
            assert_eq!(head("GET", path).shown_path(), shown);
        }
    }

    #[test]
    fn a_method_that_http_does_not_know_is_not_shown() {
        assert_eq!(head("DELETE", "/").shown_method(), "DELETE");
        assert_eq!(head("MARKED-4711", "/").shown_method(), "another");
    }
}
