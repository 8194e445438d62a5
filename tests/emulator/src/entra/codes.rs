//! Authorization codes: each lives ten minutes and works once.

use std::collections::{HashMap, VecDeque};

use super::refusal::Refusal;
use crate::bytes::{base64url, random};
use crate::personas::{Membership, Person};

/// Seconds that a code lives.
const LIFE: i64 = 600;
/// Seconds after which not even its name is remembered.
const MEMORY: i64 = 2 * LIFE;

/// Codes remembered at most, the oldest forgotten first.
const CAPACITY: usize = 100_000;

/// What a code stands for.
#[derive(Clone, Debug)]
pub(crate) struct CodeGrant {
    pub(crate) person: &'static Person,
    pub(crate) membership: &'static Membership,
    pub(crate) redirect_uri: String,
    /// PKCE's S256 challenge.
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) scope: String,
    /// Whether the sign-in had a second factor.
    pub(crate) mfa: bool,
}

/// The codes of the last minutes.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    issued: HashMap<String, Issued>,
    /// Oldest first, to forget by.
    order: VecDeque<(i64, String)>,
}

#[derive(Debug)]
struct Issued {
    at: i64,
    /// `None` once redeemed.
    grant: Option<CodeGrant>,
}

impl Codes {
    pub(crate) fn issue(&mut self, grant: CodeGrant, now: i64) -> String {
        self.forget(now);
        let code = format!("1.AX.{}", base64url(random::<32>()));
        self.issued.insert(code.clone(), Issued { at: now, grant: Some(grant) });
        self.order.push_back((now, code.clone()));
        code
    }

    /// Redeems a code once `check` is content with what it stands for; one that is not content leaves it alone.
    pub(crate) fn redeem(
        &mut self,
        code: &str,
        now: i64,
        check: impl FnOnce(&CodeGrant) -> Result<(), Refusal>,
    ) -> Result<CodeGrant, Refusal> {
        let issued = self.issued.get_mut(code).ok_or_else(|| {
            Refusal::new(
                "invalid_grant",
                9002313,
                "Invalid request. Request is malformed or invalid.",
            )
        })?;
        let grant = issued.grant.take().ok_or_else(|| {
            Refusal::new(
                "invalid_grant",
                54005,
                "OAuth2 Authorization code was already redeemed, please retry with a \
                 new valid code or use an existing refresh token.",
            )
        })?;
        let fresh = if now < issued.at + LIFE { Ok(()) } else { Err(expired()) };
        if let Err(refusal) = fresh.and_then(|()| check(&grant)) {
            issued.grant = Some(grant);
            return Err(refusal);
        }
        Ok(grant)
    }

    fn forget(&mut self, now: i64) {
        while let Some((at, code)) = self.order.front()
            && (at + MEMORY < now || self.order.len() >= CAPACITY)
        {
            self.issued.remove(code);
            self.order.pop_front();
        }
    }
}

fn expired() -> Refusal {
    Refusal::new(
        "invalid_grant",
        70008,
        "The provided authorization code or refresh token has expired due to \
         inactivity. Send a new interactive authorization request for this user and resource.",
    )
}
