//! What a login that failed tells the person: at its beginning, at its end, and at the question between.

use std::time::Duration;

use portico_domain::{
    identity::{Identifiers, ProviderId},
    login::{CallbackRejected, OAuthError},
    ports::IdentityProviderError,
    provider::ProviderError,
    return_to::ReturnTo,
    use_cases::{BeginLoginError, CompleteLoginError, DecideError, LandError, LoginFailed},
};
use url::Url;
use warp::{http::StatusCode, reply::Response};

use super::{AGAIN, Failure, LATER, OPERATOR, store};
use crate::handlers::login::redirect;

const SETTINGS: &str = "Trying again does not help. Tell whoever runs this Portico: its log says \
                        which setting is wrong.";

/// What the log says of a login that failed, and where its browser goes.
#[derive(Debug)]
pub(super) struct FailedLogin {
    /// The one that it was begun with, or an offered one that its path names: no text of anybody's.
    pub(super) provider: ProviderId,
    /// Who came back, where a verified answer says so.
    pub(super) person: Option<Identifiers>,
    /// How it ended, where it went on that far.
    pub(super) ended: Option<Ended>,
    /// Where the browser goes with the error, where an app asked for that.
    pub(super) back: Option<SentBack>,
}

/// How a login ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// The check that failed; the failure's own word where it is `None`.
    pub(super) check: Option<&'static str>,
    /// How long its end took.
    pub(super) milliseconds: u64,
}

/// Where a browser goes with an error.
#[derive(Debug)]
pub(super) struct SentBack {
    pub(super) to: Url,
    pub(super) error: String,
}

impl FailedLogin {
    /// One of which no more is known than its provider.
    pub(super) fn at(provider: ProviderId) -> Self {
        Self { provider, person: None, ended: None, back: None }
    }
}

/// 302 to where the login was to end, with the error as an app reads it (RFC 6749 section 4.1.2.1)
/// and in Portico's own words. `None` where no header can hold that.
pub(super) fn redirect_with_error(
    to: &Url,
    error: &str,
    description: &str,
    correlation: &str,
) -> Option<Response> {
    const OURS: [&str; 3] = ["error", "error_description", "correlation"];
    let is_ours = |name: &str| OURS.contains(&name);
    let mut url = to.clone();
    let mut query = url.query_pairs_mut();
    // An app reads each of them once. Anything else of its address stays as it is spelled.
    if to.query_pairs().any(|(name, _)| is_ours(&name)) {
        query.clear().extend_pairs(to.query_pairs().filter(|(name, _)| !is_ours(name)));
    }
    query.extend_pairs(OURS.into_iter().zip([error, description, correlation]));
    drop(query);
    redirect(&url).ok()
}

impl Failure {
    /// A failed use case of a login with this provider.
    pub(crate) fn begin_login(error: &BeginLoginError, name: &str) -> Self {
        let failure = match error {
            BeginLoginError::UnknownProvider(_) => Self::unknown_provider(),
            BeginLoginError::NoTenantId(..) => {
                let message = "The parameter tenant is not a tenant's id or name.";
                Self::bad_request("bad_parameter", message)
            }
            BeginLoginError::SignInFirst => sign_in_first(name),
            BeginLoginError::Provider(_, problem) => provider(problem, name),
            BeginLoginError::Identity(_, error) => identity(error, name),
            BeginLoginError::TooLong(..) => untrue(name),
            BeginLoginError::Store(error) => store(error),
        };
        failure.because(error)
    }

    /// A failed answer of this provider. The browser goes back to the app where `hears` says so of
    /// the place that was asked for.
    pub(crate) fn login_failed(
        failed: LoginFailed,
        (provider, name): (ProviderId, &str),
        took: Duration,
        hears: impl FnOnce(&Url) -> bool,
    ) -> Self {
        let LoginFailed { error, person, return_to } = failed;
        let failure = Self::complete_login(&error, name);
        let to = return_to.as_ref().map(ReturnTo::url).filter(|url| hears(url));
        let back = to.map(|url| SentBack { to: url.clone(), error: failure.oauth_word(&error) });
        let check = match &error {
            CompleteLoginError::Identity(
                _,
                IdentityProviderError::InvalidResponse { check, .. },
            ) => Some(check.as_str()),
            _ => None,
        };
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let ended = Some(Ended { check, milliseconds });
        failure.of(FailedLogin { provider, person, ended, back })
    }

