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
        let steady_until = Timestamp::MAX;
        Snapshot::of(&LiveSession {
            session,
            version: None,
            expires_at,
            offer,
            read_at: NOW,
            steady_until,
        })
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
    two.accounts[0].tenants = vec![tenant("a", TenantState::Ok), tenant("c", TenantState::Empty)];
    let tenant = |id: &str, state| {
        let (account, id) = (account.clone(), id.into());
        SessionEvent::Tenant { account, id, state }
    };
    let refreshed_at = "2026-11-23T14:05:05Z".into();
    let (state, of) = ("complete", account.clone());
    let listing = SessionEvent::Listing { account: of, state, refreshed_at };
    assert_eq!(
        events(&one, &two),
        [listing, tenant("b", None), tenant("a", Some("ok")), tenant("c", Some("empty"))]
    );
}

#[test]
fn listing_that_is_pending_is_told() {
    let (one, mut two) = (session(), session());
    two.accounts[0].is_listing_pending = true;
    let (account, refreshed_at) = (one.accounts[0].id.as_str().to_owned(), rfc3339(NOW));
    let listing = SessionEvent::Listing { account, state: "in_progress", refreshed_at };
    assert_eq!(events(&one, &two), [listing]);
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
    let (account, state) = ("x".into(), "partial");
    let listing = SessionEvent::Listing { account, state, refreshed_at: "t".into() };
    assert_eq!(written(listing), r#"{"account":"x","state":"partial","refreshedAt":"t"}"#);
    let end = |reason| SessionEvent::End { code: "no_session", reason };
    assert_eq!(written(end(None)), r#"{"code":"no_session"}"#);
    assert_eq!(written(end(Some("expired"))), r#"{"code":"no_session","reason":"expired"}"#);
}
