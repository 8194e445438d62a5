//! OpenID Connect Back-Channel Logout 1.0: the provider's server sends a logout token.
//!
//! Every fault of a logout is answered 400, also if the provider's keys or the store cannot be reached:
//! section 2.8 requires it for a logout that failed, and providers look at nothing else. `Retry-After`
//! says where it may be sent again.

use std::time::Instant;

use portico_domain::{
    check::Check, identity::ProviderId, ports::IdentityProviderError, provider::Availability,
    secret::LogoutToken, use_cases::LogoutTokenError,
};
use warp::{
    http::{HeaderValue, header},
    reply::{Reply, Response},
};

use super::ProviderLogout;
use crate::{
    error::{ErrorCode, FailedCompletion, FailedLogin, Failure},
    features::elapsed::milliseconds,
    request::{Call, Query},
    response::set_correlation,
};

/// When a logout that failed may be sent again, in seconds.
const RETRY_AFTER: u32 = 10;

const FORM: &[u8] = b"application/x-www-form-urlencoded";

/// Why a logout failed.
enum Fault {
    NoToken,
    ProviderAway,
    Token(LogoutTokenError),
}

impl ProviderLogout {
    /// 200 with an empty body, also if nothing was ended: whether somebody is signed in is not the
    /// provider's business (section 2.8).
    pub(super) async fn back_channel(&self, call: &Call) -> Result<Response, Failure> {
        let begun = Instant::now();
        let (provider, availability) = self.provider(call)?;
        let token = logout_token(call)?;
        let ended = match (token, availability) {
            (None, _) => Err(Fault::NoToken),
            (Some(_), Availability::Away | Availability::Gone) => Err(Fault::ProviderAway),
            (Some(token), Availability::Offered(_)) => {
                self.log_out.by_token(&provider, &token).await.map_err(Fault::Token)
            }
        };
        let ended = ended.map_err(|fault| failure(&fault, &provider, begun))?;
        let correlation = self.correlations.draw();
        self.log(call, ended, &provider, &correlation);
        let mut response = warp::reply().into_response();
        let no_store = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, no_store);
        set_correlation(&mut response, &correlation);
        Ok(response)
    }
}

/// The `logout_token` of the form (section 2.5); `None` if there is none.
fn logout_token(call: &Call) -> Result<Option<LogoutToken>, Failure> {
    let content_type = call.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if !content_type.is_some_and(|it| it.to_ascii_lowercase().starts_with(FORM)) {
        return Ok(None);
    }
    let Ok(text) = std::str::from_utf8(&call.body) else { return Ok(None) };
    Ok(Query::parse(text)?.take("logout_token").map(LogoutToken::new))
}

fn failure(fault: &Fault, provider: &ProviderId, begun: Instant) -> Failure {
    let (failure, check) = match fault {
        Fault::NoToken => (ErrorCode::InvalidLogoutToken.into(), Some(Check::LogoutTokenMissing)),
        Fault::ProviderAway => (undone(), None),
        Fault::Token(LogoutTokenError::UnknownProvider) => {
            (ErrorCode::UnknownProvider.into(), None)
        }
        Fault::Token(error) => {
            let check = check(error);
            let failure = match check {
                Some(check) if is_of_token(check) => Failure::from(ErrorCode::InvalidLogoutToken),
                _ => undone(),
            };
            (failure.because(error), check)
        }
    };
    let completion = Some(FailedCompletion {
        check: check.map(Check::as_str),
        milliseconds: milliseconds(begun.elapsed()),
    });
    let provider = provider.clone();
    failure.of_login(FailedLogin { provider, person: None, completion, redirect: None })
}

fn undone() -> Failure {
    Failure::from(ErrorCode::LogoutUndone).retry_after(RETRY_AFTER)
}

/// The check that failed, if it is one.
fn check(error: &LogoutTokenError) -> Option<Check> {
    match error {
        LogoutTokenError::Token(
            IdentityProviderError::InvalidResponse { check, .. }
            | IdentityProviderError::ClockDiffers { check, .. },
        ) => Some(*check),
        _ => None,
    }
}

/// Whether the check is of the token, and not of the discovery document or the keys.
fn is_of_token(check: Check) -> bool {
    let name = check.as_str();
    check == Check::Identity
        || ["id_token_", "logout_token_"].iter().any(|prefix| name.starts_with(prefix))
}
