//! Why sessions end, and the order of logins and sign-outs.

use std::time::Duration;

use super::SessionKey;

/// How long a store remembers why a session ended. Longer than a login attempt lives, because a login
/// that began in a session is checked against it. Not longer, because a person may begin and end
/// sessions without a limit.
pub const ENDING_REMEMBERED: Duration = Duration::from_secs(60 * 60);

/// Why a session is no longer there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A login moved it to another key.
    Moved(SessionKey),
    /// Newer sessions used up the person's share of the store ([`PersonShare`](super::PersonShare)).
    Crowded,
    /// The person signed out everywhere.
    SignedOutEverywhere,
    /// The provider or the tenant that its person signed in with is no longer allowed.
    NotAllowed,
    /// Another session replaced it in its browser.
    Replaced,
    /// The provider answered a refresh of its tokens for another person.
    OtherPerson,
    /// It was not used for the idle timeout, or reached the absolute one. Remembered for
    /// [`ENDING_REMEMBERED`] beyond the absolute timeout, when its cookie is gone.
    Expired,
    /// The person signed out in its browser.
    SignedOut,
    /// The person ended it from another of their browsers.
    EndedElsewhere,
    /// The provider that its person signed in with signed them out.
    SignedOutAtProvider,
}

/// The number of sign-outs everywhere so far, of all people. A login records the count when it begins,
/// and a sign-out records the count that it makes: so their order is known without a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignOutCount(pub u64);
