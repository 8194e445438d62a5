use std::sync::Arc;

use portico_domain::{
    account::Subscription, identity::VerifiedEmail, provider::Providers, session::Session,
    testing::samples,
};

use super::*;

fn live(session: Session) -> LiveSession {
    let expires_at = session.expires_at(&samples::POLICY);
    let (offer, read_at) = (Providers::default().version(), session.seen_at);
    let session = Arc::new(session);
    let steady_until = Timestamp::MAX;
    LiveSession { expires_at, version: None, session, offer, read_at, steady_until }
}

#[test]
fn session_json_has_every_subscription_id_and_details_of_the_first_thousand() {
    let mut session = samples::session("contoso", "zofia", Timestamp::from_unix_seconds(1_000));
    let one = session.accounts[0].subscriptions[0].clone();
    let numbered = |n: usize| Subscription { id: n.to_string(), ..one.clone() };
    session.accounts[0].subscriptions = (0..1_001).map(numbered).collect();
    let shown: serde_json::Value =
        serde_json::from_slice(&session_json(&live(session), &Providers::default())).unwrap();
    let account = &shown["accounts"][0];
    assert_eq!(account["subscriptions"].as_array().unwrap().len(), 1_001);
    assert_eq!(account["subscriptionDetails"].as_array().unwrap().len(), 1_000);
    let id = account["id"].as_str().unwrap();
    let next = format!("/api/accounts/{id}/subscriptions?after=1000");
    assert_eq!(account["subscriptionDetailsNext"], next);
}

/// Connecting an account does not change whose session it is.
#[test]
fn person_is_the_one_who_began_the_session_whatever_accounts_are_connected() {
    let at = Timestamp::from_unix_seconds(1_000);
    let mut session = samples::session("contoso", "zofia", at);
    let mut guest = samples::account("fabrikam", "zofia-as-guest", at);
    guest.email = Some(VerifiedEmail::from_authenticated("z@fabrikam.example".into()));
    session.accounts.insert(0, guest);
    let json = |session| -> serde_json::Value {
        serde_json::from_slice(&session_json(&live(session), &Providers::default())).unwrap()
    };
    let shown = json(session.clone());
    assert_eq!(shown["person"]["id"], samples::person("contoso", "zofia").id());
    assert_eq!(shown["person"], shown["accounts"][1]["identity"]);
    let guest = &shown["accounts"][0]["identity"];
    assert_eq!(guest["id"], samples::person("fabrikam", "zofia-as-guest").id());
    assert_eq!(guest["email"], "z@fabrikam.example");
    session.accounts[0].person = None;
    let shown = json(session);
    assert_eq!(shown["accounts"][0]["identity"]["id"], serde_json::Value::Null);
}

#[test]
fn session_json_has_the_documented_members() {
    let at = Timestamp::from_unix_seconds(1_795_442_700);
    let session = samples::session("contoso", "zofia", at);
    let live = live(session);
    let shown: serde_json::Value =
        serde_json::from_slice(&session_json(&live, &Providers::default())).unwrap();
    let id = live.session.accounts[0].id.as_str();
    let person = serde_json::json!({
        "id": samples::person("contoso", "zofia").id(), "provider": "azure",
        "tenantId": "contoso", "subject": "zofia", "displayName": "Zofia Nowak",
        "username": "zofia@contoso.example", "email": null,
    });
    assert_eq!(
        shown,
        serde_json::json!({
            "user": live.session.user.members(),
            "person": person,
            "accounts": [{
                "id": id, "provider": "azure", "tenantId": "contoso",
                "displayName": "Zofia Nowak", "identity": person, "subscriptions": ["one"],
                "subscriptionDetails": [{
                    "id": "one", "displayName": "Subscription one", "state": "Enabled",
                    "tenantId": null,
                }],
                "subscriptionDetailsNext": null,
                "tenants": [],
                "warnings": [],
                "listing": "complete",
                "connectedAt": "2026-11-23T14:05:00Z", "refreshedAt": "2026-11-23T14:05:00Z",
                "token": "ok", "repair": null,
            }],
            "expiresAt": "2026-11-23T22:05:00Z",
        })
    );
}
