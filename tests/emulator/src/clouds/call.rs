//! A call to a cloud's API: whose token it brings, and whether that will do.

use super::tokens::Kind;
use super::{Cloud, Grant};
use crate::faults::{FaultKind, Lies, Target};
use crate::personas::Person;
use crate::state::Running;

/// A call that may be answered.
pub(crate) struct Call {
    grant: Grant,
    token: String,
    /// The lies to tell in the answer.
    pub(crate) lies: Lies,
}

/// Why a call may not be answered, before the cloud puts it in its own words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Denied {
    /// It brings no token, or not where the cloud looks for it.
    NoToken,
    /// Not a token of this cloud, or no longer.
    BadToken,
    /// The token is for other things.
    Scope,
}

impl Call {
    /// Lets a token in that has one of these scopes; none named is any.
    pub(crate) fn admit(
        state: &Running,
        target: Target,
        cloud: Cloud,
        token: Option<&str>,
        scopes: &[&str],
    ) -> Result<Self, Denied> {
        let lies = Lies(state.lies(target, None, |kind: &FaultKind| !kind.is_transport()));
        if lies.unauthorized().is_some() {
            return Err(Denied::BadToken);
        }
        let token = token.ok_or(Denied::NoToken)?;
        let grant = state.cloud_tokens().grant(token, Kind::Access, cloud, state.now());
        let grant = grant.ok_or(Denied::BadToken)?;
        if !scopes.is_empty() && !scopes.iter().any(|scope| grant.has(scope)) {
            return Err(Denied::Scope);
        }
        Ok(Self { grant, token: token.to_owned(), lies })
    }

    /// Who granted the token.
    pub(crate) fn person(&self) -> &'static Person {
        self.grant.person
    }

    /// A display name, unless a fault has another.
    pub(crate) fn name<'a>(&'a self, name: &'a str) -> std::borrow::Cow<'a, str> {
        self.lies.name(name, &self.token)
    }
}
