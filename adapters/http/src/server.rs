//! Runs the routes on a listener until told to stop, then drains.

use std::{convert::Infallible, future::Future, io, sync::Arc, time::Duration};

use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use warp::{Filter, reply::Response};

use crate::{App, routes};

/// How long a client may take to send the head of a request, and idle between two.
const HEAD_WITHIN: Duration = Duration::from_secs(30);

/// The longest head of a request, in bytes: a longer one is answered 431.
const LONGEST_HEAD: usize = 32 * 1_024;

/// How long requests under way may take once Portico was told to stop. A login's own limits are
/// shorter.
const DRAIN_WITHIN: Duration = Duration::from_secs(35);

/// How a server stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Stopped {
    /// Every request under way was answered.
    Drained,
    /// Some were still under way when the time was over.
    CutOff,
}

/// Serves Portico until `stop` is ready; then takes no new connection, answers what is under way,
/// and returns.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    stop: impl Future<Output = ()>,
) -> Stopped {
    let routes = routes(app);
    let connections = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => connect(stream, routes.clone(), &connections),
                Err(error) => wait_after(error).await,
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    match timeout(DRAIN_WITHIN, connections.shutdown()).await {
        Ok(()) => Stopped::Drained,
        Err(_) => Stopped::CutOff,
    }
}

fn connect<F>(stream: TcpStream, routes: F, connections: &GracefulShutdown)
where
    F: Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static,
    F::Future: Send,
{
    // Answers are written whole: waiting for more to send with them only delays them.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(warp::service(routes));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        // A client that went away or spoke no HTTP is its own affair.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection ended");
        }
    });
}

/// Out of descriptors, or a client that was gone before it was accepted: the next may do better.
async fn wait_after(error: io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}
