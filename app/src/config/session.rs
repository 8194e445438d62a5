//! Lifetimes of sessions, and limits per person.

use std::{num::NonZeroU32, time::Duration};

use jiff::SignedDuration;
use portico_domain::session::{PersonShare, SessionPolicy};

use super::{limits::number, section::section, sources::Sources};

section! {
    /// Lifetimes of sessions, and limits per person.
    SessionLimits {
        idle: Duration = lifetime {
            open: "PORTICO_SESSION_IDLE", key: "session_idle",
            default: "8h",
            help: "idle lifetime of a session",
        }
        max: Duration = lifetime {
            open: "PORTICO_SESSION_MAX", key: "session_max",
            default: "24h",
            help: "absolute lifetime of a session",
        }
        per_person: NonZeroU32 = number {
            open: "PORTICO_SESSIONS_PER_PERSON", key: "sessions_per_person",
            default: "20",
            help: "maximum number of sessions of one person; one more ends the oldest",
        }
        mib_per_person: NonZeroU32 = number {
            open: "PORTICO_MIB_PER_PERSON", key: "mib_per_person",
            default: "16",
            help: "maximum size in the store of one person's sessions, in MiB; more ends the oldest",
        }
    }
    check idle_within_max(idle, max)
}

impl SessionLimits {
    /// The idle and absolute lifetime of sessions.
    pub fn policy(&self) -> SessionPolicy {
        SessionPolicy { idle: self.idle, max: self.max }
    }

    /// The limits of one person's sessions.
    pub fn share(&self) -> PersonShare {
        let count = |number: NonZeroU32| usize::try_from(number.get()).unwrap_or(usize::MAX);
        let bytes = count(self.mib_per_person).saturating_mul(1 << 20);
        PersonShare { sessions: count(self.per_person), bytes }
    }
}

fn idle_within_max(s: &mut Sources, idle: &mut Option<Duration>, max: &mut Option<Duration>) {
    if idle.zip(*max).is_some_and(|(idle, max)| idle > max) {
        s.fault(
            "PORTICO_SESSION_IDLE",
            "write at most the value of PORTICO_SESSION_MAX, or raise that",
        );
    }
}

/// A duration of at least a minute, such as `90m`, `8h` or `1d 12h`.
fn lifetime(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<SignedDuration>().ok().and_then(|d| Duration::try_from(d).ok());
    parsed
        .filter(|lifetime| *lifetime >= Duration::from_secs(60))
        .ok_or_else(|| "write a duration of a minute or more, such as 90m or 8h".into())
}
