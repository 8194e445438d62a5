//! A user signs in in a browser in which another user is signed in, perhaps because another site began the
//! login: no session changes without the user's choice.

use portico_e2e::{Browser, Response, hint, personas};
use reqwest::Method;
use rstest::rstest;
use serde_json::Value;

use crate::{
    concurrency::{join, live_sessions},
    scenario::{HostileScenario, Refusal, TestClient},
};

/// Request headers of a login that another site begins.
const EVIL: &[(&str, &str)] =
    &[("sec-fetch-site", "cross-site"), ("referer", "https://evil.example/")];

/// The form that connects the account.
const CONNECT: &str = "login={login}&choice=connect";

/// Signs Zofia in, then Haruki of another tenant in the same browser. The second login begins with these
/// request headers, in which `{base}` stands for Portico's base URL.
async fn haruki_in_zofias_browser(
    scenario: &HostileScenario,
    headers: &[(&'static str, &str)],
) -> (Browser, Response) {
    let mut browser = TestClient::signed_in(scenario, personas::ZOFIA.user_name).await.browser;
    let headers =
        headers.iter().map(|(name, value)| (*name, value.replace("{base}", scenario.base())));
    let headers: Vec<_> = headers.collect();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.set_login_headers(&headers);
    let query = hint(personas::HARUKI.user_name);
    let callback = browser.up_to_callback(scenario.base(), &query).await;
    let response = browser.get(callback).await;
    assert_eq!(response.status, 302, "{response:?}\n{}", scenario.world.portico.log());
    (browser, response)
}

async fn session(scenario: &HostileScenario, browser: &mut Browser) -> Value {
    browser.session(scenario.base()).await.json()
}

/// The name of the user and the number of accounts.
fn name_and_accounts(session: &Value) -> (&str, usize) {
    let accounts = session["accounts"].as_array().map_or(0, Vec::len);
    (session["user"]["name"].as_str().unwrap_or_default(), accounts)
}

async fn page(scenario: &HostileScenario, browser: &mut Browser) -> Response {
    let url = format!("{}/decide", scenario.base());
    browser.send(Method::GET, &url, |request| request.header("accept", "text/html")).await
}

/// The value of the form's hidden field `login`.
fn login_field(page: &Response) -> String {
    let field = page.body.split_once("name=\"login\" value=\"").expect("the page has a form").1;
    field.split('"').next().unwrap().to_owned()
}

async fn choose(
    scenario: &HostileScenario,
    browser: &mut Browser,
    origin: &str,
    body: &str,
) -> Response {
    let url = format!("{}/decide", scenario.base());
    let form = |request: reqwest::RequestBuilder| {
        let request = request.header("origin", origin).body(body.to_owned());
        request.header("content-type", "application/x-www-form-urlencoded")
    };
    browser.send(Method::POST, &url, form).await
}

#[rstest]
#[case::with_referer(EVIL)]
#[case::cross_site(&[("sec-fetch-site", "cross-site")])]
#[case::same_site(&[("sec-fetch-site", "same-site")])]
#[case::same_site_with_referer(&[
    ("sec-fetch-site", "same-site"),
    ("referer", "http://evil.localhost/"),
])]
#[case::no_site(&[("sec-fetch-site", "none")])]
#[case::cross_site_with_own_referer(&[("sec-fetch-site", "cross-site"), ("referer", "{base}/")])]
#[case::referer_alone(&[("referer", "https://evil.example/")])]
#[case::without_headers(&[])]
#[tokio::test]
async fn login_begun_by_another_site_asks_for_a_choice_and_changes_nothing(
    #[case] headers: &[(&'static str, &str)],
) {
    let scenario = HostileScenario::start(&[]).await;
    scenario.tried(1);
    let (mut browser, response) = haruki_in_zofias_browser(&scenario, headers).await;
    assert_eq!(response.location().path(), "/decide");
    assert!(!response.sets_session_cookie());
    let session_before = session(&scenario, &mut browser).await;
    assert_eq!(name_and_accounts(&session_before), (personas::ZOFIA.name, 1));
    let page = page(&scenario, &mut browser).await;
    assert!(page.body.contains(personas::ZOFIA.name) && page.body.contains(personas::HARUKI.name));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"));
    let session_after = session(&scenario, &mut browser).await;
    assert_eq!(name_and_accounts(&session_after), (personas::ZOFIA.name, 1));
}

#[rstest]
#[case::same_origin(&[("sec-fetch-site", "same-origin")])]
#[case::own_referer(&[("referer", "{base}/dashboard")])]
#[case::referer_of_the_dashboard(&[("referer", "http://localhost:3000/dashboard")])]
#[case::same_site_with_referer_of_the_dashboard(&[
    ("sec-fetch-site", "same-site"),
    ("referer", "http://localhost:3000/dashboard"),
])]
#[tokio::test]
async fn login_begun_by_an_own_page_connects_without_a_choice(
    #[case] headers: &[(&'static str, &str)],
) {
    let scenario = HostileScenario::start(&[]).await;
    scenario.tried(1);
    let (mut browser, response) = haruki_in_zofias_browser(&scenario, headers).await;
    assert!(response.sets_session_cookie(), "{response:?}");
    let session = session(&scenario, &mut browser).await;
    assert_eq!(name_and_accounts(&session), (personas::ZOFIA.name, 2));
}

