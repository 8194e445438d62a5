//! Responses about a session: rendered once for each version of it, and a long one held in memory once
//! for all requests, also slow ones.

mod cache;

use std::{sync::Arc, time::Duration};

use hyper::body::Bytes;
use portico_domain::{identity::PersonKey, session::SessionKey, use_cases::LiveSession};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::AbortHandle,
    time::{sleep, timeout},
};

use self::cache::ResponseCache;
pub(crate) use self::cache::{CachedResponse, View};
use crate::{
    connections::{
        RequestGuard,
        keyed_limit::{KeyedLimit, KeyedPermit},
    },
    error::{ErrorCode, Failure},
};

/// The length in bytes above which a response is long. A shorter one fits into the send buffer.
const LONG_LEN: usize = 64 << 10;

/// The total size of long responses, cached or being sent, in bytes.
const MAX_LONG_BYTES: usize = 128 << 20;

/// How long a request waits for memory of [`MAX_LONG_BYTES`].
const MEMORY_TIMEOUT: Duration = Duration::from_secs(2);

/// The most long responses that are sent to one person at once, in all of their sessions.
const MAX_PER_PERSON: usize = 16;

/// The longest time to send one.
const WRITE_TIMEOUT: Duration = Duration::from_secs(180);

/// Bytes per semaphore permit: a semaphore cannot count single bytes up to [`MAX_LONG_BYTES`].
const UNIT: usize = 1_024;

/// Renders and caches responses, and limits long ones.
#[derive(Debug)]
pub(crate) struct Responses {
    cache: ResponseCache,
    long_bytes: Arc<Semaphore>,
    readers: Arc<KeyedLimit<PersonKey>>,
}

/// The body of a response.
#[derive(Clone, Debug)]
enum Body {
    /// Its bytes are beside its count, so that a clone touches no further memory.
    Short(Arc<[u8]>),
    Long(Arc<LongBody>),
}

impl Body {
    fn len(&self) -> usize {
        match self {
            Self::Short(bytes) => bytes.len(),
            Self::Long(body) => body.bytes.len(),
        }
    }
}

/// A long body, with its memory permit.
#[derive(Debug)]
struct LongBody {
    bytes: Vec<u8>,
    _memory: OwnedSemaphorePermit,
}

impl Default for Responses {
    fn default() -> Self {
        let long_bytes = Arc::new(Semaphore::new(MAX_LONG_BYTES / UNIT));
        Self { cache: ResponseCache::default(), long_bytes, readers: Arc::default() }
    }
}

impl Responses {
    /// The cached response of this view. It may be sent only if its stamp is current.
    pub(crate) fn cached(&self, key: &SessionKey, view: &View) -> Option<Arc<CachedResponse>> {
        self.cache.get(key, view)
    }

    /// The body of a cached response whose stamp is current.
    pub(crate) fn send_cached(
        &self,
        cached: &CachedResponse,
        guard: Option<Arc<RequestGuard>>,
    ) -> Result<Bytes, Failure> {
        self.send(cached.body.clone(), cached.stamp.person, guard)
    }

    /// Renders the body of a response about this session. With a `view`, it is cached.
    pub(crate) async fn render(
        &self,
        key: Option<SessionKey>,
        live: &LiveSession,
        view: Option<View>,
        guard: Option<Arc<RequestGuard>>,
        render: impl FnOnce() -> Vec<u8>,
    ) -> Result<Bytes, Failure> {
        let bytes = render();
        let body = if bytes.len() <= LONG_LEN {
            Body::Short(bytes.into())
        } else {
            let memory = self.acquire_memory(bytes.len()).await?;
            Body::Long(Arc::new(LongBody { bytes, _memory: memory }))
        };
        if let Some(((key, stamp), view)) = key.zip(live.stamp()).zip(view) {
            self.cache.put(key, stamp, view, body.clone());
        }
        self.send(body, live.session.person, guard)
    }

    /// Removes the responses about this session from the cache.
    pub(crate) fn forget(&self, key: &SessionKey) {
        self.cache.forget(key);
    }

    /// Acquires memory for a long body; removes cached ones first, then waits.
    async fn acquire_memory(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Failure> {
        let units =
            u32::try_from(bytes.div_ceil(UNIT)).map_err(|_| ErrorCode::ResponsesOverloaded)?;
        if let Ok(permit) = self.long_bytes.clone().try_acquire_many_owned(units) {
            return Ok(permit);
        }
        self.cache.remove_long();
        let acquired =
            timeout(MEMORY_TIMEOUT, self.long_bytes.clone().acquire_many_owned(units)).await;
        Ok(acquired.ok().and_then(Result::ok).ok_or(ErrorCode::ResponsesOverloaded)?)
    }

    fn send(
        &self,
        body: Body,
        person: PersonKey,
        guard: Option<Arc<RequestGuard>>,
    ) -> Result<Bytes, Failure> {
        let body = match body {
            Body::Short(bytes) => return Ok(Bytes::from_owner(bytes)),
            Body::Long(body) => body,
        };
        let permit = self.readers.try_acquire(person, MAX_PER_PERSON);
        let permit = permit.ok_or(ErrorCode::TooManyResponses)?;
        let deadline = guard.as_ref().map(|guard| {
            let guard = Arc::downgrade(guard);
            let abort = async move {
                sleep(WRITE_TIMEOUT).await;
                if let Some(guard) = guard.upgrade() {
                    guard.abort_connection();
                }
            };
            tokio::spawn(abort).abort_handle()
        });
        Ok(Bytes::from_owner(Sending { body, deadline, _permit: permit, _guard: guard }))
    }
}

/// A long body that is being sent. Its permit and its connection are held until it is sent or the
/// connection is closed.
struct Sending {
    body: Arc<LongBody>,
    deadline: Option<AbortHandle>,
    _permit: KeyedPermit<PersonKey>,
    _guard: Option<Arc<RequestGuard>>,
}

impl AsRef<[u8]> for Sending {
    fn as_ref(&self) -> &[u8] {
        &self.body.bytes
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if let Some(deadline) = &self.deadline {
            deadline.abort();
        }
    }
}

#[cfg(test)]
mod tests;
