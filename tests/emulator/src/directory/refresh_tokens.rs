//! Refresh tokens that may be used once. One that is used again revokes every token of its sign-in, its family.

use std::collections::{HashSet, VecDeque};

/// Maximum number of remembered tokens and of remembered families; the oldest is forgotten first.
const MAX_REMEMBERED: usize = 100_000;

/// Why a refresh token cannot be redeemed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum RedeemError {
    /// It was redeemed before: its family is revoked now.
    Reused,
    /// Another token of its family was used twice.
    FamilyRevoked,
}

/// The redeemed refresh tokens and the revoked families.
#[derive(Clone, Debug, Default)]
pub(crate) struct RefreshTokens {
    redeemed: Remembered,
    revoked_families: Remembered,
}

impl RefreshTokens {
    /// Redeems a token, which cannot be redeemed again.
    pub(crate) fn redeem_once(&mut self, id: &str, family: &str) -> Result<(), RedeemError> {
        if self.revoked_families.contains(family) {
            return Err(RedeemError::FamilyRevoked);
        }
        if !self.redeemed.insert(id) {
            self.revoked_families.insert(family);
            return Err(RedeemError::Reused);
        }
        Ok(())
    }
}

#[derive(Clone, Debug, Default)]
struct Remembered {
    all: HashSet<String>,
    order: VecDeque<String>,
}

impl Remembered {
    fn contains(&self, text: &str) -> bool {
        self.all.contains(text)
    }

    /// Whether it was not remembered yet.
    fn insert(&mut self, text: &str) -> bool {
        if !self.all.insert(text.to_owned()) {
            return false;
        }
        self.order.push_back(text.to_owned());
        if self.order.len() > MAX_REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.all.remove(&oldest);
        }
        true
    }
}
