//! Which callbacks an attempt accepts, and when.

use rstest::rstest;

use super::*;
use crate::{login::OAuthError, secret::AuthorizationCode, testing::samples};

fn accept(provider: &str, callback: Callback) -> Result<AuthorizedLogin, CallbackRejected> {
    let provider = ProviderId::parse(provider).unwrap();
    samples::pending_login("nonce").accept(&provider, callback)
}

fn code() -> Callback {
    Callback { iss: None, response: AuthorizationResponse::Code(AuthorizationCode::new("code")) }
}

fn denied() -> OAuthError {
    OAuthError { error: "access_denied".into(), ..OAuthError::default() }
}

#[test]
fn accept_keeps_code_and_nonce_for_the_redemption() {
    let login = accept("azure", code()).unwrap();
    assert_eq!(login.redemption.code, AuthorizationCode::new("code"));
    assert_eq!(login.redemption.nonce, Nonce::new("nonce"));
}

#[rstest]
#[case::before_it_began(999, false)]
#[case::as_it_begins(1_000, true)]
#[case::in_its_last_second(1_899, true)]
#[case::as_it_expires(1_900, false)]
fn is_live_from_the_beginning_until_expires_at(#[case] now: u64, #[case] live: bool) {
    let attempt = samples::pending_login("nonce");
    assert_eq!(attempt.is_live(Timestamp::from_unix_seconds(now)), live);
}

#[test]
fn accept_rejects_a_callback_of_another_provider() {
    assert_eq!(accept("google", code()).unwrap_err(), CallbackRejected::OtherProvider);
}

#[rstest]
#[case::same_provider("azure", CallbackRejected::Refused(denied()))]
#[case::another_provider("google", CallbackRejected::OtherProvider)]
fn accept_checks_the_sender_before_an_error(
    #[case] provider: &str,
    #[case] expected: CallbackRejected,
) {
    let callback = Callback { iss: None, response: AuthorizationResponse::Error(denied()) };
    assert_eq!(accept(provider, callback).unwrap_err(), expected);
}

#[test]
fn accept_rejects_another_issuer() {
    let callback = Callback { iss: Some("https://evil.example".into()), ..code() };
    assert_eq!(accept("azure", callback).unwrap_err(), CallbackRejected::WrongIssuer);
}

#[rstest]
#[case::absent(None, false, true)]
#[case::equal(Some("https://a/v2.0"), false, true)]
#[case::another(Some("https://b/v2.0"), false, false)]
#[case::absent_though_required(None, true, false)]
fn response_issuer_accepts_its_own_and_absence_unless_required(
    #[case] iss: Option<&str>,
    #[case] required: bool,
    #[case] accepted: bool,
) {
    let issuer = ResponseIssuer { issuer: "https://a/v2.0".into(), required };
    assert_eq!(issuer.accepts(iss), accepted);
}

#[rstest]
#[case::one_tenant("https://a/7f7a-1/v2.0", true)]
#[case::no_tenant("https://a//v2.0", false)]
#[case::two_segments("https://a/x/y/v2.0", false)]
#[case::another_host("https://b/x/v2.0", false)]
#[case::truncated("https://a/x", false)]
fn response_issuer_with_a_template_accepts_any_one_tenant(
    #[case] iss: &str,
    #[case] accepted: bool,
) {
    let many = ResponseIssuer { issuer: "https://a/{tenantid}/v2.0".into(), required: false };
    assert_eq!(many.accepts(Some(iss)), accepted);
}

#[test]
fn attempt_lifetime_is_15_minutes() {
    assert_eq!(ATTEMPT_LIFETIME.as_secs(), 900);
}
