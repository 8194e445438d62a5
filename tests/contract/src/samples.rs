//! Sample values for the cases.

use std::net::Ipv6Addr;

use portico_domain::{
    account::{
        Account, AccountId, AccountToken, Mender, Repair, Subscription, Tenant, TenantState,
    },
    challenge::Challenge,
    identity::VerifiedEmail,
    login::AttemptKey,
    secret::{SessionId, State},
    session::{BrowserName, Client, Session, SessionKey},
    sign_in::{ProviderSessionId, SignInKey},
    time::Timestamp,
};

pub use portico_domain::testing::samples::*;

/// The time at which the cases begin.
pub const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);

/// `seconds` after [`NOW`].
pub fn later(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(NOW.unix_seconds() + seconds)
}

/// The key of the session with this id.
pub fn key(id: &str) -> SessionKey {
    SessionKey::of(&SessionId::new(id))
}

/// The key of the attempt with this state.
pub fn attempt_key(state: &str) -> AttemptKey {
    AttemptKey::of(&State::new(state))
}

/// The key of this session at the provider.
pub fn sign_in(there: &str) -> SignInKey {
    SignInKey::of_session(&azure(), &ProviderSessionId::parse(there).unwrap())
}

/// Zofia's session, whose account is of this session at the provider.
pub fn session_at(there: &str) -> Session {
    let mut session = zofia_session();
    session.accounts[0].provider_session = Some(sign_in(there));
    session
}

/// Zofia's session with one account, begun at [`NOW`].
pub fn zofia_session() -> Session {
    session("contoso", "zofia", NOW)
}

/// The id of the only account of [`zofia_session`].
pub fn zofia_account_id() -> AccountId {
    zofia_session().accounts.remove(0).id
}

/// A session with all fields: two accounts, letters of many scripts, warnings, and every optional
/// field both present and absent.
pub fn full_session() -> Session {
    let mut session = zofia_session();
    let first = &mut session.accounts[0];
    first.warnings = vec!["zażółć gęślą jaźń 🔥".into(), String::new()];
    first.subscriptions.push(Subscription {
        id: "two".into(),
        display_name: "二 \u{0}\n<b>".into(),
        state: None,
        tenant: Some("fabrikam".into()),
        extra: vec![("region".into(), "eu-west-1".into()), (String::new(), "ż".into())],
    });
    let tenant = |id: &str, state, repair| Tenant {
        id: id.into(),
        display_name: "Fabrikam 二".into(),
        state,
        reason: Some("Use a second factor.".into()),
        mender: Some(Mender::Person),
        repair,
        extra: vec![("country".into(), "PL".into())],
    };
    let claims = Repair::Claims(r#"{"acrs":{"value":"c1"}}"#.into());
    first.tenants.push(tenant("fabrikam", TenantState::WantsMfa, Some(claims)));
    let link = Repair::Link("https://cloud.example/consent".into());
    first.tenants.push(tenant("contoso", TenantState::WantsConsent, Some(link)));
    first.tenants.push(Tenant {
        reason: None,
        mender: None,
        ..tenant("litware", TenantState::Ok, None)
    });
    first.copied_states = [0, 2].into();
    let mut second = account("fabrikam", "zofia-as-guest", later(5));
    second.identity.username = None;
    second.subscriptions.clear();
    second.connected_at = later(3);
    let challenge = Challenge {
        suberror: Some("basic_action".into()),
        claims: Some(r#"{"access_token":{"ż":null}}"#.into()),
    };
    let token = AccountToken::issued(later(5), later(3_605), true);
    second.token = Some(token.refused(Some(Box::new(challenge))));
    session.accounts[0].token = Some(AccountToken::issued(NOW, later(3_600), false));
    second.provider_session = Some(sign_in("there"));
    second.email = Some(VerifiedEmail::from_authenticated("zofia@fabrikam.example".into()));
    session.accounts.push(second);
    session.seen_at = later(7);
    session.client = Some(Client {
        browser: Some(BrowserName::Safari),
        system: None,
        address: Ipv6Addr::LOCALHOST.into(),
    });
    session
}

/// Zofia's session with this number of subscriptions, of the size of Azure's.
pub fn session_listing(count: usize) -> Session {
    let mut session = zofia_session();
    add_subscriptions(&mut session.accounts[0], count);
    session
}

fn add_subscriptions(account: &mut Account, count: usize) {
    let subscription = |number| Subscription {
        id: format!("7f7a1c00-0000-4000-8000-{number:012}"),
        display_name: format!("Contoso production {number}"),
        state: Some("Enabled".into()),
        tenant: Some("3aa4a235-b6e2-48d5-9195-7fcf05b459b0".into()),
        extra: vec![],
    };
    account.subscriptions = (0..count).map(subscription).collect();
}
