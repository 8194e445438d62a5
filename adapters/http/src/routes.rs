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
    Buf, Filter,
    filters::BoxedFilter,
    http::Method,
    path,
    reply::{Reply, Response},
};

use crate::{
    App,
    failure::Failure,
    handlers::{Call, Peer, RequestPath, accounts, decision, login, meta, pages, session},
    harden::harden,
    origin,
};

/// The longest body that any route takes, in bytes.
const MAX_BODY_LEN: usize = 4_096;

/// How long it may take to come.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// All of Portico's routes. Every request is answered; none is rejected.
pub fn routes(
    app: Arc<App>,
) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static {
    // What apps ask with every request of their own stands first.
    let scripts = path("api").and(scripts(&app).with(origin::cors(&app.destinations)));
    let https = app.is_https();
    path("api")
        .and(navigations(&app))
        .or(scripts)
        .map(Reply::into_response)
        .or(path("api").and(cors_refused(&app)))
        .unify()
        .or(site(&app))
        .unify()
        .or(nothing_here(&app))
        .unify()
        .map(move |response| harden(response, https))
}

/// What is below `/api` and a browser shows itself: CORS has no say over it (Fetch standard section
/// 3.3), and whatever page or redirect it comes from, its `Origin` may be `null`.
fn navigations(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let begin =
        path!("login" / String).and(call(app, GET)).and(query()).then(|provider, called, query| {
            answer(called, move |call| login::begin(call, provider, query))
        });
    let complete = path!("callback" / String).and(call(app, GET)).and(query()).then(
        |provider, called, query| {
            answer(called, move |call| login::complete(call, provider, query))
        },
    );
    begin.or(complete).unify().boxed()
}

/// What is below `/api` for scripts.
fn scripts(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let log_out = path!("logout").and(call(app, POST)).and(warp::body::stream()).then(
        |called, body| async move {
            answer(called, async |call| session::log_out(call, read(body).await?).await).await
        },
    );
    let subscriptions = path!("accounts" / String / "subscriptions")
        .and(call(app, GET))
        .and(query())
        .then(|id, called, query| {
            answer(called, move |call| accounts::subscriptions(call, id, query))
        });
    path!("session")
        .and(call(app, GET))
        .then(|called| answer(called, session::show))
        .or(subscriptions)
        .unify()
        .or(path!("providers").and(call(app, GET)).then(|called| answer(called, meta::providers)))
        .unify()
        .or(log_out)
        .unify()
        .or(nothing_here(app))
        .unify()
        .boxed()
}

/// What stands beside `/api`.
fn site(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    // The redirect URI that the endpoint Portico stays compatible with has registered at Entra.
    let azure = path!("getAToken")
        .and(call(app, GET))
        .and(query())
        .then(|called, query| answer(called, move |call| login::complete_azure(call, query)));
    let decide =
        path!("decide").and(warp::post()).and(call(app, FORM)).and(warp::body::stream()).then(
            |called, body| async move {
                answer(called, async |call| decision::decide(call, read(body).await?).await).await
            },
        );
    let ask = path!("decide").and(call(app, FORM));
    let ask = ask.then(|called| answer(called, decision::ask));
    path::end()
        .and(call(app, GET))
        .then(|called| answer(called, pages::sign_in))
        .or(decide)
        .unify()
        .or(ask)
        .unify()
        .or(path!("dashboard")
            .and(call(app, GET))
            .and(query())
            .then(|called, query| answer(called, move |call| pages::dashboard(call, query))))
        .unify()
        .or(azure)
        .unify()
        .or(path!("healthz").and(call(app, GET)).then(|called| answer(called, meta::health)))
        .unify()
        .or(path!("readyz").and(call(app, GET)).then(|called| answer(called, meta::ready)))
        .unify()
        .or(path!("assets" / "portico.css")
            .and(call(app, GET))
            .then(|called| answer(called, pages::style)))
        .unify()
        .or(path!("assets" / "favicon.svg")
            .and(call(app, GET))
            .then(|called| answer(called, pages::favicon)))
        .unify()
        .or(path!("favicon.ico")
            .and(call(app, GET))
            .then(|called| answer(called, pages::favicon_ico)))
        .unify()
        .or(path!("assets" / "providers" / String)
            .and(call(app, GET))
            .then(|file, called| answer(called, move |call| pages::icon(call, file))))
        .unify()
        .boxed()
}

/// 404 for every other path.
fn nothing_here(
    app: &Arc<App>,
) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + use<> {
    call(app, NONE).map(|called: Called| {
        let call = called.unwrap_or_else(|(call, _)| call);
        let failure = Failure::not_found("not_found", "There is nothing at this address.");
        failure.answer(&call.app, &call.asked())
    })
}

/// 403 for what CORS has refused, and nothing else comes here.
fn cors_refused(
    app: &Arc<App>,
) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + use<> {
    call(app, NONE).map(|called: Called| {
        let call = called.unwrap_or_else(|(call, _)| call);
        let fault = origin::cors_fault(&call.headers, &call.app.destinations);
        Failure::cors(&fault, &call.headers).answer(&call.app, &call.asked())
    })
}

/// The methods that a path takes, and how its `Allow` names them.
struct Methods {
    taken: &'static [Method],
    allow: &'static str,
}

const GET: &Methods = &Methods { taken: &[Method::GET, Method::HEAD], allow: "GET, HEAD" };
const POST: &Methods = &Methods { taken: &[Method::POST], allow: "POST" };
const FORM: &Methods =
    &Methods { taken: &[Method::GET, Method::HEAD, Method::POST], allow: "GET, HEAD, POST" };
const NONE: &Methods = &Methods { taken: &[], allow: "" };

/// A call that came by a method that its path takes, or the one to refuse by 405 with what it takes.
type Called = Result<Call, (Call, &'static str)>;

fn call(
    app: &Arc<App>,
    wanted: &'static Methods,
) -> impl Filter<Extract = (Called,), Error = Infallible> + Clone + Send + Sync + use<> {
    let app = app.clone();
    let request = warp::method().and(warp::header::headers_cloned()).and(warp::ext::optional());
    let request = request.and(warp::ext::optional()).and(warp::ext::optional());
    request.map(
        move |method: Method, headers, path: Option<RequestPath>, peer: Option<Peer>, held| {
            let RequestPath(path) = path.unwrap_or_default();
            let peer = peer.unwrap_or(Peer(Ipv4Addr::UNSPECIFIED.into()));
            let fits = wanted.taken.contains(&method);
            // hyper sends no body in answer to HEAD.
            let head_only = method == Method::HEAD;
            let (app, headers, unreadable) = (app.clone(), Arc::new(headers), Arc::default());
            let call = Call { app, method, path, headers, peer, head_only, unreadable, held };
            if fits { Ok(call) } else { Err((call, wanted.allow)) }
        },
    )
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
        Err((call, allow)) => (call, Err(Failure::method_not_allowed(allow))),
    };
    let mut response = result.unwrap_or_else(|failure| failure.answer(&call.app, &call.asked()));
    if call.unreadable.load(Ordering::Relaxed)
        && let Err(error) = call.app.cookies().take_back_session(response.headers_mut())
    {
        return Failure::from(error).answer(&call.app, &call.asked());
    }
    response
}

/// Reads a body, and stops at the limits.
async fn read<B: Buf>(
    body: impl futures_util::Stream<Item = Result<B, warp::Error>>,
) -> Result<Vec<u8>, Failure> {
    let read = timeout(BODY_TIMEOUT, read_whole(body)).await;
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
        if bytes.len() + piece.remaining() > MAX_BODY_LEN {
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
