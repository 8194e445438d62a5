use rstest::rstest;

use super::*;
use crate::{
    login::{OAuthError, ResponseIssuer},
    provider::{ConfiguredSignIn, Descriptor, Settings, SignInTemplate},
    testing::{CountingEntropy, FakeClock, FakeLoginAttempts, FakeSessions, doubles, samples},
};

fn request() -> LoginRequest {
    LoginRequest {
        provider: samples::azure(),
        tenant: None,
        login_hint: None,
        prompt: None,
        return_to: None,
        session: None,
        own_page: false,
        refresh: false,
    }
}

fn begin_login(doubles: doubles::Provider, attempts: Arc<FakeLoginAttempts>) -> BeginLogin {
    BeginLogin {
        providers: doubles.into_providers(),
        attempts,
        sessions: Arc::new(FakeSessions::new(samples::POLICY)),
        destinations: samples::destinations(),
        clock: Arc::new(FakeClock::at(1_000)),
        entropy: Arc::new(CountingEntropy::default()),
    }
}

#[tokio::test]
async fn run_seals_the_attempt_for_its_state_with_epoch_expiry_and_target() {
    let attempts = Arc::new(FakeLoginAttempts::default());
    let begun =
        begin_login(doubles::Provider::willing(), attempts.clone()).run(request()).await.unwrap();
    let now = FakeClock::at(1_000).now();
    let opened = attempts.open(&begun.attempt, &begun.sealed, now).unwrap();
    assert_eq!(opened.epoch, attempts.epoch(now).await.unwrap());
    assert_eq!(attempts.spent(), 0);
    assert_eq!(opened.expires_at.unix_seconds(), 1_000 + 15 * 60);
    assert_eq!(opened.return_to.url().as_str(), "http://localhost:3000/dashboard");
}

#[rstest]
#[case::none(None, false)]
#[case::path(Some("/costs"), true)]
#[case::dashboard(Some("http://localhost:3000/costs"), true)]
#[case::another_host(Some("https://evil.example/"), false)]
#[case::empty(Some(""), false)]
#[tokio::test]
async fn run_returns_errors_only_to_an_allowed_return_to(
    #[case] return_to: Option<&str>,
    #[case] returns: bool,
) {
    let attempts = Arc::new(FakeLoginAttempts::default());
    let use_case = begin_login(doubles::Provider::willing(), attempts.clone());
    let return_to = return_to.map(str::to_owned);
    let begun = use_case.run(LoginRequest { return_to, ..request() }).await.unwrap();
    let now = FakeClock::at(1_000).now();
    let opened = attempts.open(&begun.attempt, &begun.sealed, now).unwrap();
    assert_eq!(opened.returns_errors, returns);
}

#[tokio::test]
async fn run_refuses_an_unknown_provider() {
    let use_case = begin_login(doubles::Provider::willing(), Arc::default());
    let google = ProviderId::parse("google").unwrap();
    let refused = use_case.run(LoginRequest { provider: google, ..request() }).await;
    assert!(matches!(refused, Err(BeginLoginError::UnknownProvider(_))));
}

#[rstest]
#[case::parent("..")]
#[case::dot(".")]
#[case::slash("a/b")]
#[case::encoded_slash("a%2Fb")]
#[case::comma("a,b")]
#[case::markup("<b>")]
#[case::query("a?b")]
#[case::fragment("a#b")]
#[case::wildcard("*")]
#[case::semicolon("a;b")]
#[case::placeholder("{tenant}")]
#[tokio::test]
async fn run_refuses_a_tenant_with_other_characters_than_ids_and_domains(#[case] text: &str) {
    let use_case = begin_login(doubles::Provider::silent(), Arc::default());
    let tenant = Some(TenantId::parse(text).unwrap());
    let refused = use_case.run(LoginRequest { tenant, ..request() }).await;
    assert!(matches!(refused, Err(BeginLoginError::NoTenantId(_))));
}

#[tokio::test]
async fn run_begins_a_login_to_a_tenant_that_is_not_allowed_like_any_other() {
    let mut urls = vec![];
    for tenant in ["contoso", "elsewhere"] {
        let mut doubles = doubles::Provider::silent();
        let default_tenant = Some("all".to_owned());
        let template = SignInTemplate { default_tenant, ..samples::sign_in_template() };
        let sign_in = ConfiguredSignIn::new(template, Some("/tid"), Settings::default());
        doubles.sign_in = sign_in.unwrap();
        // The identity provider is called with the default tenant only.
        doubles.identity.expect_authorization().times(1).returning(|sign_in, _| {
            assert_eq!(sign_in.issuer().as_str(), samples::issuer("all"));
            let url = Url::parse("https://login.example/all/authorize").unwrap();
            let issuer = ResponseIssuer { issuer: samples::issuer("all"), required: false };
            Ok(Authorization { url, issuer })
        });
        let use_case = begin_login(doubles, Arc::default());
        let login = LoginRequest { tenant: Some(TenantId::parse(tenant).unwrap()), ..request() };
        let url = use_case.run(login).await.unwrap().url.to_string();
        assert_eq!(url, format!("https://login.example/{tenant}/authorize"));
        urls.push(url.replace(tenant, ""));
    }
    assert_eq!(urls[0], urls[1]);
}

#[tokio::test]
async fn run_requires_a_session_for_a_connect_only_provider() {
    let connect_only = Descriptor { people: None, ..samples::descriptor() };
    let doubles = doubles::Provider::described_as(connect_only);
    let refused = begin_login(doubles, Arc::default()).run(request()).await;
    assert!(matches!(refused, Err(BeginLoginError::SignInFirst)));
}

#[tokio::test]
async fn run_seals_nothing_when_the_identity_provider_fails() {
    let attempts = Arc::new(FakeLoginAttempts::default());
    let error = OAuthError { error: "server_error".into(), ..OAuthError::default() };
    let mut doubles = doubles::Provider::silent();
    doubles.identity.expect_authorization().return_once(move |_, _| {
        Err(IdentityProviderError::Refused { error, endpoint: "it".into() })
    });
    let refused = begin_login(doubles, attempts.clone()).run(request()).await;
    assert!(matches!(refused, Err(BeginLoginError::Identity(..))));
    assert_eq!(attempts.sealed(), 0);
}
