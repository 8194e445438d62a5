//! The state of a session as far as events tell of it, and the events between two states.

use std::collections::BTreeMap;

use portico_domain::{account::Account, time::Timestamp, use_cases::LiveSession};
use serde::Serialize;

use crate::{
    features::accounts::{tenant_state, token_state},
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
    /// An account was listed again.
    Listing {
        account: String,
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
    refreshed_at: String,
    token: &'static str,
    tenants: BTreeMap<String, &'static str>,
}

impl AccountState {
    fn of(account: &Account, now: Timestamp) -> Self {
        let tenants = account.tenants.iter();
        let tenants = tenants.map(|tenant| (tenant.id.clone(), tenant_state(tenant.state)));
        Self {
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
        if self.refreshed_at != former.refreshed_at {
            let (account, refreshed_at) = (id.to_owned(), self.refreshed_at.clone());
            events.push(SessionEvent::Listing { account, refreshed_at });
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
mod tests {
    use std::sync::Arc;

    use portico_domain::{
        account::{AccountToken, Tenant, TenantState},
        provider::Providers,
        session::Session,
        testing::samples,
    };

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_442_700);

    fn tenant(id: &str, state: TenantState) -> Tenant {
        Tenant {
            id: id.into(),
            display_name: id.into(),
            state,
            reason: None,
            mender: None,
            repair: None,
            extra: vec![],
        }
    }

    fn session() -> Session {
        let mut session = samples::session("contoso", "zofia", NOW);
        session.accounts[0].tenants =
            vec![tenant("a", TenantState::WantsMfa), tenant("b", TenantState::Ok)];
        session
    }

    fn events(from: &Session, to: &Session) -> Vec<SessionEvent> {
        let snapshot = |session: &Session| {
            let (expires_at, offer) = (NOW, Providers::default().version());
            let session = Arc::new(session.clone());
            Snapshot::of(&LiveSession { session, version: None, expires_at, offer, read_at: NOW })
        };
        snapshot(to).events_since(&snapshot(from))
    }

    #[test]
    fn unchanged_session_has_no_events() {
        assert_eq!(events(&session(), &session()), []);
    }

    #[test]
    fn connected_and_disconnected_accounts_are_told() {
        let (one, mut two) = (session(), session());
        two.accounts.push(samples::account("fabrikam", "guest", NOW));
        let id = two.accounts[1].id.as_str().to_owned();
        let event = |change| SessionEvent::Account { id: id.clone(), change };
        assert_eq!(events(&one, &two), [event(AccountChange::Connected)]);
        assert_eq!(events(&two, &one), [event(AccountChange::Disconnected)]);
    }

    #[test]
    fn new_listing_and_changed_tenants_are_told() {
        let (one, mut two) = (session(), session());
        let account = one.accounts[0].id.as_str().to_owned();
        two.accounts[0].refreshed_at = NOW.plus(std::time::Duration::from_secs(5));
        two.accounts[0].tenants =
            vec![tenant("a", TenantState::Ok), tenant("c", TenantState::Empty)];
        let tenant = |id: &str, state| {
            let (account, id) = (account.clone(), id.into());
            SessionEvent::Tenant { account, id, state }
        };
        let refreshed_at = "2026-11-23T14:05:05Z".into();
        let listing = SessionEvent::Listing { account: account.clone(), refreshed_at };
        assert_eq!(
            events(&one, &two),
            [listing, tenant("b", None), tenant("a", Some("ok")), tenant("c", Some("empty"))]
        );
    }

    #[test]
    fn changed_state_of_tokens_is_told() {
        let (one, mut two) = (session(), session());
        two.accounts[0].token = Some(AccountToken::issued(NOW, NOW, true).failing());
        let account = one.accounts[0].id.as_str().to_owned();
        assert_eq!(events(&one, &two), [SessionEvent::Token { account, token: "stale" }]);
    }

    #[test]
    fn events_are_written_as_documented() {
        let written = |event| serde_json::to_string(&event).unwrap();
        let account = SessionEvent::Account { id: "x".into(), change: AccountChange::Disconnected };
        assert_eq!(written(account), r#"{"id":"x","change":"disconnected"}"#);
        let listing = SessionEvent::Listing { account: "x".into(), refreshed_at: "t".into() };
        assert_eq!(written(listing), r#"{"account":"x","refreshedAt":"t"}"#);
        let end = |reason| SessionEvent::End { code: "no_session", reason };
        assert_eq!(written(end(None)), r#"{"code":"no_session"}"#);
        assert_eq!(written(end(Some("expired"))), r#"{"code":"no_session","reason":"expired"}"#);
    }
}
