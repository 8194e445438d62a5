//! Opaque access and refresh tokens of the clouds other than Azure.

use std::collections::{HashMap, VecDeque};

use super::Grant;
use crate::cloud::Cloud;

/// Maximum number of tokens; the oldest is evicted first.
const MAX_TOKENS: usize = 100_000;

/// Access or refresh token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TokenKind {
    Access,
    Refresh,
}

/// The issued tokens.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    tokens: HashMap<String, IssuedToken>,
    /// Eviction order, oldest first.
    order: VecDeque<String>,
}

#[derive(Debug)]
struct IssuedToken {
    kind: TokenKind,
    grant: Grant,
    expires_at: i64,
}

impl Tokens {
    pub(crate) fn insert(&mut self, token: &str, kind: TokenKind, grant: &Grant, expires_at: i64) {
        if self.order.len() >= MAX_TOKENS
            && let Some(oldest) = self.order.pop_front()
        {
            self.tokens.remove(&oldest);
        }
        self.tokens
            .insert(token.to_owned(), IssuedToken { kind, grant: grant.clone(), expires_at });
        self.order.push_back(token.to_owned());
    }

    /// The grant of a valid token; `None` if it is unknown, expired, of another kind or of another cloud.
    pub(crate) fn find(
        &self,
        token: &str,
        kind: TokenKind,
        cloud: Cloud,
        now: i64,
    ) -> Option<Grant> {
        let token = self.tokens.get(token)?;
        let is_valid = token.kind == kind && token.grant.cloud == cloud && now < token.expires_at;
        is_valid.then(|| token.grant.clone())
    }

    /// Revokes a token.
    pub(crate) fn revoke(&mut self, token: &str) {
        self.tokens.remove(token);
    }
}
