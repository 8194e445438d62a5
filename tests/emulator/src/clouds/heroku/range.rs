//! Heroku's `Range` header: `id ]a..; max=10` requests ten items whose id is greater than `a`.
//!
//! <https://devcenter.heroku.com/articles/platform-api-reference#ranges>

use axum::http::{HeaderMap, header};

/// The requested range; only the order by id is supported.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Range {
    /// The first id, and whether it is excluded.
    from: Option<(String, bool)>,
    pub(super) max: usize,
}

impl Range {
    /// Reads the header; `None` if it is malformed.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        match headers.get(header::RANGE) {
            None => Some(Self { from: None, max: usize::MAX }),
            Some(value) => Self::parse(value.to_str().ok()?),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let bounds = parts.next()?.strip_prefix("id ")?.trim();
        let (from, _) = bounds.split_once("..")?;
        let from = match from.strip_prefix(']') {
            Some(after) => Some((after.to_owned(), true)),
            None if from.is_empty() => None,
            None => Some((from.to_owned(), false)),
        };
        let mut max = usize::MAX;
        for part in parts.filter(|part| !part.is_empty()) {
            max = part.strip_prefix("max=")?.parse().ok().filter(|max| *max > 0)?;
        }
        Some(Self { from, max })
    }

    /// The number of items before the range; `ids` are in ascending order.
    pub(super) fn skipped<'a>(&self, ids: impl Iterator<Item = &'a str>) -> usize {
        let Some((from, exclusive)) = &self.from else { return 0 };
        ids.take_while(|id| *id < from.as_str() || (*exclusive && *id == from)).count()
    }
}
