//! The methods of a route.

use warp::http::Method;

/// The methods of a route.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Methods {
    pub(super) accepted: &'static [Method],
    /// The same as the value of `Allow` (RFC 9110 section 10.2.1).
    pub(super) allow: &'static str,
}

/// For reads. HEAD gets the response of GET without its body.
pub(crate) const GET: Methods =
    Methods { accepted: &[Method::GET, Method::HEAD], allow: "GET, HEAD" };

/// For the end of a resource.
pub(crate) const DELETE: Methods = Methods { accepted: &[Method::DELETE], allow: "DELETE" };

/// For state changes.
pub(crate) const POST: Methods = Methods { accepted: &[Method::POST], allow: "POST" };
