//! One row of the table of routes.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use warp::reply::Response;

use super::methods::Methods;
use crate::{error::Failure, request::Call, response::Rendering};

/// The body limit of a route that reads no body.
pub(crate) const NO_BODY: usize = 0;

/// What a handler gives back.
pub(crate) type Answer = BoxFuture<'static, Result<Response, Failure>>;

/// A route of the feature whose state is `S`.
pub(crate) struct Route<S> {
    /// A stable word for logs and metrics.
    pub(crate) name: &'static str,
    pub(crate) methods: Methods,
    /// Segments, of which one may be `{…}`: any one segment that is not empty. It reaches the handler
    /// as it was sent, without percent-decoding.
    pub(crate) path: &'static str,
    /// The longest body in bytes; [`NO_BODY`] where none is read.
    pub(crate) body_limit: usize,
    /// What its answers look like, its errors among them.
    pub(crate) rendering: Rendering,
    pub(crate) access: Access,
    /// Answers a request.
    pub(crate) handler: fn(Arc<S>, Arc<Call>) -> Answer,
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// What a browser shows or loads for a page of Portico's own: CORS has no say over a navigation,
    /// whose `Origin` may be anything or `null` (Fetch standard section 3.3).
    Browser,
    /// Scripts too, those of the dashboard's origin with credentials (CORS).
    Scripts,
}

/// What documents, metrics and API descriptions need to know of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteInfo {
    /// A stable word, such as `login_begin`.
    pub name: &'static str,
    /// The methods as `Allow` has them, such as `GET, HEAD`.
    pub methods: &'static str,
    /// The path, with `{…}` for a segment that varies.
    pub path: &'static str,
    /// The longest body in bytes; 0 where none is read.
    pub body_limit: usize,
    /// What its answers look like.
    pub rendering: Rendering,
}

impl<S> Route<S> {
    /// The row without its handler.
    pub(crate) fn info(&self) -> RouteInfo {
        let Self { name, methods, path, body_limit, rendering, .. } = self;
        let (body_limit, rendering) = (*body_limit, *rendering);
        RouteInfo { name, methods: methods.allow, path, body_limit, rendering }
    }
}
