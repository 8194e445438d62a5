//! Callbacks with an invalid state, code or error, in another browser, and repeated.

mod mix_up;

use std::collections::BTreeMap;

use portico_e2e::{Browser, FaultKind, SentIssuer, Target, hint, personas};
use rstest::rstest;
use tokio::task::JoinSet;

use crate::scenario::{
    HostileScenario, Refusal, TestClient, bad_request, parameter, with_parameter,
};

/// `state` makes the parameter from the state of the login; `None` removes it.
#[rstest]
#[case::missing(|_: &str| None::<String>, "missing_state")]
#[case::empty(|_: &str| Some(String::new()), "missing_state")]
#[case::of_no_login(|_: &str| Some("a".repeat(43)), "unknown_login")]
#[case::with_another_first_character(
    |state: &str| {
        let first = if state.starts_with('a') { 'b' } else { 'a' };
        Some(format!("{first}{}", &state[1..]))
    },
    "unknown_login"
)]
#[case::truncated(|state: &str| Some(state[..42].to_owned()), "unknown_login")]
#[case::extended(|state: &str| Some(format!("{state}a")), "unknown_login")]
#[case::with_trailing_space(|state: &str| Some(format!("{state} ")), "unknown_login")]
#[case::with_leading_space(|state: &str| Some(format!(" {state}")), "unknown_login")]
#[case::with_nul(|state: &str| Some(format!("{state}\0")), "unknown_login")]
#[case::with_padding(|state: &str| Some(format!("{state}=")), "unknown_login")]
#[case::with_line_feed(|state: &str| Some(format!("{state}\n")), "unknown_login")]
#[case::listed_twice(|state: &str| Some(format!("{state},{state}")), "unknown_login")]
#[case::quoted(|state: &str| Some(format!("\"{state}\"")), "unknown_login")]
#[case::reversed(|state: &str| Some(state.chars().rev().collect::<String>()), "unknown_login")]
#[case::in_lower_case(|state: &str| Some(state.to_lowercase()), "unknown_login")]
#[case::in_upper_case(|state: &str| Some(state.to_uppercase()), "unknown_login")]
#[case::null(|_: &str| Some("null".to_owned()), "unknown_login")]
#[case::wildcard(|_: &str| Some("*".to_owned()), "unknown_login")]
#[case::path(|_: &str| Some("../../sessions".to_owned()), "unknown_login")]
#[case::sql(|_: &str| Some("' OR ''='".to_owned()), "unknown_login")]
#[case::non_ascii(|_: &str| Some("ż".repeat(43)), "unknown_login")]
#[case::too_long(|_: &str| Some("a".repeat(7_000)), "unknown_login")]
#[tokio::test]
async fn callback_refuses_missing_unknown_or_malformed_state(
    #[case] state: fn(&str) -> Option<String>,
    #[case] code: &'static str,
) {
    let scenario = HostileScenario::start(&[]).await;
    let mut client = TestClient::default();
    let callback = client.at_callback(&scenario).await;
    let state = state(&parameter(&callback, "state"));
    let changed = with_parameter(&callback, "state", state.as_deref());
    scenario.assert_refused(&mut client, changed, bad_request(code)).await;
    assert_eq!(client.browser.get(callback).await.status, 302);
}

