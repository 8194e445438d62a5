//! `DASHBOARD_URL`: several dashboards, and those of another site.

use portico_e2e::{Browser, Portico, personas, world};
use reqwest::{
    Method, StatusCode,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, LOCATION},
};
use rstest::rstest;

use crate::{assert_start_refused, settings};

const FIRST: &str = "https://a.example/dashboard";
const SECOND: &str = "http://localhost:3000/";

#[rstest]
#[case::none("", FIRST)]
#[case::on_first_origin("https://a.example/costs", "https://a.example/costs")]
#[case::on_second_origin("http://localhost:3000/costs", "http://localhost:3000/costs")]
#[case::on_other_origin("https://b.example/", FIRST)]
#[tokio::test]
async fn return_to_is_followed_on_every_configured_dashboard(
    #[case] return_to: &str,
    #[case] expected: &str,
) {
    let world = world(&[("DASHBOARD_URL", &format!("{FIRST}, {SECOND}"))]).await;
    let query = format!("login_hint={}&return_to={return_to}", personas::ZOFIA.user_name);
    let mut browser = Browser::default();
    let callback = browser.up_to_callback(&world.portico.base, &query).await;
    assert_eq!(browser.get(callback).await.headers[LOCATION], expected);
}

#[rstest]
#[case::first("https://a.example", true)]
#[case::second("http://localhost:3000", true)]
#[case::other("https://b.example", false)]
#[tokio::test]
async fn api_may_be_called_by_every_configured_dashboard(
    #[case] origin: &str,
    #[case] is_allowed: bool,
) {
    let world = world(&[("DASHBOARD_URL", &format!("{FIRST}, {SECOND}"))]).await;
    let base = &world.portico.base;
    let url = format!("{base}/api/session");
    let with_origin = |request: reqwest::RequestBuilder| request.header("origin", origin);
    let response = Browser::default().send(Method::GET, &url, with_origin).await;
    let (session, logout) = match is_allowed {
        true => (StatusCode::UNAUTHORIZED, StatusCode::NO_CONTENT),
        false => (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN),
    };
    assert_eq!(response.status, session, "{response:?}");
    let allowed = response.headers.get(ACCESS_CONTROL_ALLOW_ORIGIN);
    assert_eq!(allowed.map(|it| it.to_str().unwrap()), is_allowed.then_some(origin));
    let mut browser = Browser::default();
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let response = browser.post(&format!("{base}/api/logout"), origin).await;
    assert_eq!(response.status, logout, "{response:?}");
}

#[rstest]
#[case::plain_http(
    "https://a.portico.example/,http://b.portico.example/",
    "http://b.portico.example/ is plain http"
)]
#[case::trailing_comma("https://a.portico.example/,", "write a whole URL")]
#[case::blank_instead_of_comma(
    "https://a.portico.example/ https://b.portico.example/",
    "write a whole URL"
)]
#[case::missing_scheme("https://a.portico.example/,b.portico.example", "write a whole URL")]
#[tokio::test]
async fn each_dashboard_url_in_list_is_validated(#[case] list: &str, #[case] fault: &str) {
    let https = ("APP_BASE_URL", &b"https://portico.example"[..]);
    let stderr = assert_start_refused(&[https, ("DASHBOARD_URL", list.as_bytes())]).await;
    assert!(stderr.contains("DASHBOARD_URL") && stderr.contains(fault), "{stderr}");
}

#[rstest]
#[case::other_domain(
    "https://portico.example.com",
    "https://dashboard.example.net/",
    Some("dashboard.example.net")
)]
#[case::public_suffix(
    "https://a.azurewebsites.net",
    "https://b.azurewebsites.net/",
    Some("b.azurewebsites.net")
)]
#[case::second_of_two(
    "https://portico.example.com",
    "https://example.com/,https://b.test/",
    Some("https://b.test/")
)]
#[case::same_domain("https://portico.example.com", "https://dashboard.example.com/", None)]
#[case::loopback("http://localhost:5000", "http://localhost:3000/dashboard", None)]
#[tokio::test]
async fn cross_site_dashboard_is_warned_of(
    #[case] base: &str,
    #[case] dashboards: &str,
    #[case] named: Option<&str>,
) {
    let (_emulator, _folder, mut settings) = settings().await;
    settings.set("APP_BASE_URL", base).set("DASHBOARD_URL", dashboards);
    let portico = Portico::start(&settings).await;
    let log = portico.log();
    let is_warning = |line: &&str| line.contains("is on another site than Portico");
    let warnings: Vec<_> = log.lines().filter(is_warning).collect();
    assert_eq!(warnings.len(), usize::from(named.is_some()), "{log}");
    assert!(named.is_none_or(|named| warnings[0].contains(named)), "{warnings:?}");
}
