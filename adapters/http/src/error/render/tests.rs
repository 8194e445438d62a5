//! Each rendering of one failure.

use std::sync::Arc;

use http_body_util::BodyExt;
use portico_domain::testing::{CountingEntropy, samples};
use warp::http::{Method, StatusCode, header::LOCATION};

use super::*;
use crate::{
    error::{ErrorCode, FailedLogin},
    request::Peer,
};

fn head(accept: &'static str) -> RequestHead {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    RequestHead {
        method: Method::GET,
        path: "/".into(),
        headers,
        peer: Peer(std::net::Ipv4Addr::LOCALHOST.into()),
    }
}

fn answer(failure: &Failure, accept: &'static str, rendering: Rendering) -> Response {
    let correlations = CorrelationIds(Arc::new(CountingEntropy::default()));
    let responder =
        Responder::new(correlations, TrustedProxies::default(), &samples::destinations());
    responder.answer(failure, &head(accept), rendering)
}

async fn body(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.into()).unwrap()
}

fn sent_back(to: &str) -> Failure {
    let back = SentBack { to: Url::parse(to).unwrap(), error: "access_denied".into() };
    let login =
        FailedLogin { provider: samples::azure(), person: None, ended: None, back: Some(back) };
    Failure::at_provider(ErrorCode::ProviderRefused, "A & B").of(login)
}

#[tokio::test]
async fn json_names_the_words_the_code_and_the_log_line() {
    for rendering in [Rendering::Json, Rendering::Page, Rendering::Redirect] {
        let failure = Failure::from(ErrorCode::StoreUnavailable);
        let response = answer(&failure, "*/*", rendering);
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "5");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        let correlation = response.headers()["x-correlation-id"].to_str().unwrap().to_owned();
        let expected = format!(
            r#"{{"code":"store_unavailable","correlation":"{correlation}","error":"Portico cannot keep or read sessions now."}}"#
        );
        assert_eq!(body(response).await, expected);
    }
}

#[tokio::test]
async fn a_browser_gets_a_page_on_every_route_but_those_of_oauth() {
    let failure = Failure::with(ErrorCode::RepeatedParameter, &[("name", "<b>")]);
    for rendering in [Rendering::Json, Rendering::Page, Rendering::Redirect] {
        let page = body(answer(&failure, "application/xml,text/html;q=0.9", rendering)).await;
        assert!(page.starts_with("<!doctype html>") && !page.contains("<b>"), "{page}");
        let advice = failure.code.row().advice.replace('\'', "&#39;");
        assert!(page.contains(&advice), "{page}");
    }
    let response = answer(&failure, "text/html", Rendering::OAuthJson);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(
        body(response).await,
        r#"{"error":"invalid_request","error_description":"The parameter <b> stands more than once."}"#
    );
}

#[tokio::test]
async fn a_failed_login_goes_back_to_its_app_on_routes_that_redirect_alone() {
    let failure = sent_back("https://app.example/");
    let response = answer(&failure, "text/html", Rendering::Redirect);
    assert_eq!(response.status(), StatusCode::FOUND);
    assert!(response.headers()[LOCATION].to_str().unwrap().contains("error=access_denied"));
    let response = answer(&failure, "text/html", Rendering::Page);
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(!response.headers().contains_key(LOCATION));
}

#[tokio::test]
async fn a_fixed_body_is_answered_byte_by_byte_whatever_is_accepted() {
    let failure = Failure::from(ErrorCode::NoCode).with_body(r#"{"error": "Brak kodu"}"#);
    let response = answer(&failure, "text/html", Rendering::Redirect);
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(body(response).await, r#"{"error": "Brak kodu"}"#);
}

#[test]
fn a_method_not_allowed_names_those_that_are() {
    let response = answer(&Failure::method_not_allowed("GET, HEAD"), "*/*", Rendering::Json);
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::ALLOW], "GET, HEAD");
}

#[test]
fn an_error_stands_behind_what_the_address_has_and_once() {
    let error = "error=access_denied&error_description=No+%26+no.&correlation=0f";
    for (to, sent) in [
        ("https://app.example/", format!("https://app.example/?{error}")),
        ("https://app.example/a?b=c%20d#e", format!("https://app.example/a?b=c%20d&{error}#e")),
        ("https://app.example/?x", format!("https://app.example/?x&{error}")),
        ("https://app.example/?error=a&b=c&%65rror=d", format!("https://app.example/?b=c&{error}")),
        ("https://app.example/?correlation=1", format!("https://app.example/?{error}")),
    ] {
        let to = Url::parse(to).unwrap();
        assert_eq!(with_error(&to, "access_denied", "No & no.", "0f").as_str(), sent);
    }
}
