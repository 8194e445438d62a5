//! What a login that failed tells the person: at its beginning, at its end, and at the question between.

use std::time::Duration;

use portico_domain::{
    identity::{Identifiers, ProviderId},
    login::CallbackRejected,
    ports::IdentityProviderError,
    provider::Problem,
    use_cases::{BeginLoginError, CompleteLoginError, DecideError, LandError, LoginFailed},
};
use warp::http::StatusCode;

use super::{AGAIN, Failure, LATER, OPERATOR, store};

const SETTINGS: &str = "Trying again does not help. Tell whoever runs this Portico: its log says \
                        which setting is wrong.";

/// What the log says of a login that failed.
#[derive(Debug)]
pub(super) struct FailedLogin {
    /// One that is offered.
    pub(super) provider: ProviderId,
    /// Who came back, where a verified answer says so.
    pub(super) person: Option<Identifiers>,
    /// How it ended, where it went on that far.
    pub(super) ended: Option<Ended>,
}

/// How a login ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// The check that failed; the failure's own word where it is `None`.
    pub(super) check: Option<&'static str>,
    /// How long its end took.
    pub(super) milliseconds: u64,
}

impl FailedLogin {
    /// One of which no more is known than its provider.
    pub(super) fn at(provider: ProviderId) -> Self {
        Self { provider, person: None, ended: None }
    }
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

    /// A failed answer of this provider.
    pub(crate) fn login_failed(
        failed: LoginFailed,
        (provider, name): (ProviderId, &str),
        took: Duration,
    ) -> Self {
        let LoginFailed { error, person, .. } = failed;
        let check = match &error {
            CompleteLoginError::Identity(_, IdentityProviderError::Untrue { check, .. }) => {
                Some(*check)
            }
            _ => None,
        };
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let ended = Some(Ended { check, milliseconds });
        Self::complete_login(&error, name).of(FailedLogin { provider, person, ended })
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
            DecideError::NotAllowed(_) => tenant_not_allowed(),
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

fn sign_in_first(name: &str) -> Failure {
    let message = format!("{name} can be connected to a session, and you have none.");
    let advice = "Sign in with another cloud first, then connect this one.";
    Failure::new(StatusCode::UNAUTHORIZED, "sign_in_first", &message, advice)
}

/// A plug-in at fault is not its cloud's fault, and neither is a setting.
fn provider(problem: &Problem, name: &str) -> Failure {
    match problem {
        Problem::Overloaded => Failure::too_many_logins(),
        Problem::Unexpected(_) | Problem::Refused { .. } | Problem::Challenge(_) => untrue(name),
        Problem::Broken(_) | Problem::Setting { .. } | Problem::Other { .. } => broken(name),
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
        IdentityProviderError::Untrue { .. } => untrue(name),
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
        CallbackRejected::Refused(said) => match said.error.as_str() {
            "server_error" | "temporarily_unavailable" => unreachable(name),
            _ => refused(name),
        },
    }
}
