//! The log line of a login that succeeded. A login that failed has the line of its failure.
//!
//! People are identified by tenant and subject, never by name or e-mail address.

use std::time::Duration;

use portico_domain::{
    identity::{Identifiers, ProviderId},
    use_cases::{Completed, LoginEnd},
};

use super::Login;
use crate::{features::elapsed::milliseconds, request::Call};

/// Logs a login, and the warnings of its listing.
pub(super) fn log_login(
    login: &Login,
    call: &Call,
    (provider, completed): (&ProviderId, &Completed),
    duration: Duration,
    correlation: &str,
) {
    let address = login.limiter.client(call.head.peer.0, call.headers());
    let Identifiers { tenant, subject } = &completed.person;
    let (provider, tenant, subject) = (provider.as_str(), tenant.as_str(), subject.as_str());
    let outcome = match completed.end {
        LoginEnd::LoggedIn(_) => "signed_in",
        LoginEnd::Undecided(_) => "asked",
    };
    let milliseconds = milliseconds(duration);
    tracing::info!(
        provider, tenant, subject, %address, outcome, milliseconds, correlation, "login ended"
    );
    for warning in &completed.warnings {
        tracing::warn!(
            provider, tenant, subject, %address, warning, correlation, "the listing is incomplete"
        );
    }
    for incident in &completed.incidents {
        let (what, why) = (&incident.what, &incident.why);
        tracing::warn!(
            provider, tenant, subject, %address, what, why, correlation, "the listing is incomplete"
        );
    }
}
