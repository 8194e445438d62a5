//! Maps errors of the login's use cases to failures.

use std::time::Duration;

use portico_domain::{
    identity::ProviderId,
    login::{CallbackRejected, OAuthError},
    ports::IdentityProviderError,
    return_to::ReturnTo,
    use_cases::{BeginLoginError, CompleteLoginError, LoginFailed},
};
use url::Url;

use crate::{
    error::{ErrorCode, ErrorRedirect, FailedCompletion, FailedLogin, Failure},
    features::{
        decision::landing_failed,
        elapsed::milliseconds,
        failures::{identity_error, provider_error},
    },
};

/// The failure of a login that could not begin. `name` is the provider's.
pub(super) fn begin_failed(error: &BeginLoginError, name: &str) -> Failure {
    let code = match error {
        BeginLoginError::UnknownProvider(_) => ErrorCode::UnknownProvider,
        BeginLoginError::NoTenantId(..) => ErrorCode::BadTenant,
        BeginLoginError::SignInFirst => ErrorCode::SignInFirst,
        BeginLoginError::Provider(_, error) => provider_error(error),
        BeginLoginError::Identity(_, error) => identity_error(error),
        BeginLoginError::TooLong(..) => ErrorCode::ProviderInvalid,
        BeginLoginError::Store(error) => error.into(),
    };
    Failure::at_provider(code, name).because(error)
}

/// The failure of a callback. It redirects to the app if `is_app` is true for the login's `return_to`.
pub(super) fn login_failed(
    failed: LoginFailed,
    (provider, name): (ProviderId, &str),
    duration: Duration,
    is_app: impl FnOnce(&Url) -> bool,
) -> Failure {
    let LoginFailed { error, person, return_to } = failed;
    let failure = complete_failed(&error, name);
    let to = return_to.as_ref().map(ReturnTo::url).filter(|url| is_app(url));
    let redirect = to.map(|url| ErrorRedirect {
        to: url.clone(),
        error: oauth_error(failure.code(), &error).to_owned(),
    });
    let check = match &error {
        CompleteLoginError::Identity(_, IdentityProviderError::InvalidResponse { check, .. }) => {
            Some(check.as_str())
        }
        _ => None,
    };
    let completion = Some(FailedCompletion { check, milliseconds: milliseconds(duration) });
    failure.of_login(FailedLogin { provider, person, completion, redirect })
}

/// The OAuth error for the app: the provider's, if it is a registered one; else one for the error code
/// (RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6).
fn oauth_error(code: ErrorCode, error: &CompleteLoginError) -> &str {
    const REGISTERED: [&str; 11] = [
        "access_denied",
        "login_required",
        "interaction_required",
        "consent_required",
        "account_selection_required",
        "temporarily_unavailable",
        "server_error",
        "invalid_request",
        "unauthorized_client",
        "unsupported_response_type",
        "invalid_scope",
    ];
    match error {
        CompleteLoginError::Rejected(CallbackRejected::Refused(refusal))
            if REGISTERED.contains(&refusal.error.as_str()) =>
        {
            &refusal.error
        }
        _ => code.authorization_error(),
    }
}

fn complete_failed(error: &CompleteLoginError, name: &str) -> Failure {
    let code = match error {
        CompleteLoginError::Spent => ErrorCode::UnknownLogin,
        CompleteLoginError::Rejected(rejected) => callback_rejected(rejected),
        CompleteLoginError::UnknownProvider(_) => ErrorCode::UnknownProvider,
        CompleteLoginError::Provider(_, error) => provider_error(error),
        CompleteLoginError::IdentityMadeUp(_) => ErrorCode::ProviderBroken,
        CompleteLoginError::SignInFirst => ErrorCode::SignInFirst,
        CompleteLoginError::Landing(error) => landing_failed(error),
        CompleteLoginError::Identity(_, error) => identity_error(error),
        CompleteLoginError::TenantNotAllowed(_) => ErrorCode::TenantNotAllowed,
        CompleteLoginError::Store(error) => error.into(),
    };
    Failure::at_provider(code, name).because(error)
}

fn callback_rejected(rejected: &CallbackRejected) -> ErrorCode {
    match rejected {
        CallbackRejected::OtherProvider => ErrorCode::OtherProvider,
        CallbackRejected::WrongIssuer => ErrorCode::WrongIssuer,
        CallbackRejected::Refused(refusal) => refused_by_provider(refusal),
    }
}

/// Maps the OAuth error of an authorization response.
fn refused_by_provider(refusal: &OAuthError) -> ErrorCode {
    match refusal.error.as_str() {
        "server_error" | "temporarily_unavailable" => ErrorCode::ProviderUnreachable,
        // Nobody declined: the request had `prompt=none`.
        "login_required" => ErrorCode::NotSignedInThere,
        "interaction_required" | "consent_required" | "account_selection_required" => {
            ErrorCode::InteractionRequired
        }
        _ => ErrorCode::ProviderRefused,
    }
}

#[cfg(test)]
mod tests {
    use portico_domain::use_cases::LandError;
    use rstest::rstest;

    use super::*;

    fn refused(error: &str) -> CompleteLoginError {
        let refusal = OAuthError { error: error.into(), ..OAuthError::default() };
        CompleteLoginError::Rejected(CallbackRejected::Refused(refusal))
    }

    #[rstest]
    #[case::login_required(refused("login_required"), "login_required")]
    #[case::consent_required(refused("consent_required"), "consent_required")]
    #[case::server_error(refused("server_error"), "server_error")]
    #[case::invalid_scope(refused("invalid_scope"), "invalid_scope")]
    #[case::empty(refused(""), "access_denied")]
    #[case::other_case(refused("Login_Required"), "access_denied")]
    #[case::injection(refused("a&error=b"), "access_denied")]
    #[case::not_ascii(refused("\u{17c}"), "access_denied")]
    #[case::sign_in_first(CompleteLoginError::SignInFirst, "login_required")]
    #[case::contended(CompleteLoginError::Landing(LandError::Contended), "temporarily_unavailable")]
    #[case::made_up(
        CompleteLoginError::IdentityMadeUp(ProviderId::parse("azure").unwrap()),
        "server_error"
    )]
    fn oauth_error_is_the_registered_error_or_that_of_the_code(
        #[case] error: CompleteLoginError,
        #[case] expected: &str,
    ) {
        assert_eq!(oauth_error(complete_failed(&error, "Azure").code(), &error), expected);
    }
}
