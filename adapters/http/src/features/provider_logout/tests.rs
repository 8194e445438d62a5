//! Requests of providers, and their answers.

use std::{net::Ipv4Addr, num::NonZeroU32, sync::atomic::AtomicBool};

use http_body_util::BodyExt;
use portico_domain::{
    check::Check,
    ports::{EndedAtProvider, IdentityProviderError, Sessions, VerifiedLogout},
    secret::SessionId,
    session::SessionKey,
    sign_in::{ProviderSessionId, SignInKey},
    testing::{CountingEntropy, FakeClock, FakeSessions, SessionsExt as _, doubles, samples},
    time::Timestamp,
    use_cases::SeenLogouts,
};
use rstest::rstest;
use warp::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    reply::Response,
};

use super::*;
use crate::{
    error::Responder,
    limits::{Limits, PerMinute, TrustedProxies},
    request::{Peer, RequestHead},
    response::harden,
};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

fn key() -> SessionKey {
    SessionKey::of(&SessionId::new("laptop"))
}

fn correlations() -> CorrelationIds {
    CorrelationIds(Arc::new(CountingEntropy::default()))
}

/// The feature over a store with one session, of the session `there` at the provider.
async fn with_session(provider: doubles::Provider) -> (ProviderLogout, Arc<FakeSessions>) {
    let sessions = Arc::new(FakeSessions::new(samples::POLICY));
    let there = ProviderSessionId::parse("there").unwrap();
    let mut session = samples::session("contoso", "zofia", NOW);
    session.accounts[0].provider_session = Some(SignInKey::of_session(&samples::azure(), &there));
    sessions.create(key(), &session, vec![]).await.unwrap();
    let providers = provider.into_providers();
    let log_out = ProviderLogOut {
        providers: providers.clone(),
        sessions: sessions.clone(),
        seen: SeenLogouts::default(),
        clock: Arc::new(FakeClock::at(1_000)),
    };
    let some = NonZeroU32::MIN;
    let limits = Limits {
        connections: some,
        connections_per_address: some,
        logins: PerMinute { per_address: some, total: some },
        logins_at_once: some,
        trusted_proxies: TrustedProxies::default(),
    };
    let limiter = Arc::new(LoginLimiter::new(limits));
    let correlations = correlations();
    (ProviderLogout { log_out, providers, limiter, correlations }, sessions)
}

fn call(parameter: &str, query: &str, content_type: Option<&'static str>, body: &str) -> Call {
    let mut headers = HeaderMap::new();
    if let Some(content_type) = content_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    let peer = Peer(Ipv4Addr::LOCALHOST.into());
    Call {
        head: RequestHead { method: Method::POST, path: "/".into(), headers, peer },
        parameter: parameter.into(),
        query: query.into(),
        body: body.as_bytes().to_vec(),
        wants_page: false,
        clear_session: AtomicBool::new(false),
        guard: None,
    }
}

fn form(body: &str) -> Call {
    call("azure", "", Some("application/x-www-form-urlencoded"), body)
}

/// The response of a route with this rendering, as the dispatch makes it.
fn rendered(call: &Call, result: Result<Response, Failure>, rendering: Rendering) -> Response {
    let destinations = samples::destinations();
    let responder = Responder::new(correlations(), TrustedProxies::default(), &destinations);
    let response = result.unwrap_or_else(|it| responder.respond(&it, &call.head, rendering));
    harden(response, false)
}

async fn text(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.into()).unwrap()
}

async fn is_live(sessions: &FakeSessions) -> bool {
    sessions.find(&key(), NOW).await.unwrap().is_some()
}

fn verifying(result: Result<&'static str, IdentityProviderError>) -> doubles::Provider {
    let mut provider = doubles::Provider::silent();
    provider.identity.expect_verify_logout().returning(move |_, token| {
        assert_eq!(token.expose(), "a.b.c");
        let there = ProviderSessionId::parse(result.clone()?).unwrap();
        Ok(VerifiedLogout {
            issuer: samples::issuer("contoso"),
            id: "one".into(),
            until: Timestamp::from_unix_seconds(2_000),
            ended: EndedAtProvider::Session(there),
        })
    });
    provider
}

#[rstest]
#[case::known("there", false)]
#[case::unknown("elsewhere", true)]
#[tokio::test]
async fn back_channel_answers_200_without_a_body_whether_or_not_a_session_ends(
    #[case] there: &'static str,
    #[case] lives: bool,
) {
    let (logout, sessions) = with_session(verifying(Ok(there))).await;
    let call = form("logout_token=a.b.c");
    let response = rendered(&call, logout.back_channel(&call).await, Rendering::OAuthJson);
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(is_live(&sessions).await, lives);
    assert_eq!(text(response).await, "");
}

