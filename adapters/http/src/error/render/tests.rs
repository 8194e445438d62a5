//! Renderings of failures.

use std::sync::Arc;

use http_body_util::BodyExt;
use portico_domain::testing::{CountingEntropy, samples};
use rstest::rstest;
use warp::http::{Method, StatusCode, header::LOCATION};

use warp::http::HeaderMap;

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

fn respond(failure: &Failure, accept: &'static str, rendering: Rendering) -> Response {
    let correlations = CorrelationIds(Arc::new(CountingEntropy::default()));
    let responder =
        Responder::new(correlations, TrustedProxies::default(), &samples::destinations());
    responder.respond(failure, &head(accept), rendering)
}

async fn body(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.into()).unwrap()
}

fn failed_login(redirect_to: &str) -> Failure {
    let to = Url::parse(redirect_to).unwrap();
    let redirect = Some(ErrorRedirect { to, error: "access_denied".into() });
    let login =
        FailedLogin { provider: samples::azure(), person: None, completion: None, redirect };
    Failure::at_provider(ErrorCode::ProviderRefused, "A & B").of_login(login)
}

#[rstest]
#[tokio::test]
async fn program_gets_json_with_message_code_and_correlation(
    #[values(Rendering::Json, Rendering::Page, Rendering::Redirect)] rendering: Rendering,
) {
    let failure = Failure::from(ErrorCode::StoreUnavailable);
    let response = respond(&failure, "*/*", rendering);
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[header::RETRY_AFTER], "5");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let correlation = response.headers()["x-correlation-id"].to_str().unwrap().to_owned();
    let expected = format!(
        r#"{{"advice":"Nothing was changed. Try again in a moment.","code":"store_unavailable","correlation":"{correlation}","error":"Portico cannot keep or read sessions now."}}"#
    );
    assert_eq!(body(response).await, expected);
}

#[rstest]
#[case::expired(ErrorCode::SessionExpired, "no_session", Some("expired"))]
#[case::signed_out(ErrorCode::SignedOut, "no_session", Some("signed_out"))]
#[case::ended_elsewhere(ErrorCode::SessionEndedElsewhere, "session_ended", Some("ended_elsewhere"))]
#[case::ended_at_provider(
    ErrorCode::SessionEndedAtProvider,
    "session_ended",
    Some("ended_elsewhere")
)]
#[case::signed_out_everywhere(
    ErrorCode::SignedOutEverywhere,
    "session_ended",
    Some("ended_elsewhere")
)]
#[case::crowded(ErrorCode::SessionCrowdedOut, "session_ended", Some("ended_elsewhere"))]
#[case::not_allowed(ErrorCode::SessionNotAllowed, "session_ended", None)]
#[case::unknown(ErrorCode::NoSession, "no_session", None)]
#[tokio::test]
async fn json_of_an_ended_session_has_the_reason_if_it_is_known(
    #[case] error: ErrorCode,
    #[case] code: &str,
    #[case] reason: Option<&str>,
) {
    let body = body(respond(&error.into(), "*/*", Rendering::Json)).await;
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((body["code"].as_str(), body["reason"].as_str()), (Some(code), reason));
    assert_eq!(body.get("reason").is_some(), reason.is_some(), "{body}");
    assert_eq!(body["advice"], error.row().advice);
}

#[rstest]
#[tokio::test]
async fn browser_gets_page(
    #[values(Rendering::Json, Rendering::Page, Rendering::Redirect)] rendering: Rendering,
) {
    let failure = Failure::with(ErrorCode::RepeatedParameter, &[("name", "<b>")]);
    let page = body(respond(&failure, "application/xml,text/html;q=0.9", rendering)).await;
    assert!(page.starts_with("<!doctype html>") && !page.contains("<b>"), "{page}");
    let advice = failure.code.row().advice.replace('\'', "&#39;");
    assert!(page.contains(&advice), "{page}");
}

#[tokio::test]
async fn browser_gets_json_from_oauth_route() {
    let failure = Failure::with(ErrorCode::RepeatedParameter, &[("name", "<b>")]);
    let response = respond(&failure, "text/html", Rendering::OAuthJson);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(
        body(response).await,
        r#"{"error":"invalid_request","error_description":"The parameter <b> stands more than once."}"#
    );
}

/// RFC 6749 section 5.2 allows neither quotation marks nor backslashes in it.
#[tokio::test]
async fn oauth_error_has_its_members_and_a_plain_description() {
    let failure = Failure::with(ErrorCode::RepeatedParameter, &[("name", "a\"\\ż")]);
    let failure = failure.with_member("repair_uri", "https://portico.example/".into());
    let response = respond(&failure, "*/*", Rendering::OAuthJson);
    assert_eq!(
        body(response).await,
        r#"{"error":"invalid_request","error_description":"The parameter a??? stands more than once.","repair_uri":"https://portico.example/"}"#
    );
}

#[tokio::test]
async fn failed_login_redirects_to_app_from_redirect_routes_only() {
    let failure = failed_login("https://app.example/");
    let response = respond(&failure, "text/html", Rendering::Redirect);
    assert_eq!(response.status(), StatusCode::FOUND);
    assert!(response.headers()[LOCATION].to_str().unwrap().contains("error=access_denied"));
    let response = respond(&failure, "text/html", Rendering::Page);
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(!response.headers().contains_key(LOCATION));
}

#[tokio::test]
async fn fixed_body_is_sent_for_any_accept_header() {
    let failure = Failure::from(ErrorCode::NoCode).with_body(r#"{"error": "Brak kodu"}"#);
    let response = respond(&failure, "text/html", Rendering::Redirect);
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(body(response).await, r#"{"error": "Brak kodu"}"#);
}

#[test]
fn method_not_allowed_has_allow_header() {
    let response = respond(&Failure::method_not_allowed("GET, HEAD"), "*/*", Rendering::Json);
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::ALLOW], "GET, HEAD");
}

#[rstest]
#[case::no_query("https://app.example/", "https://app.example/?{error}")]
#[case::query_and_fragment(
    "https://app.example/a?b=c%20d#e",
    "https://app.example/a?b=c%20d&{error}#e"
)]
#[case::name_only("https://app.example/?x", "https://app.example/?x&{error}")]
#[case::existing_error(
    "https://app.example/?error=a&b=c&%65rror=d",
    "https://app.example/?b=c&{error}"
)]
#[case::existing_correlation("https://app.example/?correlation=1", "https://app.example/?{error}")]
fn with_error_appends_parameters_and_replaces_existing(#[case] to: &str, #[case] expected: &str) {
    let error = "error=access_denied&error_description=No+%26+no.&correlation=0f";
    let url = with_error(&Url::parse(to).unwrap(), "access_denied", "No & no.", "0f");
    assert_eq!(url.as_str(), expected.replace("{error}", error));
}
