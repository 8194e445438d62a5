//! Users of tenants that are not allowed.

use super::*;

#[tokio::test]
async fn user_of_a_forbidden_tenant_is_refused() {
    let scenario = HostileScenario::start(&[("AZURE_ALLOWED_TENANTS", personas::CONTOSO.id)]).await;
    let base = scenario.base();
    let expected = Refusal::new(403, "tenant_not_allowed");
    for person in [&personas::AMARA, &personas::HARUKI] {
        let mut client = TestClient::default();
        let query = hint(person.user_name);
        let callback = client.browser.up_to_callback(base, &query).await;
        scenario.assert_refused(&mut client, callback, expected).await;
    }
    // A session in the browser does not change.
    let mut client = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    let query = hint(personas::AMARA.user_name);
    let callback = client.browser.up_to_callback(base, &query).await;
    scenario.assert_refused(&mut client, callback, expected).await;
}

#[tokio::test]
async fn login_to_several_tenants_admits_no_user_of_a_forbidden_tenant() {
    let scenario = HostileScenario::start(&[("AZURE_ALLOWED_TENANTS", personas::CONTOSO.id)]).await;
    for tenant in ["organizations", "common"] {
        let mut client = TestClient::default();
        let query = format!("{}&tenant={tenant}", hint(personas::AMARA.user_name));
        let callback = client.browser.up_to_callback(scenario.base(), &query).await;
        let response = client.browser.get(callback).await;
        assert!(
            response.status.as_u16() >= 400 && !response.sets_session_cookie(),
            "{tenant}: {response:?}"
        );
        scenario.tried(1);
    }
}

#[tokio::test]
async fn login_to_a_malformed_tenant_is_refused() {
    let scenario = HostileScenario::start(&[("AZURE_ALLOWED_TENANTS", personas::CONTOSO.id)]).await;
    for tenant in [
        "*",
        "..",
        &format!("{}/", personas::CONTOSO.id),
        &format!("{0},{0}", personas::CONTOSO.id),
        &format!("{}%00", personas::CONTOSO.id),
        "../common",
    ] {
        let mut client = TestClient::default();
        let malformed = Refusal::new(400, "bad_parameter").without_provider_request();
        let refused =
            scenario.assert_refused(&mut client, begin_at(&scenario, tenant), malformed).await;
        assert!(refused.headers.get("set-cookie").is_none());
    }
}

fn begin_at(scenario: &HostileScenario, tenant: &str) -> url::Url {
    let begin = format!("{}/api/login/azure", scenario.base());
    url::Url::parse_with_params(&begin, [("tenant", tenant)]).unwrap()
}

/// Before the sign-in, neither responses nor requests to providers distinguish an allowed tenant from
/// another.
#[tokio::test]
async fn login_to_any_tenant_begins_alike_and_is_refused_only_after_sign_in() {
    let allowed = personas::CONTOSO.id;
    let scenario = HostileScenario::start(&[("AZURE_ALLOWED_TENANTS", allowed)]).await;
    // After a login in the allowed tenant, its metadata is cached; that must not show.
    TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    let nowhere = "00000000-1111-4222-8333-444444444444";
    let mut seen = vec![];
    for tenant in [allowed, personas::TAILSPIN.id, personas::FABRIKAM.id, nowhere] {
        scenario.tried(1);
        let requests = scenario.emulator().requests().len();
        let response = Browser::default().get(begin_at(&scenario, tenant)).await;
        assert_eq!(response.status, 302, "{tenant}: {response:?}");
        assert_eq!(scenario.emulator().requests().len(), requests, "{tenant} caused a request");
        let location = response.location();
        assert!(location.path().contains(tenant), "{location}");
        let parameters: Vec<_> =
            location.query_pairs().map(|(name, _)| name.into_owned()).collect();
        let headers = response.headers.iter().map(|(name, value)| (name.clone(), value.len()));
        seen.push((location.path().replace(tenant, ""), parameters, headers.collect::<Vec<_>>()));
    }
    assert!(seen.iter().all(|other| *other == seen[0]), "{seen:?}");

    // A made-up code is refused in the same way.
    for tenant in [allowed, personas::TAILSPIN.id] {
        let mut client = TestClient::default();
        let authorization = client.browser.get(begin_at(&scenario, tenant)).await.location();
        let state = parameter(&authorization, "state");
        let callback = format!("{}/getAToken?code=made-up&state={state}", scenario.base());
        scenario.assert_refused(&mut client, callback, Refusal::new(403, "provider_refused")).await;
    }
    let mut amara = TestClient::default();
    let query =
        format!("login_hint={}&tenant={}", personas::AMARA.user_name, personas::TAILSPIN.id);
    let callback = amara.browser.up_to_callback(scenario.base(), &query).await;
    scenario.assert_refused(&mut amara, callback, Refusal::new(403, "tenant_not_allowed")).await;
}

#[tokio::test]
async fn user_with_equal_names_in_another_tenant_is_another_person() {
    let scenario = HostileScenario::start(&[]).await;
    let base = scenario.base();
    let mut zofia = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    let (oid, user_name) = (personas::ZOFIA.home().oid, personas::ZOFIA.user_name);
    let claims = zofia.browser.session(base).await.json();
    let subject = claims["user"]["sub"].clone();
    // The administrator of a tenant chooses the names of its users.
    for faults in [
        vec![claim("email", user_name), claim("email_verified", true)],
        vec![claim("preferred_username", user_name), claim("upn", user_name)],
        vec![claim("sub", subject.clone())],
        vec![claim("oid", oid)],
        vec![claim("oid", oid), claim("sub", subject), claim("preferred_username", user_name)],
    ] {
        scenario.tried(1);
        let mut haruki = TestClient::default();
        let query = hint(personas::HARUKI.user_name);
        let callback = haruki.browser.up_to_callback(base, &query).await;
        scenario.inject(Target::Token, &faults);
        assert_eq!(haruki.browser.get(callback).await.status, 302);
        scenario.emulator().clear_faults();
        let session = haruki.browser.session(base).await.json();
        assert_eq!(session["accounts"].as_array().unwrap().len(), 1);
        assert_eq!(session["accounts"][0]["tenantId"], personas::FABRIKAM.id);
        assert_eq!(haruki.browser.sign_out_everywhere(base).await.status, 204);
        assert_eq!(
            zofia.browser.session(base).await.status,
            200,
            "{faults:?} ended Zofia's session"
        );
    }
}
