//! A call to a cloud's API: whose token it brings, and whether that will do.

use super::tokens::TokenKind;
use super::{Cloud, Grant};
use crate::faults::{ContentFaults, FaultKind, Target};
use crate::personas::Person;
use crate::state::EmulatorState;

/// A call that may be answered.
pub(crate) struct Call {
    grant: Grant,
    token: String,
    /// The content faults of the response.
    pub(crate) faults: ContentFaults,
}

/// Why a call may not be answered, before the cloud puts it in its own words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ApiError {
    /// It brings no token, or not where the cloud looks for it.
    NoToken,
    /// Not a token of this cloud, or no longer.
    InvalidToken,
    /// The token is for other things.
    InsufficientScope,
}

impl Call {
    /// Lets a token in that has one of these scopes; none named is any.
    pub(crate) fn authenticate(
        state: &EmulatorState,
        target: Target,
        cloud: Cloud,
        token: Option<&str>,
        scopes: &[&str],
    ) -> Result<Self, ApiError> {
        let faults = ContentFaults(
            state.content_faults(target, None, |kind: &FaultKind| !kind.is_transport()),
        );
        if faults.unauthorized().is_some() {
            return Err(ApiError::InvalidToken);
        }
        let token = token.ok_or(ApiError::NoToken)?;
        let grant = state.cloud_tokens().find(token, TokenKind::Access, cloud, state.now());
        let grant = grant.ok_or(ApiError::InvalidToken)?;
        if !scopes.is_empty() && !scopes.iter().any(|scope| grant.has(scope)) {
            return Err(ApiError::InsufficientScope);
        }
        Ok(Self { grant, token: token.to_owned(), faults })
    }

    /// Who granted the token.
    pub(crate) fn person(&self) -> &'static Person {
        self.grant.person
    }

    /// A display name, unless a fault has another.
    pub(crate) fn name<'a>(&'a self, name: &'a str) -> std::borrow::Cow<'a, str> {
        self.faults.name(name, &self.token)
    }
}
