//! Planted, repeated and malformed session cookies: rows 19 and 20.

use std::time::{Duration, Instant};

use portico_e2e::personas;
use reqwest::{Method, header::HeaderValue};

use crate::scenario::{HostileScenario, Refusal, TestClient};

const NONE: Refusal = Refusal::new(401, "no_session").without_provider_request();
const NAME: &str = "portico_session";

/// Generous for a busy machine, and less than work that grows with the size of a cookie takes.
const SOON: Duration = Duration::from_secs(2);

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
        assert!(response.gives_a_session());
        assert_ne!(victim.browser.cookie(base, NAME).unwrap(), planted);
        let session = victim.browser.session(base).await.json();
        assert_eq!(session["user"]["name"], personas::ZOFIA.name);
        assert_eq!(session["accounts"].as_array().unwrap().len(), 1);
        // Whoever planted it is nobody, also where it was their own living session.
        let mut planter = TestClient::default();
        planter.browser.set_cookie(base, NAME, &planted);
        scenario.assert_refused(&mut planter, format!("{base}/api/session"), NONE).await;
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
        scenario.assert_refused(&mut former, format!("{base}/api/session"), NONE).await;
    }
}

/// Cookie headers that identify no session, made of the ids of two live ones.
fn no_sessions(id: &str, other: &str) -> Vec<Vec<Vec<u8>>> {
    let good = format!("{NAME}={id}");
    let first = if id.starts_with('a') { "b" } else { "a" };
    let crowd: String = (0..2_000).map(|n| format!("c{n}=x; ")).collect();
    let texts = [
        vec![format!("{good}; {good}")],
        vec![good.clone(), good.clone()],
        vec![format!("{good}; {NAME}={other}")],
        vec![format!("{NAME}={other}"), good.clone()],
        vec![format!("{good}; {NAME}=")],
        vec![format!("{NAME}=; {good}")],
        vec![format!("{good};{NAME}=x")],
        vec![format!("{good}; {NAME} =x")],
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
        vec![format!("x{good}")],
        vec![format!("Portico_session={id}")],
        vec![format!("__Host-{good}")],
        vec![format!("__Secure-{good}")],
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
        vec![crowd],
        vec!["a=b".into(); 90],
    ];
    let texts = texts.into_iter().map(|it| it.into_iter().map(String::into_bytes).collect());
    texts.chain(no_sessions_in_bytes(id).map(|it| vec![it])).collect()
}

/// The same, not as text.
fn no_sessions_in_bytes(id: &str) -> [Vec<u8>; 4] {
    let good = format!("{NAME}={id}");
    [
        [good.as_bytes(), b"\xff"].concat(),
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
    for cookies in no_sessions(&id, &other) {
        let values = cookies.iter().map(|it| HeaderValue::from_bytes(it).unwrap());
        let begun = Instant::now();
        let shape = |request| {
            values
                .fold(request, |request: reqwest::RequestBuilder, it| request.header("cookie", it))
        };
        scenario
            .assert_request_refused(&mut TestClient::default(), Method::GET, &url, shape, NONE)
            .await;
        let shown = String::from_utf8_lossy(&cookies[0]).chars().take(80).collect::<String>();
        assert!(begun.elapsed() < SOON, "{shown} took {:?}", begun.elapsed());
    }
    // What no head of a request may hold is not read to its end.
    for length in [40_000, 1_000_000] {
        scenario.tried(1);
        let request = reqwest::Client::new().get(&url).header("cookie", "a".repeat(length));
        let begun = Instant::now();
        // It may be cut off before its response can be read.
        if let Ok(response) = request.send().await {
            // Where exactly the limit is, is up to what comes in one piece.
            let status = response.status().as_u16();
            assert!(status == 431 || (status == 401 && length < 100_000), "{length}: {status}");
        }
        assert!(begun.elapsed() < SOON, "{length} took {:?}", begun.elapsed());
    }
    let mut alone = zofia.clone();
    assert_eq!(alone.browser.session(base).await.status, 200);
}

#[tokio::test]
async fn logout_ends_the_session_despite_planted_cookies() {
    let scenario = HostileScenario::start(&[]).await;
    let (base, out) = (scenario.base(), format!("{}/api/logout", scenario.base()));
    let planted = format!("{NAME}={}", "A".repeat(43));
    for cookies in [
        |good: &str, planted: &str| format!("{planted}; {good}"),
        |good: &str, planted: &str| format!("{good}; {planted}"),
        |good: &str, planted: &str| format!("{}{good}", format!("{planted}; ").repeat(300)),
        |good: &str, _: &str| format!("{good}; {NAME}=; {good}"),
    ] {
        scenario.tried(1);
        let mut zofia = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
        let id = zofia.browser.cookie(base, NAME).unwrap();
        let cookies = cookies(&format!("{NAME}={id}"), &planted);
        let shape = |request: reqwest::RequestBuilder| {
            request.header("origin", base).header("cookie", &cookies)
        };
        let ended = TestClient::default().browser.send(Method::POST, &out, shape).await;
        assert_eq!(ended.status, 204);
        assert_eq!(zofia.browser.session(base).await.status, 401, "the session goes on");
    }
}

#[tokio::test]
async fn callback_refuses_repeated_or_malformed_attempt_cookie() {
    let scenario = HostileScenario::start(&[]).await;
    for spoil in ["{v}; {n}={v}", "{v}; {n}=x", "\"{v}\"", "{v}a", "{v} ", "{v}=", "x", ""] {
        let mut client = TestClient::default();
        let callback = client.at_callback(&scenario).await;
        let (name, value) =
            client.browser.cookies_named(scenario.base(), "portico_login_").pop().unwrap();
        let spoiled = spoil.replace("{v}", &value).replace("{n}", &name);
        client.browser.set_cookie(scenario.base(), &name, &spoiled);
        if spoil == "{v} " {
            // Blanks around a value are not part of it (RFC 6265 section 5.2).
            assert_eq!(client.browser.get(callback).await.status, 302);
            continue;
        }
        scenario
            .assert_refused(&mut client, callback, crate::scenario::bad_request("unknown_login"))
            .await;
    }
}
