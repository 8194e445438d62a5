//! What comes to a redirect URI: rows 1 to 8, and codes that belong to somebody else.

use std::collections::BTreeMap;

use portico_e2e::{Browser, FaultKind, SentIssuer, Target, hint, personas};
use tokio::task::JoinSet;

use crate::scenario::{HostileScenario, Refusal, TestClient, bad, parameter, with_parameter};

#[tokio::test]
async fn a_state_that_is_missing_unknown_or_garbled_is_refused_and_ends_no_login() {
    let scenario = HostileScenario::lay(&[]).await;
    let mut visitor = TestClient::default();
    let callback = visitor.at_callback(&scenario).await;
    let state = parameter(&callback, "state");
    for missing in
        [with_parameter(&callback, "state", None), { with_parameter(&callback, "state", Some("")) }]
    {
        scenario.refused(&mut visitor, missing, bad("missing_state")).await;
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
        scenario.refused(&mut visitor, garbled, bad("unknown_login")).await;
    }
    for raw in ["state=%ff%fe", "state=%", "state=%00", "state=%zz"] {
        let code = parameter(&callback, "code");
        let url = format!("{}/getAToken?code={code}&{raw}", scenario.base());
        scenario.refused(&mut visitor, url, bad("unknown_login")).await;
    }
    assert_eq!(visitor.browser.get(callback).await.status, 302);
}

#[tokio::test]
async fn a_state_is_good_once_and_its_code_is_redeemed_once() {
    let scenario = HostileScenario::lay(&[]).await;
    let mut browser = Browser::default();
    let callback = browser.up_to_callback(scenario.base(), &hint(personas::ZOFIA.user_name)).await;
    let mut copies = JoinSet::new();
    for _ in 0..8 {
        let (mut copy, callback) = (browser.clone(), callback.clone());
        copies.spawn(async move { copy.get(callback).await });
    }
    let mut statuses = BTreeMap::new();
    for answer in copies.join_all().await {
        *statuses.entry(answer.status.as_u16()).or_insert(0) += 1;
        if answer.status != 302 {
            scenario.is_as(&answer, bad("unknown_login")).await;
        }
    }
    scenario.tried(8);
    assert_eq!(statuses, BTreeMap::from([(302, 1), (400, 7)]));
    assert_eq!(scenario.redemptions(), 1);

    let mut visitor = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    for again in [callback.clone(), with_parameter(&callback, "code", Some("another"))] {
        scenario.refused(&mut visitor, again, bad("unknown_login")).await;
    }
}

#[tokio::test]
async fn a_callback_in_another_browser_is_refused_and_spends_nothing() {
    let scenario = HostileScenario::lay(&[]).await;
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
        scenario.refused(&mut other, &callback, bad("unknown_login")).await;
        assert_eq!(victim.browser.get(&callback).await.status, 302, "it spoiled the login");
    }
    // Somebody who is signed in stays who they are: a planted login is not theirs.
    let mut attacker = TestClient::default();
    let callback = attacker.at_callback(&scenario).await;
    let mut victim = TestClient::signed_in(&scenario, personas::MINH_ANH.user_name).await;
    scenario.refused(&mut victim, callback, bad("unknown_login")).await;
}

#[tokio::test]
async fn a_parameter_that_stands_twice_is_refused_and_ends_no_login() {
    let scenario = HostileScenario::lay(&[]).await;
    let mut visitor = TestClient::default();
    let callback = visitor.at_callback(&scenario).await;
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
        scenario.refused(&mut visitor, doubled, bad("repeated_parameter")).await;
    }
    assert_eq!(visitor.browser.get(callback).await.status, 302);
}

