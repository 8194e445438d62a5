//! `DELETE /api/accounts/{id}` and `POST /api/accounts/{id}/restore`.

use std::time::Instant;

use portico_domain::{
    account::AccountId, secret::SessionId, session::SessionKey, use_cases::DisconnectError,
};
use serde::Serialize;
use warp::{
    http::StatusCode,
    reply::{Reply, Response},
};

use super::Accounts;
use crate::{
    error::{ErrorCode, Failure, wrong_origin},
    features::elapsed::milliseconds,
    request::{Call, is_allowed_origin},
    response::{json, private_json, rfc3339, set_correlation},
};

/// Where and until when a disconnected account can be restored.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Disconnected<'a> {
    id: &'a str,
    restorable_until: String,
    restore: String,
}

pub(super) async fn disconnect(accounts: &Accounts, call: &Call) -> Result<Response, Failure> {
    let (session, account) = session_and_account(accounts, call).await?;
    let started = Instant::now();
    let until = accounts.disconnect_account.run(&session, &account).await.map_err(failed)?;
    let id = account.as_str();
    let restore = format!("/api/accounts/{id}/restore");
    let body = Disconnected { id, restorable_until: rfc3339(until), restore };
    let response = private_json(json(&body));
    Ok(concluded(accounts, (&session, &account, "disconnected"), started, response))
}

pub(super) async fn restore(accounts: &Accounts, call: &Call) -> Result<Response, Failure> {
    let (session, account) = session_and_account(accounts, call).await?;
    let started = Instant::now();
    accounts.disconnect_account.restore(&session, &account).await.map_err(failed)?;
    let response = warp::reply::with_status(warp::reply(), StatusCode::NO_CONTENT).into_response();
    Ok(concluded(accounts, (&session, &account, "restored"), started, response))
}

/// The session of a call that may change it, and the account of its path.
async fn session_and_account(
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

fn failed(error: DisconnectError) -> Failure {
    match &error {
        DisconnectError::NoSession => ErrorCode::NoSession.into(),
        DisconnectError::UnknownAccount => ErrorCode::UnknownAccount.into(),
        DisconnectError::OwnAccount => ErrorCode::OwnAccount.into(),
        DisconnectError::TooManyAccounts => ErrorCode::TooManyAccounts.into(),
        DisconnectError::Contended => ErrorCode::Busy.into(),
        DisconnectError::Store(error) => Failure::store(error),
    }
}

/// Logs the change, and takes the session's responses out of the cache.
fn concluded(
    accounts: &Accounts,
    (session, account, outcome): (&SessionId, &AccountId, &str),
    started: Instant,
    mut response: Response,
) -> Response {
    accounts.sessions.forget(&SessionKey::of(session));
    let correlation = accounts.correlations.draw();
    let (account, milliseconds) = (account.as_str(), milliseconds(started.elapsed()));
    tracing::info!(account, outcome, milliseconds, correlation, "account");
    set_correlation(&mut response, &correlation);
    response
}
