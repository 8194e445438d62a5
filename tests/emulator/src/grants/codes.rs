//! Authorization codes of every cloud: valid for ten minutes, redeemed once.

use std::collections::{HashMap, VecDeque};

use crate::bytes::{base64url, random};

/// Lifetime of a code in seconds.
const CODE_LIFETIME: i64 = 600;
/// Seconds for which a code is remembered, so that a second redemption differs from an unknown code.
const CODE_RETENTION: i64 = 2 * CODE_LIFETIME;

/// Maximum number of remembered codes; the oldest is evicted first.
const MAX_CODES: usize = 100_000;

/// Why a code cannot be redeemed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CodeError {
    /// Never issued, or already evicted.
    Unknown,
    /// Already redeemed.
    Redeemed,
    /// Older than its lifetime.
    Expired,
}

/// Issued codes with the grant that each represents.
#[derive(Debug)]
pub(crate) struct Codes<G> {
    issued: HashMap<String, Issued<G>>,
    /// Eviction order: issue time and code, oldest first.
    order: VecDeque<(i64, String)>,
}

#[derive(Debug)]
struct Issued<G> {
    at: i64,
    /// `None` once redeemed.
    grant: Option<G>,
}

impl<G> Default for Codes<G> {
    fn default() -> Self {
        Self { issued: HashMap::new(), order: VecDeque::new() }
    }
}

impl<G> Codes<G> {
    pub(crate) fn issue(&mut self, prefix: &str, grant: G, now: i64) -> String {
        self.evict(now);
        let code = format!("{prefix}{}", base64url(random::<32>()));
        self.issued.insert(code.clone(), Issued { at: now, grant: Some(grant) });
        self.order.push_back((now, code.clone()));
        code
    }

    /// Redeems a code if it is valid and `check` accepts its grant. An error does not consume the code.
    pub(crate) fn redeem<E: From<CodeError>>(
        &mut self,
        code: &str,
        now: i64,
        check: impl FnOnce(&G) -> Result<(), E>,
    ) -> Result<G, E> {
        let issued = self.issued.get_mut(code).ok_or(CodeError::Unknown)?;
        let grant = issued.grant.take().ok_or(CodeError::Redeemed)?;
        let fresh =
            if now < issued.at + CODE_LIFETIME { Ok(()) } else { Err(CodeError::Expired.into()) };
        if let Err(error) = fresh.and_then(|()| check(&grant)) {
            issued.grant = Some(grant);
            return Err(error);
        }
        Ok(grant)
    }

    fn evict(&mut self, now: i64) {
        while let Some((at, code)) = self.order.front()
            && (at + CODE_RETENTION < now || self.order.len() >= MAX_CODES)
        {
            self.issued.remove(code);
            self.order.pop_front();
        }
    }
}
