//! What the log says of logins that succeeded and of logouts: who, from where, what came of it and how
//! long it took. A login that failed has its line in `failure.rs`.
//!
//! A person stands here by what their cloud knows them by, never by name or address.

use std::time::Duration;

use portico_domain::{
    decision::Choice,
    identity::{Identifiers, ProviderId},
    use_cases::{Completed, Decided, LoginEnd},
};

use super::Call;

/// A login that succeeded, and what its person is told that they miss.
pub(super) fn login(
    call: &Call,
    provider: &ProviderId,
    login: &Completed,
    took: Duration,
    correlation: &str,
) {
    let address = call.asked().address(&call.app);
    let Identifiers { tenant, subject } = &login.person;
    let (provider, tenant, subject) = (provider.as_str(), tenant.as_str(), subject.as_str());
    let outcome = match login.end {
        LoginEnd::LoggedIn(_) => "signed_in",
        LoginEnd::Undecided(_) => "asked",
    };
    let milliseconds = milliseconds(took);
    tracing::info!(
        provider, tenant, subject, %address, outcome, milliseconds, correlation, "login ended"
    );
    for warning in &login.warnings {
        tracing::warn!(
            provider, tenant, subject, %address, warning, correlation, "the listing is incomplete"
        );
    }
    for incident in &login.incidents {
        let (what, why) = (&incident.what, &incident.why);
        tracing::warn!(
            provider, tenant, subject, %address, what, why, correlation, "the listing is incomplete"
        );
    }
}

/// A login whose person has chosen what shall become of it.
pub(super) fn decision(
    call: &Call,
    choice: Choice,
    decided: &Decided,
    took: Duration,
    correlation: &str,
) {
    let address = call.asked().address(&call.app);
    let Identifiers { tenant, subject } = &decided.person;
    let (provider, tenant, subject) =
        (decided.provider.as_str(), tenant.as_str(), subject.as_str());
    let outcome = match choice {
        Choice::Connect => "connected",
        Choice::SignIn => "signed_in",
        Choice::Neither => "declined",
    };
    let milliseconds = milliseconds(took);
    tracing::info!(
        provider, tenant, subject, %address, outcome, milliseconds, correlation, "login ended"
    );
}

/// A logout that ended sessions of this person; `None` where there was none to end.
pub(super) fn logout(
    call: &Call,
    ended: Option<&(ProviderId, Identifiers)>,
    (sessions, everywhere): (usize, bool),
    took: Duration,
    correlation: &str,
) {
    let address = call.asked().address(&call.app);
    let provider = ended.map(|(provider, _)| provider.as_str());
    let tenant = ended.map(|(_, person)| person.tenant.as_str());
    let subject = ended.map(|(_, person)| person.subject.as_str());
    let outcome = if sessions > 0 { "signed_out" } else { "nothing_ended" };
    let milliseconds = milliseconds(took);
    tracing::info!(
        provider, tenant, subject, %address, outcome, sessions, everywhere, milliseconds,
        correlation, "logout"
    );
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
