//! Hands sessions over to protected hosts, and finds the session of a host's cookie.

use std::{sync::Arc, time::Duration};

use thiserror::Error;
use url::Url;

use crate::{
    apps::WebOrigin,
    host_session::{BrowserChallenge, HAND_OFF_LIFETIME, HandOff, HostSession},
    ports::{Clock, Entropy, HostSeal, LoginAttempts, StoreError},
    secret::{BrowserId, HandOffCode, SealedHostSession, State},
    session::{SessionKey, SessionPolicy},
    time::Timestamp,
};

/// Hands sessions over.
pub struct HostSessions {
    /// Seals what browsers hold.
    pub seal: Arc<dyn HostSeal>,
    /// Records which hand-offs are spent.
    pub attempts: Arc<dyn LoginAttempts>,
    /// How long sessions last.
    pub policy: SessionPolicy,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For the ids of hand-offs.
    pub entropy: Arc<dyn Entropy>,
}

/// A hand-off that was redeemed.
#[derive(Debug)]
pub struct Redeemed {
    /// The session for the host's cookie.
    pub sealed: SealedHostSession,
    /// How long the cookie lives.
    pub lifetime: Duration,
    /// The page that the person asked for.
    pub return_to: Url,
}

/// Why a hand-off was not redeemed.
#[derive(Debug, Error)]
pub enum HandOffRefused {
    /// The code was made up, is of another host, or its key is gone.
    #[error("the code was not issued for this host")]
    Unknown,
    /// The code is older than [`HAND_OFF_LIFETIME`].
    #[error("the code has expired")]
    Expired,
    /// The code was redeemed before.
    #[error("the code was redeemed before")]
    Spent,
    /// The code was issued for another browser, which may have lost it.
    #[error("the code was issued for another browser")]
    OtherBrowser,
    /// The store could not be used.
    #[error("the store could not be used")]
    Store(#[from] StoreError),
}

impl HostSessions {
    /// A code with which this browser gets the session at the host of `return_to`.
    pub async fn issue(
        &self,
        session: SessionKey,
        (host, return_to): (&WebOrigin, Url),
        challenge: BrowserChallenge,
    ) -> Result<HandOffCode, StoreError> {
        let now = self.clock.now();
        let hand_off = HandOff {
            id: State::draw(&*self.entropy),
            session,
            challenge,
            return_to,
            epoch: self.attempts.epoch(now).await?,
            expires_at: now.plus(HAND_OFF_LIFETIME),
        };
        self.seal.seal_hand_off(host, &hand_off)
    }

    /// Redeems a code at this host, in the browser that has this id there. A code is spent whatever comes
    /// of it: one that a wrong browser sent has leaked.
    pub async fn redeem(
        &self,
        code: &HandOffCode,
        host: &WebOrigin,
        browser: Option<&BrowserId>,
    ) -> Result<Redeemed, HandOffRefused> {
        let now = self.clock.now();
        let hand_off = self.seal.open_hand_off(host, code).ok_or(HandOffRefused::Unknown)?;
        if !is_live(hand_off.expires_at, HAND_OFF_LIFETIME, now) {
            return Err(HandOffRefused::Expired);
        }
        if !self.attempts.spend(&hand_off.key(), hand_off.epoch).await? {
            return Err(HandOffRefused::Spent);
        }
        if browser.map(BrowserChallenge::of) != Some(hand_off.challenge) {
            return Err(HandOffRefused::OtherBrowser);
        }
        let lifetime = self.policy.max;
        let session = HostSession { session: hand_off.session, expires_at: now.plus(lifetime) };
        let sealed = self.seal.seal_session(host, &session)?;
        Ok(Redeemed { sealed, lifetime, return_to: hand_off.return_to })
    }

    /// The session at Portico of a host's cookie.
    pub fn find(&self, sealed: &SealedHostSession, host: &WebOrigin) -> Option<SessionKey> {
        let found = self.seal.open_session(host, sealed)?;
        let is_live = is_live(found.expires_at, self.policy.max, self.clock.now());
        is_live.then_some(found.session)
    }
}

/// Whether something that lives for `lifetime` is alive at `now`: not expired, and not from the future,
/// as after a clock was set back.
fn is_live(expires_at: Timestamp, lifetime: Duration, now: Timestamp) -> bool {
    now < expires_at && expires_at <= now.plus(lifetime)
}

#[cfg(test)]
mod tests;