#[rstest]
#[case::connect("connect", (personas::ZOFIA.name, 2), false)]
#[case::sign_in("sign-in", (personas::HARUKI.name, 1), false)]
#[case::neither("neither", (personas::ZOFIA.name, 1), true)]
#[tokio::test]
async fn each_choice_has_its_effect_and_a_new_session_id(
    #[case] choice: &str,
    #[case] expected: (&str, usize),
    #[case] keeps_session: bool,
) {
    let scenario = HostileScenario::start(&[]).await;
    scenario.tried(1);
    let (mut browser, _) = haruki_in_zofias_browser(&scenario, EVIL).await;
    let mut before = browser.clone();
    let login = login_field(&page(&scenario, &mut browser).await);
    let body = format!("login={login}&choice={choice}");
    let response = choose(&scenario, &mut browser, scenario.base(), &body).await;
    assert_eq!(response.status, 303, "{response:?}");
    assert_eq!(response.location().as_str(), "http://localhost:3000/dashboard");
    let session = session(&scenario, &mut browser).await;
    assert_eq!(name_and_accounts(&session), expected);
    let is_live = before.session(scenario.base()).await.status == 200;
    assert_eq!(is_live, keeps_session);
}

/// `{base}` stands for Portico's base URL, `{login}` for the hidden field of the form.
#[rstest]
#[case::another_origin("https://evil.example", CONNECT, 403, "wrong_origin")]
#[case::origin_of_the_dashboard("http://localhost:3000", CONNECT, 403, "wrong_origin")]
#[case::opaque_origin("null", CONNECT, 403, "wrong_origin")]
#[case::empty_origin("", CONNECT, 403, "wrong_origin")]
#[case::no_login("{base}", "choice=connect", 400, "bad_body")]
#[case::another_login("{base}", "login=0123456789abcdef&choice=connect", 400, "other_decision")]
#[case::unknown_choice("{base}", "login={login}&choice=both", 400, "bad_body")]
#[case::two_choices("{base}", "login={login}&choice=connect&choice=sign-in", 400, "bad_body")]
#[tokio::test]
async fn choice_is_refused_from_another_origin_or_with_another_form(
    #[case] origin: &str,
    #[case] body: &str,
    #[case] status: u16,
    #[case] code: &'static str,
) {
    let scenario = HostileScenario::start(&[]).await;
    scenario.tried(1);
    let (mut browser, _) = haruki_in_zofias_browser(&scenario, EVIL).await;
    let login = login_field(&page(&scenario, &mut browser).await);
    let origin = origin.replace("{base}", scenario.base());
    let body = body.replace("{login}", &login);
    let response = choose(&scenario, &mut browser, &origin, &body).await;
    scenario.assert_refusal(&response, Refusal::new(status, code)).await;
    let session = session(&scenario, &mut browser).await;
    assert_eq!(name_and_accounts(&session), (personas::ZOFIA.name, 1));
}

#[tokio::test]
async fn choice_is_refused_in_another_browser_and_for_the_second_time() {
    let scenario = HostileScenario::start(&[]).await;
    let base = scenario.base();
    let (mut browser, _) = haruki_in_zofias_browser(&scenario, EVIL).await;
    let login = login_field(&page(&scenario, &mut browser).await);
    let body = CONNECT.replace("{login}", &login);
    // The other browsers have the cookie of the choice.
    let choice = browser.cookie(base, "portico_choice").unwrap();
    let mut signed_in = TestClient::signed_in(&scenario, personas::AMARA.user_name).await.browser;
    signed_in.set_cookie(base, "portico_choice", &choice);
    let refused = choose(&scenario, &mut signed_in, base, &body).await;
    scenario.assert_refusal(&refused, Refusal::new(400, "other_decision")).await;
    let mut signed_out = Browser::default();
    signed_out.set_cookie(base, "portico_choice", &choice);
    let refused = choose(&scenario, &mut signed_out, base, &body).await;
    scenario.assert_refusal(&refused, Refusal::new(400, "nothing_to_decide")).await;

    let mut again = browser.clone();
    assert_eq!(choose(&scenario, &mut browser, base, &body).await.status, 303);
    again.set_cookie(base, "portico_session", &browser.cookie(base, "portico_session").unwrap());
    let second = choose(&scenario, &mut again, base, &body).await;
    scenario.assert_refusal(&second, Refusal::new(400, "nothing_to_decide")).await;
    scenario.tried(3);
}

#[tokio::test]
async fn concurrent_choices_have_one_winner_and_leave_one_session() {
    let scenario = HostileScenario::start(&[]).await;
    let base = scenario.base().to_owned();
    let (mut browser, _) = haruki_in_zofias_browser(&scenario, EVIL).await;
    let login = login_field(&page(&scenario, &mut browser).await);
    let mut browsers: Vec<_> = (0..8).map(|_| browser.clone()).collect();
    let choices = browsers.iter_mut().enumerate().map(|(number, browser)| {
        let choice = if number % 2 == 0 { "connect" } else { "sign-in" };
        let (scenario, base, body) = (&scenario, &base, format!("login={login}&choice={choice}"));
        async move { choose(scenario, browser, base, &body).await }
    });
    let responses = join(choices).await;
    assert_eq!(
        responses.iter().filter(|response| response.status == 303).count(),
        1,
        "{responses:?}"
    );
    assert_eq!(live_sessions(&scenario, &browsers).await, 1);
    scenario.tried(8);
}

#[tokio::test]
async fn choice_page_escapes_names_with_markup() {
    let scenario = HostileScenario::start(&[]).await;
    let mut browser = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await.browser;
    browser.set_login_headers(EVIL);
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