    /// What an app is told: the provider's own word where it is a registered one, else the one that
    /// fits what happened (RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6).
    fn oauth_word(&self, error: &CompleteLoginError) -> String {
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
        let said = match error {
            CompleteLoginError::Rejected(CallbackRejected::Refused(said)) => said.error.as_str(),
            _ => "",
        };
        let word = match self.status {
            _ if REGISTERED.contains(&said) => said,
            StatusCode::UNAUTHORIZED => "login_required",
            StatusCode::FORBIDDEN if self.code != "registration_refused" => "access_denied",
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                "temporarily_unavailable"
            }
            _ => "server_error",
        };
        word.to_owned()
    }

    fn complete_login(error: &CompleteLoginError, name: &str) -> Self {
        let failure = match error {
            CompleteLoginError::Spent => Self::unknown_login(),
            CompleteLoginError::Rejected(rejected) => callback_rejected(rejected, name),
            CompleteLoginError::UnknownProvider(_) => Self::unknown_provider(),
            CompleteLoginError::Provider(_, problem) => provider(problem, name),
            CompleteLoginError::IdentityMadeUp(_) => broken(name),
            CompleteLoginError::SignInFirst => sign_in_first(name),
            CompleteLoginError::Landing(error) => landing(error, name),
            CompleteLoginError::Identity(_, error) => identity(error, name),
            CompleteLoginError::TenantNotAllowed(_) => tenant_not_allowed(),
            CompleteLoginError::Store(error) => store(error),
        };
        failure.because(error)
    }

    /// A choice that decides nothing.
    pub(crate) fn decide_login(error: &DecideError, name: &str) -> Self {
        let failure = match error {
            DecideError::NothingAsked => Self::bad_answer(
                "nothing_to_decide",
                "There is nothing to choose: it was chosen already, or took longer than 10 minutes.",
            ),
            DecideError::AskedElsewhere => Self::bad_answer(
                "other_decision",
                "This choice is about another sign-in, or about a session that you do not have now.",
            ),
            DecideError::NotOffered(id) => no_longer_offered(id),
            DecideError::Away(id) => Self::not_loaded(id.as_str()),
            DecideError::TenantNotAllowed(_) => tenant_not_allowed(),
            DecideError::Store(error) => store(error),
            DecideError::Landing(error) => landing(error, name),
        };
        failure.because(error)
    }
}

/// A login that succeeded and has no session.
fn landing(error: &LandError, name: &str) -> Failure {
    match error {
        LandError::Ended => {
            let message = "Your session ended while you were signing in, so nothing was changed.";
            Failure::new(StatusCode::UNAUTHORIZED, "session_ended", message, AGAIN)
        }
        LandError::SignInFirst => sign_in_first(name),
        LandError::TooManyAccounts => {
            let message = "Your session has as many accounts as it may have.";
            let advice = "Sign out and connect those that you need.";
            Failure::new(StatusCode::FORBIDDEN, "too_many_accounts", message, advice)
        }
        LandError::Store(error) => store(error),
        LandError::Contended => {
            let message = "Your session was changed from elsewhere at the same time.";
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message, AGAIN).retry_after(1)
        }
    }
}

fn tenant_not_allowed() -> Failure {
    let message = "Your organisation's directory (tenant) may not sign in here.";
    let advice = "Sign in with an account of an organisation that may, or ask whoever runs this \
                  Portico to allow yours.";
    Failure::new(StatusCode::FORBIDDEN, "tenant_not_allowed", message, advice)
}

/// The provider went while its login waited for a choice: with it went its name.
fn no_longer_offered(id: &ProviderId) -> Failure {
    let message =
        format!("Signing in with {id} is no longer offered here, so nothing was changed.");
    let advice = "Sign in with another cloud, or ask whoever runs this Portico.";
    Failure::new(StatusCode::NOT_FOUND, "unknown_provider", &message, advice)
}

