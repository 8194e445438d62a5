//! What a list has brought so far.

use std::collections::BTreeSet;

use crate::{
    listing::{MAX_SUBSCRIPTIONS, MAX_TENANTS, Subscription, Tenant},
    paging::{Page, wording::Cut},
};

/// What came, each once and in the order it came.
#[derive(Default)]
pub(super) struct Found {
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) passed_over: usize,
    /// What the cloud left out, each once.
    pub(super) hidden: Vec<Tenant>,
    /// What else is missing, each sentence once.
    pub(super) missing: BTreeSet<String>,
    /// Entries that came, whatever was made of them.
    entries: u64,
    /// How many there are, as the last page says that says so.
    total: Option<u64>,
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
    pub(super) fn take(&mut self, page: Page) -> Result<(), Cut> {
        self.passed_over += page.passed_over;
        self.entries += page.entries as u64;
        self.total = page.total.or(self.total);
        self.missing.extend(page.missing);
        self.hide(page.hidden);
        for subscription in page.subscriptions {
            if self.ids.contains(&subscription.id) {
                continue;
            }
            if self.subscriptions.len() >= MAX_SUBSCRIPTIONS {
                return Err(Cut::TooManyEntries);
            }
            self.ids.insert(subscription.id.clone());
            self.subscriptions.push(subscription);
        }
        Ok(())
    }

    /// Takes what the cloud leaves out; what is said later of one counts.
    pub(super) fn hide(&mut self, hidden: Vec<Tenant>) {
        for tenant in hidden {
            if let Some(known) = self.hidden.iter_mut().find(|known| known.id == tenant.id) {
                *known = tenant;
            } else if self.hidden.len() < MAX_TENANTS {
                self.hidden.push(tenant);
            }
        }
    }

    /// Whether a list that has ended has fewer entries than the cloud says there are.
    pub(super) fn fewer_than_said(&self) -> Option<Cut> {
        let total = self.total.filter(|total| *total > self.entries)?;
        Some(Cut::Fewer { came: self.entries, total })
    }

    /// Whether a page brought anything.
    pub(super) fn is_some(&self) -> bool {
        self.subscriptions.len() > self.given
    }
}
