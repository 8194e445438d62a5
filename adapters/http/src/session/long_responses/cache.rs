//! A cache of sessions and rendered responses, by session and version.
//!
//! It does not authenticate: each request checks the session and its version in the store first
//! ([`portico_domain::use_cases::CurrentSession::run_knowing`]).

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use portico_domain::{
    account::Account, ports::Version, provider::Registration, session::SessionKey,
    use_cases::KnownSession,
};
use tokio::time::Instant;

use super::Rendered;

/// The total size of cached sessions and responses, in bytes.
const MAX_BYTES: usize = 64 << 20;

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

    fn replaces(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

#[derive(Debug, Default)]
pub(super) struct Cache {
    entries: HashMap<SessionKey, Entry>,
    bytes: usize,
    swept_at: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct Entry {
    session: KnownSession,
    session_bytes: usize,
    responses: Vec<(View, Arc<Rendered>)>,
    used_at: Instant,
}

impl Entry {
    fn bytes(&self) -> usize {
        let responses = self.responses.iter().map(|(_, response)| response.bytes.len());
        self.session_bytes + responses.sum::<usize>()
    }
}

impl Cache {
    /// The cached session.
    pub(super) fn session(&mut self, key: &SessionKey) -> Option<KnownSession> {
        self.sweep();
        let entry = self.entries.get_mut(key)?;
        entry.used_at = Instant::now();
        Some(entry.session.clone())
    }

    /// The cached response about this version.
    pub(super) fn response(
        &self,
        key: &SessionKey,
        version: Version,
        view: &View,
    ) -> Option<Arc<Rendered>> {
        let entry = self.entries.get(key).filter(|entry| entry.session.version == version)?;
        let found = entry.responses.iter().find(|(cached, _)| cached.equals(view));
        found.map(|(_, response)| response.clone())
    }

    /// Caches a session; removes another version of it with its responses.
    pub(super) fn put_session(&mut self, key: SessionKey, session: KnownSession) {
        let cached = self.entries.get(&key);
        if cached.is_none_or(|entry| entry.session.version != session.version) {
            self.forget(&key);
            let session_bytes = size(&session);
            let used_at = Instant::now();
            self.insert(key, Entry { session, session_bytes, responses: vec![], used_at });
        }
    }

    /// Caches a response, if this version of its session is cached.
    pub(super) fn put_response(
        &mut self,
        key: SessionKey,
        version: Version,
        view: View,
        response: Arc<Rendered>,
    ) {
        let cached = self.entries.get(&key);
        if cached.is_some_and(|entry| entry.session.version == version)
            && let Some(mut entry) = self.forget(&key)
        {
            entry.responses.retain(|(cached, _)| !view.replaces(cached));
            entry.responses.push((view, response));
            self.insert(key, entry);
        }
    }

    fn insert(&mut self, key: SessionKey, entry: Entry) {
        let bytes = entry.bytes();
        if bytes > MAX_BYTES {
            return;
        }
        while self.bytes + bytes > MAX_BYTES && self.evict_oldest() {}
        self.bytes += bytes;
        self.entries.insert(key, entry);
    }

    /// Removes the session and its responses.
    pub(super) fn forget(&mut self, key: &SessionKey) -> Option<Entry> {
        let entry = self.entries.remove(key)?;
        self.bytes -= entry.bytes();
        Some(entry)
    }

    /// Removes the least recently used entry; `false` if the cache is empty.
    pub(super) fn evict_oldest(&mut self) -> bool {
        let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used_at);
        let oldest = oldest.map(|(key, _)| *key);
        oldest.is_some_and(|key| self.forget(&key).is_some())
    }

    fn sweep(&mut self) {
        if self.entries.is_empty()
            || self.swept_at.is_some_and(|swept_at| swept_at.elapsed() < MAX_IDLE / 5)
        {
            return;
        }
        self.swept_at = Some(Instant::now());
        let old = self.entries.iter().filter(|(_, entry)| entry.used_at.elapsed() >= MAX_IDLE);
        let old: Vec<_> = old.map(|(key, _)| *key).collect();
        for key in old {
            self.forget(&key);
        }
    }
}

/// The approximate size of a session in memory, in bytes.
fn size(session: &KnownSession) -> usize {
    const OVERHEAD: usize = 128;
    let session = &session.value;
    let account = |account: &Account| {
        let entries = account.subscriptions.iter().map(|it| {
            let more = [&it.state, &it.tenant].map(|it| it.as_ref().map_or(0, String::len));
            OVERHEAD + it.id.len() + it.display_name.len() + more.iter().sum::<usize>()
        });
        let warnings = account.warnings.iter().map(String::len);
        4 * OVERHEAD + entries.chain(warnings).sum::<usize>()
    };
    session.user.json().len() + session.accounts.iter().map(account).sum::<usize>()
}