fn sign_in_first(name: &str) -> Failure {
    let message = format!("{name} can be connected to a session, and you have none.");
    let advice = "Sign in with another cloud first, then connect this one.";
    Failure::new(StatusCode::UNAUTHORIZED, "sign_in_first", &message, advice)
}

/// A plug-in at fault is not its cloud's fault, and neither is a setting.
fn provider(problem: &ProviderError, name: &str) -> Failure {
    match problem {
        ProviderError::Overloaded => Failure::too_many_logins(),
        ProviderError::Unexpected(_)
        | ProviderError::Refused { .. }
        | ProviderError::Challenge(_) => untrue(name),
        ProviderError::Broken(_) | ProviderError::Setting { .. } | ProviderError::Other { .. } => {
            broken(name)
        }
    }
}

fn broken(name: &str) -> Failure {
    let message = format!("The plug-in for {name} failed.");
    // It does the same again: to come again later helps nobody.
    let advice = "Tell whoever runs this Portico: the log says what is wrong with the plug-in.";
    Failure::new(StatusCode::BAD_GATEWAY, "provider_broken", &message, advice)
}

fn untrue(name: &str) -> Failure {
    let message = format!("{name} answered something that Portico cannot trust or read.");
    Failure::new(StatusCode::BAD_GATEWAY, "provider_untrue", &message, OPERATOR)
}

/// No `Retry-After`: nothing gets better by waiting.
fn misconfigured(name: &str) -> Failure {
    let message = format!("Signing in with {name} is not set up rightly here.");
    Failure::new(StatusCode::BAD_GATEWAY, "provider_misconfigured", &message, SETTINGS)
}

fn clock_differs(name: &str) -> Failure {
    let message = format!("The clock of {name} and the one here differ too much to sign you in.");
    let advice = "Tell whoever runs this Portico: one of the two clocks has to be set right.";
    Failure::new(StatusCode::BAD_GATEWAY, "clock_differs", &message, advice)
}

fn refused(name: &str) -> Failure {
    let message = format!("{name} did not let you sign in, or you declined.");
    let advice = "Sign in again and accept what is asked, or ask your administrator for access.";
    Failure::new(StatusCode::FORBIDDEN, "provider_refused", &message, advice)
}

fn registration_refused(name: &str) -> Failure {
    let message = format!("{name} does not accept Portico's own registration.");
    let advice = "Tell whoever runs this Portico: its client secret may be wrong or have expired.";
    Failure::new(StatusCode::FORBIDDEN, "registration_refused", &message, advice)
}

fn unreachable(name: &str) -> Failure {
    let message = format!("{name} cannot be reached now.");
    let status = StatusCode::SERVICE_UNAVAILABLE;
    Failure::new(status, "provider_unreachable", &message, LATER).retry_after(10)
}

fn identity(error: &IdentityProviderError, name: &str) -> Failure {
    match error {
        IdentityProviderError::InvalidResponse { .. } => untrue(name),
        IdentityProviderError::Misconfigured(_) => misconfigured(name),
        IdentityProviderError::ClockDiffers { .. } => clock_differs(name),
        // The provider refused Portico, not the person (RFC 6749 section 5.2).
        IdentityProviderError::Refused { said, .. }
            if matches!(said.error.as_str(), "invalid_client" | "unauthorized_client") =>
        {
            registration_refused(name)
        }
        IdentityProviderError::Refused { .. } => refused(name),
        IdentityProviderError::Unreachable(_) => unreachable(name),
        IdentityProviderError::TimedOut(_) => {
            let message = format!("{name} did not answer in time.");
            Failure::new(StatusCode::GATEWAY_TIMEOUT, "provider_timeout", &message, LATER)
        }
    }
}

fn callback_rejected(rejected: &CallbackRejected, name: &str) -> Failure {
    match rejected {
        CallbackRejected::OtherProvider => Failure::bad_answer(
            "other_provider",
            "This answer belongs to a sign-in with another provider.",
        ),
        CallbackRejected::WrongIssuer => Failure::bad_answer(
            "wrong_issuer",
            "This answer does not come from the provider that was asked.",
        ),
        CallbackRejected::Refused(said) => provider_said(said, name),
    }
}

