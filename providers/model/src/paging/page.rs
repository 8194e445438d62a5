//! One page of a list. An invalid entry is skipped and counted.

use super::{Fields, Json, Unreadable};
use crate::{
    listing::{Subscription, Tenant},
    rules::text::clean,
};

/// The most missing places that a warning names.
const MAX_NAMED: usize = 10;

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The subscriptions on the page.
    pub subscriptions: Vec<Subscription>,
    /// The number of entries without a valid id.
    pub passed_over: usize,
    /// The number of entries, valid or not.
    pub entries: usize,
    /// The number of entries on all pages, as the cloud says.
    pub total: Option<u64>,
    /// Tenants that the cloud leaves out. A later page may replace one with the same id.
    pub hidden: Vec<Tenant>,
    /// What else is missing, as a sentence.
    pub missing: Option<String>,
    /// The next page.
    pub next: Next,
}

/// The reason for which a cloud refuses a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The reason and what to do, as sentences.
    pub why: String,
    /// Tenants that the cloud leaves out for this reason.
    pub hidden: Vec<Tenant>,
}

/// The next page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Next {
    /// There is none.
    #[default]
    Nothing,
    /// At this address, absolute or relative to that of the page.
    Link(String),
    /// At the address of the page, with this parameter of the query set to this value.
    Parameter(&'static str, String),
    /// There is one, and its address cannot be read.
    Unclear,
}

impl Page {
    /// A page with the entries of a JSON array.
    pub fn of(list: Json, fields: &Fields) -> Result<Self, Unreadable> {
        let items = list.items().ok_or(Unreadable)?;
        let entries = items.len();
        let subscriptions: Vec<_> =
            items.into_iter().filter_map(|entry| fields.read(entry)).collect();
        let passed_over = entries - subscriptions.len();
        Ok(Self { subscriptions, passed_over, entries, ..Self::default() })
    }

    /// Sets the total number of entries, or none if `value` is not a whole number.
    #[must_use]
    pub fn of_total(self, value: Option<Json>) -> Self {
        let total = value.and_then(Json::text_or_number).and_then(|total| total.parse().ok());
        Self { total, ..self }
    }

    /// Reports the locations in the array `value` as missing, if there are any (`unreachable`,
    /// <https://google.aip.dev/217>).
    #[must_use]
    pub fn without(self, value: Option<Json>) -> Self {
        let places = value.and_then(Json::items).unwrap_or_default();
        let names: Vec<_> =
            places.iter().filter_map(|place| place.text_or_number()).take(MAX_NAMED).collect();
        if names.is_empty() {
            return self;
        }
        let places = clean(&names.join(", "), 300);
        Self { missing: Some(format!("a part of the cloud did not answer: {places}.")), ..self }
    }

    /// Removes the entries that are not `usable` and counts them as invalid.
    #[must_use]
    pub fn keeping(mut self, usable: impl FnMut(&Subscription) -> bool) -> Self {
        let all = self.subscriptions.len();
        self.subscriptions.retain(usable);
        self.passed_over += all - self.subscriptions.len();
        self
    }

    /// Sets the next page.
    #[must_use]
    pub fn then(self, next: Next) -> Self {
        Self { next, ..self }
    }
}

impl Next {
    /// The address in `value`. No value, null and an empty text end the list.
    pub fn link(value: Option<Json>) -> Self {
        Self::of(value, Self::Link)
    }

    /// The token in `value` as parameter `name`. No value, null and an empty text end the list.
    pub fn parameter(name: &'static str, value: Option<Json>) -> Self {
        Self::of(value, |token| Self::Parameter(name, token))
    }

    fn of(value: Option<Json>, next: impl FnOnce(String) -> Self) -> Self {
        let Some(value) = value.filter(|value| !value.is_null()) else { return Self::Nothing };
        match value.text_or_number() {
            Some(text) if text.is_empty() => Self::Nothing,
            Some(text) => next(text),
            None => Self::Unclear,
        }
    }
}
