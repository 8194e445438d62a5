//! Planted, repeated and malformed cookies of sessions and attempts.

use std::time::{Duration, Instant};

use portico_e2e::personas;
use reqwest::{Method, header::HeaderValue};
use rstest::rstest;
use url::Url;

use crate::scenario::{HostileScenario, Refusal, TestClient, bad_request};

const NO_SESSION: Refusal = Refusal::new(401, "no_session").without_provider_request();
const NAME: &str = "portico_session";

/// Long enough for a busy machine, and shorter than work that is quadratic in the size of a cookie.
const TIMEOUT: Duration = Duration::from_secs(2);

#[tokio::test]
async fn session_cookie_planted_before_login_is_invalid_after_it() {
    let scenario = HostileScenario::start(&[]).await;
    let base = scenario.base();
    let attacker = TestClient::signed_in(&scenario, personas::MINH_ANH.user_name).await;
    let live = attacker.browser.cookie(base, NAME).unwrap();
    let made_up = ["x".repeat(43), "-".repeat(43), String::new(), "x".repeat(4_000), "a,b".into()];
    for planted in made_up.into_iter().chain([live]) {
        let mut victim = TestClient::default();
        victim.browser.set_cookie(base, NAME, &planted);
        let response = victim.browser.sign_in(base, personas::ZOFIA.user_name).await;
        assert_eq!(response.status, 302);
        assert!(response.sets_session_cookie());
        assert_ne!(victim.browser.cookie(base, NAME).unwrap(), planted);
        let session = victim.browser.session(base).await.json();
        assert_eq!(session["user"]["name"], personas::ZOFIA.name);
        assert_eq!(session["accounts"].as_array().unwrap().len(), 1);
        // The planted id has no session any more, even if it was a live session of the attacker.
        let mut attacker = TestClient::default();
        attacker.browser.set_cookie(base, NAME, &planted);
        scenario.assert_refused(&mut attacker, format!("{base}/api/session"), NO_SESSION).await;
    }
}

#[tokio::test]
async fn login_and_logout_invalidate_the_former_session_id() {
    let scenario = HostileScenario::start(&[]).await;
    let base = scenario.base();
    let mut browser = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await.browser;
    let mut ids = vec![browser.cookie(base, NAME).unwrap()];
    for _ in 0..4 {
        browser.sign_in(base, personas::ZOFIA.user_name).await;
        ids.push(browser.cookie(base, NAME).unwrap());
    }
    browser.post(&format!("{base}/api/logout"), base).await;
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len());
    for id in &ids {
        let mut former = TestClient::default();
        former.browser.set_cookie(base, NAME, id);
        scenario.assert_refused(&mut former, format!("{base}/api/session"), NO_SESSION).await;
    }
}

/// Cookie headers that identify no session, made from the ids of two live sessions.
fn cookies_without_session(id: &str, other: &str) -> Vec<Vec<Vec<u8>>> {
    let valid = format!("{NAME}={id}");
    let first = if id.starts_with('a') { "b" } else { "a" };
    let many: String = (0..2_000).map(|n| format!("c{n}=x; ")).collect();
    let texts = [
        vec![format!("{valid}; {valid}")],
        vec![valid.clone(), valid.clone()],
        vec![format!("{valid}; {NAME}={other}")],
        vec![format!("{NAME}={other}"), valid.clone()],
        vec![format!("{valid}; {NAME}=")],
        vec![format!("{NAME}=; {valid}")],
        vec![format!("{valid};{NAME}=x")],
        vec![format!("{valid}; {NAME} =x")],
        vec![format!("{NAME}=\"{id}\"")],
        vec![format!("{NAME}='{id}'")],
        vec![format!("{NAME}={id}=")],
        vec![format!("{NAME}={id}a")],
        vec![format!("{NAME}={}", &id[..42])],
        vec![format!("{NAME}={first}{}", &id[1..])],
        vec![format!("{NAME}={id},{id}")],
        vec![format!("{NAME}={id} {id}")],
        vec![format!("{NAME}=={id}")],
        vec![format!("{NAME}%3D{id}")],
        vec![format!("{NAME}:{id}")],
        vec![format!("{NAME} {id}")],
        vec![format!("x{valid}")],
        vec![format!("Portico_session={id}")],
        vec![format!("__Host-{valid}")],
        vec![format!("__Secure-{valid}")],
        vec![format!("portico%5Fsession={id}")],
        vec![format!("{NAME}[]={id}")],
        vec![format!("{NAME}={}", id.chars().rev().collect::<String>())],
        vec![format!("{NAME}={}", "A".repeat(43))],
        vec![format!("{NAME}={}", "A".repeat(30_000))],
        vec![format!("{NAME}={}", "../".repeat(14))],
        vec![format!("{NAME}=null")],
        vec![format!("{NAME}=%00")],
        vec![format!("{NAME}=e30.e30.")],
        vec![NAME.to_owned()],
        vec!["=".into()],
        vec![";;;;;;;;".into()],
        vec![";".repeat(30_000)],
        vec!["=".repeat(30_000)],
        vec![format!("{NAME}=x; ").repeat(1_200)],
        vec![many],
        vec!["a=b".into(); 90],
    ];
    let texts = texts.into_iter().map(|it| it.into_iter().map(String::into_bytes).collect());
    texts.chain(cookies_without_session_in_bytes(id).map(|it| vec![it])).collect()
}