#[tokio::test]
async fn an_error_of_the_provider_is_a_refusal_and_no_token_is_asked_for() {
    let scenario = HostileScenario::lay(&[]).await;
    for (error, expected) in [
        ("access_denied", Refusal::new(403, "provider_refused").by("access_denied")),
        ("login_required", Refusal::new(403, "provider_refused").by("login_required")),
        ("consent_required", Refusal::new(403, "provider_refused").by("consent_required")),
        ("interaction_required", Refusal::new(403, "provider_refused")),
        ("unauthorized_client", Refusal::new(403, "provider_refused")),
        ("invalid_scope", Refusal::new(403, "provider_refused")),
        ("ACCESS_DENIED", Refusal::new(403, "provider_refused")),
        ("never heard of", Refusal::new(403, "provider_refused")),
        ("server_error", Refusal::new(503, "provider_unreachable")),
        ("temporarily_unavailable", Refusal::new(503, "provider_unreachable")),
    ] {
        for with_code in [false, true] {
            let mut visitor = TestClient::default();
            let callback = visitor.at_callback(&scenario).await;
            let code = with_code.then(|| parameter(&callback, "code"));
            let denied = with_parameter(&callback, "error", Some(error));
            let denied = with_parameter(&denied, "code", code.as_deref());
            // An error is believed only where a code would be.
            let honest = visitor.clone();
            scenario.refused(&mut visitor, &denied, expected.silently()).await;
            visitor = honest;
            scenario.refused(&mut visitor, &callback, bad("unknown_login")).await;
        }
    }
    let (mut victim, mut other) = (TestClient::default(), TestClient::default());
    let callback = victim.at_callback(&scenario).await;
    let denied = with_parameter(&callback, "error", Some("access_denied"));
    scenario.refused(&mut other, denied, bad("unknown_login")).await;
    let unknown = format!("{}/getAToken?error=access_denied&state=x", scenario.base());
    scenario.refused(&mut other, unknown, bad("unknown_login")).await;
    assert_eq!(scenario.redemptions(), 0);
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_refused_whether_one_was_promised_or_not() {
    for promised in [true, false] {
        let scenario = HostileScenario::lay(&[("AZURE_TENANT_ID", personas::CONTOSO.id)]).await;
        if promised {
            scenario
                .tell(Target::Discovery, &[FaultKind::IssParameter { send: SentIssuer::Right }]);
        }
        let host = scenario.emulator().http_url().as_str();
        let right = format!("{host}{}/v2.0", personas::CONTOSO.id);
        for wrong in [
            format!("{right}/"),
            right.to_uppercase(),
            format!("{right}#"),
            format!("{right}?"),
            format!(" {right}"),
            format!("{right}\0"),
            right.replace("http:", "https:"),
            right.replace("127.0.0.1", "localhost"),
            right.replace("/v2.0", ""),
            right.replace("v2.0", "v2%2E0"),
            right.replace(personas::CONTOSO.id, personas::FABRIKAM.id),
            right.replace(personas::CONTOSO.id, "{tenantid}"),
            right.replace(personas::CONTOSO.id, "organizations"),
            format!("{host}x/../{}/v2.0", personas::CONTOSO.id),
            "https://sts.other.example/v2.0".to_owned(),
            "null".to_owned(),
        ] {
            let mut visitor = TestClient::default();
            let callback = visitor.at_callback(&scenario).await;
            let wrong = with_parameter(&callback, "iss", Some(&wrong));
            scenario.refused(&mut visitor, wrong, bad("wrong_issuer")).await;
        }
        let mut visitor = TestClient::default();
        for absent in [None, Some("")].into_iter().filter(|_| promised) {
            let callback = visitor.at_callback(&scenario).await;
            let absent = with_parameter(&callback, "iss", absent);
            scenario.refused(&mut visitor, absent, bad("wrong_issuer")).await;
        }
        assert_eq!(scenario.redemptions(), 0);
        let callback = visitor.at_callback(&scenario).await;
        assert_eq!(callback.query_pairs().any(|(name, _)| name == "iss"), promised);
        assert_eq!(visitor.browser.get(callback).await.status, 302);
    }
}

#[tokio::test]
async fn an_issuer_that_fits_no_template_of_many_tenants_is_refused() {
    let scenario = HostileScenario::lay(&[]).await;
    let host = scenario.emulator().http_url().as_str();
    for tenant in ["", "{tenantid}", "a/b", "../x", "a.b", "a b", "a%2fb", "a?b", "a#b", "ż"] {
        let mut visitor = TestClient::default();
        let callback = visitor.at_callback(&scenario).await;
        let wrong = format!("{host}{tenant}/v2.0");
        let wrong = with_parameter(&callback, "iss", Some(&wrong));
        scenario.refused(&mut visitor, wrong, bad("wrong_issuer")).await;
    }
}

/// A login with the generic OpenID provider, up to its callback.
async fn at_callback_of_oidc(scenario: &HostileScenario, visitor: &mut TestClient) -> url::Url {
    let hint = hint(personas::ZOFIA.user_name);
    let begun = visitor.browser.get(format!("{}/api/login/oidc?{hint}", scenario.base())).await;
    visitor.browser.get(begun.location()).await.location()
}

#[tokio::test]
async fn a_code_brought_to_another_providers_redirect_uri_is_refused() {
    let scenario = HostileScenario::lay_with(&["oidc"], &[]).await;
    for path in ["/api/callback/oidc", "/api/callback/nowhere"] {
        let mut visitor = TestClient::default();
        let callback = visitor.at_callback(&scenario).await;
        let mut mixed = callback.clone();
        mixed.set_path(path);
        scenario.refused(&mut visitor, mixed, bad("other_provider")).await;
        scenario.refused(&mut visitor, callback, bad("unknown_login")).await;
    }
    for path in ["/getAToken", "/api/callback/azure"] {
        let mut visitor = TestClient::default();
        let callback = at_callback_of_oidc(&scenario, &mut visitor).await;
        let mut mixed = callback.clone();
        mixed.set_path(path);
        scenario.refused(&mut visitor, mixed, bad("other_provider")).await;
        scenario.refused(&mut visitor, callback, bad("unknown_login")).await;
    }
    // The honest provider's code and `iss` in the answer of another (RFC 9207 section 2.4).
    let mut visitor = TestClient::default();
    let (azure, oidc) =
        (visitor.at_callback(&scenario).await, at_callback_of_oidc(&scenario, &mut visitor).await);
    let mixed = with_parameter(&azure, "code", Some(&parameter(&oidc, "code")));
    let mixed = with_parameter(&mixed, "iss", Some(&parameter(&oidc, "iss")));
    scenario.refused(&mut visitor, mixed, bad("wrong_issuer")).await;
    let mixed = with_parameter(&oidc, "iss", None);
    scenario.refused(&mut visitor, mixed, bad("wrong_issuer")).await;
    assert_eq!(scenario.redemptions(), 0);
}

#[tokio::test]
async fn somebody_elses_code_or_a_garbled_one_is_worth_nothing() {
    let scenario = HostileScenario::lay(&[]).await;
    let (mut attacker, mut victim) = (TestClient::default(), TestClient::default());
    let stolen = parameter(&attacker.at_callback(&scenario).await, "code");
    let expected = Refusal::new(403, "provider_refused").by("invalid_grant");
    for code in [&stolen, "x", "null", "<script>", "a&b=c", &"a".repeat(7_000)] {
        let callback = victim.at_callback(&scenario).await;
        let injected = with_parameter(&callback, "code", Some(code));
        // PKCE: the code was made for another login's challenge (RFC 9700 section 4.5).
        scenario.refused(&mut victim, injected, expected).await;
    }
    let mut signed_in = TestClient::signed_in(&scenario, personas::MINH_ANH.user_name).await;
    let callback = signed_in.at_callback(&scenario).await;
    let injected = with_parameter(&callback, "code", Some(&stolen));
    scenario.refused(&mut signed_in, injected, expected).await;
}
