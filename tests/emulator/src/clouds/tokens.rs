//! Access and refresh tokens: opaque texts, remembered here, as most clouds' are.

use std::collections::{HashMap, VecDeque};

use super::{Cloud, Grant};

/// Tokens remembered at most, the oldest forgotten first.
const CAPACITY: usize = 100_000;

/// What a token is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Access,
    Refresh,
}

/// Every token that is still good.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    held: HashMap<String, Held>,
    /// Oldest first, to forget by.
    order: VecDeque<String>,
}

#[derive(Debug)]
struct Held {
    kind: Kind,
    grant: Grant,
    until: i64,
}

impl Tokens {
    pub(crate) fn keep(&mut self, token: &str, kind: Kind, grant: &Grant, until: i64) {
        if self.order.len() >= CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.held.remove(&oldest);
        }
        self.held.insert(token.to_owned(), Held { kind, grant: grant.clone(), until });
        self.order.push_back(token.to_owned());
    }

    /// What a token stands for: `None` unless this cloud issued it for this, and not too long ago.
    pub(crate) fn grant(&self, token: &str, kind: Kind, cloud: Cloud, now: i64) -> Option<Grant> {
        let held = self.held.get(token)?;
        let good = held.kind == kind && held.grant.cloud == cloud && now < held.until;
        good.then(|| held.grant.clone())
    }

    /// Makes a token void.
    pub(crate) fn forget(&mut self, token: &str) {
        self.held.remove(token);
    }
}
