//! What Portico does, one use case a file.
//!
//! A use case is a struct of the ports it needs with one method, `run`. Nothing in here logs: a
//! failure is a typed error, and whoever called decides what a person sees and what the log sees.

mod begin_login;
mod complete_login;
mod current_session;
mod discover;
mod log_out;
mod user_record;

pub use self::{
    begin_login::{BeginLogin, BeginLoginError, LoginBegun, LoginRequest},
    complete_login::{CompleteLogin, CompleteLoginError, LoggedIn, LoginAnswer, OpenAttempt},
    current_session::{CurrentSession, KnownSession, LiveSession},
    discover::{Discover, Discovered, DiscoveryBudget, Incident},
    log_out::{LogOut, LoggedOut},
};
