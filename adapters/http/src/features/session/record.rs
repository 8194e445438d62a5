//! The log line of a logout.

use std::time::Duration;

use portico_domain::identity::{Identifiers, ProviderId};

use super::SessionApi;
use crate::{features::elapsed::milliseconds, request::Call};

/// A logout that ended sessions of this person; `None` where there was none to end.
pub(super) fn logout(
    session: &SessionApi,
    call: &Call,
    ended: Option<&(ProviderId, Identifiers)>,
    (sessions, everywhere): (usize, bool),
    took: Duration,
    correlation: &str,
) {
    let address = session.limiter.client(call.head.peer.0, call.headers());
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
