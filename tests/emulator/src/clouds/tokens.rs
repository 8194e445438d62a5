//! Access and refresh tokens: opaque texts, remembered here, as most clouds' are.

use std::collections::{HashMap, VecDeque};

use super::{Cloud, Grant};

/// Tokens remembered at most, the oldest forgotten first.
const MAX_TOKENS: usize = 100_000;

/// What a token is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TokenKind {
    Access,
    Refresh,
}

/// Every token that is still good.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    tokens: HashMap<String, IssuedToken>,
    /// Oldest first, to forget by.
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

    /// What a token stands for: `None` unless this cloud issued it for this, and not too long ago.
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

    /// Makes a token void.
    pub(crate) fn revoke(&mut self, token: &str) {
        self.tokens.remove(token);
    }
}
