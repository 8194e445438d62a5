//! The table of routes as a warp filter.

use std::{convert::Infallible, net::Ipv4Addr, sync::Arc};

use futures_util::{Stream, TryStreamExt};
use portico_domain::return_to::Destinations;
use warp::{
    Buf, Filter, Rejection,
    filters::{BoxedFilter, path::FullPath},
    http::{HeaderMap, Method},
    reply::{Reply, Response},
};

use super::{
    cors,
    dispatch::{Body, Request, Router},
    route::Access,
    table::Table,
};
use crate::{
    connections::Held,
    error::Responder,
    request::{Cookies, Peer, RequestHead, RequestPath},
    response::{Rendering, harden},
};

/// All of Portico's routes. Every request is answered; none is rejected.
pub(crate) fn filter(
    table: Table,
    responder: Responder,
    cookies: Cookies,
    destinations: Destinations,
) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static {
    let https = responder.https;
    let table = Arc::new(table);
    let router = Arc::new(Router { table, responder, cookies, destinations });
    scripts(&router)
        .or(cors_refused(&router))
        .unify()
        .or(answered(&router))
        .unify()
        .map(move |response| harden(response, https))
}

/// What scripts may call. The path is looked at before CORS is: CORS answers a preflight by itself,
/// and would grant one for a path that scripts may not call.
fn scripts(router: &Arc<Router>) -> BoxedFilter<(Response,)> {
    let cors = cors::cors(&router.destinations);
    for_scripts(router).and(answered(router).with(cors)).map(Reply::into_response).boxed()
}

/// 403 for what CORS has refused: nothing else that scripts may call comes here.
fn cors_refused(router: &Arc<Router>) -> BoxedFilter<(Response,)> {
    let refused = |router: Arc<Router>, Request { head, .. }| {
        let failure = cors::refused(&head.headers, &router.destinations);
        router.responder.answer(&failure, &head, Rendering::Json)
    };
    for_scripts(router).and(request(router)).map(refused).boxed()
}

/// The answer of the path's route, whoever may call it.
fn answered(
    router: &Arc<Router>,
) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + use<> {
    let table = router.table.clone();
    let found = path().map(move |RequestPath(path)| table.find(&path));
    found.and(request(router)).then(Router::answer)
}

/// Lets paths through that scripts may call, among them those below `/api` that nothing is at.
fn for_scripts(
    router: &Arc<Router>,
) -> impl Filter<Extract = (), Error = Rejection> + Clone + Send + Sync + use<> {
    let table = router.table.clone();
    let passes = path().and_then(move |RequestPath(path)| {
        let for_scripts = match table.find(&path) {
            Some(found) => found.row().access == Access::Scripts,
            None => *path == *"/api" || path.starts_with("/api/"),
        };
        async move { if for_scripts { Ok(()) } else { Err(warp::reject()) } }
    });
    passes.untuple_one()
}

/// The path as the server hands it over, or as warp sees it, which has none of CONNECT's to show.
fn path() -> impl Filter<Extract = (RequestPath,), Error = Infallible> + Clone + Send + Sync {
    let full = warp::path::full().map(|full: FullPath| RequestPath(full.as_str().into()));
    warp::ext::get().or(full).unify()
}

/// The request, and what it needs.
fn request(
    router: &Arc<Router>,
) -> impl Filter<Extract = (Arc<Router>, Request), Error = Infallible> + Clone + Send + Sync + use<>
{
    let router = router.clone();
    let head = warp::method().and(path()).and(warp::header::headers_cloned());
    let head = head.and(warp::ext::optional()).map(
        |method: Method, RequestPath(path), headers: HeaderMap, peer: Option<Peer>| {
            let peer = peer.unwrap_or(Peer(Ipv4Addr::UNSPECIFIED.into()));
            RequestHead { method, path, headers, peer }
        },
    );
    let query = warp::query::raw().or_else(|_| async { Ok::<_, Infallible>((String::new(),)) });
    let body = warp::body::stream().map(|stream| Some(boxed(stream)));
    let body = body.or_else(|_| async { Ok::<_, Infallible>((None,)) });
    warp::any().map(move || router.clone()).and(
        head.and(query)
            .and(warp::ext::optional::<Arc<Held>>())
            .and(body)
            .map(|head, query, held, body| Request { head, query, held, body }),
    )
}

fn boxed<B: Buf>(stream: impl Stream<Item = Result<B, warp::Error>> + Send + 'static) -> Body {
    Box::pin(stream.map_ok(|mut piece| piece.copy_to_bytes(piece.remaining())))
}