/// Cookie headers that identify no session and are not ASCII.
fn cookies_without_session_in_bytes(id: &str) -> [Vec<u8>; 4] {
    let valid = format!("{NAME}={id}");
    [
        [valid.as_bytes(), b"\xff"].concat(),
        [NAME.as_bytes(), b"=\xff\xfe\x80", id.as_bytes()].concat(),
        [NAME.as_bytes(), b"=", id.as_bytes(), b"\t\xc5\xbc"].concat(),
        [b"\xc0\xae".as_slice(); 10_000].concat(),
    ]
}

#[tokio::test]
async fn repeated_huge_or_malformed_session_cookie_gets_401_quickly() {
    let scenario = HostileScenario::start(&[]).await;
    let (base, url) = (scenario.base(), format!("{}/api/session", scenario.base()));
    let zofia = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    let id = zofia.browser.cookie(base, NAME).unwrap();
    let other = TestClient::signed_in(&scenario, personas::MINH_ANH.user_name).await;
    let other = other.browser.cookie(base, NAME).unwrap();
    for cookies in cookies_without_session(&id, &other) {
        let values = cookies.iter().map(|it| HeaderValue::from_bytes(it).unwrap());
        let sent_at = Instant::now();
        let shape = |request| {
            values
                .fold(request, |request: reqwest::RequestBuilder, it| request.header("cookie", it))
        };
        scenario
            .assert_request_refused(
                &mut TestClient::default(),
                Method::GET,
                &url,
                shape,
                NO_SESSION,
            )
            .await;
        let shown = String::from_utf8_lossy(&cookies[0]).chars().take(80).collect::<String>();
        assert!(sent_at.elapsed() < TIMEOUT, "{shown} took {:?}", sent_at.elapsed());
    }
    // A header over the limit is not read to its end.
    for length in [40_000, 1_000_000] {
        scenario.tried(1);
        let request = reqwest::Client::new().get(&url).header("cookie", "a".repeat(length));
        let sent_at = Instant::now();
        // The connection may be reset before the response is read.
        if let Ok(response) = request.send().await {
            // The limit applies to what was read so far, so the smaller header may pass.
            let status = response.status().as_u16();
            assert!(status == 431 || (status == 401 && length < 100_000), "{length}: {status}");
        }
        assert!(sent_at.elapsed() < TIMEOUT, "{length} took {:?}", sent_at.elapsed());
    }
    let mut zofia = zofia.clone();
    assert_eq!(zofia.browser.session(base).await.status, 200);
}

/// `cookies` makes the cookie header from the pair of the session and a planted pair.
#[rstest]
#[case::before_it(|session: &str, planted: &str| format!("{planted}; {session}"))]
#[case::after_it(|session: &str, planted: &str| format!("{session}; {planted}"))]
#[case::three_hundred_before_it(
    |session: &str, planted: &str| format!("{}{session}", format!("{planted}; ").repeat(300))
)]
#[case::empty_and_repeated(|session: &str, _: &str| format!("{session}; {NAME}=; {session}"))]
#[tokio::test]
async fn logout_ends_the_session_despite_planted_cookies(
    #[case] cookies: fn(&str, &str) -> String,
) {
    let scenario = HostileScenario::start(&[]).await;
    scenario.tried(1);
    let base = scenario.base();
    let mut zofia = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    let id = zofia.browser.cookie(base, NAME).unwrap();
    let cookies = cookies(&format!("{NAME}={id}"), &format!("{NAME}={}", "A".repeat(43)));
    let shape = |request: reqwest::RequestBuilder| {
        request.header("origin", base).header("cookie", &cookies)
    };
    let url = format!("{base}/api/logout");
    let signed_out = TestClient::default().browser.send(Method::POST, &url, shape).await;
    assert_eq!(signed_out.status, 204);
    assert_eq!(zofia.browser.session(base).await.status, 401, "the session is live");
}

/// `{v}` stands for the value of the attempt cookie, `{n}` for its name.
#[rstest]
#[case::repeated("{v}; {n}={v}")]
#[case::repeated_with_another_value("{v}; {n}=x")]
#[case::quoted("\"{v}\"")]
#[case::extended("{v}a")]
#[case::padded("{v}=")]
#[case::another_value("x")]
#[case::empty("")]
#[tokio::test]
async fn callback_refuses_repeated_or_malformed_attempt_cookie(#[case] malformed: &str) {
    let scenario = HostileScenario::start(&[]).await;
    let mut client = TestClient::default();
    let callback = at_callback_with_attempt_cookie(&scenario, &mut client, malformed).await;
    scenario.assert_refused(&mut client, callback, bad_request("unknown_login")).await;
}

/// Whitespace around a value is no part of it (RFC 6265 section 5.2).
#[tokio::test]
async fn callback_accepts_attempt_cookie_with_trailing_space() {
    let scenario = HostileScenario::start(&[]).await;
    let mut client = TestClient::default();
    let callback = at_callback_with_attempt_cookie(&scenario, &mut client, "{v} ").await;
    assert_eq!(client.browser.get(callback).await.status, 302);
}

/// Signs in up to the callback and changes the attempt cookie.
async fn at_callback_with_attempt_cookie(
    scenario: &HostileScenario,
    client: &mut TestClient,
    cookie: &str,
) -> Url {
    let callback = client.at_callback(scenario).await;
    let (name, value) =
        client.browser.cookies_named(scenario.base(), "portico_login_").pop().unwrap();
    let cookie = cookie.replace("{v}", &value).replace("{n}", &name);
    client.browser.set_cookie(scenario.base(), &name, &cookie);
    callback
}
