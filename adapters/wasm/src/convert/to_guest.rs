//! What the domain hands to a guest.

use portico_domain::{
    identity::Identity,
    provider::{FetchError, Response},
};

use crate::bindings::wire;

pub(crate) fn identity(it: &Identity) -> wire::Identity {
    wire::Identity {
        subject: it.subject.as_str().into(),
        tenant: it.tenant.as_str().into(),
        display_name: it.display_name.clone(),
        username: it.username.clone(),
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
        FetchError::NotGranted => wire::FetchError::NotGranted,
        FetchError::NoToken => wire::FetchError::NoToken,
        FetchError::TimedOut => wire::FetchError::TimedOut,
        FetchError::TooLarge => wire::FetchError::TooLarge,
        FetchError::Unreachable => wire::FetchError::Unreachable,
        FetchError::BudgetSpent => wire::FetchError::BudgetSpent,
    }
}
