//! How a session ended, for whoever still names it; and how logins and sign-outs are put in order.

use std::time::Duration;

use super::SessionKey;

/// How long a store remembers why a session ended. Longer than a login may be under way: a login
/// that began in a session is held against it.
pub const ENDING_REMEMBERED: Duration = Duration::from_secs(60 * 60);

/// Why a session is no longer there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A login moved it to another key.
    Moved(SessionKey),
    /// The person has as many newer ones as they may have, or these take as many bytes.
    Crowded,
    /// The person signed out everywhere.
    SignedOutEverywhere,
    /// The provider or the tenant that it rests on is not allowed any more.
    NotAllowed,
    /// Another session took its place in its browser.
    Replaced,
}

/// How many times people have signed out everywhere, in all: a login notes the count when it
/// begins, and a person's sign-out notes the count that it makes. So each of the two is known to be
/// before the other without a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignOutCount(pub u64);
