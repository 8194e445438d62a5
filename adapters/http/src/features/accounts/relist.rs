//! `POST /api/accounts/{id}/refresh`: lists an account again.

use std::time::Instant;

use portico_domain::{
    account::ListingState,
    session::SessionKey,
    use_cases::{ListedAgain, ListingError, TokenError},
};
use serde::Serialize;
use warp::{
    http::StatusCode,
    reply::{Reply, Response},
};

use super::{Accounts, changing::session_and_account, view::listing_state};
use crate::{
    error::{ErrorCode, Failure},
    features::failures::{identity_error, provider_error},
    providers::name_of,
    request::Call,
    response::{json, private_json, rfc3339},
};

/// The state of the account's listing. More comes by itself if it is `in_progress`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Relisted<'a> {
    id: &'a str,
    listing: &'static str,
    refreshed_at: String,
}

pub(super) async fn relist(accounts: &Accounts, call: &Call) -> Result<Response, Failure> {
    let (session, account) = session_and_account(accounts, call).await?;
    let started = Instant::now();
    let listed = accounts.listings.run(&SessionKey::of(&session), &account).await;
    if listed.is_err() {
        // The session may have ended meanwhile: then this says why.
        accounts.sessions.require(call).await?;
    }
    let ListedAgain { state, refreshed_at } = listed.map_err(|error| failed(accounts, &error))?;
    let (id, listing) = (account.as_str(), listing_state(state));
    let body = json(&Relisted { id, listing, refreshed_at: rfc3339(refreshed_at) });
    let status = match state {
        ListingState::InProgress => StatusCode::ACCEPTED,
        ListingState::Partial | ListingState::Complete => StatusCode::OK,
    };
    let response = warp::reply::with_status(private_json(body), status).into_response();
    let outcome = if state == ListingState::InProgress { "listing" } else { "listed" };
    Ok(accounts.concluded((&session, &account, outcome), started, response))
}

fn failed(accounts: &Accounts, error: &ListingError) -> Failure {
    let at = |code, provider| {
        Failure::at_provider(code, &name_of(&accounts.sessions.providers, provider)).because(error)
    };
    match error {
        ListingError::NotFound => ErrorCode::UnknownAccount.into(),
        ListingError::Away(provider) => at(ErrorCode::ProviderAway, provider),
        ListingError::Provider(provider, error) => at(provider_error(error), provider),
        ListingError::Token(provider, error) => match error {
            TokenError::NotFound | TokenError::NotOffered(_) => ErrorCode::UnknownAccount.into(),
            TokenError::NeedsSignIn(_) => at(ErrorCode::AccountNeedsSignIn, provider),
            TokenError::Away(_) => at(ErrorCode::ProviderAway, provider),
            TokenError::OtherPerson => at(ErrorCode::SessionOtherPerson, provider),
            TokenError::Failed(error) => at(identity_error(error), provider),
            TokenError::Busy => at(ErrorCode::ListingsOverloaded, provider),
            TokenError::Store(error) => Failure::store(error),
        },
        ListingError::Busy => ErrorCode::ListingsOverloaded.into(),
        ListingError::Store(error) => Failure::store(error),
    }
}
