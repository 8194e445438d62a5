//! One page of a list, read leniently: what is wrong with one entry costs that entry.

use portico_domain::account::Subscription;

use crate::{Fields, Json, Unreadable};

/// What a page holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What was found on it.
    pub subscriptions: Vec<Subscription>,
    /// Entries without a usable id.
    pub passed_over: usize,
    /// Where the list goes on.
    pub next: Next,
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
        Ok(Self { subscriptions, passed_over, next: Next::Nothing })
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
