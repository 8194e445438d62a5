//! The methods of a route.

use warp::http::Method;

/// The methods of a route.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Methods {
    /// `None` for any method, also one that HTTP does not define.
    pub(super) accepted: Option<&'static [Method]>,
    /// The same as the value of `Allow` (RFC 9110 section 10.2.1).
    pub(super) allow: &'static str,
}

/// For reads. HEAD gets the response of GET without its body.
pub(crate) const GET: Methods =
    Methods { accepted: Some(&[Method::GET, Method::HEAD]), allow: "GET, HEAD" };

/// For the end of a resource.
pub(crate) const DELETE: Methods = Methods { accepted: Some(&[Method::DELETE]), allow: "DELETE" };

/// For state changes.
pub(crate) const POST: Methods = Methods { accepted: Some(&[Method::POST]), allow: "POST" };

/// For checks that proxies make with the method of the request that they ask about.
pub(crate) const ANY: Methods = Methods { accepted: None, allow: "any" };

impl Methods {
    pub(super) fn accepts(&self, method: &Method) -> bool {
        self.accepted.is_none_or(|accepted| accepted.contains(method))
    }
}
