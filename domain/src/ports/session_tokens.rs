//! The tokens of sessions, for the few use cases that spend them.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    account::AccountId,
    session::{SessionKey, TokenSet},
};

/// The tokens of sessions.
#[async_trait]
pub trait SessionTokens: Send + Sync {
    /// The tokens of one account of one session; `None` where there are none.
    async fn find_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
    ) -> Result<Option<TokenSet>, StoreError>;
}
