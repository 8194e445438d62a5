//! The stream of one browser: waits for changes, reads the session, and tells of what changed.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use futures_util::{Stream, stream};
use portico_domain::{
    ports::SessionWatch,
    secret::SessionId,
    session::Ending,
    use_cases::{Current, LiveSession},
};
use tokio::{sync::watch, time::sleep};
use warp::sse::Event;

use super::{
    StreamPermit,
    snapshot::{SessionEvent, Snapshot},
};
use crate::{connections::RequestGuard, session::SessionReader};

/// How often a comment is sent, so that proxies and Portico's write timeout see a stream that lives. The
/// session is read with each: it may have expired, or an announcement may have been missed.
const PING_INTERVAL: Duration = Duration::from_secs(15);

/// After how many milliseconds a browser connects again when a stream ends.
const RETRY: Duration = Duration::from_secs(2);

/// An item of the response.
pub(super) type Item = Result<Event, Infallible>;

/// The events of one session.
pub(super) struct Feed {
    id: SessionId,
    sessions: Arc<SessionReader>,
    watch: Box<dyn SessionWatch>,
    stopping: watch::Receiver<()>,
    told: Snapshot,
    queue: VecDeque<Event>,
    has_ended: bool,
}

impl Feed {
    pub(super) fn new(
        id: SessionId,
        sessions: Arc<SessionReader>,
        watch: Box<dyn SessionWatch>,
        stopping: watch::Receiver<()>,
    ) -> Self {
        let (told, queue) = (Snapshot::default(), VecDeque::new());
        Self { id, sessions, watch, stopping, told, queue, has_ended: false }
    }

    /// The response's items. `held` is dropped with the stream.
    pub(super) fn into_stream(
        mut self,
        live: LiveSession,
        held: (StreamPermit, Option<Arc<RequestGuard>>),
    ) -> impl Stream<Item = Item> + Send + use<> {
        self.told = Snapshot::of(&live);
        self.queue.push_back(Event::default().retry(RETRY));
        self.tell(&self.told.event());
        stream::unfold((self, held), |(mut feed, held)| async move {
            let event = feed.next().await?;
            Some((Ok(event), (feed, held)))
        })
    }

    /// The next item; `None` at the end.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Some(event);
            }
            if self.has_ended {
                return None;
            }
            let is_ping = tokio::select! {
                () = self.watch.changed() => false,
                () = sleep(PING_INTERVAL) => true,
                // The browser connects again, to the next process.
                _ = self.stopping.changed() => return None,
            };
            self.look().await;
            if is_ping && self.queue.is_empty() && !self.has_ended {
                return Some(Event::default().comment("ping"));
            }
        }
    }

    /// Reads the session, and queues what changed.
    async fn look(&mut self) {
        // If the store fails, the next look may succeed.
        let Ok(current) = self.sessions.look(&self.id).await else { return };
        match current {
            Current::Live(live) => {
                let now = Snapshot::of(&live);
                for event in now.events_since(&self.told) {
                    self.tell(&event);
                }
                self.told = now;
            }
            Current::Away(_) => {}
            // The browser has a new cookie, with which it connects again.
            Current::Ended(Ending::Moved(_)) => self.has_ended = true,
            ended => {
                let code = self.sessions.failure(ended).code();
                self.tell(&SessionEvent::End { code: code.row().code, reason: code.reason() });
                self.has_ended = true;
            }
        }
    }

    fn tell(&mut self, event: &SessionEvent) {
        match Event::default().event(event.name()).json_data(event) {
            Ok(event) => self.queue.push_back(event),
            Err(error) => tracing::error!(%error, "an event cannot be written"),
        }
    }
}
