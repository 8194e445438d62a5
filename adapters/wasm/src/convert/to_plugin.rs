//! Converts arguments of calls from the domain's types to those of the interface.

use portico_domain::provider::{FetchError, Person, Reply, Response, TokenRefusal};

use crate::bindings::wire;

pub(crate) fn person(it: &Person) -> wire::Person {
    wire::Person {
        subject: it.identity.subject.as_str().into(),
        tenant: it.identity.tenant.as_str().into(),
        display_name: it.identity.display_name.clone(),
        username: it.identity.username.clone(),
        token_reply: it.token_reply.clone(),
        extra: vec![],
    }
}

pub(crate) fn response(it: Response) -> wire::Response {
    let outcome = match it.outcome {
        Ok(Reply { status, headers, body }) => Ok(wire::Reply { status, headers, body }),
        Err(FetchError::TokenRefused(refusal)) => Ok(token_refused(&refusal)),
        Err(error) => Err(fetch_error(&error)),
    };
    wire::Response { id: it.id, outcome }
}

/// Interface 2.0.0 has no case for a refused token, and a published version is frozen: it is a reply
/// with status 0, which no cloud can send. A component gets one only if it declares the capability
/// [`Capability::TENANTS`](portico_domain::provider::Capability::TENANTS).
fn token_refused(refusal: &TokenRefusal) -> wire::Reply {
    wire::Reply { status: TOKEN_REFUSED, headers: vec![], body: refusal.to_json() }
}

/// The status of a reply that is the refusal of a token.
pub(crate) const TOKEN_REFUSED: u16 = 0;

fn fetch_error(it: &FetchError) -> wire::FetchError {
    match it {
        FetchError::NotGranted => wire::FetchError::NotPermitted,
        FetchError::NoToken | FetchError::TokenRefused(_) => wire::FetchError::NoToken,
        FetchError::TimedOut => wire::FetchError::TimedOut,
        FetchError::TooLarge => wire::FetchError::TooLarge,
        FetchError::Unreachable => wire::FetchError::Unreachable,
        FetchError::Refused => wire::FetchError::Refused,
        FetchError::BudgetSpent => wire::FetchError::BudgetSpent,
    }
}
