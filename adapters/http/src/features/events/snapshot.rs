//! The state of a session as far as events tell of it, and the events between two states.

use std::collections::BTreeMap;

use portico_domain::{account::Account, time::Timestamp, use_cases::LiveSession};
use serde::Serialize;

use crate::{
    features::accounts::{listing_state, tenant_state, token_state},
    response::rfc3339,
};

/// An event about a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum SessionEvent {
    /// The first of a stream: what there is.
    Session { accounts: Vec<String> },
    /// An account was connected or disconnected.
    Account { id: String, change: AccountChange },
    /// An account was listed again, or a listing of it began or ended.
    Listing {
        account: String,
        state: &'static str,
        #[serde(rename = "refreshedAt")]
        refreshed_at: String,
    },
    /// The state of a tenant changed; `null` if it is not listed any more.
    Tenant { account: String, id: String, state: Option<&'static str> },
    /// The state of an account's tokens changed.
    Token { account: String, token: &'static str },
    /// The session ended, for the reason that this code of docs/errors.md names. The last of a stream.
    End {
        code: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'static str>,
    },
}

/// How the accounts of a session changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AccountChange {
    Connected,
    Disconnected,
}

impl SessionEvent {
    /// The `event` field.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Session { .. } => "session",
            Self::Account { .. } => "account",
            Self::Listing { .. } => "listing",
            Self::Tenant { .. } => "tenant",
            Self::Token { .. } => "token",
            Self::End { .. } => "end",
        }
    }
}

/// The accounts of a session, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Snapshot(BTreeMap<String, AccountState>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct AccountState {
    listing: &'static str,
    refreshed_at: String,
    token: &'static str,
    tenants: BTreeMap<String, &'static str>,
}

impl AccountState {
    fn of(account: &Account, now: Timestamp) -> Self {
        let tenants = account.tenants.iter();
        let tenants = tenants.map(|tenant| (tenant.id.clone(), tenant_state(tenant.state)));
        Self {
            listing: listing_state(account.listing_state(now)),
            refreshed_at: rfc3339(account.refreshed_at),
            token: token_state(account.token_health(now)),
            tenants: tenants.collect(),
        }
    }
}

impl Snapshot {
    pub(super) fn of(live: &LiveSession) -> Self {
        let accounts = live.session.accounts.iter();
        let state = |account| AccountState::of(account, live.read_at);
        let accounts = accounts.map(|it| (it.id.as_str().to_owned(), state(it)));
        Self(accounts.collect())
    }

    /// The first event of a stream.
    pub(super) fn event(&self) -> SessionEvent {
        SessionEvent::Session { accounts: self.0.keys().cloned().collect() }
    }

    /// The events from the `former` state to this one.
    pub(super) fn events_since(&self, former: &Self) -> Vec<SessionEvent> {
        let mut events = Vec::new();
        for id in former.0.keys().filter(|id| !self.0.contains_key(*id)) {
            let (id, change) = (id.clone(), AccountChange::Disconnected);
            events.push(SessionEvent::Account { id, change });
        }
        for (id, account) in &self.0 {
            match former.0.get(id) {
                None => {
                    let (id, change) = (id.clone(), AccountChange::Connected);
                    events.push(SessionEvent::Account { id, change });
                }
                Some(former) => account.add_events_since(former, id, &mut events),
            }
        }
        events
    }
}

impl AccountState {
    fn add_events_since(&self, former: &Self, id: &str, events: &mut Vec<SessionEvent>) {
        if (self.listing, &self.refreshed_at) != (former.listing, &former.refreshed_at) {
            let (account, refreshed_at) = (id.to_owned(), self.refreshed_at.clone());
            events.push(SessionEvent::Listing { account, state: self.listing, refreshed_at });
        }
        if self.token != former.token {
            let (account, token) = (id.to_owned(), self.token);
            events.push(SessionEvent::Token { account, token });
        }
        let tenant = |tenant: &str, state| {
            let (account, id) = (id.to_owned(), tenant.to_owned());
            SessionEvent::Tenant { account, id, state }
        };
        let gone = former.tenants.keys().filter(|id| !self.tenants.contains_key(*id));
        events.extend(gone.map(|id| tenant(id, None)));
        let changed =
            self.tenants.iter().filter(|(id, state)| former.tenants.get(*id) != Some(state));
        events.extend(changed.map(|(id, state)| tenant(id, Some(state))));
    }
}

#[cfg(test)]
mod tests;