#[rstest]
#[case::no_body(form(""))]
#[case::empty_token(form("logout_token="))]
#[case::other_parameter(form("token=a.b.c"))]
#[case::repeated(form("logout_token=a.b.c&logout_token=a.b.c"))]
#[case::json(call("azure", "", Some("application/json"), "logout_token=a.b.c"))]
#[case::no_content_type(call("azure", "", None, "logout_token=a.b.c"))]
#[case::in_the_query(call("azure", "logout_token=a.b.c", None, ""))]
#[tokio::test]
async fn back_channel_refuses_a_request_without_one_token(#[case] call: Call) {
    let (logout, sessions) = with_session(doubles::Provider::silent()).await;
    let response = rendered(&call, logout.back_channel(&call).await, Rendering::OAuthJson);
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert!(text(response).await.starts_with(r#"{"error":"invalid_request","error_description":"#));
    assert!(is_live(&sessions).await);
}

fn invalid(check: Check) -> IdentityProviderError {
    IdentityProviderError::InvalidResponse { check, detail: "it says a.b.c".into() }
}

#[rstest]
#[case::signature(invalid(Check::IdTokenSignature), "invalid_request", None)]
#[case::event(invalid(Check::LogoutTokenEvent), "invalid_request", None)]
#[case::clock(
    IdentityProviderError::ClockDiffers { check: Check::IdTokenExpired, detail: String::new() },
    "invalid_request",
    None
)]
#[case::keys(invalid(Check::KeysUnreadable), "temporarily_unavailable", Some("10"))]
#[case::unreachable(
    IdentityProviderError::Unreachable("refused".into()),
    "temporarily_unavailable",
    Some("10")
)]
#[case::slow(IdentityProviderError::TimedOut("10 s".into()), "temporarily_unavailable", Some("10"))]
#[tokio::test]
async fn back_channel_answers_400_to_every_fault_and_says_when_to_try_again(
    #[case] error: IdentityProviderError,
    #[case] code: &str,
    #[case] retry_after: Option<&str>,
) {
    let (logout, sessions) = with_session(verifying(Err(error))).await;
    let call = form("logout_token=a.b.c");
    let response = rendered(&call, logout.back_channel(&call).await, Rendering::OAuthJson);
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let retry = response.headers().get(header::RETRY_AFTER).map(|it| it.to_str().unwrap());
    assert_eq!(retry, retry_after);
    let body = text(response).await;
    assert!(body.starts_with(&format!(r#"{{"error":"{code}""#)), "{body}");
    assert!(!body.contains("a.b.c"), "{body}");
    assert!(is_live(&sessions).await);
}

#[rstest]
#[case::unknown("oidc")]
#[case::no_id("../x")]
#[tokio::test]
async fn logout_of_an_unknown_provider_is_answered_404(#[case] provider: &str) {
    let (logout, _) = with_session(doubles::Provider::silent()).await;
    let content_type = Some("application/x-www-form-urlencoded");
    let back = call(provider, "", content_type, "logout_token=a.b.c");
    let failure = logout.back_channel(&back).await.unwrap_err();
    assert_eq!(failure.code(), ErrorCode::UnknownProvider);
    let front = call(provider, "sid=there", None, "");
    let failure = logout.front_channel(&front).await.unwrap_err();
    assert_eq!(failure.code(), ErrorCode::UnknownProvider);
}

#[rstest]
#[case::session("sid=there", false)]
#[case::session_and_issuer("iss=https://login.example/contoso/v2.0&sid=there", false)]
#[case::unknown("sid=elsewhere", true)]
#[case::other_issuer("iss=https://login.example/fabrikam/v2.0&sid=there", true)]
#[tokio::test]
async fn front_channel_answers_every_session_alike_with_a_page_that_may_be_framed(
    #[case] query: &str,
    #[case] lives: bool,
) {
    let (logout, sessions) = with_session(doubles::Provider::silent()).await;
    let call = call("azure", query, None, "");
    let response = rendered(&call, logout.front_channel(&call).await, Rendering::Page);
    assert_eq!(response.status(), StatusCode::OK);
    let headers = response.headers();
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    assert!(!headers.contains_key(header::X_FRAME_OPTIONS));
    assert!(!headers.contains_key(header::SET_COOKIE));
    let policy = &headers[header::CONTENT_SECURITY_POLICY];
    assert_eq!(policy, "default-src 'none'; frame-ancestors *");
    assert_eq!(is_live(&sessions).await, lives);
    assert_eq!(text(response).await, "");
}

#[rstest]
#[case::none("")]
#[case::empty("sid=")]
#[case::too_long(&format!("sid={}", "x".repeat(256)))]
#[case::control_character("sid=there%00")]
#[case::repeated("sid=there&sid=there")]
#[case::repeated_issuer("sid=there&iss=a&iss=b")]
#[tokio::test]
async fn front_channel_refuses_a_request_without_one_session(#[case] query: &str) {
    let (logout, sessions) = with_session(doubles::Provider::silent()).await;
    let call = call("azure", query, None, "");
    let response = rendered(&call, logout.front_channel(&call).await, Rendering::Page);
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(response.headers()[header::X_FRAME_OPTIONS], "DENY");
    assert!(is_live(&sessions).await);
}
