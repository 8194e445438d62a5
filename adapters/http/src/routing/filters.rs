//! The table of routes as a warp filter.

use std::{convert::Infallible, net::Ipv4Addr, sync::Arc};

use futures_util::{Stream, TryStreamExt};
use portico_domain::return_to::Destinations;
use warp::{
    Buf, Filter, Rejection,
    filters::path::FullPath,
    http::{HeaderMap, Method, header},
    reply::{Reply, Response},
};

use super::{
    cors,
    dispatch::{Body, Request, Router},
    route::Access,
    table::Table,
};
use crate::{
    error::Responder,
    request::{Admitted, Cookies, Peer, RequestHead},
    response::{Rendering, harden},
};

/// A filter that answers every request.
pub(crate) fn filter(
    table: Table,
    responder: Responder,
    cookies: Cookies,
    destinations: Destinations,
) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static {
    let https = responder.https;
    let table = Arc::new(table);
    let router = Arc::new(Router { table, responder, cookies, destinations });
    let with_cors = scripts(&router).or(cors_refused(&router)).unify().boxed();
    // CORS does nothing without `Origin`. Requests without it come first: most are, and each filter
    // that a request passes costs time.
    let without_origin = without_origin().and(dispatched(&router));
    let routes = without_origin.or(with_cors).unify().or(dispatched(&router)).unify();
    routes.map(move |response| harden(response, https))
}

/// Passes requests without `Origin`.
fn without_origin() -> impl Filter<Extract = (), Error = Rejection> + Clone + Send + Sync {
    let origin = warp::header::optional::<String>(header::ORIGIN.as_str());
    let passes = |origin: Option<String>| async move {
        if origin.is_none() { Ok(()) } else { Err(warp::reject()) }
    };
    origin.and_then(passes).untuple_one()
}

/// Routes that scripts may call, with CORS. The path is matched first: warp's CORS filter answers a
/// preflight by itself, and would allow one for a path that scripts may not call.
fn scripts(
    router: &Arc<Router>,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + Send + Sync + use<> {
    let cors = cors::cors(&router.destinations);
    for_scripts(router).and(dispatched(router).with(cors)).map(Reply::into_response)
}

/// Answers 403 to requests that CORS refused: no other request for these paths is passed on.
fn cors_refused(
    router: &Arc<Router>,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + Send + Sync + use<> {
    let refused = |router: Arc<Router>, Request { head, .. }| {
        let failure = cors::refused(&head.headers, &router.destinations);
        router.responder.respond(&failure, &head, Rendering::Json)
    };
    for_scripts(router).and(request(router)).map(refused)
}

/// Dispatches to the route of the path, without CORS.
fn dispatched(
    router: &Arc<Router>,
) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + use<> {
    request(router).then(Router::respond)
}

/// Passes paths that scripts may call, and unknown paths below `/api`.
fn for_scripts(
    router: &Arc<Router>,
) -> impl Filter<Extract = (), Error = Rejection> + Clone + Send + Sync + use<> {
    let table = router.table.clone();
    let passes = admitted().and_then(move |Admitted { path, .. }| {
        let for_scripts = match table.find(&path) {
            Some((row, _)) => row.access == Access::Scripts,
            None => *path == *"/api" || path.starts_with("/api/"),
        };
        async move { if for_scripts { Ok(()) } else { Err(warp::reject()) } }
    });
    passes.untuple_one()
}

/// What the server, or warp in tests, knows of the request. warp has no path for the target of CONNECT.
fn admitted() -> impl Filter<Extract = (Admitted,), Error = Infallible> + Clone + Send + Sync {
    let in_tests = warp::path::full().map(|path: FullPath| {
        let (path, peer) = (path.as_str().into(), Peer(Ipv4Addr::UNSPECIFIED.into()));
        Admitted { path, peer, guard: None }
    });
    warp::ext::get().or(in_tests).unify()
}

/// The router and the request.
fn request(
    router: &Arc<Router>,
) -> impl Filter<Extract = (Arc<Router>, Request), Error = Infallible> + Clone + Send + Sync + use<>
{
    let router = router.clone();
    let head = warp::method().and(admitted()).and(warp::header::headers_cloned());
    let query = warp::query::raw().or_else(|_| async { Ok::<_, Infallible>((String::new(),)) });
    let body = warp::body::stream().map(|stream| Some(boxed(stream)));
    let body = body.or_else(|_| async { Ok::<_, Infallible>((None,)) });
    let request = head.and(query).and(body).map(
        |method: Method, admitted: Admitted, headers: HeaderMap, query, body| {
            let Admitted { path, peer, guard } = admitted;
            Request { head: RequestHead { method, path, headers, peer }, query, guard, body }
        },
    );
    warp::any().map(move || router.clone()).and(request)
}

fn boxed<B: Buf>(stream: impl Stream<Item = Result<B, warp::Error>> + Send + 'static) -> Body {
    Box::pin(stream.map_ok(|mut chunk| chunk.copy_to_bytes(chunk.remaining())))
}
