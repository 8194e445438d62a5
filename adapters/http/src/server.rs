//! Runs the routes on a listener until told to stop, then drains.

use std::{convert::Infallible, future::Future, io, sync::Arc, time::Duration};

use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::OwnedSemaphorePermit,
    time::timeout,
};
use tokio_io_timeout::TimeoutStream;
use warp::reply::Response;

use crate::{App, failure::Failure, handlers::Peer, harden::harden, room::Room, routes};

/// How long a client may take to send the head of a request, and idle between two.
const HEAD_WITHIN: Duration = Duration::from_secs(30);

/// How long an answer may wait for a client that reads none of it.
const READ_WITHIN: Duration = Duration::from_secs(30);

/// The longest head of a request, in bytes: a longer one is answered 431.
const LONGEST_HEAD: usize = 32 * 1_024;

/// The longest path and query, in bytes: a longer one is answered 414. A code of Entra ID's has
/// some 1,500.
const LONGEST_ADDRESS: usize = 8 * 1_024;

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
    let routes = TowerToHyperService::new(warp::service(routes(app.clone())));
    let connections = GracefulShutdown::new();
    let mut room = Room::new(app.gate.connections());
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = async { (room.entrance().await, listener.accept().await) };
        tokio::select! {
            (entrance, accepted) = next => match accepted {
                Ok((stream, address)) => {
                    if let Some((stream, place)) = room.admit(entrance, stream) {
                        let front = Front { app: app.clone(), peer: Peer(address.ip()) };
                        connect(stream, front, routes.clone(), &connections, place);
                    }
                }
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

fn connect<Routes>(
    stream: TcpStream,
    front: Front,
    routes: Routes,
    connections: &GracefulShutdown,
    place: OwnedSemaphorePermit,
) where
    Routes: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    Routes: Clone + Send + 'static,
    Routes::Future: Send,
{
    // Answers are written whole: waiting for more to send with them only delays them.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(READ_WITHIN));
    let service = service_fn(move |request| front.answer(request, routes.clone()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        // A client that went away or spoke no HTTP is its own affair.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection ended");
        }
        drop(place);
    });
}

/// What stands before the routes of one connection.
#[derive(Clone)]
struct Front {
    app: Arc<App>,
    peer: Peer,
}

impl Front {
    /// The routes' answer, to a request that tells them who asks.
    fn answer<Routes>(
        &self,
        mut request: Request<Incoming>,
        routes: Routes,
    ) -> impl Future<Output = Result<Response, Infallible>> + use<Routes>
    where
        Routes: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    {
        let address = request.uri().path_and_query().map_or(0, |it| it.as_str().len());
        let refused = (address > LONGEST_ADDRESS).then(|| {
            let answer = Failure::address_too_long().answer(&self.app, request.headers());
            harden(answer, self.app.is_https())
        });
        request.extensions_mut().insert(self.peer);
        async move {
            match refused {
                Some(refused) => Ok(refused),
                None => routes.call(request).await,
            }
        }
    }
}

/// Out of descriptors, or a client that was gone before it was accepted: the next may do better.
async fn wait_after(error: io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}
