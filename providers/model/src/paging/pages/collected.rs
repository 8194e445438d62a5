//! The entries of a list so far.

use std::collections::BTreeSet;

use crate::{
    listing::{MAX_SUBSCRIPTIONS, MAX_TENANTS, Subscription, Tenant},
    paging::{Page, incomplete::Incomplete},
};

/// Everything from the pages so far, without duplicates and in order.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) subscriptions: Vec<Subscription>,
    /// The number of entries without a valid id.
    pub(super) passed_over: usize,
    /// Tenants that the cloud leaves out.
    pub(super) hidden: Vec<Tenant>,
    /// Sentences about what else is missing.
    pub(super) missing: BTreeSet<String>,
    /// The number of entries on the pages, valid or not.
    entries: u64,
    /// The total in the last page that has one.
    total: Option<u64>,
    ids: BTreeSet<String>,
    /// The number of subscriptions that come from no page.
    prepended: usize,
}

impl Collected {
    /// Adds a subscription that comes from no page. Called before the first page.
    pub(super) fn prepend(&mut self, subscription: Subscription) {
        if self.ids.insert(subscription.id.clone()) {
            self.subscriptions.push(subscription);
            self.prepended += 1;
        }
    }

    /// Adds a page. An entry may repeat one of an earlier page if the list changes meanwhile.
    pub(super) fn add(&mut self, page: Page) -> Result<(), Incomplete> {
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
                return Err(Incomplete::TooManyEntries);
            }
            self.ids.insert(subscription.id.clone());
            self.subscriptions.push(subscription);
        }
        Ok(())
    }

    /// Adds tenants that the cloud leaves out. A later one replaces an earlier one with the same id.
    pub(super) fn hide(&mut self, hidden: Vec<Tenant>) {
        for tenant in hidden {
            if let Some(known) = self.hidden.iter_mut().find(|known| known.id == tenant.id) {
                *known = tenant;
            } else if self.hidden.len() < MAX_TENANTS {
                self.hidden.push(tenant);
            }
        }
    }

    /// The reason if there are fewer entries than the total.
    pub(super) fn fewer_than_total(&self) -> Option<Incomplete> {
        let total = self.total.filter(|total| *total > self.entries)?;
        Some(Incomplete::FewerThanTotal { entries: self.entries, total })
    }

    /// Whether a page had a valid entry.
    pub(super) fn has_entries(&self) -> bool {
        self.subscriptions.len() > self.prepended
    }
}
