//! The log line of a logout.

use std::time::Duration;

use portico_domain::identity::{Identifiers, ProviderId};

use super::SessionApi;
use crate::{features::elapsed::milliseconds, request::Call};

/// Logs a logout. `person` is `None` if no session was ended.
pub(super) fn log_logout(
    session: &SessionApi,
    call: &Call,
    person: Option<&(ProviderId, Identifiers)>,
    (sessions, everywhere): (usize, bool),
    duration: Duration,
    correlation: &str,
) {
    let address = session.limiter.client(call.head.peer.0, call.headers());
    let provider = person.map(|(provider, _)| provider.as_str());
    let tenant = person.map(|(_, person)| person.tenant.as_str());
    let subject = person.map(|(_, person)| person.subject.as_str());
    let outcome = if sessions > 0 { "signed_out" } else { "nothing_ended" };
    let milliseconds = milliseconds(duration);
    tracing::info!(
        provider, tenant, subject, %address, outcome, sessions, everywhere, milliseconds,
        correlation, "logout"
    );
}
