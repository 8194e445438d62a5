//! Errors of authorization requests.

use super::*;

#[rstest]
#[case::unknown_client("client_id", "11111111-2222-4333-8444-555555555555", "AADSTS700016")]
#[case::no_client("client_id", "", "AADSTS900144")]
#[case::foreign_host("redirect_uri", "https://evil.example/callback", "AADSTS50011")]
#[case::localhost_as_prefix("redirect_uri", "http://localhost.evil.example/", "AADSTS50011")]
#[case::fragment("redirect_uri", "http://localhost:9/#fragment", "AADSTS50011")]
#[case::script("redirect_uri", "javascript:alert(1)", "AADSTS50011")]
#[case::no_redirect_uri("redirect_uri", "", "AADSTS900144")]
#[tokio::test]
async fn authorize_shows_page_without_redirect_for_untrusted_client_or_redirect_uri(
    #[case] name: &str,
    #[case] value: &str,
    #[case] expected: &str,
) {
    let rp = RelyingParty::new().await;
    let mut request = rp.request(&ZOFIA);
    request.insert(name.to_owned(), value.to_owned());
    let response = rp.authorize("organizations", &request).await;
    assert_eq!(response.status(), 400);
    assert!(response.headers().get("location").is_none());
    let page = response.text().await.unwrap();
    assert!(page.contains(expected), "{page}");
}

#[tokio::test]
async fn authorize_shows_page_for_unknown_tenant() {
    let rp = RelyingParty::new().await;
    let response = rp.authorize("nowhere", &rp.request(&ZOFIA)).await;
    assert_eq!(response.status(), 400);
    assert!(response.text().await.unwrap().contains("AADSTS90002"));
}

#[rstest]
#[case::response_type("response_type", "token", "unsupported_response_type", "AADSTS700051")]
#[case::response_mode("response_mode", "fragment", "invalid_request", "AADSTS70007")]
#[case::prompt("prompt", "please", "invalid_request", "AADSTS90023")]
#[case::no_scope("scope", "", "invalid_request", "AADSTS900144")]
#[case::unknown_resource(
    "scope",
    "https://vault.example/.default",
    "invalid_resource",
    "AADSTS500011"
)]
#[case::two_resources("scope", "{arm} User.Read", "invalid_scope", "AADSTS28000")]
#[case::plain_challenge("code_challenge_method", "plain", "invalid_request", "AADSTS50149")]
#[case::no_challenge_method("code_challenge_method", "", "invalid_request", "AADSTS50149")]
#[case::short_challenge("code_challenge", "short", "invalid_request", "AADSTS501491")]
#[tokio::test]
async fn authorize_redirects_other_errors_to_client(
    #[case] name: &str,
    #[case] value: &str,
    #[case] error: &str,
    #[case] number: &str,
) {
    let rp = RelyingParty::new().await;
    let mut request = rp.request(&ZOFIA);
    request.insert(name.to_owned(), value.replace("{arm}", &rp.arm("user_impersonation")));
    let params = rp.callback("common", &request).await;
    assert_eq!(params["error"], error);
    assert!(params["error_description"].starts_with(number), "{}", params["error_description"]);
    assert_eq!(params["state"], "a state & more");
    assert!(!params.contains_key("code"));
}

#[tokio::test]
async fn authorize_refuses_repeated_parameter() {
    let rp = RelyingParty::new().await;
    let url = rp.url("common/oauth2/v2.0/authorize");
    let request = rp.http.get(url).query(&rp.request(&ZOFIA)).query(&[("state", "again")]);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert!(response.text().await.unwrap().contains("AADSTS90100"));
}

#[tokio::test]
async fn authorize_returns_access_denied_if_consent_is_declined() {
    let rp = RelyingParty::new().await;
    let answer = rp.callback("common", &rp.request(&JOAQUIN)).await;
    assert_eq!(answer["error"], "access_denied");
    assert!(answer["error_description"].starts_with("AADSTS65004: "));
    assert!(!answer.contains_key("code"));
}

#[tokio::test]
async fn oauth_error_fault_returns_error_and_description_unchanged() {
    let rp = RelyingParty::new().await;
    let kind = FaultKind::OauthError {
        error: "server_error".to_owned(),
        description: "<img src=x onerror=alert(1)>".to_owned(),
    };
    rp.emulator.fault(Fault::once(Target::Authorize, kind));
    let answer = rp.callback("common", &rp.request(&ZOFIA)).await;
    assert_eq!(answer["error"], "server_error");
    assert_eq!(answer["error_description"], "<img src=x onerror=alert(1)>");
    assert!(rp.callback("common", &rp.request(&ZOFIA)).await.contains_key("code"));
}
