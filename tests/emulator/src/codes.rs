//! Authorization codes, of whichever cloud: each lives ten minutes and works once.

use std::collections::{HashMap, VecDeque};

use crate::bytes::{base64url, random};

/// Seconds that a code lives.
const LIFE: i64 = 600;
/// Seconds after which not even its name is remembered.
const MEMORY: i64 = 2 * LIFE;

/// Codes remembered at most, the oldest forgotten first.
const CAPACITY: usize = 100_000;

/// Why a code stands for nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Spent {
    /// Nobody issued it, or too long ago to tell.
    Unknown,
    /// It was used before.
    Redeemed,
    /// Its ten minutes are over.
    Expired,
}

/// The codes of the last minutes, and the grant that each stands for.
#[derive(Debug)]
pub(crate) struct Codes<G> {
    issued: HashMap<String, Issued<G>>,
    /// Oldest first, to forget by.
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
        self.forget(now);
        let code = format!("{prefix}{}", base64url(random::<32>()));
        self.issued.insert(code.clone(), Issued { at: now, grant: Some(grant) });
        self.order.push_back((now, code.clone()));
        code
    }

    /// Redeems a code once `check` is content with what it stands for; one that is not content leaves it alone.
    pub(crate) fn redeem<E: From<Spent>>(
        &mut self,
        code: &str,
        now: i64,
        check: impl FnOnce(&G) -> Result<(), E>,
    ) -> Result<G, E> {
        let issued = self.issued.get_mut(code).ok_or(Spent::Unknown)?;
        let grant = issued.grant.take().ok_or(Spent::Redeemed)?;
        let fresh = if now < issued.at + LIFE { Ok(()) } else { Err(Spent::Expired.into()) };
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
