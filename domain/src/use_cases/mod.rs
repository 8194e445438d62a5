//! What Portico does, one use case a file.
//!
//! A use case is a struct of the ports it needs with one method, `run`. Nothing in here logs: a
//! failure is a typed error, and whoever called decides what a person sees and what the log sees.

mod begin_login;
mod complete_login;
mod current_session;
mod decide_login;
mod discover;
mod land_login;
mod lineage;
mod log_out;
mod standing;
mod user_record;

pub use self::{
    begin_login::{BeginLogin, BeginLoginError, LoginBegun, LoginRequest},
    complete_login::{
        CompleteLogin, CompleteLoginError, Completed, LoginAnswer, LoginEnd, LoginFailed,
        OpenAttempt,
    },
    current_session::{Current, CurrentSession, KnownSession, LiveSession},
    decide_login::{DecideError, DecideLogin, Decided, Decision, Question},
    discover::{Discover, Discovered, DiscoveryBudget, Incident},
    land_login::{LandError, LandLogin},
    log_out::{LogOut, LoggedOut},
};
