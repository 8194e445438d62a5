//! Long answers that were rendered, with the session that they show, so that another request for
//! the same version needs neither read nor render it.
//!
//! What is here opens nothing: every request asks the store for the session first
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

/// How many bytes are kept, of sessions and answers together.
const MAX_BYTES: usize = 64 << 20;

/// How long what nobody asks for is kept: whose session ended elsewhere does not ask again.
const KEPT: Duration = Duration::from_secs(300);

/// An answer that may be kept, and what besides the session it depends on.
#[derive(Clone, Debug)]
pub(crate) enum View {
    /// `GET /api/session`.
    Session,
    /// The first page of the dashboard, with these providers on it.
    Dashboard(Vec<Weak<Registration>>),
}

impl View {
    /// The dashboard with these providers.
    pub(crate) fn dashboard(offered: &[Arc<Registration>]) -> Self {
        Self::Dashboard(offered.iter().map(Arc::downgrade).collect())
    }

    fn is(&self, other: &Self) -> bool {
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
    swept: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct Entry {
    session: KnownSession,
    session_bytes: usize,
    answers: Vec<(View, Arc<Rendered>)>,
    used: Instant,
}

impl Entry {
    fn bytes(&self) -> usize {
        let answers = self.answers.iter().map(|(_, answer)| answer.bytes.len());
        self.session_bytes + answers.sum::<usize>()
    }
}

impl Cache {
    /// The session, as it was when it was last kept.
    pub(super) fn session(&mut self, key: &SessionKey) -> Option<KnownSession> {
        self.sweep();
        let entry = self.entries.get_mut(key)?;
        entry.used = Instant::now();
        Some(entry.session.clone())
    }

    /// The answer about this version.
    pub(super) fn answer(
        &self,
        key: &SessionKey,
        version: Version,
        view: &View,
    ) -> Option<Arc<Rendered>> {
        let entry = self.entries.get(key).filter(|entry| entry.session.version == version)?;
        let found = entry.answers.iter().find(|(known, _)| known.is(view));
        found.map(|(_, answer)| answer.clone())
    }

    /// Keeps a session, instead of another version of it and of the answers about that.
    pub(super) fn keep_session(&mut self, key: SessionKey, session: KnownSession) {
        let known = self.entries.get(&key);
        if known.is_none_or(|entry| entry.session.version != session.version) {
            self.forget(&key);
            let session_bytes = size(&session);
            let used = Instant::now();
            self.insert(key, Entry { session, session_bytes, answers: vec![], used });
        }
    }

    /// Keeps an answer about a session of which this version is kept.
    pub(super) fn keep_answer(
        &mut self,
        key: SessionKey,
        version: Version,
        view: View,
        answer: Arc<Rendered>,
    ) {
        let known = self.entries.get(&key);
        if known.is_some_and(|entry| entry.session.version == version)
            && let Some(mut entry) = self.forget(&key)
        {
            entry.answers.retain(|(known, _)| !view.replaces(known));
            entry.answers.push((view, answer));
            self.insert(key, entry);
        }
    }

    fn insert(&mut self, key: SessionKey, entry: Entry) {
        let bytes = entry.bytes();
        if bytes > MAX_BYTES {
            return;
        }
        while self.bytes + bytes > MAX_BYTES && self.drop_oldest() {}
        self.bytes += bytes;
        self.entries.insert(key, entry);
    }

    /// Keeps nothing about this session any more.
    pub(super) fn forget(&mut self, key: &SessionKey) -> Option<Entry> {
        let entry = self.entries.remove(key)?;
        self.bytes -= entry.bytes();
        Some(entry)
    }

    /// Drops what nobody has asked for longest; whether there was anything.
    pub(super) fn drop_oldest(&mut self) -> bool {
        let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
        let oldest = oldest.map(|(key, _)| *key);
        oldest.is_some_and(|key| self.forget(&key).is_some())
    }

    fn sweep(&mut self) {
        if self.entries.is_empty() || self.swept.is_some_and(|swept| swept.elapsed() < KEPT / 5) {
            return;
        }
        self.swept = Some(Instant::now());
        let old = self.entries.iter().filter(|(_, entry)| entry.used.elapsed() >= KEPT);
        let old: Vec<_> = old.map(|(key, _)| *key).collect();
        for key in old {
            self.forget(&key);
        }
    }
}

/// About how many bytes a session takes: its texts, and what holds them.
fn size(session: &KnownSession) -> usize {
    const EACH: usize = 128;
    let session = &session.value;
    let account = |account: &Account| {
        let entries = account.subscriptions.iter().map(|it| {
            let more = [&it.state, &it.tenant].map(|it| it.as_ref().map_or(0, String::len));
            EACH + it.id.len() + it.display_name.len() + more.iter().sum::<usize>()
        });
        let warnings = account.warnings.iter().map(String::len);
        4 * EACH + entries.chain(warnings).sum::<usize>()
    };
    session.user.json().len() + session.accounts.iter().map(account).sum::<usize>()
}
