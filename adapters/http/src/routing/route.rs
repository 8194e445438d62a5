//! One row of the table of routes.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use warp::reply::Response;

use super::methods::Methods;
use crate::{error::Failure, request::Call, response::Rendering};

/// The body limit of a route that reads no body.
pub(crate) const NO_BODY: usize = 0;

/// The future of a handler.
pub(crate) type HandlerFuture = BoxFuture<'static, Result<Response, Failure>>;

/// A route of the feature whose state is `S`.
pub(crate) struct Route<S> {
    /// A stable name for logs and metrics.
    pub(crate) name: &'static str,
    pub(crate) methods: Methods,
    /// The path. One segment may be `{name}`, which matches any non-empty segment; the handler gets it
    /// without percent-decoding. A last segment `{…}` matches any further path.
    pub(crate) path: &'static str,
    /// The longest body in bytes; [`NO_BODY`] if none is read.
    pub(crate) body_limit: usize,
    /// The form of responses and errors.
    pub(crate) rendering: Rendering,
    pub(crate) access: Access,
    pub(crate) handler: fn(Arc<S>, Arc<Call>) -> HandlerFuture,
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Browsers, by navigation or as a resource of Portico's pages. CORS is not checked: the `Origin` of
    /// a navigation may be any, or `null` (Fetch standard section 3.3).
    Browser,
    /// Also scripts of the dashboard's origin, with credentials (CORS).
    Scripts,
}

/// The description of a route for documents and metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteInfo {
    /// A stable name, such as `login_begin`.
    pub name: &'static str,
    /// The value of `Allow`, such as `GET, HEAD`.
    pub methods: &'static str,
    /// The path, with `{…}` for a variable segment.
    pub path: &'static str,
    /// The longest body in bytes; 0 if none is read.
    pub body_limit: usize,
    /// The form of responses and errors.
    pub rendering: Rendering,
}

impl<S> Route<S> {
    /// The description of this route.
    pub(crate) fn info(&self) -> RouteInfo {
        let Self { name, methods, path, body_limit, rendering, .. } = self;
        let (body_limit, rendering) = (*body_limit, *rendering);
        RouteInfo { name, methods: methods.allow, path, body_limit, rendering }
    }
}
