//! A user signs in at a browser in which another user is signed in, perhaps on the initiative of another
//! site: no session changes without the user's choice.

use portico_e2e::{Answer, Browser, hint, personas};
use reqwest::Method;
use serde_json::Value;

use crate::scenario::{HostileScenario, Refusal, TestClient};

const EVIL: &[(&str, &str)] =
    &[("sec-fetch-site", "cross-site"), ("referer", "https://evil.example/")];

/// Signs Zofia in, then Haruki of another tenant in the same browser; the second login begins with these
/// request headers.
async fn haruki_at_zofias(
    scenario: &HostileScenario,
    begun: &[(&'static str, &str)],
) -> (Browser, Answer) {
    let mut browser = TestClient::signed_in(scenario, personas::ZOFIA.user_name).await.browser;
    browser.begins_on(begun);
    let query = hint(personas::HARUKI.user_name);
    let callback = browser.up_to_callback(scenario.base(), &query).await;
    let response = browser.get(callback).await;
    assert_eq!(response.status, 302, "{response:?}\n{}", scenario.world.portico.log());
    (browser, response)
}

async fn session(scenario: &HostileScenario, browser: &mut Browser) -> Value {
    browser.session(scenario.base()).await.json()
}

fn who(session: &Value) -> (&str, usize) {
    let accounts = session["accounts"].as_array().map_or(0, Vec::len);
    (session["user"]["name"].as_str().unwrap_or_default(), accounts)
}

async fn page(scenario: &HostileScenario, browser: &mut Browser) -> Answer {
    let url = format!("{}/decide", scenario.base());
    browser.send(Method::GET, &url, |request| request.header("accept", "text/html")).await
}

/// The value of the form's hidden field.
fn label(page: &Answer) -> String {
    let field = page.body.split_once("name=\"login\" value=\"").expect("the page has a form").1;
    field.split('"').next().unwrap().to_owned()
}

async fn choose(
    scenario: &HostileScenario,
    browser: &mut Browser,
    origin: &str,
    body: &str,
) -> Answer {
    let url = format!("{}/decide", scenario.base());
    let form = |request: reqwest::RequestBuilder| {
        let request = request.header("origin", origin).body(body.to_owned());
        request.header("content-type", "application/x-www-form-urlencoded")
    };
    browser.send(Method::POST, &url, form).await
}

#[tokio::test]
async fn login_begun_by_another_site_asks_for_a_choice_and_changes_nothing() {
    let scenario = HostileScenario::start(&[]).await;
    let base = scenario.base().to_owned();
    let own = format!("{base}/");
    for begun in [
        EVIL.to_vec(),
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "same-site"), ("referer", "http://evil.localhost/")],
        vec![("sec-fetch-site", "none")],
        vec![("sec-fetch-site", "cross-site"), ("referer", own.as_str())],
        vec![("referer", "https://evil.example/")],
        vec![],
    ] {
        scenario.tried(1);
        let (mut browser, response) = haruki_at_zofias(&scenario, &begun).await;
        assert_eq!(response.location().path(), "/decide", "{begun:?}");
        assert!(!response.gives_a_session(), "{begun:?}");
        assert_eq!(
            who(&session(&scenario, &mut browser).await),
            (personas::ZOFIA.name, 1),
            "{begun:?}"
        );
        let page = page(&scenario, &mut browser).await;
        assert!(
            page.body.contains(personas::ZOFIA.name) && page.body.contains(personas::HARUKI.name)
        );
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"));
        assert_eq!(
            who(&session(&scenario, &mut browser).await),
            (personas::ZOFIA.name, 1),
            "{begun:?}"
        );
    }
}

#[tokio::test]
async fn login_begun_by_an_own_page_connects_without_a_choice() {
    let scenario = HostileScenario::start(&[]).await;
    let own = format!("{}/dashboard", scenario.base());
    let dashboard = "http://localhost:3000/dashboard";
    for begun in [
        vec![("sec-fetch-site", "same-origin")],
        vec![("referer", own.as_str())],
        vec![("referer", dashboard)],
        vec![("sec-fetch-site", "same-site"), ("referer", dashboard)],
    ] {
        scenario.tried(1);
        let (mut browser, response) = haruki_at_zofias(&scenario, &begun).await;
        assert!(response.gives_a_session(), "{begun:?}: {response:?}");
        assert_eq!(
            who(&session(&scenario, &mut browser).await),
            (personas::ZOFIA.name, 2),
            "{begun:?}"
        );
    }
}

#[tokio::test]
async fn each_choice_has_its_effect_and_a_new_session_id() {
    let scenario = HostileScenario::start(&[]).await;
    let base = scenario.base().to_owned();
    for (choice, expected) in [
        ("connect", (personas::ZOFIA.name, 2)),
        ("sign-in", (personas::HARUKI.name, 1)),
        ("neither", (personas::ZOFIA.name, 1)),
    ] {
        scenario.tried(1);
        let (mut browser, _) = haruki_at_zofias(&scenario, EVIL).await;
        let before = browser.clone();
        let label = label(&page(&scenario, &mut browser).await);
        let body = format!("login={label}&choice={choice}");
        let response = choose(&scenario, &mut browser, &base, &body).await;
        assert_eq!(response.status, 303, "{response:?}");
        assert_eq!(response.location().as_str(), "http://localhost:3000/dashboard");
        assert_eq!(who(&session(&scenario, &mut browser).await), expected, "{choice}");
        let mut before = before;
        let alive = before.session(&base).await.status == 200;
        assert_eq!(alive, choice == "neither", "{choice}");
    }
}

