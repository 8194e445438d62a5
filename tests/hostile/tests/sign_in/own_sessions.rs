//! A person's own sessions: nobody else lists or ends them, and a label opens nothing.

use portico_e2e::{Browser, personas};
use reqwest::{Method, RequestBuilder};
use rstest::rstest;
use serde_json::Value;

use crate::scenario::{HostileScenario, Refusal, TestClient};

async fn listed(scenario: &HostileScenario, browser: &mut Browser) -> Vec<Value> {
    let response = browser.get(format!("{}/api/sessions", scenario.base())).await;
    assert_eq!(response.status, 200, "{response:?}");
    response.json()["sessions"].as_array().unwrap().clone()
}

fn id(session: &Value) -> String {
    session["id"].as_str().unwrap().to_owned()
}

/// The id of the only session of this client.
async fn own_id(scenario: &HostileScenario, client: &mut TestClient) -> String {
    let sessions = listed(scenario, &mut client.browser).await;
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    id(&sessions[0])
}

fn end_url(scenario: &HostileScenario, id: &str) -> String {
    format!("{}/api/sessions/{id}", scenario.base())
}

#[tokio::test]
async fn session_of_another_person_is_neither_listed_nor_ended_nor_told_from_an_unknown_one() {
    let scenario = HostileScenario::start(&[]).await;
    let mut zofia = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    let mut haruki = TestClient::signed_in(&scenario, personas::HARUKI.user_name).await;
    let zofias = own_id(&scenario, &mut zofia).await;
    let cookie = zofia.browser.cookie(scenario.base(), "portico_session").unwrap();
    let unknown = "A".repeat(22);
    let missing = Refusal::new(404, "unknown_session").without_provider_request();
    let mut texts = vec![];
    for id in [zofias.as_str(), unknown.as_str(), cookie.as_str(), "*", "0"] {
        let with_origin = |request: RequestBuilder| request.header("origin", scenario.base());
        let url = end_url(&scenario, id);
        let response = scenario
            .assert_request_refused(&mut haruki, Method::DELETE, url, with_origin, missing)
            .await;
        texts.push(response.json()["error"].clone());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert_eq!(zofia.browser.session(scenario.base()).await.status, 200);
}

#[tokio::test]
async fn id_of_a_session_opens_nothing() {
    let scenario = HostileScenario::start(&[]).await;
    let mut zofia = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    let id = own_id(&scenario, &mut zofia).await;
    let mut other = TestClient::default();
    other.browser.set_cookie(scenario.base(), "portico_session", &id);
    let nobody = Refusal::new(401, "no_session").without_provider_request();
    for path in ["/api/session", "/api/sessions"] {
        let url = format!("{}{path}", scenario.base());
        scenario.assert_refused(&mut other, url, nobody).await;
    }
    let with_origin = |request: RequestBuilder| request.header("origin", scenario.base());
    let url = end_url(&scenario, &id);
    scenario.assert_request_refused(&mut other, Method::DELETE, url, with_origin, nobody).await;
    assert_eq!(zofia.browser.session(scenario.base()).await.status, 200);
}

#[rstest]
#[case::without_origin(|request: RequestBuilder| request)]
#[case::of_another_site(|request: RequestBuilder| request.header("origin", "https://evil.example"))]
#[case::null(|request: RequestBuilder| request.header("origin", "null"))]
#[case::of_another_port(|request: RequestBuilder| request.header("origin", "http://localhost:3001"))]
#[case::with_referer(
    |request: RequestBuilder| request.header("referer", "http://localhost:3000/dashboard")
)]
#[case::with_two_origins(|request: RequestBuilder| {
    let request = request.header("origin", "http://localhost:3000");
    request.header("origin", "https://evil.example")
})]
#[tokio::test]
async fn session_is_not_ended_from_another_origin(
    #[case] shape: fn(RequestBuilder) -> RequestBuilder,
) {
    let scenario = HostileScenario::start(&[]).await;
    let mut zofia = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    let url = end_url(&scenario, &own_id(&scenario, &mut zofia).await);
    let wrong = Refusal::new(403, "wrong_origin").without_provider_request();
    scenario.assert_request_refused(&mut zofia, Method::DELETE, url, shape, wrong).await;
}

#[tokio::test]
async fn session_is_not_ended_by_another_method() {
    let scenario = HostileScenario::start(&[]).await;
    let mut zofia = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    let url = end_url(&scenario, &own_id(&scenario, &mut zofia).await);
    let refused = Refusal::new(405, "method_not_allowed").without_provider_request();
    for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH] {
        for name in ["accept", "x-http-method-override"] {
            let shape = |request: RequestBuilder| {
                request.header("origin", scenario.base()).header(name, "DELETE")
            };
            let method = method.clone();
            scenario.assert_request_refused(&mut zofia, method, &url, shape, refused).await;
        }
    }
}

/// The list is as long as the share of one person, whatever the number of logins.
#[tokio::test]
async fn list_of_sessions_is_bounded_and_each_of_them_ends_once() {
    const SHARE: usize = 5;
    let share = SHARE.to_string();
    let scenario = HostileScenario::start(&[("PORTICO_SESSIONS_PER_PERSON", &share)]).await;
    let mut other = TestClient::signed_in(&scenario, personas::MINH_ANH.user_name).await;
    let mut browsers = vec![];
    for _ in 0..3 * SHARE {
        scenario.tried(1);
        browsers.push(TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await.browser);
    }
    let mut last = browsers.pop().unwrap();
    let sessions = listed(&scenario, &mut last).await;
    assert_eq!(sessions.len(), SHARE);
    let others: Vec<_> = sessions.iter().filter(|session| session["current"] == false).collect();
    assert_eq!(others.len(), SHARE - 1);
    for session in others {
        let url = end_url(&scenario, &id(session));
        for expected in [204, 404] {
            scenario.tried(1);
            let with_origin = |request: RequestBuilder| request.header("origin", scenario.base());
            let response = last.send(Method::DELETE, &url, with_origin).await;
            assert_eq!(response.status, expected, "{response:?}");
        }
    }
    assert_eq!(listed(&scenario, &mut last).await.len(), 1);
    for browser in &mut browsers {
        let response = browser.session(scenario.base()).await;
        assert_eq!(response.json()["reason"], "ended_elsewhere", "{response:?}");
    }
    assert_eq!(other.browser.session(scenario.base()).await.status, 200);
}
