//! Hand-offs that go in a circle: the browser gets a session at a host, and comes back without it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use portico_domain::session::SessionKey;
use tokio::time::{Duration, Instant};

/// How many hand-offs of one session to one page are too many within [`WITHIN`].
const TOO_MANY: usize = 3;

/// A person who opens a page again and again takes longer. Several tabs that are restored at once have
/// pages of their own.
const WITHIN: Duration = Duration::from_secs(10);

/// The most sessions and pages that are counted; more are not, so that one caller cannot fill the memory.
const MAX_COUNTED: usize = 10_000;

/// Counts hand-offs.
#[derive(Default)]
pub(crate) struct Rounds(Mutex<HashMap<(SessionKey, String), Vec<Instant>>>);

impl Rounds {
    /// Counts a hand-off; `true` if it is one too many.
    pub(super) fn is_circle(&self, key: SessionKey, page: &str) -> bool {
        let now = Instant::now();
        let is_recent = |at: &Instant| now.duration_since(*at) < WITHIN;
        let mut rounds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rounds.len() >= MAX_COUNTED {
            rounds.retain(|_, times| times.last().is_some_and(is_recent));
        }
        if rounds.len() >= MAX_COUNTED {
            return false;
        }
        let times = rounds.entry((key, page.to_owned())).or_default();
        times.retain(is_recent);
        times.push(now);
        if times.len() < TOO_MANY {
            return false;
        }
        // The next try begins anew.
        rounds.remove(&(key, page.to_owned()));
        true
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const KEY: SessionKey = SessionKey::from_bytes([1; 32]);

    #[tokio::test(start_paused = true)]
    async fn third_hand_off_within_ten_seconds_is_a_circle() {
        let rounds = Rounds::default();
        assert!(!rounds.is_circle(KEY, "/costs") && !rounds.is_circle(KEY, "/costs"));
        assert!(!rounds.is_circle(KEY, "/inventory"), "another page");
        assert!(!rounds.is_circle(SessionKey::from_bytes([2; 32]), "/costs"), "another session");
        assert!(rounds.is_circle(KEY, "/costs"));
        assert!(!rounds.is_circle(KEY, "/costs"), "it begins anew");
    }

    #[tokio::test(start_paused = true)]
    async fn hand_offs_that_are_far_apart_are_none() {
        let rounds = Rounds::default();
        for _ in 0..10 {
            assert!(!rounds.is_circle(KEY, "/costs"));
            advance(Duration::from_secs(6)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn counted_sessions_are_bounded_and_forgotten() {
        let rounds = Rounds::default();
        for number in 0..MAX_COUNTED + 10 {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&(number as u64).to_be_bytes());
            rounds.is_circle(SessionKey::from_bytes(key), "/costs");
        }
        assert_eq!(rounds.0.lock().unwrap().len(), MAX_COUNTED);
        advance(WITHIN).await;
        rounds.is_circle(KEY, "/costs");
        assert_eq!(rounds.0.lock().unwrap().len(), 1);
    }
}
