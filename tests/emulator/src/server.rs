//! Listeners and connections: HTTP/1.1 with or without TLS. Also closes connections and writes endless responses on
//! request, which a router cannot do.

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
use crate::recorder::{Scheme, record};
use crate::shared_stream::SharedStream;
use crate::state::SharedState;
use crate::{admin, arm, clouds, entra};

/// Delay before the next `accept` after a failed one (out of file descriptors, for example).
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(10);

pub(crate) fn router(state: SharedState) -> Router {
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
                connections.spawn(handle_connection(stream, tls.clone(), router.clone()));
            }
            Err(_) => tokio::time::sleep(ACCEPT_RETRY_DELAY).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn handle_connection(stream: TcpStream, tls: Option<TlsAcceptor>, router: Router) {
    // Only a latency optimisation: the connection works without it.
    let _ = stream.set_nodelay(true);
    match tls {
        None => serve_http(stream, "http", router).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                serve_http(stream, "https", router).await;
            }
        }
    }
}

async fn serve_http(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    scheme: &'static str,
    router: Router,
) {
    let router = TowerToHyperService::new(router);
    let endless: Arc<Mutex<Option<EndlessPart>>> = Arc::default();
    let endless_part = Arc::clone(&endless);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Scheme(scheme));
        let response = router.call(request);
        let endless_part = Arc::clone(&endless_part);
        async move { response_or_abort(response.await, &endless_part) }
    });
    let stream = SharedStream::new(stream);
    // Connection errors come from the client or from an injected fault: nothing to report.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream.clone()), service)
        .await;
    let part = endless.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(part) = part {
        // Writes until the client closes the connection.
        let _ = write_endless(stream, part).await;
    }
}

async fn write_endless(mut stream: impl AsyncWrite + Unpin, part: EndlessPart) -> io::Result<()> {
    let (first, again) = part.bytes();
    stream.write_all(first.as_bytes()).await?;
    loop {
        stream.write_all(again.as_bytes()).await?;
        stream.flush().await?;
    }
}

/// An error makes hyper close the connection without a response.
fn response_or_abort(
    response: Result<Response<Body>, Infallible>,
    endless: &Mutex<Option<EndlessPart>>,
) -> io::Result<Response<Body>> {
    match response {
        Ok(response) if response.extensions().get::<Dropped>().is_none() => Ok(response),
        Ok(response) => {
            let part = response.extensions().get::<Endless>().map(|endless| endless.0);
            *endless.lock().unwrap_or_else(PoisonError::into_inner) = part;
            Err(io::ErrorKind::ConnectionAborted.into())
        }
        Err(never) => match never {},
    }
}
