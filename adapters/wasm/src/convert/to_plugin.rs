//! Converts arguments of calls from the domain's types to those of the interface.

use portico_domain::provider::{FetchError, Person, Response};

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
    let outcome = it.outcome.map_err(error).map(|reply| wire::Reply {
        status: reply.status,
        headers: reply.headers,
        body: reply.body,
    });
    wire::Response { id: it.id, outcome }
}

fn error(it: FetchError) -> wire::FetchError {
    match it {
        FetchError::NotGranted => wire::FetchError::NotPermitted,
        FetchError::NoToken => wire::FetchError::NoToken,
        FetchError::TimedOut => wire::FetchError::TimedOut,
        FetchError::TooLarge => wire::FetchError::TooLarge,
        FetchError::Unreachable => wire::FetchError::Unreachable,
        FetchError::Refused => wire::FetchError::Refused,
        FetchError::BudgetSpent => wire::FetchError::BudgetSpent,
    }
}
