//! One request through the table: method, body limit, handler, and the failure's rendering.

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
    table::{BoundRoute, Found, PathRow, Table},
};
use crate::{
    connections::Held,
    error::{ErrorCode, Failure, Responder},
    request::{BodyError, Call, Cookies, RequestHead, read},
    response::Rendering,
};

/// What every request through the table needs.
pub(super) struct Router {
    pub(super) table: Arc<Table>,
    pub(super) responder: Responder,
    pub(super) cookies: Cookies,
    pub(super) destinations: Destinations,
}

/// A body that has not been read.
pub(super) type Body = Pin<Box<dyn Stream<Item = Result<Bytes, warp::Error>> + Send>>;

/// A request before its route is known.
pub(super) struct Request {
    pub(super) head: RequestHead,
    pub(super) query: String,
    pub(super) held: Option<Arc<Held>>,
    pub(super) body: Option<Body>,
}

impl Router {
    /// The answer to a request for this path; 404 where there is none.
    pub(super) async fn answer(
        found: Option<Found>,
        router: Arc<Self>,
        request: Request,
    ) -> Response {
        let Some(found) = found else {
            let failure = ErrorCode::NotFound.into();
            return router.responder.answer(&failure, &request.head, Rendering::Json);
        };
        let row = found.row();
        if let Some(options) = options(row, &request.head) {
            return options;
        }
        match row.route(&request.head.method) {
            Some(route) => router.handled(route, request, found.parameter.clone()).await,
            None => {
                let failure = Failure::method_not_allowed(&row.allow);
                router.responder.answer(&failure, &request.head, row.rendering())
            }
        }
    }

    /// Reads the body, calls the handler, and renders a failure as the route says.
    async fn handled(&self, route: &BoundRoute, request: Request, parameter: String) -> Response {
        let Request { head, query, held, body } = request;
        let rendering = route.rendering;
        let body = match whole(body, route.body_limit).await {
            Ok(body) => body,
            Err(failure) => return self.responder.answer(&failure, &head, rendering),
        };
        let wants_page = rendering.wants_page(&head.headers);
        let unreadable = AtomicBool::new(false);
        let call = Arc::new(Call { head, parameter, query, body, wants_page, unreadable, held });
        let result = (route.handler)(call.clone()).await;
        let answer = |failure| self.responder.answer(&failure, &call.head, rendering);
        let mut response = result.unwrap_or_else(answer);
        if call.unreadable.load(Ordering::Relaxed)
            && let Err(error) = self.cookies.take_back_session(response.headers_mut())
        {
            return answer(error.into());
        }
        response
    }
}

/// 204 with the methods that the path takes (RFC 9110 section 9.3.7). A preflight that comes as far
/// as here is of a path that CORS grants nothing of, and is refused as any other method is.
fn options(row: &PathRow, head: &RequestHead) -> Option<Response> {
    let preflight = head.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if head.method != Method::OPTIONS || preflight {
        return None;
    }
    let allow = HeaderValue::from_str(&row.allow).ok()?;
    let mut response =
        warp::reply::with_status(warp::reply(), StatusCode::NO_CONTENT).into_response();
    response.headers_mut().insert(header::ALLOW, allow);
    Some(response)
}

/// The whole body, where the route reads one.
async fn whole(body: Option<Body>, limit: usize) -> Result<Vec<u8>, Failure> {
    let Some(body) = body.filter(|_| limit != NO_BODY) else { return Ok(Vec::new()) };
    let read = read(StreamBody::new(body.map_ok(Frame::data)), limit).await;
    read.map_err(|error| match error {
        BodyError::TooLarge => Failure::too_large(limit),
        BodyError::TooSlow => ErrorCode::BodyTooSlow.into(),
        BodyError::Broken => ErrorCode::BrokenBody.into(),
    })
}
