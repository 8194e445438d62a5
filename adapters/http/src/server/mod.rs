//! Serves the routes on a listener with hyper, and drains connections on shutdown.

mod front;
mod refusal;
mod target;

use std::{
    convert::Infallible, future::Future, io, net::IpAddr, pin::pin, sync::Arc, time::Duration,
};

use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};
use tokio_io_timeout::TimeoutStream;
use warp::reply::Response;

use self::{front::Front, refusal::Refusals};
use crate::{
    connections::{Admission, Close, ConnectionLimit, ConnectionPermit, keyed_limit::KeyedLimit},
    features::{self, Dependencies, ForwardAuth, Shared},
    routing,
};

/// Timeout for the head of a request; idle time on a kept-alive connection included.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// [`HEAD_TIMEOUT`] in the reserve.
const RESERVE_HEAD_TIMEOUT: Duration = Duration::from_secs(2);

/// Write timeout: the client accepts no bytes for this long.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// The send buffer of a connection, in bytes (Linux doubles it, socket(7)). Its default grows to
/// several MiB.
const SEND_BUFFER_SIZE: usize = 128 << 10;

/// The longest head of a request, in bytes; a longer one is answered 431.
const MAX_HEAD_LEN: usize = 32 * 1_024;

/// How long requests in flight may take after shutdown was requested. The timeouts of a login are
/// shorter.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(35);

/// How a server stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Stopped {
    /// Every request in flight was answered.
    Drained,
    /// Some were still in flight at the drain timeout.
    CutOff,
}

/// Serves Portico until `stop` resolves. Then it accepts no more connections, answers the requests in
/// flight, and returns.
pub async fn serve(
    listener: TcpListener,
    dependencies: Dependencies,
    stop: impl Future<Output = ()>,
) -> Stopped {
    // Every connection has a receiver, so `closed` resolves once all connections are closed.
    let (stopping, running) = watch::channel(());
    let (streams_stop, stopped) = watch::channel(());
    let (shared, features) = features::compose(dependencies, stopped);
    let routes = routing::filter(
        features.table(),
        shared.responder.clone(),
        shared.cookies,
        shared.destinations.clone(),
    );
    let routes = TowerToHyperService::new(warp::service(routes));
    // Accepted sockets inherit it.
    if let Err(error) = SockRef::from(&listener).set_send_buffer_size(SEND_BUFFER_SIZE) {
        tracing::warn!(%error, "the send buffer size cannot be set");
    }
    let mut connections = Connections::new(shared, features.forward_auth(), routes, running);
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => connections.admit(stream, address.ip()).await,
                Err(error) => back_off(error).await,
            },
            () = &mut stop => break,
        }
    }
    drop((listener, connections));
    streams_stop.send_replace(());
    stopping.send_replace(());
    match timeout(DRAIN_TIMEOUT, stopping.closed()).await {
        Ok(()) => Stopped::Drained,
        Err(_) => Stopped::CutOff,
    }
}

/// Admits and spawns connections.
struct Connections<Routes> {
    limit: ConnectionLimit,
    refusals: Refusals,
    shared: Shared,
    forward_auth: Arc<ForwardAuth>,
    routes: Routes,
    proxied: ProxiedClients,
    running: watch::Receiver<()>,
}

impl<Routes> Connections<Routes>
where
    Routes: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    Routes: Clone + Send + 'static,
    Routes::Future: Send,
{
    fn new(
        shared: Shared,
        forward_auth: Arc<ForwardAuth>,
        routes: Routes,
        running: watch::Receiver<()>,
    ) -> Self {
        let limiter = &shared.limiter;
        Self {
            limit: ConnectionLimit::new(limiter.connections(), limiter.connections_per_address()),
            refusals: Refusals::new(shared.correlations.clone()),
            shared,
            forward_auth,
            routes,
            proxied: ProxiedClients::default(),
            running,
        }
    }

    /// Serves a connection in the background, or refuses it.
    async fn admit(&mut self, stream: TcpStream, address: IpAddr) {
        let address = address.to_canonical();
        let client = (!self.shared.limiter.is_trusted_proxy(address)).then_some(address);
        let (permit, reserve) = match self.limit.admit(client).await {
            Admission::Pool(permit) => (Arc::new(permit), false),
            Admission::Reserve(permit) => (Arc::new(permit), true),
            Admission::Rejected => return self.refusals.refuse(stream),
        };
        // A connection that is evicted from the reserve has had no response yet.
        let refusals = reserve.then(|| self.refusals.clone());
        let front = Front {
            shared: self.shared.clone(),
            forward_auth: self.forward_auth.clone(),
            peer: address,
            permit: permit.clone(),
            reserve,
            proxied: self.proxied.clone(),
        };
        let front = Arc::new(front);
        let (routes, running) = (self.routes.clone(), self.running.clone());
        tokio::spawn(serve_connection((stream, refusals), front, routes, permit, running));
    }
}

/// Serves one connection until it is closed.
async fn serve_connection<Routes>(
    (stream, refusals): (TcpStream, Option<Refusals>),
    front: Arc<Front>,
    routes: Routes,
    permit: Arc<ConnectionPermit>,
    mut running: watch::Receiver<()>,
) where
    Routes: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    Routes: Clone + Send + 'static,
    Routes::Future: Send,
{
    // Responses are written whole, so Nagle's algorithm would only delay them.
    let _ = stream.set_nodelay(true);
    let evicted =
        refusals.and_then(|refusals| Some((refusals, SockRef::from(&stream).try_clone().ok()?)));
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_TIMEOUT));
    let protocol = protocol(front.reserve);
    let service = service_fn(move |request| front.clone().respond(request, routes.clone()));
    let connection = protocol.serve_connection(TokioIo::new(Box::pin(stream)), service);
    let mut connection = pin!(connection);
    let mut draining = false;
    loop {
        tokio::select! {
            result = connection.as_mut() => {
                // Expected: clients disconnect, or send no HTTP.
                if let Err(error) = result {
                    tracing::debug!(%error, "connection ended");
                }
                break;
            }
            close = permit.close_requested() => match close {
                Close::AfterRequest => connection.as_mut().graceful_shutdown(),
                Close::AtOnce => {
                    if let Some((refusals, socket)) = evicted.filter(|_| permit.is_idle()) {
                        refusals.refuse_socket(socket);
                    }
                    break;
                }
            },
            _ = running.changed(), if !draining => {
                draining = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// HTTP/1.1 with timeouts and limits; without keep-alive in the reserve.
fn protocol(reserve: bool) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(if reserve { RESERVE_HEAD_TIMEOUT } else { HEAD_TIMEOUT })
        .keep_alive(!reserve)
        .max_buf_size(MAX_HEAD_LEN);
    builder
}

/// Concurrent requests of each client behind trusted proxies.
type ProxiedClients = Arc<KeyedLimit<IpAddr>>;

/// Waits before the next `accept`. Errors are of one connection, or pass: out of descriptors.
async fn back_off(error: io::Error) {
    tracing::warn!(%error, "accept failed");
    tokio::time::sleep(Duration::from_millis(50)).await;
}
