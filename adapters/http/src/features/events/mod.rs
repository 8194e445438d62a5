//! `GET /api/events`: server-sent events about the browser's session (HTML standard section 9.2).
//!
//! An open stream is no use of the session: a page left open overnight does not keep its person signed in.

mod snapshot;
mod stream;

use std::sync::Arc;

use portico_domain::{identity::PersonKey, ports::SessionChanges, session::SessionKey};
use sync_wrapper::SyncStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use warp::{
    http::{HeaderName, HeaderValue, header},
    reply::{Reply, Response},
};

use self::stream::Feed;
use crate::{
    connections::keyed_limit::{KeyedLimit, KeyedPermit},
    error::{ErrorCode, Failure},
    request::{Call, Cookies},
    response::Rendering,
    routing::{Access, GET, NO_BODY, Route},
    session::SessionReader,
};

/// The most streams of one person, in all of their sessions. A browser opens at most six connections to a
/// host over HTTP/1.1.
const MAX_PER_PERSON: usize = 12;

/// The part of all connections that streams may have. Each holds one as long as its page is open.
const CONNECTIONS_PER_STREAM: usize = 2;

/// Tells nginx not to collect a response before it sends it on.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Dependencies of the feature.
pub(crate) struct Events {
    sessions: Arc<SessionReader>,
    cookies: Cookies,
    changes: Arc<dyn SessionChanges>,
    /// Changes when the server stops.
    stopping: watch::Receiver<()>,
    streams: Arc<Semaphore>,
    streams_of: Arc<KeyedLimit<PersonKey>>,
}

/// What a stream holds of the limits.
pub(super) struct StreamPermit {
    _total: OwnedSemaphorePermit,
    _person: KeyedPermit<PersonKey>,
}

impl Events {
    /// Streams of as many as half of these connections.
    pub(super) fn new(
        sessions: Arc<SessionReader>,
        cookies: Cookies,
        changes: Arc<dyn SessionChanges>,
        (stopping, connections): (watch::Receiver<()>, usize),
    ) -> Self {
        let streams = Arc::new(Semaphore::new((connections / CONNECTIONS_PER_STREAM).max(1)));
        let streams_of = Arc::default();
        Self { sessions, cookies, changes, stopping, streams, streams_of }
    }

    pub(super) const ROUTES: &[Route<Self>] = &[Route {
        name: "events",
        methods: GET,
        path: "/api/events",
        body_limit: NO_BODY,
        rendering: Rendering::Json,
        access: Access::Scripts,
        handler: |events, call| Box::pin(async move { events.stream(&call).await }),
    }];

    async fn stream(&self, call: &Call) -> Result<Response, Failure> {
        let Some(id) = self.cookies.session(call.headers()) else {
            return Err(ErrorCode::NoSession.into());
        };
        // Before the session is read, so that a change after the read is not missed.
        let watch = self.changes.watch(SessionKey::of(&id));
        let live = self.sessions.require(call).await?;
        let permit = self.permit(live.session.person)?;
        let mut response = match call.head_only() {
            true => warp::sse::reply(futures_util::stream::empty::<stream::Item>()).into_response(),
            false => {
                let feed = Feed::new(id, self.sessions.clone(), watch, self.stopping.clone());
                let held = (permit, call.guard.clone());
                // warp wants a stream that is `Sync`, though one task alone polls it.
                warp::sse::reply(SyncStream::new(feed.into_stream(live, held))).into_response()
            }
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(NO_BUFFERING, HeaderValue::from_static("no"));
        Ok(response)
    }

    fn permit(&self, person: PersonKey) -> Result<StreamPermit, Failure> {
        let of_person = self.streams_of.try_acquire(person, MAX_PER_PERSON);
        let of_person = of_person.ok_or(ErrorCode::TooManyStreams)?;
        let total = self.streams.clone().try_acquire_owned();
        let total = total.map_err(|_| ErrorCode::StreamsOverloaded)?;
        Ok(StreamPermit { _total: total, _person: of_person })
    }
}
