//! A cache of rendered responses, by session and page.
//!
//! It does not authenticate: each request checks first that the session still is what the response shows
//! ([`CurrentSession::is_current`](portico_domain::use_cases::CurrentSession::is_current)).

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use portico_domain::{provider::Registration, session::SessionKey, use_cases::SessionStamp};
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};
use tokio::time::Instant;

use super::Body;

/// The total size of the cache, in bytes: 100,000 sessions of usual size that are in use at once.
const MAX_BYTES: u64 = 384 << 20;

/// The parts of the cache, each with a lock and a part of its size. A response that is larger than its
/// part is not cached.
const SHARDS: usize = 4;

/// The usual size of a response, in bytes.
const USUAL_LEN: u64 = 3 << 10;

/// What an entry takes besides its body, in bytes.
const OVERHEAD: usize = 512;

/// How long an unused entry is cached. The browser of an ended session may not request it again.
const MAX_IDLE: Duration = Duration::from_secs(300);

/// A response that may be cached, with what it depends on besides the session.
#[derive(Clone, Debug)]
pub(crate) enum View {
    /// `GET /api/session`.
    Session,
    /// The first page of the dashboard, with these providers.
    Dashboard(Vec<Weak<Registration>>),
}

impl View {
    pub(crate) fn dashboard(offered: &[Arc<Registration>]) -> Self {
        Self::Dashboard(offered.iter().map(Arc::downgrade).collect())
    }

    fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Session, Self::Session) => true,
            (Self::Dashboard(a), Self::Dashboard(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.ptr_eq(b))
            }
            _ => false,
        }
    }

    fn page(&self) -> Page {
        match self {
            Self::Session => Page::Session,
            Self::Dashboard(_) => Page::Dashboard,
        }
    }
}

/// What a session has one cached response of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Page {
    Session,
    Dashboard,
}

/// A response and the state of the session that it shows.
#[derive(Debug)]
pub(crate) struct CachedResponse {
    pub(crate) stamp: SessionStamp,
    pub(super) body: Body,
    view: View,
    /// Milliseconds from the start of the cache.
    used_at: AtomicU64,
}

type Key = (SessionKey, Page);

#[derive(Clone, Debug)]
struct Size;

impl Weighter<Key, Arc<CachedResponse>> for Size {
    fn weight(&self, _: &Key, response: &Arc<CachedResponse>) -> u64 {
        // An allocator rounds up, by a tenth to a fifth at this size.
        let len = response.body.len();
        (len + len / 6 + OVERHEAD) as u64
    }
}

#[derive(Debug)]
pub(super) struct ResponseCache {
    responses: Cache<Key, Arc<CachedResponse>, Size>,
    started_at: Instant,
    /// Milliseconds from the start of the cache.
    swept_at: AtomicU64,
}

impl Default for ResponseCache {
    fn default() -> Self {
        let options = OptionsBuilder::new()
            .weight_capacity(MAX_BYTES)
            .estimated_items_capacity((MAX_BYTES / USUAL_LEN) as usize)
            .shards(SHARDS)
            .build()
            .expect("both capacities are set");
        let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
        Self {
            responses: Cache::with_options(options, Size, hasher, lifecycle),
            started_at: Instant::now(),
            swept_at: AtomicU64::new(0),
        }
    }
}

impl ResponseCache {
    /// The cached response.
    pub(super) fn get(&self, key: &SessionKey, view: &View) -> Option<Arc<CachedResponse>> {
        self.sweep();
        let found = self.responses.get(&(*key, view.page()))?;
        if !found.view.equals(view) {
            return None;
        }
        found.used_at.store(self.now(), Ordering::Relaxed);
        Some(found)
    }

    /// Caches a response; replaces the one of the same page.
    pub(super) fn put(&self, key: SessionKey, stamp: SessionStamp, view: View, body: Body) {
        let (page, used_at) = (view.page(), AtomicU64::new(self.now()));
        let response = CachedResponse { stamp, body, view, used_at };
        self.responses.insert((key, page), Arc::new(response));
    }

    /// Removes the responses about this session.
    pub(super) fn forget(&self, key: &SessionKey) {
        for page in [Page::Session, Page::Dashboard] {
            self.responses.remove(&(*key, page));
        }
    }

    /// Removes the long responses, to free their memory.
    pub(super) fn remove_long(&self) {
        self.responses.retain(|_, response| matches!(response.body, Body::Short(_)));
    }

    fn sweep(&self) {
        let (now, idle) = (self.now(), MAX_IDLE.as_millis() as u64);
        let swept_at = self.swept_at.load(Ordering::Relaxed);
        // Another request may have swept since `now` was read.
        if now.saturating_sub(swept_at) < idle / 5 {
            return;
        }
        let ours =
            self.swept_at.compare_exchange(swept_at, now, Ordering::Relaxed, Ordering::Relaxed);
        if ours.is_ok() {
            let is_used = |response: &CachedResponse| {
                now.saturating_sub(response.used_at.load(Ordering::Relaxed)) < idle
            };
            self.responses.retain(|_, response| is_used(response));
        }
    }

    fn now(&self) -> u64 {
        self.started_at.elapsed().as_millis() as u64
    }
}
