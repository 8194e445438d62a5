//! Answers that may be long: each is rendered once for a version of its session and held once,
//! whoever reads it and however slowly.

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
        Held,
        shares::{Share, Shares},
    },
    error::{ErrorCode, Failure},
};

/// What a long answer is: longer than what the system takes off Portico's hands at once.
const LONG: usize = 64 << 10;

/// How many subscriptions make a session one that takes long to read.
const MANY: usize = 200;

/// How many bytes of long answers there may be, kept or being read.
const MAX_BYTES: usize = 128 << 20;

/// How long a request waits for room among them.
const ROOM_TIMEOUT: Duration = Duration::from_secs(2);

/// How many long answers one person may read at once, in all of their sessions.
const MAX_READ: usize = 16;

/// How long somebody may take to read one, however steadily.
const WRITE_TIMEOUT: Duration = Duration::from_secs(180);

/// The unit in which bytes are counted: a semaphore does not count as far as memory goes.
const UNIT: usize = 1_024;

/// The long answers of a Portico.
#[derive(Debug)]
pub(crate) struct Answers {
    cache: Mutex<Cache>,
    bytes: Arc<Semaphore>,
    readers: Arc<Shares<PersonKey>>,
}

/// An answer, as long as anybody needs it.
#[derive(Debug)]
struct Rendered {
    bytes: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

impl Default for Answers {
    fn default() -> Self {
        let bytes = Arc::new(Semaphore::new(MAX_BYTES / UNIT));
        Self { cache: Mutex::default(), bytes, readers: Arc::default() }
    }
}

impl Answers {
    /// The session as it was last kept.
    pub(crate) fn session(&self, key: &SessionKey) -> Option<KnownSession> {
        self.cache().session(key)
    }

    /// Keeps a session that takes long to read, for the next request for the same version.
    pub(crate) fn keep(&self, key: SessionKey, live: &LiveSession) {
        let entries = live.session.accounts.iter().map(|account| account.subscriptions.len());
        if let Some(version) = live.version
            && entries.sum::<usize>() >= MANY
        {
            let session = Stored { value: live.session.clone(), version };
            self.cache().keep_session(key, session);
        }
    }

    /// Keeps nothing about a session that has ended.
    pub(crate) fn forget(&self, key: &SessionKey) {
        self.cache().forget(key);
    }

    /// The body of an answer about this session. A `view` is kept for the next who asks.
    pub(crate) async fn body(
        &self,
        key: Option<SessionKey>,
        live: &LiveSession,
        view: Option<View>,
        held: Option<Arc<Held>>,
        render: impl FnOnce() -> Vec<u8>,
    ) -> Result<Bytes, Failure> {
        let place = key.zip(live.version).zip(view);
        if let Some(((key, version), view)) = &place {
            let kept = self.cache().answer(key, *version, view);
            if let Some(kept) = kept {
                return self.read(kept, live, held);
            }
        }
        let bytes = render();
        if bytes.len() <= LONG {
            return Ok(bytes.into());
        }
        let room = self.room_for(bytes.len()).await?;
        let answer = Arc::new(Rendered { bytes, _room: room });
        if let Some(((key, version), view)) = place {
            let session = Stored { value: live.session.clone(), version };
            let mut cache = self.cache();
            cache.keep_session(key, session);
            cache.keep_answer(key, version, view, answer.clone());
        }
        self.read(answer, live, held)
    }

    /// Waits for room for so many bytes. What is only kept makes way first.
    async fn room_for(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Failure> {
        let units =
            u32::try_from(bytes.div_ceil(UNIT)).map_err(|_| ErrorCode::AnswersOverloaded)?;
        loop {
            match self.bytes.clone().try_acquire_many_owned(units) {
                Ok(room) => return Ok(room),
                Err(_) if self.cache().drop_oldest() => {}
                Err(_) => break,
            }
        }
        let room = timeout(ROOM_TIMEOUT, self.bytes.clone().acquire_many_owned(units)).await;
        Ok(room.ok().and_then(Result::ok).ok_or(ErrorCode::AnswersOverloaded)?)
    }

    fn read(
        &self,
        answer: Arc<Rendered>,
        live: &LiveSession,
        held: Option<Arc<Held>>,
    ) -> Result<Bytes, Failure> {
        let share = self.readers.take(live.session.person, MAX_READ);
        let share = share.ok_or(ErrorCode::TooManyAnswers)?;
        let deadline = held.as_ref().map(|held| {
            let held = Arc::downgrade(held);
            let cut = async move {
                sleep(WRITE_TIMEOUT).await;
                if let Some(held) = held.upgrade() {
                    held.cut();
                }
            };
            tokio::spawn(cut).abort_handle()
        });
        Ok(Bytes::from_owner(Reading { answer, deadline, _share: share, _held: held }))
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody reads an answer: they have their share of the answers and their connection, until it is
/// sent, or the connection has ended.
struct Reading {
    answer: Arc<Rendered>,
    deadline: Option<AbortHandle>,
    _share: Share<PersonKey>,
    _held: Option<Arc<Held>>,
}

impl AsRef<[u8]> for Reading {
    fn as_ref(&self) -> &[u8] {
        &self.answer.bytes
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if let Some(deadline) = &self.deadline {
            deadline.abort();
        }
    }
}

#[cfg(test)]
mod tests;
