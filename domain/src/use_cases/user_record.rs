//! Fetches user records: documents about the owner of a token, beside an ID token or instead of one.

use std::time::Duration;

use thiserror::Error;

use super::list_resources::watching;

use crate::{
    check::Check,
    identity::Claims,
    ports::{Fetch, FetchFailure, IdentityProviderError},
    provider::{
        CallError, Credential, FetchError, Method, Permission, Principal, Registration, Request,
        SignIn, UserRecord, headers,
    },
    secret::AccessToken,
    verified_claims::VerifiedClaims,
};

/// The timeout of the request.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest record, in bytes: the session stores it and apps read it.
const MAX_RECORD_BYTES: u64 = 16 << 10;

/// Why the person cannot be identified.
#[derive(Debug, Error)]
pub(super) enum UserRecordError {
    /// The provider's declaration does not permit the request.
    #[error(transparent)]
    Provider(#[from] CallError),
    /// The cloud's response failed or is invalid.
    #[error(transparent)]
    Cloud(#[from] IdentityProviderError),
}

/// The claims about the person with this token: those of the ID token, if there is one, with every
/// declared user record. A record is fetched under the permission that it names, and is refused if it
/// echoes the token.
pub(super) async fn claims(
    provider: &Registration,
    sign_in: &SignIn,
    id_token: Option<VerifiedClaims>,
    person: &AccessToken,
) -> Result<VerifiedClaims, UserRecordError> {
    let mut claims = id_token.map(VerifiedClaims::into_claims);
    for record in &sign_in.user_records {
        let fetched = fetch(provider, record, person).await?;
        claims = Some(match (claims, &record.member) {
            (None, None) => fetched,
            (Some(claims), Some(member)) => with_member(&claims, member, &fetched)?,
            // The check of the declaration refuses this when it is loaded.
            (None, Some(_)) | (Some(_), None) => {
                let why = format!("its user record at {} has no place in the claims", record.url);
                return Err(CallError::Broken(why).into());
            }
        });
    }
    let none = "people sign in, and there is neither an ID token nor a user record";
    let claims = claims.ok_or_else(|| CallError::Broken(none.into()))?;
    Ok(VerifiedClaims::assertion(claims))
}

/// The claims with a record as one more member.
fn with_member(claims: &Claims, member: &str, record: &Claims) -> Result<Claims, UserRecordError> {
    let mut members = claims.members();
    let former = members.insert(member.to_owned(), record.members().into());
    if former.is_some() {
        return Err(invalid(format!("the claims have a member {member} already")).into());
    }
    let text = serde_json::Value::Object(members).to_string();
    if text.len() as u64 > MAX_RECORD_BYTES {
        return Err(
            invalid(format!("the user records have more than {MAX_RECORD_BYTES} bytes")).into()
        );
    }
    Claims::parse(text).map_err(|_| invalid("the user record is not a JSON object".into()).into())
}

async fn fetch(
    provider: &Registration,
    record: &UserRecord,
    person: &AccessToken,
) -> Result<Claims, UserRecordError> {
    let permission = permission_of(provider, record)?;
    let request = Request {
        id: 0,
        method: Method::Get,
        url: record.url.clone(),
        headers: record.headers.clone(),
        body: None,
        credential: Some(Credential { permission: record.permission.clone(), tenant: None }),
    };
    let fetch = Fetch {
        token: Some((person, &permission.placement)),
        secret_headers: provider.secret_headers(permission),
        request_headers: &permission.request_headers,
        ..Fetch::of(&request, TIMEOUT, MAX_RECORD_BYTES)
    };
    let mut reply = provider.api.fetch(fetch).await.map_err(failed)?;
    // Drop headers that only a permission could declare.
    reply.headers = headers::split(reply.headers, &[]).0;
    if reply.status != 200 {
        return Err(invalid(format!("the user record came with status {}", reply.status)).into());
    }
    if watching(provider, person).is_in(&reply) {
        let detail = "the user record contains the token, or a secret of the operator's, of its \
                      request"
            .into();
        return Err(
            IdentityProviderError::InvalidResponse { check: Check::EchoedToken, detail }.into()
        );
    }
    let claims = Claims::parse(reply.body);
    Ok(claims.map_err(|_| invalid("the user record is not a JSON object".into()))?)
}

fn permission_of<'a>(
    provider: &'a Registration,
    record: &UserRecord,
) -> Result<&'a Permission, CallError> {
    let permissions = &provider.cloud.descriptor().permissions;
    let covers = |permission: &&Permission| {
        permission.name == record.permission
            && permission.principal == Principal::SignedInUser
            && permission.covers(Method::Get, &record.url)
    };
    permissions.iter().find(covers).ok_or_else(|| {
        let why = format!("its user record is not covered by its grant {:?}", record.permission);
        CallError::Broken(why)
    })
}

fn failed(failure: FetchFailure) -> IdentityProviderError {
    let detail = format!("the user record: {}", failure.detail);
    match failure.error {
        FetchError::TimedOut => IdentityProviderError::TimedOut(detail),
        FetchError::Unreachable => IdentityProviderError::Unreachable(detail),
        FetchError::NotGranted
        | FetchError::NoToken
        | FetchError::TokenRefused(_)
        | FetchError::Refused
        | FetchError::TooLarge
        | FetchError::BudgetSpent => invalid(detail),
    }
}

fn invalid(detail: String) -> IdentityProviderError {
    IdentityProviderError::InvalidResponse { check: Check::UserRecord, detail }
}

#[cfg(test)]
mod tests;
