//! `DELETE /api/accounts/{id}` and `POST /api/accounts/{id}/restore`.

use std::time::Instant;

use portico_domain::use_cases::DisconnectError;
use serde::Serialize;
use warp::{
    http::StatusCode,
    reply::{Reply, Response},
};

use super::{Accounts, changing::session_and_account};
use crate::{
    error::{ErrorCode, Failure},
    request::Call,
    response::{json, private_json, rfc3339},
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
    Ok(accounts.concluded((&session, &account, "disconnected"), started, response))
}

pub(super) async fn restore(accounts: &Accounts, call: &Call) -> Result<Response, Failure> {
    let (session, account) = session_and_account(accounts, call).await?;
    let started = Instant::now();
    accounts.disconnect_account.restore(&session, &account).await.map_err(failed)?;
    let response = warp::reply::with_status(warp::reply(), StatusCode::NO_CONTENT).into_response();
    Ok(accounts.concluded((&session, &account, "restored"), started, response))
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
