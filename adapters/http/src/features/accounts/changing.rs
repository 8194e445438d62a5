//! What the calls that change an account have in common.

use std::time::Instant;

use portico_domain::{account::AccountId, secret::SessionId, session::SessionKey};
use warp::reply::Response;

use super::Accounts;
use crate::{
    error::{ErrorCode, Failure, wrong_origin},
    features::elapsed::milliseconds,
    request::{Call, is_allowed_origin},
    response::set_correlation,
};

/// The session of a call that may change it, and the account of its path.
pub(super) async fn session_and_account(
    accounts: &Accounts,
    call: &Call,
) -> Result<(SessionId, AccountId), Failure> {
    let headers = call.headers();
    if !is_allowed_origin(headers, &accounts.destinations) {
        return Err(wrong_origin(headers));
    }
    // Also says why a session is over.
    accounts.sessions.require(call).await?;
    let session = accounts.cookies.session(headers).ok_or(ErrorCode::NoSession)?;
    Ok((session, AccountId::from_text(&*call.parameter)))
}

impl Accounts {
    /// Logs the change, and takes the session's responses out of the cache.
    pub(super) fn concluded(
        &self,
        (session, account, outcome): (&SessionId, &AccountId, &str),
        started: Instant,
        mut response: Response,
    ) -> Response {
        self.sessions.forget(&SessionKey::of(session));
        let correlation = self.correlations.draw();
        let (account, milliseconds) = (account.as_str(), milliseconds(started.elapsed()));
        tracing::info!(account, outcome, milliseconds, correlation, "account");
        set_correlation(&mut response, &correlation);
        response
    }
}
