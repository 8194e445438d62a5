//! What a list has brought so far.

use std::collections::BTreeSet;

use portico_domain::account::{MOST_SUBSCRIPTIONS, Subscription};

use crate::wording::Cut;

/// What came, each once and in the order it came.
#[derive(Default)]
pub(super) struct Found {
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) passed_over: usize,
    ids: BTreeSet<String>,
    /// How many were there before the list began.
    given: usize,
}

impl Found {
    /// Takes what no page brought.
    pub(super) fn give(&mut self, subscription: Subscription) {
        if self.ids.insert(subscription.id.clone()) {
            self.subscriptions.push(subscription);
            self.given += 1;
        }
    }

    /// Takes what a page brought: a list that shifts between two pages repeats an entry.
    pub(super) fn take(
        &mut self,
        subscriptions: Vec<Subscription>,
        passed_over: usize,
    ) -> Result<(), Cut> {
        self.passed_over += passed_over;
        for subscription in subscriptions {
            if self.ids.contains(&subscription.id) {
                continue;
            }
            if self.subscriptions.len() >= MOST_SUBSCRIPTIONS {
                return Err(Cut::TooManyEntries);
            }
            self.ids.insert(subscription.id.clone());
            self.subscriptions.push(subscription);
        }
        Ok(())
    }

    /// Whether a page brought anything.
    pub(super) fn is_some(&self) -> bool {
        self.subscriptions.len() > self.given
    }
}
