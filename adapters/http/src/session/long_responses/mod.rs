//! Long responses: rendered once for each version of a session, and held in memory once for all
//! requests, also slow ones.

mod cache;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hyper::body::Bytes;
use portico_domain::{
    identity::PersonKey,
    ports::Stored,
    session::SessionKey,
    use_cases::{KnownSession, LiveSession},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::AbortHandle,
    time::{sleep, timeout},
};

use self::cache::Cache;
pub(crate) use self::cache::View;
use crate::{
    connections::{
        RequestGuard,
        keyed_limit::{KeyedLimit, KeyedPermit},
    },
    error::{ErrorCode, Failure},
};

/// The length in bytes above which a response is long. A shorter one fits into the send buffer.
const LONG_LEN: usize = 64 << 10;

/// The number of subscriptions from which on a session is cached: reading it takes long.
const MIN_CACHED_SUBSCRIPTIONS: usize = 200;

/// The total size of long responses, cached or being sent, in bytes.
const MAX_BYTES: usize = 128 << 20;

/// How long a request waits for memory of [`MAX_BYTES`].
const MEMORY_TIMEOUT: Duration = Duration::from_secs(2);

/// The most long responses that are sent to one person at once, in all of their sessions.
const MAX_PER_PERSON: usize = 16;

/// The longest time to send one.
const WRITE_TIMEOUT: Duration = Duration::from_secs(180);

/// Bytes per semaphore permit: a semaphore cannot count single bytes up to [`MAX_BYTES`].
const UNIT: usize = 1_024;

/// Renders, caches and limits long responses.
#[derive(Debug)]
pub(crate) struct LongResponses {
    cache: Mutex<Cache>,
    bytes: Arc<Semaphore>,
    readers: Arc<KeyedLimit<PersonKey>>,
}

/// A rendered response, with its memory permit.
#[derive(Debug)]
struct Rendered {
    bytes: Vec<u8>,
    _memory: OwnedSemaphorePermit,
}

impl Default for LongResponses {
    fn default() -> Self {
        let bytes = Arc::new(Semaphore::new(MAX_BYTES / UNIT));
        Self { cache: Mutex::default(), bytes, readers: Arc::default() }
    }
}

impl LongResponses {
    /// The cached session.
    pub(crate) fn session(&self, key: &SessionKey) -> Option<KnownSession> {
        self.cache().session(key)
    }

    /// Caches a session with many subscriptions.
    pub(crate) fn cache_session(&self, key: SessionKey, live: &LiveSession) {
        let entries = live.session.accounts.iter().map(|account| account.subscriptions.len());
        if let Some(version) = live.version
            && entries.sum::<usize>() >= MIN_CACHED_SUBSCRIPTIONS
        {
            let session = Stored { value: live.session.clone(), version };
            self.cache().put_session(key, session);
        }
    }

    /// Removes a session and its responses from the cache.
    pub(crate) fn forget(&self, key: &SessionKey) {
        self.cache().forget(key);
    }

    /// The body of a response about this session. With a `view`, a long one is cached.
    pub(crate) async fn body(
        &self,
        key: Option<SessionKey>,
        live: &LiveSession,
        view: Option<View>,
        guard: Option<Arc<RequestGuard>>,
        render: impl FnOnce() -> Vec<u8>,
    ) -> Result<Bytes, Failure> {
        let cache_key = key.zip(live.version).zip(view);
        if let Some(((key, version), view)) = &cache_key {
            let cached = self.cache().response(key, *version, view);
            if let Some(cached) = cached {
                return self.send(cached, live, guard);
            }
        }
        let bytes = render();
        if bytes.len() <= LONG_LEN {
            return Ok(bytes.into());
        }
        let memory = self.acquire_memory(bytes.len()).await?;
        let response = Arc::new(Rendered { bytes, _memory: memory });
        if let Some(((key, version), view)) = cache_key {
            let session = Stored { value: live.session.clone(), version };
            let mut cache = self.cache();
            cache.put_session(key, session);
            cache.put_response(key, version, view, response.clone());
        }
        self.send(response, live, guard)
    }

    /// Acquires memory; evicts cached responses first, then waits.
    async fn acquire_memory(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Failure> {
        let units =
            u32::try_from(bytes.div_ceil(UNIT)).map_err(|_| ErrorCode::ResponsesOverloaded)?;
        loop {
            match self.bytes.clone().try_acquire_many_owned(units) {
                Ok(permit) => return Ok(permit),
                Err(_) if self.cache().evict_oldest() => {}
                Err(_) => break,
            }
        }
        let acquired = timeout(MEMORY_TIMEOUT, self.bytes.clone().acquire_many_owned(units)).await;
        Ok(acquired.ok().and_then(Result::ok).ok_or(ErrorCode::ResponsesOverloaded)?)
    }

    fn send(
        &self,
        response: Arc<Rendered>,
        live: &LiveSession,
        guard: Option<Arc<RequestGuard>>,
    ) -> Result<Bytes, Failure> {
        let permit = self.readers.try_acquire(live.session.person, MAX_PER_PERSON);
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
        Ok(Bytes::from_owner(Sending { response, deadline, _permit: permit, _guard: guard }))
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A response that is being sent. Its permit and its connection are held until it is sent or the
/// connection is closed.
struct Sending {
    response: Arc<Rendered>,
    deadline: Option<AbortHandle>,
    _permit: KeyedPermit<PersonKey>,
    _guard: Option<Arc<RequestGuard>>,
}

impl AsRef<[u8]> for Sending {
    fn as_ref(&self) -> &[u8] {
        &self.response.bytes
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
