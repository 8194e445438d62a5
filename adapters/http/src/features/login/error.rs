//! The errors of the use cases of a login as failures.

use std::time::Duration;

use portico_domain::{
    identity::ProviderId,
    login::{CallbackRejected, OAuthError},
    ports::IdentityProviderError,
    provider::ProviderError,
    return_to::ReturnTo,
    use_cases::{BeginLoginError, CompleteLoginError, LoginFailed},
};
use url::Url;

use crate::{
    error::{Ended, ErrorCode, FailedLogin, Failure, SentBack},
    features::{decision::landing_failed, elapsed::milliseconds},
};

/// A login that could not begin, with the provider of this name.
pub(super) fn begin_failed(error: &BeginLoginError, name: &str) -> Failure {
    let code = match error {
        BeginLoginError::UnknownProvider(_) => ErrorCode::UnknownProvider,
        BeginLoginError::NoTenantId(..) => ErrorCode::BadTenant,
        BeginLoginError::SignInFirst => ErrorCode::SignInFirst,
        BeginLoginError::Provider(_, problem) => provider(problem),
        BeginLoginError::Identity(_, error) => identity(error),
        BeginLoginError::TooLong(..) => ErrorCode::ProviderUntrue,
        BeginLoginError::Store(error) => error.into(),
    };
    Failure::at_provider(code, name).because(error)
}

/// A failed answer of this provider. The browser goes back to the app where `hears` says so of the
/// place that was asked for.
pub(super) fn login_failed(
    failed: LoginFailed,
    (provider, name): (ProviderId, &str),
    took: Duration,
    hears: impl FnOnce(&Url) -> bool,
) -> Failure {
    let LoginFailed { error, person, return_to } = failed;
    let failure = complete_failed(&error, name);
    let to = return_to.as_ref().map(ReturnTo::url).filter(|url| hears(url));
    let back = to.map(|url| SentBack {
        to: url.clone(),
        error: oauth_word(failure.code(), &error).to_owned(),
    });
    let check = match &error {
        CompleteLoginError::Identity(_, IdentityProviderError::InvalidResponse { check, .. }) => {
            Some(check.as_str())
        }
        _ => None,
    };
    let ended = Some(Ended { check, milliseconds: milliseconds(took) });
    failure.of(FailedLogin { provider, person, ended, back })
}

/// What an app is told: the provider's own word where it is a registered one, else the one that fits
/// what happened (RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6).
fn oauth_word(code: ErrorCode, error: &CompleteLoginError) -> &str {
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
        CompleteLoginError::Rejected(CallbackRejected::Refused(said))
            if REGISTERED.contains(&said.error.as_str()) =>
        {
            &said.error
        }
        _ => code.authorization_error(),
    }
}

fn complete_failed(error: &CompleteLoginError, name: &str) -> Failure {
    let code = match error {
        CompleteLoginError::Spent => ErrorCode::UnknownLogin,
        CompleteLoginError::Rejected(rejected) => callback_rejected(rejected),
        CompleteLoginError::UnknownProvider(_) => ErrorCode::UnknownProvider,
        CompleteLoginError::Provider(_, problem) => provider(problem),
        CompleteLoginError::IdentityMadeUp(_) => ErrorCode::ProviderBroken,
        CompleteLoginError::SignInFirst => ErrorCode::SignInFirst,
        CompleteLoginError::Landing(error) => landing_failed(error),
        CompleteLoginError::Identity(_, error) => identity(error),
        CompleteLoginError::TenantNotAllowed(_) => ErrorCode::TenantNotAllowed,
        CompleteLoginError::Store(error) => error.into(),
    };
    Failure::at_provider(code, name).because(error)
}

/// A plug-in at fault is not its cloud's fault, and neither is a setting.
fn provider(problem: &ProviderError) -> ErrorCode {
    match problem {
        ProviderError::Overloaded => ErrorCode::LoginsOverloaded,
        ProviderError::Unexpected(_)
        | ProviderError::Refused { .. }
        | ProviderError::Challenge(_) => ErrorCode::ProviderUntrue,
        // It does the same again: to come again later helps nobody.
        ProviderError::Broken(_) | ProviderError::Setting { .. } | ProviderError::Other { .. } => {
            ErrorCode::ProviderBroken
        }
    }
}

fn identity(error: &IdentityProviderError) -> ErrorCode {
    match error {
        IdentityProviderError::InvalidResponse { .. } => ErrorCode::ProviderUntrue,
        IdentityProviderError::Misconfigured(_) => ErrorCode::ProviderMisconfigured,
        IdentityProviderError::ClockDiffers { .. } => ErrorCode::ClockDiffers,
        // The provider refused Portico, not the person (RFC 6749 section 5.2).
        IdentityProviderError::Refused { said, .. }
            if matches!(said.error.as_str(), "invalid_client" | "unauthorized_client") =>
        {
            ErrorCode::RegistrationRefused
        }
        IdentityProviderError::Refused { .. } => ErrorCode::ProviderRefused,
        IdentityProviderError::Unreachable(_) => ErrorCode::ProviderUnreachable,
        IdentityProviderError::TimedOut(_) => ErrorCode::ProviderTimeout,
    }
}

fn callback_rejected(rejected: &CallbackRejected) -> ErrorCode {
    match rejected {
        CallbackRejected::OtherProvider => ErrorCode::OtherProvider,
        CallbackRejected::WrongIssuer => ErrorCode::WrongIssuer,
        CallbackRejected::Refused(said) => provider_said(said),
    }
}

/// What the provider sent the browser back with.
fn provider_said(said: &OAuthError) -> ErrorCode {
    match said.error.as_str() {
        "server_error" | "temporarily_unavailable" => ErrorCode::ProviderUnreachable,
        // Nobody declined: the provider was asked not to ask (`prompt=none`).
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

    use super::*;

    #[test]
    fn a_word_is_the_providers_own_where_it_is_registered_and_ours_otherwise() {
        let word = |error: CompleteLoginError| {
            oauth_word(complete_failed(&error, "Azure").code(), &error).to_owned()
        };
        let refused = |error: &str| {
            let said = OAuthError { error: error.into(), description: None };
            let error = CompleteLoginError::Rejected(CallbackRejected::Refused(said));
            word(error)
        };
        for word in ["login_required", "consent_required", "server_error", "invalid_scope"] {
            assert_eq!(refused(word), word);
        }
        for other in ["", "Login_Required", "a&error=b", "\u{17c}"] {
            assert_eq!(refused(other), "access_denied", "{other}");
        }
        assert_eq!(word(CompleteLoginError::SignInFirst), "login_required");
        let landing = CompleteLoginError::Landing(LandError::Contended);
        assert_eq!(word(landing), "temporarily_unavailable");
        let azure = ProviderId::parse("azure").unwrap();
        assert_eq!(word(CompleteLoginError::IdentityMadeUp(azure)), "server_error");
    }
}
