//! Authenticates calls to a cloud's API by their access token.

use crate::cloud::Cloud;
use crate::faults::{ContentFaults, FaultKind, Occasion, Target};
use crate::grants::Grant;
use crate::grants::TokenKind;
use crate::personas::Person;
use crate::state::EmulatorState;

/// An authenticated call.
pub(crate) struct Call {
    grant: Grant,
    token: String,
    /// The content faults of the response.
    pub(crate) faults: ContentFaults,
}

/// Why a call is rejected; each cloud writes its own response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ApiError {
    /// No token in the header that the cloud reads.
    NoToken,
    /// The token was not issued by this cloud, has expired or is revoked.
    InvalidToken,
    /// The token lacks a required scope.
    InsufficientScope,
}

impl Call {
    /// Accepts a valid token with at least one of `scopes`; if `scopes` is empty, any valid token.
    pub(crate) fn authenticate(
        state: &EmulatorState,
        target: Target,
        cloud: Cloud,
        token: Option<&str>,
        scopes: &[&str],
    ) -> Result<Self, ApiError> {
        let faults = ContentFaults(
            state.content_faults(Occasion::at(target), |kind: &FaultKind| !kind.is_transport()),
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

    /// The person who granted the token.
    pub(crate) fn person(&self) -> &'static Person {
        self.grant.person
    }

    /// The display name, unless a fault replaces it.
    pub(crate) fn name<'a>(&'a self, name: &'a str) -> std::borrow::Cow<'a, str> {
        self.faults.name(name, &self.token)
    }
}
