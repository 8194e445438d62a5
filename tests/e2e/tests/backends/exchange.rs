//! Tokens that a backend gets.

use std::time::Duration;

use portico_e2e::{Fault, FaultKind, RefusalKind, Target};

use super::*;

#[tokio::test]
async fn backend_gets_the_token_of_the_person_and_no_refresh_token() {
    let world = World::new().await;
    let mut person = zofia(&world).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    let response = world.exchange(&jwt, &[]).await;
    assert_eq!(response.status, StatusCode::OK, "{response:?}");
    assert_eq!(response.headers["cache-control"], "no-store");
    let body = response.json();
    let session = person.session(world.base()).await.json();
    let account = &session["accounts"][0];
    assert_eq!((&body["account"], &body["tenant"]), (&account["id"], &account["tenantId"]));
    assert_eq!(body["issued_token_type"], ACCESS_TOKEN);
    assert_eq!(body["token_type"], "Bearer");
    assert!((3_000..=3_600).contains(&body["expires_in"].as_u64().unwrap()), "{body}");
    assert!(body["scope"].as_str().unwrap().contains(&world.resource), "{body}");
    assert_eq!(body.get("refresh_token"), None);

    let listed = world.subscriptions(body["access_token"].as_str().unwrap()).await;
    assert_eq!(listed.status, StatusCode::OK, "{listed:?}");
    let first = listed.json()["value"][0]["subscriptionId"].clone();
    assert!(account["subscriptions"].as_array().unwrap().contains(&first), "{listed:?}");

    let portico = &world.inner.portico;
    portico.logged(|it| it.log().contains("token exchange")).await;
    let log = portico.log_lines();
    let audit =
        &log.iter().find(|line| line["fields"]["message"] == "token exchange").unwrap()["fields"];
    assert_eq!((&audit["actor"], &audit["subject"]), (&json!("costs"), &session["person"]["id"]));
    assert_eq!((&audit["account"], &audit["tenant"]), (&account["id"], &account["tenantId"]));
    assert_eq!(audit["resource"], world.resource);
    let text = portico.log();
    assert!(!text.contains(body["access_token"].as_str().unwrap()) && !text.contains(&jwt));
}

#[tokio::test]
async fn audience_account_scope_and_tenant_may_be_named() {
    let world = World::new().await;
    let mut person = zofia(&world).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    let account = person.session(world.base()).await.json()["accounts"][0].clone();
    let (slash, scope) = (format!("{}/", world.resource), format!("{}/.default", world.resource));
    for more in [
        [("audience", world.resource.as_str()), ("resource", &slash)],
        [("account", account["id"].as_str().unwrap()), ("scope", &scope)],
        [("tenant", account["tenantId"].as_str().unwrap()), ("requested_token_type", ACCESS_TOKEN)],
        [("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"), ("scope", "")],
    ] {
        let response = world.exchange(&jwt, &more).await;
        assert_eq!(response.status, StatusCode::OK, "{more:?}: {response:?}");
    }
}

/// A tenant of Sigrid in which she is a guest.
fn guest_tenant() -> &'static str {
    personas::SIGRIDS_TENANTS[3].id
}

#[tokio::test]
async fn backend_gets_a_token_for_another_tenant_that_it_may_ask_for_and_asks_the_cloud_once() {
    let world = World::with(&format!("tenants = [\"{}\"]", guest_tenant()), &[]).await;
    let mut person = signed_in(&world, personas::SIGRID.user_name).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    let before = world.inner.emulator.refreshes().len();
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let response = world.exchange(&jwt, &[("tenant", guest_tenant())]).await;
        assert_eq!(response.status, StatusCode::OK, "{response:?}");
        assert_eq!(response.json()["tenant"], guest_tenant());
        tokens.push(response.json()["access_token"].as_str().unwrap().to_owned());
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert_eq!(world.inner.emulator.refreshes().len(), before + 1);
    let listed = world.subscriptions(&tokens[0]).await;
    assert_eq!(listed.status, StatusCode::OK, "{listed:?}");
    // The home tenant is not among those that the rule names.
    assert_refused(&world.exchange(&jwt, &[]).await, 400, "invalid_target");
}

#[tokio::test]
async fn tenant_that_wants_the_person_is_told_with_the_repair_page_and_costs_nothing_else() {
    let world = World::with(&format!("tenants = [\"{}\"]", guest_tenant()), &[]).await;
    let mut person = signed_in(&world, personas::SIGRID.user_name).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    world.inner.emulator.refuse(&personas::SIGRIDS_TENANTS[3], RefusalKind::Mfa);
    let refused = world.exchange(&jwt, &[("tenant", guest_tenant())]).await;
    assert_refused(&refused, 400, "interaction_required");
    let body = refused.json();
    let repair = format!("{}/api/login/azure?tenant={}", world.base(), guest_tenant());
    assert_eq!(body["repair_uri"], repair);
    assert!(body["claims"].as_str().unwrap().starts_with('{'), "{body}");
    let account = person.session(world.base()).await.json()["accounts"][0].clone();
    assert_eq!(account["token"], "ok");
    // The person satisfies it at the page that was named.
    let begun = person.get(body["repair_uri"].as_str().unwrap()).await;
    assert_eq!(begun.status, StatusCode::FOUND, "{begun:?}");
}

#[tokio::test]
async fn exchange_survives_a_restart_of_portico() {
    let mut world = World::new().await;
    let mut person = zofia(&world).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    world.inner = world.inner.restarted().await;
    assert_eq!(world.exchange(&jwt, &[]).await.status, StatusCode::OK);
}

/// What was ended stays ended, however slow the provider is: the token that it sends is nobody's any more.
#[tokio::test]
async fn session_that_ends_while_the_provider_is_asked_gives_no_token() {
    let world = World::with(&format!("tenants = [\"{}\"]", guest_tenant()), &[]).await;
    let mut person = signed_in(&world, personas::SIGRID.user_name).await;
    let jwt = jwt(&world, &mut person, COSTS).await;
    let before = world.inner.emulator.refreshes().len();
    let held = Fault::always(Target::Token, FaultKind::Held).for_grant("refresh_token");
    world.inner.emulator.fault(held);
    let more = [("tenant", guest_tenant())];
    let sign_out = async {
        while world.inner.emulator.refreshes().len() == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let (url, origin) = (format!("{}/api/logout", world.base()), world.base().to_owned());
        assert!(person.post(&url, &origin).await.status.is_success());
        world.inner.emulator.clear_faults();
    };
    let (refused, ()) = tokio::join!(world.exchange(&jwt, &more), sign_out);
    assert_refused(&refused, 400, "invalid_request");
}
