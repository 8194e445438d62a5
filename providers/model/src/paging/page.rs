//! One page of a list, read leniently: what is wrong with one entry costs that entry.

use super::{Fields, Json, Unreadable};
use crate::{
    listing::{Subscription, Tenant},
    rules::text::clean,
};

/// How many of what is missing are named.
const MAX_NAMED: usize = 10;

/// What a page holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What was found on it.
    pub subscriptions: Vec<Subscription>,
    /// Entries without a usable id.
    pub passed_over: usize,
    /// How many entries it has, read or not.
    pub entries: usize,
    /// How many the cloud says that there are on all pages together.
    pub total: Option<u64>,
    /// What the cloud says that it leaves out: a tenant for each of those, with its state. A later
    /// page may know more of one.
    pub hidden: Vec<Tenant>,
    /// What is missing beside, as a sentence.
    pub missing: Option<String>,
    /// Where the list goes on.
    pub next: Next,
}

/// What a cloud says of a page that it refuses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// Why, and what to do, as sentences.
    pub why: String,
    /// What it hides for that reason.
    pub hidden: Vec<Tenant>,
}

/// Where a list goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Next {
    /// It has ended.
    #[default]
    Nothing,
    /// At this address, absolute or relative to the page's own.
    Link(String),
    /// At the page's own address, with this parameter of the query set to this.
    Parameter(&'static str, String),
    /// It goes on, and what should say where cannot be read.
    Unclear,
}

impl Page {
    /// The page of the entries in `list`.
    pub fn of(list: Json, fields: &Fields) -> Result<Self, Unreadable> {
        let entries = list.items().ok_or(Unreadable)?;
        let all = entries.len();
        let subscriptions: Vec<_> =
            entries.into_iter().filter_map(|entry| fields.read(entry)).collect();
        let passed_over = all - subscriptions.len();
        Ok(Self { subscriptions, passed_over, entries: all, ..Self::default() })
    }

    /// The page, and how many entries the cloud says there are in all; nothing where `value` is no
    /// whole number.
    #[must_use]
    pub fn of_total(self, value: Option<Json>) -> Self {
        let total = value.and_then(Json::word).and_then(|total| total.parse().ok());
        Self { total, ..self }
    }

    /// The page, with the places that the cloud could not ask, where `value` is a list of any
    /// (`unreachable`, <https://google.aip.dev/217>).
    #[must_use]
    pub fn without(self, value: Option<Json>) -> Self {
        let places = value.and_then(Json::items).unwrap_or_default();
        let names: Vec<_> =
            places.iter().filter_map(|place| place.word()).take(MAX_NAMED).collect();
        if names.is_empty() {
            return self;
        }
        let places = clean(&names.join(", "), 300);
        Self { missing: Some(format!("a part of the cloud did not answer: {places}.")), ..self }
    }

    /// The page without the entries that are not `usable`; they count as passed over.
    #[must_use]
    pub fn keeping(mut self, usable: impl FnMut(&Subscription) -> bool) -> Self {
        let all = self.subscriptions.len();
        self.subscriptions.retain(usable);
        self.passed_over += all - self.subscriptions.len();
        self
    }

    /// The page, and where the list goes on.
    #[must_use]
    pub fn then(self, next: Next) -> Self {
        Self { next, ..self }
    }
}

impl Next {
    /// The address in `value`. Nothing there, null or an empty text end the list.
    pub fn link(value: Option<Json>) -> Self {
        Self::of(value, Self::Link)
    }

    /// The token in `value`, put into the parameter `name`. Nothing there, null or an empty text
    /// end the list.
    pub fn parameter(name: &'static str, value: Option<Json>) -> Self {
        Self::of(value, |token| Self::Parameter(name, token))
    }

    fn of(value: Option<Json>, next: impl FnOnce(String) -> Self) -> Self {
        let Some(value) = value.filter(|value| !value.is_null()) else { return Self::Nothing };
        match value.word() {
            Some(text) if text.is_empty() => Self::Nothing,
            Some(text) => next(text),
            None => Self::Unclear,
        }
    }
}
