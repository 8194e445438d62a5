//! The methods that a route takes.

use warp::http::Method;

/// The methods that a route takes, and how `Allow` names them (RFC 9110 section 10.2.1).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Methods {
    pub(super) taken: &'static [Method],
    pub(super) allow: &'static str,
}

/// Reading: every GET is answered to HEAD too, without its body.
pub(crate) const GET: Methods = Methods { taken: &[Method::GET, Method::HEAD], allow: "GET, HEAD" };

/// Changing.
pub(crate) const POST: Methods = Methods { taken: &[Method::POST], allow: "POST" };
