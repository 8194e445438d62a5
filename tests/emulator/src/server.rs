//! Listeners and connections: HTTP/1.1, with or without TLS, and the one thing a router cannot do: hang up.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use axum::routing::get;
use axum::{Router, middleware};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::corrupt::{Dropped, Endless, corrupt};
use crate::faults::EndlessPart;
use crate::journal::{Scheme, record};
use crate::lent::Lent;
use crate::state::Shared;
use crate::{admin, arm, clouds, entra};

/// How long to wait after an `accept` that failed, as it does when descriptors run out.
const BREATH: Duration = Duration::from_millis(10);

pub(crate) fn router(state: Shared) -> Router {
    Router::new()
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(entra::discovery::metadata))
        .route("/{tenant}/discovery/instance", get(entra::discovery::instance))
        .route("/{tenant}/discovery/v2.0/keys", get(entra::discovery::keys))
        .route(
            "/{tenant}/oauth2/v2.0/authorize",
            get(entra::authorize::get).post(entra::authorize::post),
        )
        .route("/{tenant}/oauth2/v2.0/token", axum::routing::post(entra::token::post))
        .route("/{tenant}/oauth2/v2.0/logout", get(entra::logout::get))
        .route("/subscriptions", get(arm::subscriptions::list))
        .route("/subscriptions/{id}", get(arm::subscriptions::get))
        .route("/tenants", get(arm::tenants::list))
        .merge(clouds::routes())
        .layer(middleware::from_fn_with_state(state.clone(), corrupt))
        .layer(middleware::from_fn_with_state(state.clone(), record))
        .merge(admin::routes())
        .with_state(state)
}

/// Serves until the task is aborted, which ends every connection with it.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(greet(stream, tls.clone(), router.clone()));
            }
            Err(_) => tokio::time::sleep(BREATH).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn greet(stream: TcpStream, tls: Option<TlsAcceptor>, router: Router) {
    // Small answers go out at once; a socket that refuses this works all the same.
    let _ = stream.set_nodelay(true);
    match tls {
        None => converse(stream, "http", router).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                converse(stream, "https", router).await;
            }
        }
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    scheme: &'static str,
    router: Router,
) {
    let router = TowerToHyperService::new(router);
    let endless: Arc<Mutex<Option<EndlessPart>>> = Arc::default();
    let wanted = Arc::clone(&endless);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Scheme(scheme));
        let answer = router.call(request);
        let wanted = Arc::clone(&wanted);
        async move { unless_dropped(answer.await, &wanted) }
    });
    let stream = Lent::new(stream);
    // A connection that breaks is the client's doing or a fault on request: nothing to report.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream.clone()), service)
        .await;
    let part = endless.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(part) = part {
        // Until the client has enough.
        let _ = without_end(stream, part).await;
    }
}

async fn without_end(mut stream: impl AsyncWrite + Unpin, part: EndlessPart) -> io::Result<()> {
    let (first, again) = part.bytes();
    stream.write_all(first.as_bytes()).await?;
    loop {
        stream.write_all(again.as_bytes()).await?;
        stream.flush().await?;
    }
}

/// An error here makes hyper close the connection without a word.
fn unless_dropped(
    answer: Result<Response<Body>, Infallible>,
    endless: &Mutex<Option<EndlessPart>>,
) -> io::Result<Response<Body>> {
    match answer {
        Ok(response) if response.extensions().get::<Dropped>().is_none() => Ok(response),
        Ok(response) => {
            let part = response.extensions().get::<Endless>().map(|endless| endless.0);
            *endless.lock().unwrap_or_else(PoisonError::into_inner) = part;
            Err(io::ErrorKind::ConnectionAborted.into())
        }
        Err(never) => match never {},
    }
}
