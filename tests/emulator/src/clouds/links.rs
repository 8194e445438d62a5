//! Pages by number (`per_page` and `page`) and their URLs, as at GitHub, GitLab and DigitalOcean.

use url::form_urlencoded;

use crate::paging::window;
use crate::params::Params;

/// The requested page.
pub(crate) struct PageRequest {
    /// From 1.
    pub(crate) page: usize,
    pub(crate) per_page: usize,
}

impl PageRequest {
    /// Reads `page` and `per_page`, which is limited to `most`.
    pub(crate) fn parse(params: &Params, most: usize) -> Self {
        let number = |name| params.get(name).and_then(|text| text.parse::<usize>().ok());
        Self {
            page: number("page").unwrap_or(1).max(1),
            per_page: number("per_page").unwrap_or(most).clamp(1, most),
        }
    }

    /// The items of the page, and the number of the next page if there is one.
    pub(crate) fn take<'a, T>(&self, all: &'a [T]) -> (&'a [T], Option<usize>) {
        let from = (self.page - 1).saturating_mul(self.per_page);
        let (items, next) = window(all, from, self.per_page);
        (items, next.map(|_| self.page + 1))
    }

    /// The number of pages.
    pub(crate) fn pages<T>(&self, all: &[T]) -> usize {
        all.len().div_ceil(self.per_page)
    }
}

/// The URL of another page of the same listing.
pub(crate) fn url(listing: &str, params: &Params, page: usize) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in params.pairs().iter().filter(|(name, _)| name != "page") {
        query.append_pair(name, value);
    }
    query.append_pair("page", &page.to_string());
    format!("{listing}?{}", query.finish())
}