#[tokio::test]
async fn choice_is_refused_from_another_origin_for_another_login_or_twice() {
    let scenario = HostileScenario::start(&[]).await;
    let base = scenario.base().to_owned();
    let (mut browser, _) = haruki_at_zofias(&scenario, EVIL).await;
    let label = label(&page(&scenario, &mut browser).await);
    let body = format!("login={label}&choice=connect");
    let cases = [
        ("https://evil.example", body.as_str(), 403, "wrong_origin"),
        ("http://localhost:3000", &body, 403, "wrong_origin"),
        ("null", &body, 403, "wrong_origin"),
        ("", &body, 403, "wrong_origin"),
        (&base, "choice=connect", 400, "bad_body"),
        (&base, "login=0123456789abcdef&choice=connect", 400, "other_decision"),
        (&base, &format!("login={label}&choice=both"), 400, "bad_body"),
        (&base, &format!("{body}&choice=sign-in"), 400, "bad_body"),
    ];
    for (origin, body, status, code) in cases {
        scenario.tried(1);
        let response = choose(&scenario, &mut browser, origin, body).await;
        scenario.assert_refusal(&response, Refusal::new(status, code)).await;
        assert_eq!(
            who(&session(&scenario, &mut browser).await),
            (personas::ZOFIA.name, 1),
            "{body}"
        );
    }
    // In another browser, though it should have learnt the cookie of the choice.
    let mut thief = TestClient::signed_in(&scenario, personas::AMARA.user_name).await.browser;
    let choice = browser.cookie(&base, "portico_choice").unwrap();
    thief.set_cookie(&base, "portico_choice", &choice);
    let stolen = choose(&scenario, &mut thief, &base, &body).await;
    scenario.assert_refusal(&stolen, Refusal::new(400, "other_decision")).await;
    let mut nobody = Browser::default();
    nobody.set_cookie(&base, "portico_choice", &choice);
    let stolen = choose(&scenario, &mut nobody, &base, &body).await;
    scenario.assert_refusal(&stolen, Refusal::new(400, "nothing_to_decide")).await;

    let mut again = browser.clone();
    assert_eq!(choose(&scenario, &mut browser, &base, &body).await.status, 303);
    again.set_cookie(&base, "portico_session", &browser.cookie(&base, "portico_session").unwrap());
    let second = choose(&scenario, &mut again, &base, &body).await;
    scenario.assert_refusal(&second, Refusal::new(400, "nothing_to_decide")).await;
    scenario.tried(3);
}

#[tokio::test]
async fn concurrent_choices_have_one_winner_and_leave_one_session() {
    let scenario = HostileScenario::start(&[]).await;
    let base = scenario.base().to_owned();
    let (mut browser, _) = haruki_at_zofias(&scenario, EVIL).await;
    let label = label(&page(&scenario, &mut browser).await);
    let mut browsers: Vec<_> = (0..8).map(|_| browser.clone()).collect();
    let choices = browsers.iter_mut().enumerate().map(|(number, browser)| {
        let choice = if number % 2 == 0 { "connect" } else { "sign-in" };
        let (scenario, base, body) = (&scenario, &base, format!("login={label}&choice={choice}"));
        async move { choose(scenario, browser, base, &body).await }
    });
    let responses = join(choices).await;
    assert_eq!(
        responses.iter().filter(|response| response.status == 303).count(),
        1,
        "{responses:?}"
    );
    assert_eq!(living(&scenario, &mut browsers).await, 1);
    scenario.tried(8);
}

#[tokio::test]
async fn choice_page_escapes_names_with_markup() {
    let scenario = HostileScenario::start(&[]).await;
    let mut browser = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await.browser;
    browser.begins_on(EVIL);
    let query = hint(personas::HARUKI.user_name);
    let callback = browser.up_to_callback(scenario.base(), &query).await;
    let name = "<img src=x onerror=alert(1)>\"'><form action=//evil.example>";
    scenario.inject(portico_e2e::Target::Token, &[crate::scenario::claim("name", name)]);
    browser.get(callback).await;
    scenario.emulator().clear_faults();
    let page = page(&scenario, &mut browser).await;
    assert!(
        !page.body.contains("<img") && page.body.matches("<form").count() == 1,
        "{}",
        page.body
    );
    scenario.tried(1);
}

/// Runs all futures concurrently and returns their outputs.
pub(crate) async fn join<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut under_way: Vec<_> = futures.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = under_way.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in under_way.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        match done.iter().all(Option::is_some) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

/// The number of these browsers whose session is live.
pub(crate) async fn living(scenario: &HostileScenario, browsers: &mut [Browser]) -> usize {
    let named = |browser: &Browser| browser.cookie(scenario.base(), "portico_session");
    let ids: std::collections::BTreeSet<_> = browsers.iter().filter_map(named).collect();
    let mut living = 0;
    for id in ids {
        let mut browser = Browser::default();
        browser.set_cookie(scenario.base(), "portico_session", &id);
        living += usize::from(browser.session(scenario.base()).await.status == 200);
    }
    living
}