/// What the provider sent the browser back with.
fn provider_said(said: &OAuthError, name: &str) -> Failure {
    let not_asked = |message: String, advice| {
        Failure::new(StatusCode::FORBIDDEN, "provider_refused", &message, advice)
    };
    match said.error.as_str() {
        "server_error" | "temporarily_unavailable" => unreachable(name),
        // Nobody declined: the provider was asked not to ask (`prompt=none`).
        "login_required" => not_asked(
            format!("You are not signed in at {name}, which was asked not to have you sign in."),
            "Sign in.",
        ),
        "interaction_required" | "consent_required" | "account_selection_required" => not_asked(
            format!("{name} has to ask you something first, and was asked not to."),
            "Sign in again, and answer what it asks.",
        ),
        _ => refused(name),
    }
}

#[cfg(test)]
mod tests {
    use portico_domain::identity::TenantId;
    use warp::http::header::LOCATION;

    use super::*;

    fn sent_to(to: &str) -> String {
        let to = Url::parse(to).unwrap();
        let answer = redirect_with_error(&to, "access_denied", "No & no.", "0f").unwrap();
        answer.headers()[LOCATION].to_str().unwrap().to_owned()
    }

    #[test]
    fn an_error_stands_behind_what_the_address_has_and_once() {
        let error = "error=access_denied&error_description=No+%26+no.&correlation=0f";
        for (to, sent) in [
            ("https://app.example/", format!("https://app.example/?{error}")),
            ("https://app.example/a?b=c%20d#e", format!("https://app.example/a?b=c%20d&{error}#e")),
            ("https://app.example/?x", format!("https://app.example/?x&{error}")),
            (
                "https://app.example/?error=a&b=c&%65rror=d",
                format!("https://app.example/?b=c&{error}"),
            ),
            ("https://app.example/?correlation=1", format!("https://app.example/?{error}")),
        ] {
            assert_eq!(sent_to(to), sent);
        }
    }

    #[test]
    fn a_word_is_the_providers_own_where_it_is_registered_and_ours_otherwise() {
        let refused = |error: &str| {
            let said = OAuthError { error: error.into(), description: None };
            let error = CompleteLoginError::Rejected(CallbackRejected::Refused(said));
            Failure::complete_login(&error, "Azure").oauth_word(&error)
        };
        for word in ["login_required", "consent_required", "server_error", "invalid_scope"] {
            assert_eq!(refused(word), word);
        }
        for other in ["", "Login_Required", "a&error=b", "\u{17c}"] {
            assert_eq!(refused(other), "access_denied", "{other}");
        }
        let word =
            |error: CompleteLoginError| Failure::complete_login(&error, "A").oauth_word(&error);
        assert_eq!(word(CompleteLoginError::SignInFirst), "login_required");
        let landing = CompleteLoginError::Landing(LandError::Contended);
        assert_eq!(word(landing), "temporarily_unavailable");
        let azure = ProviderId::parse("azure").unwrap();
        assert_eq!(word(CompleteLoginError::IdentityMadeUp(azure)), "server_error");
    }

    #[test]
    fn a_choice_is_refused_for_the_provider_or_for_the_tenant_whichever_has_gone() {
        let id = || ProviderId::parse("github").unwrap();
        let tenant = TenantId::parse("contoso").unwrap();
        for (error, status, code, words) in [
            (DecideError::NotOffered(id()), 404, "unknown_provider", "github is no longer offered"),
            (DecideError::Away(id()), 503, "provider_away", "github is not ready"),
            (
                DecideError::TenantNotAllowed(tenant),
                403,
                "tenant_not_allowed",
                "directory (tenant)",
            ),
        ] {
            let failure = Failure::decide_login(&error, "");
            assert_eq!((failure.status.as_u16(), failure.code), (status, code));
            assert!(failure.message.contains(words), "{}", failure.message);
        }
    }
}
