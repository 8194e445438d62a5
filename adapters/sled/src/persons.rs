//! The sessions of a person, in the order of their logins.
//!
//! The value of an entry of the index is the session's place: nanoseconds since 1970, which go up
//! with every login whatever the clock does. It orders sessions and says nothing about their age.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

use portico_domain::{
    identity::PersonKey,
    session::{SessionKey, SessionSize},
};

use crate::{
    layout,
    rows::{RowError, Rows},
};

static LAST: AtomicU64 = AtomicU64::new(0);

/// The place of a session that begins or moves now: after all others.
pub(crate) fn next_place() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX);
    let next = |last: u64| Some(now.max(last.saturating_add(1)));
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    now.max(last.unwrap_or_default().saturating_add(1))
}

/// The place that this session has; 0, before all others, where an older Portico wrote none.
pub(crate) fn place_of(rows: &Rows, person: &PersonKey, key: &SessionKey) -> Result<u64, RowError> {
    let value = rows.value(&layout::session_of(person, key))?;
    Ok(value.and_then(|value| read(&value)).unwrap_or_default())
}

/// Every session of this person with its size, the oldest first.
pub(crate) fn sessions_of(rows: &Rows, person: &PersonKey) -> Result<Vec<SessionSize>, RowError> {
    let mut found = Vec::new();
    for entry in rows.values_with(&layout::sessions_of(person)) {
        let (row, value) = entry?;
        if let Some(key) = layout::last_session(&row) {
            found.push((read(&value).unwrap_or_default(), key));
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(_, key)| Ok(SessionSize { key, bytes: bytes(rows, &key)? })).collect()
}

/// How many bytes a session takes with its tokens.
fn bytes(rows: &Rows, key: &SessionKey) -> Result<usize, RowError> {
    let mut bytes = rows.bytes(&layout::session(key))?;
    for row in rows.keys_with(&layout::tokens_of(key)) {
        bytes += rows.bytes(&row?)?;
    }
    Ok(bytes)
}

fn read(value: &[u8]) -> Option<u64> {
    value.try_into().ok().map(u64::from_be_bytes)
}
