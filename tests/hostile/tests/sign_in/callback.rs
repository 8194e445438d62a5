//! Callbacks: rows 1 to 8, and codes of other logins.

mod mix_up;

use std::collections::BTreeMap;

use portico_e2e::{Browser, FaultKind, SentIssuer, Target, hint, personas};
use tokio::task::JoinSet;

use crate::scenario::{
    HostileScenario, Refusal, TestClient, bad_request, parameter, with_parameter,
};

#[tokio::test]
async fn callback_refuses_missing_unknown_or_malformed_state() {
    let scenario = HostileScenario::start(&[]).await;
    let mut client = TestClient::default();
    let callback = client.at_callback(&scenario).await;
    let state = parameter(&callback, "state");
    for missing in
        [with_parameter(&callback, "state", None), { with_parameter(&callback, "state", Some("")) }]
    {
        scenario.assert_refused(&mut client, missing, bad_request("missing_state")).await;
    }
    let first = if state.starts_with('a') { 'b' } else { 'a' };
    for unknown in [
        "a".repeat(43),
        format!("{first}{}", &state[1..]),
        state[..42].to_owned(),
        format!("{state}a"),
        format!("{state} "),
        format!(" {state}"),
        format!("{state}\0"),
        format!("{state}="),
        format!("{state}\n"),
        format!("{state},{state}"),
        format!("\"{state}\""),
        state.chars().rev().collect(),
        state.to_lowercase(),
        state.to_uppercase(),
        "null".to_owned(),
        "*".to_owned(),
        "../../sessions".to_owned(),
        "' OR ''='".to_owned(),
        "ż".repeat(43),
        "a".repeat(7_000),
    ] {
        let garbled = with_parameter(&callback, "state", Some(&unknown));
        scenario.assert_refused(&mut client, garbled, bad_request("unknown_login")).await;
    }
    for raw in ["state=%ff%fe", "state=%", "state=%00", "state=%zz"] {
        let code = parameter(&callback, "code");
        let url = format!("{}/getAToken?code={code}&{raw}", scenario.base());
        scenario.assert_refused(&mut client, url, bad_request("unknown_login")).await;
    }
    assert_eq!(client.browser.get(callback).await.status, 302);
}

#[tokio::test]
async fn callback_refuses_a_replayed_state_without_a_second_redemption() {
    let scenario = HostileScenario::start(&[]).await;
    let mut browser = Browser::default();
    let callback = browser.up_to_callback(scenario.base(), &hint(personas::ZOFIA.user_name)).await;
    let mut copies = JoinSet::new();
    for _ in 0..8 {
        let (mut copy, callback) = (browser.clone(), callback.clone());
        copies.spawn(async move { copy.get(callback).await });
    }
    let mut statuses = BTreeMap::new();
    for response in copies.join_all().await {
        *statuses.entry(response.status.as_u16()).or_insert(0) += 1;
        if response.status != 302 {
            scenario.assert_refusal(&response, bad_request("unknown_login")).await;
        }
    }
    scenario.tried(8);
    assert_eq!(statuses, BTreeMap::from([(302, 1), (400, 7)]));
    assert_eq!(scenario.redemptions(), 1);

    let mut client = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    for again in [callback.clone(), with_parameter(&callback, "code", Some("another"))] {
        scenario.assert_refused(&mut client, again, bad_request("unknown_login")).await;
    }
}

#[tokio::test]
async fn callback_in_another_browser_is_refused_and_spends_no_attempt() {
    let scenario = HostileScenario::start(&[]).await;
    let label = |browser: &Browser| browser.cookies_named(scenario.base(), "portico_login_");
    for planted in ["", "garbage", &"a".repeat(43), &"a".repeat(44), "anothers"] {
        let (mut victim, mut other) = (TestClient::default(), TestClient::default());
        let callback = victim.at_callback(&scenario).await;
        let (name, honest) = label(&victim.browser).pop().unwrap();
        let anothers = match planted {
            "anothers" => {
                other.at_callback(&scenario).await;
                label(&other.browser).pop().unwrap().1
            }
            planted => planted.to_owned(),
        };
        assert_ne!(anothers, honest);
        if !planted.is_empty() {
            other.browser.set_cookie(scenario.base(), &name, &anothers);
        }
        scenario.assert_refused(&mut other, &callback, bad_request("unknown_login")).await;
        assert_eq!(victim.browser.get(&callback).await.status, 302, "it spoiled the login");
    }
    // Somebody who is signed in stays who they are: a planted login is not theirs.
    let mut attacker = TestClient::default();
    let callback = attacker.at_callback(&scenario).await;
    let mut victim = TestClient::signed_in(&scenario, personas::MINH_ANH.user_name).await;
    scenario.assert_refused(&mut victim, callback, bad_request("unknown_login")).await;
}