#[tokio::test]
async fn callback_refuses_state_with_invalid_percent_encoding() {
    let scenario = HostileScenario::start(&[]).await;
    let mut client = TestClient::default();
    let callback = client.at_callback(&scenario).await;
    let code = parameter(&callback, "code");
    for raw in ["state=%ff%fe", "state=%", "state=%00", "state=%zz"] {
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
    for replayed in [callback.clone(), with_parameter(&callback, "code", Some("another"))] {
        scenario.assert_refused(&mut client, replayed, bad_request("unknown_login")).await;
    }
}

/// The attempt cookie of the other browser.
enum OtherCookie {
    None,
    Made(String),
    OfAnotherLogin,
}

#[rstest]
#[case::without_cookie(OtherCookie::None)]
#[case::with_garbage(OtherCookie::Made("garbage".to_owned()))]
#[case::with_43_characters(OtherCookie::Made("a".repeat(43)))]
#[case::with_44_characters(OtherCookie::Made("a".repeat(44)))]
#[case::with_cookie_of_another_login(OtherCookie::OfAnotherLogin)]
#[tokio::test]
async fn callback_in_another_browser_is_refused_and_spends_no_attempt(#[case] cookie: OtherCookie) {
    let scenario = HostileScenario::start(&[]).await;
    let attempt_cookies =
        |browser: &Browser| browser.cookies_named(scenario.base(), "portico_login_");
    let (mut victim, mut other) = (TestClient::default(), TestClient::default());
    let callback = victim.at_callback(&scenario).await;
    let (name, value) = attempt_cookies(&victim.browser).pop().unwrap();
    let planted = match cookie {
        OtherCookie::None => None,
        OtherCookie::Made(value) => Some(value),
        OtherCookie::OfAnotherLogin => {
            other.at_callback(&scenario).await;
            Some(attempt_cookies(&other.browser).pop().unwrap().1)
        }
    };
    assert_ne!(planted.as_ref(), Some(&value));
    if let Some(planted) = planted {
        other.browser.set_cookie(scenario.base(), &name, &planted);
    }
    scenario.assert_refused(&mut other, &callback, bad_request("unknown_login")).await;
    assert_eq!(victim.browser.get(&callback).await.status, 302, "the attempt was spent");
}

#[tokio::test]
async fn callback_of_another_browser_changes_no_session() {
    let scenario = HostileScenario::start(&[]).await;
    let mut attacker = TestClient::default();
    let callback = attacker.at_callback(&scenario).await;
    let mut victim = TestClient::signed_in(&scenario, personas::MINH_ANH.user_name).await;
    scenario.assert_refused(&mut victim, callback, bad_request("unknown_login")).await;
}

/// `{state}` and `{code}` stand for the values in the callback.
#[rstest]
#[case::equal_state("state={state}")]
#[case::another_state("state=other")]
#[case::empty_state("state=")]
#[case::state_without_value("state")]
#[case::percent_encoded_name_of_equal_state("%73tate={state}")]
#[case::percent_encoded_name_of_another_state("st%61te=x")]
#[case::equal_code("code={code}")]
#[case::another_code("code=other")]
#[case::percent_encoded_name_of_code("c%6fde=")]
#[case::two_issuers("iss=https://a.example&iss=https://b.example")]
#[case::two_empty_issuers("iss=&iss=")]
#[case::percent_encoded_name_of_issuer("is%73=x&iss=x")]
#[case::two_errors("error=access_denied&error=access_denied")]
#[case::session_state("session_state=x")]
#[case::unknown_parameter("x=1&x=2")]
#[tokio::test]
async fn callback_refuses_repeated_parameters(#[case] added: &str) {
    let scenario = HostileScenario::start(&[]).await;
    let mut client = TestClient::default();
    let callback = client.at_callback(&scenario).await;
    let added = added.replace("{state}", &parameter(&callback, "state"));
    let added = added.replace("{code}", &parameter(&callback, "code"));
    let repeated = format!("{callback}&{added}");
    scenario.assert_refused(&mut client, repeated, bad_request("repeated_parameter")).await;
    assert_eq!(client.browser.get(callback).await.status, 302);
}

const REFUSED: Refusal = Refusal::new(403, "provider_refused");
const UNREACHABLE: Refusal = Refusal::new(503, "provider_unreachable");

#[rstest]
#[case::access_denied("access_denied", REFUSED.with_check("access_denied"))]
#[case::login_required("login_required", REFUSED.with_check("login_required"))]
#[case::consent_required("consent_required", REFUSED.with_check("consent_required"))]
#[case::interaction_required("interaction_required", REFUSED)]
#[case::unauthorized_client("unauthorized_client", REFUSED)]
#[case::invalid_scope("invalid_scope", REFUSED)]
#[case::in_upper_case("ACCESS_DENIED", REFUSED)]
#[case::unknown("never heard of", REFUSED)]
#[case::server_error("server_error", UNREACHABLE)]
#[case::temporarily_unavailable("temporarily_unavailable", UNREACHABLE)]
#[tokio::test]
async fn callback_with_provider_error_is_refused_without_token_request(
    #[case] error: &str,
    #[case] expected: Refusal,
) {
    let scenario = HostileScenario::start(&[]).await;
    for with_code in [false, true] {
        let mut client = TestClient::default();
        let callback = client.at_callback(&scenario).await;
        let code = with_code.then(|| parameter(&callback, "code"));
        let denied = with_parameter(&callback, "error", Some(error));
        let denied = with_parameter(&denied, "code", code.as_deref());
        // An error spends the attempt, as a code does.
        let mut same_cookies = client.clone();
        scenario.assert_refused(&mut client, &denied, expected.without_provider_request()).await;
        scenario.assert_refused(&mut same_cookies, &callback, bad_request("unknown_login")).await;
    }
    assert_eq!(scenario.redemptions(), 0);
}

#[tokio::test]
async fn callback_with_provider_error_and_no_attempt_is_refused() {
    let scenario = HostileScenario::start(&[]).await;
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
    let expected = REFUSED.with_check("invalid_grant");
    for code in [&stolen, "x", "null", "<script>", "a&b=c", &"a".repeat(7_000)] {
        let callback = victim.at_callback(&scenario).await;
        let injected = with_parameter(&callback, "code", Some(code));
        // PKCE: the code belongs to the challenge of another login (RFC 9700 section 4.5).
        scenario.assert_refused(&mut victim, injected, expected).await;
    }
    let mut signed_in = TestClient::signed_in(&scenario, personas::MINH_ANH.user_name).await;
    let callback = signed_in.at_callback(&scenario).await;
    let injected = with_parameter(&callback, "code", Some(&stolen));
    scenario.assert_refused(&mut signed_in, injected, expected).await;
}
