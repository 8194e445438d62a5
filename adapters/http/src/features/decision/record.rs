//! The log line of a decision.

use std::time::Duration;

use portico_domain::{decision::Choice, identity::Identifiers, use_cases::Decided};

use super::Decide;
use crate::{features::elapsed::milliseconds, request::Call};

/// Logs a login that was decided about.
pub(super) fn log_decision(
    decide: &Decide,
    call: &Call,
    (choice, decided): (Choice, &Decided),
    duration: Duration,
    correlation: &str,
) {
    let address = decide.limiter.client(call.head.peer.0, call.headers());
    let Identifiers { tenant, subject } = &decided.person;
    let (provider, tenant, subject) =
        (decided.provider.as_str(), tenant.as_str(), subject.as_str());
    let outcome = match choice {
        Choice::Connect => "connected",
        Choice::SignIn => "signed_in",
        Choice::Neither => "declined",
    };
    let milliseconds = milliseconds(duration);
    tracing::info!(
        provider, tenant, subject, %address, outcome, milliseconds, correlation, "login ended"
    );
}
