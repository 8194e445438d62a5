//! Dispatches a request to the handler of its route: method, body limit, handler, rendering.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::{Stream, TryStreamExt};
use http_body_util::StreamBody;
use hyper::body::{Bytes, Frame};
use portico_domain::return_to::Destinations;
use warp::{
    http::{HeaderValue, Method, StatusCode, header},
    reply::{Reply, Response},
};

use super::{
    route::NO_BODY,
    table::{BoundRoute, PathRow, Table},
};
use crate::{
    connections::RequestGuard,
    error::{ErrorCode, Failure, Responder},
    request::{BodyError, Call, Cookies, RequestHead, read},
    response::Rendering,
};

/// Dependencies of the dispatch.
pub(super) struct Router {
    pub(super) table: Arc<Table>,
    pub(super) responder: Responder,
    pub(super) cookies: Cookies,
    pub(super) destinations: Destinations,
}

/// An unread body.
pub(super) type Body = Pin<Box<dyn Stream<Item = Result<Bytes, warp::Error>> + Send>>;

/// A request before its body is read.
pub(super) struct Request {
    pub(super) head: RequestHead,
    pub(super) query: String,
    pub(super) guard: Option<Arc<RequestGuard>>,
    pub(super) body: Option<Body>,
}

impl Router {
    /// The response of the route that matches the path; 404 if none does.
    pub(super) async fn respond(router: Arc<Self>, request: Request) -> Response {
        let path = request.head.path.clone();
        let Some((row, parameter)) = router.table.find(&path) else {
            let failure = ErrorCode::NotFound.into();
            return router.responder.respond(&failure, &request.head, Rendering::Json);
        };
        let answers = row.route(&Method::OPTIONS).is_some();
        if let Some(options) = options(row, &request.head).filter(|_| !answers) {
            return options;
        }
        match row.route(&request.head.method) {
            Some(route) => router.handle(route, request, parameter.to_owned()).await,
            None => {
                let failure = Failure::method_not_allowed(&row.allow);
                router.responder.respond(&failure, &request.head, row.rendering())
            }
        }
    }

    /// Reads the body, calls the handler, and renders a failure in the form of the route.
    async fn handle(&self, route: &BoundRoute, request: Request, parameter: String) -> Response {
        let Request { head, query, guard, body } = request;
        let rendering = route.rendering;
        let body = match read_body(body, route.body_limit).await {
            Ok(body) => body,
            Err(failure) => return self.responder.respond(&failure, &head, rendering),
        };
        let wants_page = rendering.wants_page(&head.headers);
        let clear_session = AtomicBool::new(false);
        let call =
            Arc::new(Call { head, parameter, query, body, wants_page, clear_session, guard });
        let result = (route.handler)(call.clone()).await;
        let render = |failure| self.responder.respond(&failure, &call.head, rendering);
        let mut response = result.unwrap_or_else(render);
        if call.clear_session.load(Ordering::Relaxed)
            && let Err(error) = self.cookies.clear_session_unless_set(response.headers_mut())
        {
            return render(error.into());
        }
        response
    }
}

/// The response to OPTIONS: 204 with `Allow` (RFC 9110 section 9.3.7). `None` for a preflight: here its
/// path is one without CORS, so it is refused like any other method.
fn options(row: &PathRow, head: &RequestHead) -> Option<Response> {
    let is_preflight = head.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if head.method != Method::OPTIONS || is_preflight {
        return None;
    }
    let allow = HeaderValue::from_str(&row.allow).ok()?;
    let mut response =
        warp::reply::with_status(warp::reply(), StatusCode::NO_CONTENT).into_response();
    response.headers_mut().insert(header::ALLOW, allow);
    Some(response)
}

/// Reads the body; empty if the route takes none.
async fn read_body(body: Option<Body>, limit: usize) -> Result<Vec<u8>, Failure> {
    let Some(body) = body.filter(|_| limit != NO_BODY) else { return Ok(Vec::new()) };
    let read = read(StreamBody::new(body.map_ok(Frame::data)), limit).await;
    read.map_err(|error| match error {
        BodyError::TooLarge => Failure::too_large(limit),
        BodyError::TooSlow => ErrorCode::BodyTooSlow.into(),
        BodyError::Broken => ErrorCode::BrokenBody.into(),
    })
}
