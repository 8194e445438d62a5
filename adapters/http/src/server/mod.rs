//! Runs the routes on a listener until told to stop, then drains.

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
    connections::{Admission, AtOnce, ConnectionLimit, ConnectionPermit, shares::Shares},
    features::{self, Dependencies, Shared},
    routing,
};

/// How long a client may take to send the head of a request, and idle between two.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// The same in the reserve, where others wait.
const HEAD_IN_RESERVE_TIMEOUT: Duration = Duration::from_secs(2);

/// Write timeout: the client accepts no bytes for this long.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// How many bytes of an answer the system takes for a client that does not read them yet, for each
/// connection (Linux doubles it for its own use, socket(7)). By itself it takes several MiB.
const SENT_AHEAD: usize = 128 << 10;

/// The longest head of a request, in bytes: a longer one is answered 431.
const MAX_HEAD_LEN: usize = 32 * 1_024;

/// How long requests under way may take once Portico was told to stop. A login's own limits are
/// shorter.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(35);

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
    dependencies: Dependencies,
    stop: impl Future<Output = ()>,
) -> Stopped {
    let (shared, features) = features::compose(dependencies);
    let routes = routing::filter(
        features.table(),
        shared.responder.clone(),
        shared.cookies,
        shared.destinations.clone(),
    );
    let routes = TowerToHyperService::new(warp::service(routes));
    // Every connection has it of its listener.
    if let Err(error) = SockRef::from(&listener).set_send_buffer_size(SENT_AHEAD) {
        tracing::warn!(%error, "the system's buffers cannot be bounded");
    }
    // Every connection has a receiver: once all are dropped, all have ended.
    let (stopping, running) = watch::channel(());
    let mut connections = Connections::new(shared, routes, running);
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => connections.admit(stream, address.ip()).await,
                Err(error) => wait_after(error).await,
            },
            () = &mut stop => break,
        }
    }
    drop((listener, connections));
    stopping.send_replace(());
    match timeout(DRAIN_TIMEOUT, stopping.closed()).await {
        Ok(()) => Stopped::Drained,
        Err(_) => Stopped::CutOff,
    }
}

/// What connections are admitted by, and what each of them gets.
struct Connections<Routes> {
    limit: ConnectionLimit,
    refusals: Refusals,
    shared: Shared,
    routes: Routes,
    clients: Clients,
    running: watch::Receiver<()>,
}

impl<Routes> Connections<Routes>
where
    Routes: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    Routes: Clone + Send + 'static,
    Routes::Future: Send,
{
    fn new(shared: Shared, routes: Routes, running: watch::Receiver<()>) -> Self {
        let limiter = &shared.limiter;
        Self {
            limit: ConnectionLimit::new(limiter.connections(), limiter.connections_per_address()),
            refusals: Refusals::new(shared.correlations.clone()),
            shared,
            routes,
            clients: Clients::default(),
            running,
        }
    }

    /// Serves a connection in the background, or refuses it.
    async fn admit(&mut self, stream: TcpStream, address: IpAddr) {
        let address = address.to_canonical();
        let client = (!self.shared.limiter.trusts(address)).then_some(address);
        let (place, reserve) = match self.limit.admit(client).await {
            Admission::ConnectionPermit(place) => (Arc::new(place), false),
            Admission::Reserve(place) => (Arc::new(place), true),
            Admission::None => return self.refusals.refuse(stream),
        };
        // A connection that makes way in the reserve has not been answered yet.
        let refusals = reserve.then(|| self.refusals.clone());
        let (shared, clients) = (self.shared.clone(), self.clients.clone());
        let front = Front { shared, address, place: place.clone(), reserve, clients };
        let (routes, running) = (self.routes.clone(), self.running.clone());
        tokio::spawn(connect((stream, refusals), front, routes, place, running));
    }
}

/// One connection, from its first byte to its end.
async fn connect<Routes>(
    (stream, refusals): (TcpStream, Option<Refusals>),
    front: Front,
    routes: Routes,
    place: Arc<ConnectionPermit>,
    mut running: watch::Receiver<()>,
) where
    Routes: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    Routes: Clone + Send + 'static,
    Routes::Future: Send,
{
    // Answers are written whole: waiting for more to send with them only delays them.
    let _ = stream.set_nodelay(true);
    let refused =
        refusals.and_then(|refusals| Some((refusals, SockRef::from(&stream).try_clone().ok()?)));
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_TIMEOUT));
    let protocol = protocol(front.reserve);
    let service = service_fn(move |request| front.clone().answer(request, routes.clone()));
    let connection = protocol.serve_connection(TokioIo::new(Box::pin(stream)), service);
    let mut connection = pin!(connection);
    let mut draining = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                // Clients that go away or speak no HTTP are expected.
                if let Err(error) = ended {
                    tracing::debug!(%error, "connection ended");
                }
                break;
            }
            AtOnce(at_once) = place.told_to_end() => {
                if at_once {
                    if let Some((refusals, socket)) = refused.filter(|_| place.is_idle()) {
                        refusals.refuse_socket(socket);
                    }
                    break;
                }
                connection.as_mut().graceful_shutdown();
            }
            _ = running.changed(), if !draining => {
                draining = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// HTTP/1.1 within its limits; in the reserve, for one request.
fn protocol(reserve: bool) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(if reserve { HEAD_IN_RESERVE_TIMEOUT } else { HEAD_TIMEOUT })
        .keep_alive(!reserve)
        .max_buf_size(MAX_HEAD_LEN);
    builder
}

/// What the requests of one address are counted by, whichever proxies they come through.
type Clients = Arc<Shares<IpAddr>>;

/// Out of descriptors, or a client that was gone before it was accepted: the next may do better.
async fn wait_after(error: io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}
