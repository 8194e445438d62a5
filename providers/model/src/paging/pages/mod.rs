//! A listing in pages, by the cloud's links within one list. An error ends the list with a warning and
//! keeps the entries so far.

mod collected;
mod follow;

use std::{collections::BTreeSet, time::Duration};

use url::Url;

use self::{collected::Collected, follow::follow};
use super::{
    Get, Page, Refusal, Unreadable, Wording, headers::retry_after, incomplete::Incomplete,
};
use crate::{
    error::ProviderError,
    listing::{Listing, Reply, Response, Step, Subscription},
    provider::Discovery,
};

/// Reads a page.
type Read = Box<dyn FnMut(&Reply) -> Result<Page, Unreadable> + Send>;

/// Reads the reason of a refused page, if there is one.
type Explain = Box<dyn FnMut(&Reply) -> Option<Refusal> + Send>;

/// The default limit: links that never repeat would have no end.
const MAX_PAGES: usize = 100;
/// The most retries of one page.
const MAX_RETRIES: u32 = 2;
/// The longest `Retry-After` that is waited for: a whole listing has 20 seconds.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// A running list.
///
/// It follows links to pages at the origin of the first page and at or below its path, to each page
/// once, and for at most 100 pages ([`Pages::at_most`]). A page that is answered 429 or 503 with a
/// `Retry-After` of at most 10 seconds is requested again, at most twice.
pub struct Pages {
    wording: Wording,
    /// The request for the first page. `None` once the list has ended, or if there is no list.
    first: Option<Get>,
    read: Read,
    explain: Explain,
    /// Every page that was requested.
    requested: BTreeSet<Url>,
    latest: Option<Url>,
    /// The number of requests, which is the id of the last one.
    requests: u32,
    /// The number of retries of the latest page.
    retries: u32,
    max_pages: usize,
    collected: Collected,
}

impl Pages {
    /// A list whose first page is requested by `first` and whose pages are read by `read`.
    pub fn new(
        wording: Wording,
        first: Get,
        read: impl FnMut(&Reply) -> Result<Page, Unreadable> + Send + 'static,
    ) -> Self {
        Self { first: Some(first), read: Box::new(read), ..Self::empty(wording) }
    }

    /// An empty list, without a request.
    pub fn empty(wording: Wording) -> Self {
        Self {
            wording,
            first: None,
            read: Box::new(|_| Ok(Page::default())),
            explain: Box::new(|_| None),
            requested: BTreeSet::new(),
            latest: None,
            requests: 0,
            max_pages: MAX_PAGES,
            retries: 0,
            collected: Collected::default(),
        }
    }

    /// Adds a subscription before the first page.
    #[must_use]
    pub fn prepend(mut self, subscription: Subscription) -> Self {
        self.collected.prepend(subscription);
        self
    }

    /// Limits the number of pages.
    #[must_use]
    pub fn at_most(self, pages: usize) -> Self {
        Self { max_pages: pages, ..self }
    }

    /// Reads the reason of a refused page with `explain`, for clouds that give one.
    #[must_use]
    pub fn explained(
        mut self,
        explain: impl FnMut(&Reply) -> Option<Refusal> + Send + 'static,
    ) -> Self {
        self.explain = Box::new(explain);
        self
    }

    fn request_page(&mut self, first: &Get, url: Url) -> Step {
        self.requested.insert(url.clone());
        self.latest = Some(url.clone());
        self.retries = 0;
        self.fetch(first, url, Duration::ZERO)
    }

    fn fetch(&mut self, first: &Get, url: Url, wait: Duration) -> Step {
        self.requests += 1;
        Step::Fetch { requests: vec![first.request(self.requests, url)], wait }
    }

    /// Adds the page in the responses and returns the next step.
    fn add_page(&mut self, first: &Get, responses: Vec<Response>) -> Result<Step, Incomplete> {
        let id = self.requests;
        let response = responses.into_iter().find(|response| response.id == id);
        let reply = response.ok_or(Incomplete::NoResponse)?.outcome.map_err(Incomplete::Fetch)?;
        let latest = self.latest.clone().unwrap_or_else(|| first.url.clone());
        if let Some(wait) = self.retry_wait(&reply) {
            self.retries += 1;
            return Ok(self.fetch(first, latest, wait));
        }
        // Lists that are paged by ranges answer 206.
        if !matches!(reply.status, 200 | 206) {
            let Some(refusal) = (self.explain)(&reply) else {
                return Err(Incomplete::Status(reply.status));
            };
            self.collected.hide(refusal.hidden);
            return Err(Incomplete::Refused(refusal.why));
        }
        let mut page = (self.read)(&reply).map_err(|Unreadable| Incomplete::Unreadable)?;
        let next = std::mem::take(&mut page.next);
        self.collected.add(page)?;
        let Some(next) = follow(next, &latest, &first.url)? else {
            return match reply.status {
                // 206 is a part of the list (RFC 9110 section 15.3.7), so there should be a next page.
                206 => Err(Incomplete::NextPage),
                _ => Ok(self.done(self.collected.fewer_than_total())),
            };
        };
        if self.requested.contains(&next) {
            return Err(Incomplete::NextPage);
        }
        if self.requested.len() >= self.max_pages {
            return Err(Incomplete::TooManyPages(self.max_pages));
        }
        Ok(self.request_page(first, next))
    }

    /// The wait before a retry of the latest page, if there is one.
    fn retry_wait(&self, reply: &Reply) -> Option<Duration> {
        let wait = retry_after(reply)?;
        (wait <= MAX_WAIT && self.retries < MAX_RETRIES).then_some(wait)
    }

    fn done(&mut self, incomplete: Option<Incomplete>) -> Step {
        let collected = std::mem::take(&mut self.collected);
        let has_entries = collected.has_entries();
        let reason = incomplete.map(|reason| self.wording.incomplete(reason, has_entries));
        let mut warnings: Vec<_> = reason.into_iter().collect();
        warnings.extend(collected.missing.iter().map(|why| self.wording.missing(why)));
        if !collected.hidden.is_empty() {
            warnings.push(self.wording.hidden(&collected.hidden));
        }
        if collected.passed_over > 0 {
            warnings.push(self.wording.passed_over(collected.passed_over));
        }
        if let (Some(empty), true) = (self.wording.empty, !has_entries && warnings.is_empty()) {
            warnings.push(empty.into());
        }
        let Collected { subscriptions, hidden, .. } = collected;
        Step::Done(Listing { subscriptions, tenants: hidden, warnings })
    }
}

impl Discovery for Pages {
    fn next(&mut self, responses: Vec<Response>) -> Result<Step, ProviderError> {
        let Some(first) = self.first.take() else { return Ok(self.done(None)) };
        let step = match self.requested.is_empty() {
            true => Ok(self.request_page(&first, first.url.clone())),
            false => self.add_page(&first, responses),
        };
        let step = step.unwrap_or_else(|reason| self.done(Some(reason)));
        if matches!(step, Step::Fetch { .. }) {
            self.first = Some(first);
        }
        Ok(step)
    }
}

#[cfg(test)]
mod tests;
