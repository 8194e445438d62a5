//! The interface's `problem`, as a [`ProviderError`].

use portico_domain::{
    identity::Claims,
    provider::{CallError, ProviderError},
    text::clean,
};

use super::rules::broken;
use crate::bindings::wire;

const MAX_CODE_LEN: usize = 128;
const MAX_TEXT_LEN: usize = 600;
/// Bytes of a claims challenge: it becomes a query parameter.
const MAX_CHALLENGE_LEN: usize = 4 << 10;

pub(crate) fn provider_error(problem: wire::Problem) -> CallError {
    let code = |text: String| clean(&text, MAX_CODE_LEN);
    let text = |text: String| clean(&text, MAX_TEXT_LEN);
    CallError::Provider(match problem {
        wire::Problem::Setting((key, why)) => {
            ProviderError::Setting { key: code(key), why: text(why) }
        }
        wire::Problem::Unexpected(message) => ProviderError::Unexpected(text(message)),
        wire::Problem::Refused((error, help)) => {
            ProviderError::Refused { code: code(error), help: text(help) }
        }
        wire::Problem::Challenge(claims) => return challenge(claims),
        wire::Problem::Other((error, message)) => {
            ProviderError::Other { code: code(error), message: text(message) }
        }
    })
}

fn challenge(claims: String) -> CallError {
    if claims.len() > MAX_CHALLENGE_LEN {
        return broken("the claims of its challenge have more than 4 KiB");
    }
    match Claims::parse(claims) {
        Ok(claims) => ProviderError::Challenge(claims.json().into()).into(),
        Err(_) => broken("the claims of its challenge are not a JSON object"),
    }
}
