//! What changes in Entra ID at run time: what tenants refuse, ended sessions, used refresh tokens, and token settings.

mod refresh_tokens;
mod refusal;
mod refusals;
mod sessions;
mod settings;
mod sign_in;

use std::collections::HashMap;

pub(crate) use refresh_tokens::{RedeemError, RefreshTokens};
pub use refusal::{Refusal, RefusalKind};
pub(crate) use refusals::Refusals;
pub(crate) use sessions::{COOKIE as SESSION_COOKIE, Sessions};
pub use settings::TokenSettings;
pub(crate) use sign_in::{RESOURCE_MANAGER_CLAIM, SignIn, policy_id, requested_claims};

use crate::personas::Person;

/// The state of the directory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directory {
    pub(crate) settings: TokenSettings,
    pub(crate) refusals: Refusals,
    pub(crate) refresh_tokens: RefreshTokens,
    pub(crate) sessions: Sessions,
    /// How often the sessions of a person were revoked, by user name.
    revocations: HashMap<&'static str, u64>,
}

impl Directory {
    pub(crate) fn new(settings: TokenSettings, refusals: Refusals) -> Self {
        Self { settings, refusals, ..Self::default() }
    }

    /// Revokes every refresh token issued to the person so far, and ends their sessions.
    pub(crate) fn revoke_sessions(&mut self, person: &'static Person) {
        self.sessions.end_all_of(person);
        *self.revocations.entry(person.user_name).or_default() += 1;
    }

    /// How often the person's sessions were revoked. A refresh token with a lower number is revoked.
    pub(crate) fn revocations(&self, person: &Person) -> u64 {
        self.revocations.get(person.user_name).copied().unwrap_or_default()
    }
}
