//! Increasing numbers: versions of records, and the positions of roots among those of their owner.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

static LAST: AtomicU64 = AtomicU64::new(0);

/// A number above all earlier ones, also if the clock is set back: the nanoseconds since 1970, or the
/// last number plus one. It orders writes and does not tell their age.
pub(super) fn next() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX);
    let next = |last: u64| Some(now.max(last.saturating_add(1)));
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    now.max(last.unwrap_or_default().saturating_add(1))
}