#[tokio::test]
async fn callback_refuses_repeated_parameters() {
    let scenario = HostileScenario::start(&[]).await;
    let mut client = TestClient::default();
    let callback = client.at_callback(&scenario).await;
    let (state, code) = (parameter(&callback, "state"), parameter(&callback, "code"));
    for more in [
        format!("state={state}"),
        "state=other".to_owned(),
        "state=".to_owned(),
        "state".to_owned(),
        format!("%73tate={state}"),
        "st%61te=x".to_owned(),
        format!("code={code}"),
        "code=other".to_owned(),
        "c%6fde=".to_owned(),
        "iss=https://a.example&iss=https://b.example".to_owned(),
        "iss=&iss=".to_owned(),
        "is%73=x&iss=x".to_owned(),
        "error=access_denied&error=access_denied".to_owned(),
        "session_state=x".to_owned(),
        "x=1&x=2".to_owned(),
    ] {
        let doubled = format!("{callback}&{more}");
        scenario.assert_refused(&mut client, doubled, bad_request("repeated_parameter")).await;
    }
    assert_eq!(client.browser.get(callback).await.status, 302);
}

#[tokio::test]
async fn callback_with_provider_error_is_refused_without_token_request() {
    let scenario = HostileScenario::start(&[]).await;
    for (error, expected) in [
        ("access_denied", Refusal::new(403, "provider_refused").with_check("access_denied")),
        ("login_required", Refusal::new(403, "provider_refused").with_check("login_required")),
        ("consent_required", Refusal::new(403, "provider_refused").with_check("consent_required")),
        ("interaction_required", Refusal::new(403, "provider_refused")),
        ("unauthorized_client", Refusal::new(403, "provider_refused")),
        ("invalid_scope", Refusal::new(403, "provider_refused")),
        ("ACCESS_DENIED", Refusal::new(403, "provider_refused")),
        ("never heard of", Refusal::new(403, "provider_refused")),
        ("server_error", Refusal::new(503, "provider_unreachable")),
        ("temporarily_unavailable", Refusal::new(503, "provider_unreachable")),
    ] {
        for with_code in [false, true] {
            let mut client = TestClient::default();
            let callback = client.at_callback(&scenario).await;
            let code = with_code.then(|| parameter(&callback, "code"));
            let denied = with_parameter(&callback, "error", Some(error));
            let denied = with_parameter(&denied, "code", code.as_deref());
            // An error is believed only where a code would be.
            let honest = client.clone();
            scenario
                .assert_refused(&mut client, &denied, expected.without_provider_request())
                .await;
            client = honest;
            scenario.assert_refused(&mut client, &callback, bad_request("unknown_login")).await;
        }
    }
    let (mut victim, mut other) = (TestClient::default(), TestClient::default());
    let callback = victim.at_callback(&scenario).await;
    let denied = with_parameter(&callback, "error", Some("access_denied"));
    scenario.assert_refused(&mut other, denied, bad_request("unknown_login")).await;
    let unknown = format!("{}/getAToken?error=access_denied&state=x", scenario.base());
    scenario.assert_refused(&mut other, unknown, bad_request("unknown_login")).await;
    assert_eq!(scenario.redemptions(), 0);
}

#[tokio::test]
async fn callback_with_a_foreign_or_malformed_code_is_refused() {
    let scenario = HostileScenario::start(&[]).await;
    let (mut attacker, mut victim) = (TestClient::default(), TestClient::default());
    let stolen = parameter(&attacker.at_callback(&scenario).await, "code");
    let expected = Refusal::new(403, "provider_refused").with_check("invalid_grant");
    for code in [&stolen, "x", "null", "<script>", "a&b=c", &"a".repeat(7_000)] {
        let callback = victim.at_callback(&scenario).await;
        let injected = with_parameter(&callback, "code", Some(code));
        // PKCE: the code was made for another login's challenge (RFC 9700 section 4.5).
        scenario.assert_refused(&mut victim, injected, expected).await;
    }
    let mut signed_in = TestClient::signed_in(&scenario, personas::MINH_ANH.user_name).await;
    let callback = signed_in.at_callback(&scenario).await;
    let injected = with_parameter(&callback, "code", Some(&stolen));
    scenario.assert_refused(&mut signed_in, injected, expected).await;
}
