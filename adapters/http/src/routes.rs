//! The routes, as warp filters: which path and method calls which handler.

use std::{
    convert::Infallible,
    future::Future,
    net::Ipv4Addr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::{StreamExt, TryStreamExt};
use tokio::time::timeout;
use warp::{
    Buf, Filter, Rejection,
    filters::{BoxedFilter, cors::CorsForbidden},
    http::{HeaderMap, Method},
    path,
    reply::{Reply, Response},
};

use crate::{
    App,
    failure::Failure,
    handlers::{Call, Peer, accounts, decision, login, meta, pages, session},
    harden::harden,
    origin,
};

/// The longest body that any route takes, in bytes.
const LONGEST_BODY: usize = 4_096;

/// How long it may take to come.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// All of Portico's routes. Every request is answered; none is rejected.
pub fn routes(
    app: Arc<App>,
) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static {
    // What apps ask with every request of their own stands first.
    let api = path("api").and(api(&app).with(origin::cors(&app.destinations)));
    let forbidden = app.clone();
    let https = app.is_https();
    api.map(Reply::into_response)
        .recover(move |rejection| cors_refused(rejection, forbidden.clone()))
        .unify()
        .or(site(&app))
        .unify()
        .or(nothing_here(&app))
        .unify()
        .map(move |response| harden(response, https))
}

/// What is below `/api`.
fn api(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let log_out = path!("logout").and(call(app, Method::POST)).and(warp::body::stream()).then(
        |called, body| async move {
            answer(called, async |call| session::log_out(call, read(body).await?).await).await
        },
    );
    let begin = path!("login" / String).and(call(app, Method::GET)).and(query()).then(
        |provider, called, query| answer(called, move |call| login::begin(call, provider, query)),
    );
    let complete = path!("callback" / String).and(call(app, Method::GET)).and(query()).then(
        |provider, called, query| {
            answer(called, move |call| login::complete(call, provider, query))
        },
    );
    let subscriptions = path!("accounts" / String / "subscriptions")
        .and(call(app, Method::GET))
        .and(query())
        .then(|id, called, query| {
            answer(called, move |call| accounts::subscriptions(call, id, query))
        });
    path!("session")
        .and(call(app, Method::GET))
        .then(|called| answer(called, session::show))
        .or(subscriptions)
        .unify()
        .or(path!("providers")
            .and(call(app, Method::GET))
            .then(|called| answer(called, meta::providers)))
        .unify()
        .or(log_out)
        .unify()
        .or(begin)
        .unify()
        .or(complete)
        .unify()
        .or(nothing_here(app))
        .unify()
        .boxed()
}

/// What stands beside `/api`.
fn site(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    // The redirect URI that the endpoint Portico stays compatible with has registered at Entra.
    let azure =
        path!("getAToken").and(call(app, Method::GET)).and(query()).then(|called, query| {
            answer(called, move |call| login::complete(call, "azure".into(), query))
        });
    let decide = path!("decide")
        .and(warp::post())
        .and(call(app, Method::POST))
        .and(warp::body::stream())
        .then(|called, body| async move {
            answer(called, async |call| decision::decide(call, read(body).await?).await).await
        });
    let ask = path!("decide").and(call(app, Method::GET));
    let ask = ask.then(|called| answer(called, decision::ask));
    path::end()
        .and(call(app, Method::GET))
        .then(|called| answer(called, pages::sign_in))
        .or(decide)
        .unify()
        .or(ask)
        .unify()
        .or(path!("dashboard")
            .and(call(app, Method::GET))
            .and(query())
            .then(|called, query| answer(called, move |call| pages::dashboard(call, query))))
        .unify()
        .or(azure)
        .unify()
        .or(path!("healthz")
            .and(call(app, Method::GET))
            .then(|called| answer(called, meta::health)))
        .unify()
        .or(path!("readyz").and(call(app, Method::GET)).then(|called| answer(called, meta::ready)))
        .unify()
        .or(path!("assets" / "portico.css")
            .and(call(app, Method::GET))
            .then(|called| answer(called, pages::style)))
        .unify()
        .or(path!("assets" / "favicon.svg")
            .and(call(app, Method::GET))
            .then(|called| answer(called, pages::favicon)))
        .unify()
        .or(path!("favicon.ico")
            .and(call(app, Method::GET))
            .then(|called| answer(called, pages::favicon_ico)))
        .unify()
        .or(path!("assets" / "providers" / String)
            .and(call(app, Method::GET))
            .then(|file, called| answer(called, move |call| pages::icon(call, file))))
        .unify()
        .boxed()
}

/// 404 for every other path.
fn nothing_here(
    app: &Arc<App>,
) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + use<> {
    let app = app.clone();
    warp::header::headers_cloned().map(move |headers| {
        let failure = Failure::not_found("not_found", "There is nothing at this address.");
        failure.answer(&app, &headers)
    })
}

/// A call that came by the wanted method, or the one to refuse by 405.
type Called = Result<Call, Call>;

fn call(
    app: &Arc<App>,
    wanted: Method,
) -> impl Filter<Extract = (Called,), Error = Infallible> + Clone + Send + Sync + use<> {
    let app = app.clone();
    let request = warp::method().and(warp::header::headers_cloned());
    let request = request.and(warp::ext::optional()).and(warp::ext::optional());
    request.map(move |method: Method, headers, peer: Option<Peer>, held| {
        let peer = peer.unwrap_or(Peer(Ipv4Addr::UNSPECIFIED.into()));
        // hyper sends no body in answer to HEAD.
        let head_only = method == Method::HEAD && wanted == Method::GET;
        let fits = method == wanted || head_only;
        let headers = Arc::new(headers);
        let unreadable = Arc::default();
        let call = Call { app: app.clone(), method, headers, peer, head_only, unreadable, held };
        if fits { Ok(call) } else { Err(call) }
    })
}

/// The query as it came, empty where there is none.
fn query() -> impl Filter<Extract = (String,), Error = Infallible> + Clone + Send + Sync {
    warp::query::raw().or_else(|_| async { Ok::<_, Infallible>((String::new(),)) })
}

/// Calls the handler; a failure becomes its answer.
async fn answer<Work>(called: Called, handler: impl FnOnce(Call) -> Work) -> Response
where
    Work: Future<Output = Result<Response, Failure>>,
{
    let (call, result) = match called {
        Ok(call) => (call.clone(), handler(call).await),
        Err(call) => (call, Err(Failure::method_not_allowed())),
    };
    let mut response = result.unwrap_or_else(|failure| failure.answer(&call.app, &call.headers));
    if call.unreadable.load(Ordering::Relaxed)
        && let Err(error) = call.app.cookies().take_back_session(response.headers_mut())
    {
        return Failure::from(error).answer(&call.app, &call.headers);
    }
    response
}

/// Reads a body, and stops at the limits.
async fn read<B: Buf>(
    body: impl futures_util::Stream<Item = Result<B, warp::Error>>,
) -> Result<Vec<u8>, Failure> {
    let read = timeout(BODY_WITHIN, read_whole(body)).await;
    read.map_err(|_| Failure::body_too_slow())?
}

async fn read_whole<B: Buf>(
    body: impl futures_util::Stream<Item = Result<B, warp::Error>>,
) -> Result<Vec<u8>, Failure> {
    let mut body = std::pin::pin!(body.map_err(|_| {
        Failure::bad_request("bad_body", "The request broke off in the middle of its body.")
    }));
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        let mut piece = piece?;
        if bytes.len() + piece.remaining() > LONGEST_BODY {
            return Err(Failure::too_large());
        }
        while piece.has_remaining() {
            let read = piece.chunk().len();
            bytes.extend_from_slice(piece.chunk());
            piece.advance(read);
        }
    }
    Ok(bytes)
}

/// 403 for a page that CORS keeps out. Only scripts get here, so the answer is JSON.
async fn cors_refused(rejection: Rejection, app: Arc<App>) -> Result<Response, Rejection> {
    match rejection.find::<CorsForbidden>() {
        Some(_) => Ok(Failure::wrong_origin().answer(&app, &HeaderMap::new())),
        None => Err(rejection),
    }
}
