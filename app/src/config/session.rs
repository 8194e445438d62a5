//! How long sessions last, and how much of the store one person's may take.

use std::{num::NonZeroU32, time::Duration};

use jiff::SignedDuration;
use portico_domain::session::{PersonShare, SessionPolicy};

use super::{limits::number, section::section, sources::Sources};

section! {
    /// How long sessions last, and how much of the store one person's may take.
    SessionLimits {
        idle: Duration = lifetime {
            open: "PORTICO_SESSION_IDLE", key: "session_idle",
            default: "8h",
            help: "how long a session lasts unused",
        }
        max: Duration = lifetime {
            open: "PORTICO_SESSION_MAX", key: "session_max",
            default: "24h",
            help: "how long a session lasts in all",
        }
        per_person: NonZeroU32 = number {
            open: "PORTICO_SESSIONS_PER_PERSON", key: "sessions_per_person",
            default: "20",
            help: "how many sessions one person may have: with one more the oldest ends",
        }
        mib_per_person: NonZeroU32 = number {
            open: "PORTICO_MIB_PER_PERSON", key: "mib_per_person",
            default: "16",
            help: "how much of the store these may take together, in MiB: likewise",
        }
    }
    check idle_within_max(idle, max)
}

impl SessionLimits {
    /// How long sessions last.
    pub fn policy(&self) -> SessionPolicy {
        SessionPolicy { idle: self.idle, max: self.max }
    }

    /// How much of the store one person may have.
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

/// A minute or more: `90m`, `8h`, `1d 12h`.
fn lifetime(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<SignedDuration>().ok().and_then(|d| Duration::try_from(d).ok());
    parsed
        .filter(|lifetime| *lifetime >= Duration::from_secs(60))
        .ok_or_else(|| "write a duration of a minute or more, such as 90m or 8h".into())
}
