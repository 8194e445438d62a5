//! The head of a request, and the form in which it is logged.

use std::{net::IpAddr, sync::Arc};

use warp::http::{HeaderMap, Method};

use crate::connections::RequestGuard;

/// A request without its query and its body.
#[derive(Debug)]
pub(crate) struct RequestHead {
    pub(crate) method: Method,
    /// Not decoded, without the query; empty if the target has no path (CONNECT).
    pub(crate) path: Arc<str>,
    pub(crate) headers: HeaderMap,
    pub(crate) peer: Peer,
}

/// The address of the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// What the server knows of a request, as an extension of it for the routes.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    /// As in [`RequestHead`].
    pub(crate) path: Arc<str>,
    pub(crate) peer: Peer,
    /// `None` in tests.
    pub(crate) guard: Option<Arc<RequestGuard>>,
}

impl RequestHead {
    /// The method for the log. A method that RFC 9110 section 9 does not define may be any text.
    pub(crate) fn logged_method(&self) -> &str {
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

    /// The path for the log.
    ///
    /// Links of other applications may come here by mistake, with secrets in their paths. Segments that
    /// are short words, such as those of routes and provider ids, are logged; a segment that is long or
    /// has several digits may be an id, a token or a code, and becomes `…`.
    pub(crate) fn logged_path(&self) -> String {
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

    use rstest::rstest;

    use super::*;

    fn head(method: &str, path: &str) -> RequestHead {
        RequestHead {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            path: path.into(),
            headers: HeaderMap::new(),
            peer: Peer(Ipv4Addr::LOCALHOST.into()),
        }
    }

    #[rstest]
    #[case::root("/", "/")]
    #[case::callback("/getAToken", "/getAToken")]
    #[case::login("/api/login/azure", "/api/login/azure")]
    #[case::provider_callback("/api/callback/digitalocean", "/api/callback/digitalocean")]
    #[case::account_id("/api/accounts/Zm9vYmFyMTIzNDU2Nzg5MA/list", "/api/accounts/…/list")]
    #[case::icon("/assets/providers/oidc.svg", "/assets/providers/oidc.svg")]
    #[case::two_digits("/oauth2/v2.0/token", "/oauth2/v2.0/token")]
    #[case::empty_segment("/api//logout", "/api//logout")]
    #[case::digits("/reset/marked-canary-4711-secret", "/reset/…")]
    #[case::percent_encoded("/a%2Fb", "/…")]
    #[case::not_ascii("/\u{17c}", "/…")]
    #[case::long("/this-is-a-rather-long-secret", "/…")]
    #[case::many_segments("/1/2/3/4/5/6/7/8/9", "/1/2/3/4/5/6/7/8/…")]
    fn logged_path_replaces_segments_that_may_be_secret(#[case] path: &str, #[case] logged: &str) {
        assert_eq!(head("GET", path).logged_path(), logged);
    }

    #[test]
    fn logged_method_hides_unknown_methods() {
        assert_eq!(head("DELETE", "/").logged_method(), "DELETE");
        assert_eq!(head("MARKED-4711", "/").logged_method(), "another");
    }
}
