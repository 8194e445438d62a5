//! A listing that comes in pages: as far as the cloud's own links lead within the one list that was
//! permitted. Whatever goes wrong on the way ends the list with a warning and keeps what came.

mod follow;
mod found;

use std::{collections::BTreeSet, time::Duration};

use url::Url;

use self::{follow::follow, found::Found};
use super::{Get, Page, Refusal, Unreadable, Wording, headers::retry_after, wording::Cut};
use crate::{
    Discovery, ProviderError,
    listing::{Listing, Reply, Response, Step, Subscription},
};

/// What reads one page.
type Read = Box<dyn FnMut(&Reply) -> Result<Page, Unreadable> + Send>;

/// What explains a page that was refused, where it can.
type Explain = Box<dyn FnMut(&Reply) -> Option<Refusal> + Send>;

/// Links that never repeat would go on for ever.
const MAX_PAGES: usize = 100;
/// How many times one page is asked for again because its cloud said when.
const MAX_RETRIES: u32 = 2;
/// The longest `Retry-After` that is waited for: the host gives a whole listing 20 seconds.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// A list under way, one page after the other.
///
/// It goes on only at the first page's own address, at the same origin and at or below its path;
/// never to a page where it has been, and for at most 100 pages ([`Pages::at_most`]). A page whose 429 or 503 says
/// `Retry-After: 10` or less is asked for again, at most twice.
pub struct Pages {
    wording: Wording,
    /// `None` where there is nothing to ask for.
    first: Option<Get>,
    read: Read,
    explain: Explain,
    /// Every page that was asked for.
    asked: BTreeSet<Url>,
    latest: Option<Url>,
    /// How many requests were made; the id of the one under way.
    requests: u32,
    /// How many of them were for the latest page, beside the first.
    retries: u32,
    /// How many pages are read.
    most: usize,
    found: Found,
}

impl Pages {
    /// The list that begins with `first` and whose pages `read` reads.
    pub fn new(
        wording: Wording,
        first: Get,
        read: impl FnMut(&Reply) -> Result<Page, Unreadable> + Send + 'static,
    ) -> Self {
        Self { first: Some(first), read: Box::new(read), ..Self::nothing(wording) }
    }

    /// A list of nothing, for which nothing is asked.
    pub fn nothing(wording: Wording) -> Self {
        Self {
            wording,
            first: None,
            read: Box::new(|_| Ok(Page::default())),
            explain: Box::new(|_| None),
            asked: BTreeSet::new(),
            latest: None,
            requests: 0,
            most: MAX_PAGES,
            retries: 0,
            found: Found::default(),
        }
    }

    /// The same list with something in front that need not be asked for.
    #[must_use]
    pub fn with(mut self, subscription: Subscription) -> Self {
        self.found.give(subscription);
        self
    }

    /// The same list, of which this many pages are read.
    #[must_use]
    pub fn at_most(self, pages: usize) -> Self {
        Self { most: pages, ..self }
    }

    /// The same list, where some clouds say in a refusal what keeps a person out.
    #[must_use]
    pub fn explained(
        mut self,
        explain: impl FnMut(&Reply) -> Option<Refusal> + Send + 'static,
    ) -> Self {
        self.explain = Box::new(explain);
        self
    }

    fn ask(&mut self, first: &Get, url: Url) -> Step {
        self.asked.insert(url.clone());
        self.latest = Some(url.clone());
        self.retries = 0;
        self.fetch(first, url, Duration::ZERO)
    }

    fn fetch(&mut self, first: &Get, url: Url, wait: Duration) -> Step {
        self.requests += 1;
        Step::Fetch { requests: vec![first.request(self.requests, url)], wait }
    }

    /// Takes what a page holds; gives back what comes next.
    fn take(&mut self, first: &Get, responses: Vec<Response>) -> Result<Step, Cut> {
        let awaited = self.requests;
        let response = responses.into_iter().find(|response| response.id == awaited);
        let reply = response.ok_or(Cut::Unanswered)?.outcome.map_err(Cut::Fetch)?;
        let latest = self.latest.clone().unwrap_or_else(|| first.url.clone());
        if let Some(wait) = self.may_retry(&reply) {
            self.retries += 1;
            return Ok(self.fetch(first, latest, wait));
        }
        // 206 is how a list goes that is paged by ranges.
        if !matches!(reply.status, 200 | 206) {
            let Some(refusal) = (self.explain)(&reply) else {
                return Err(Cut::Status(reply.status));
            };
            self.found.hide(refusal.hidden);
            return Err(Cut::Told(refusal.why));
        }
        let mut page = (self.read)(&reply).map_err(|Unreadable| Cut::Unreadable)?;
        let next = std::mem::take(&mut page.next);
        self.found.take(page)?;
        let Some(next) = follow(next, &latest, &first.url)? else {
            return match reply.status {
                // A part (RFC 9110 section 15.3.7), and the rest is nowhere.
                206 => Err(Cut::NextPage),
                _ => Ok(self.done(self.found.fewer_than_said())),
            };
        };
        if self.asked.contains(&next) {
            return Err(Cut::NextPage);
        }
        if self.asked.len() >= self.most {
            return Err(Cut::TooManyPages(self.most));
        }
        Ok(self.ask(first, next))
    }

    /// How long to wait before the latest page is asked for again.
    fn may_retry(&self, reply: &Reply) -> Option<Duration> {
        let wait = retry_after(reply)?;
        (wait <= MAX_WAIT && self.retries < MAX_RETRIES).then_some(wait)
    }

    fn done(&mut self, cut: Option<Cut>) -> Step {
        let found = std::mem::take(&mut self.found);
        let mut warnings: Vec<_> =
            cut.map(|cut| self.wording.cut(cut, found.is_some())).into_iter().collect();
        warnings.extend(found.missing.iter().map(|why| self.wording.missing(why)));
        if !found.hidden.is_empty() {
            warnings.push(self.wording.hidden(&found.hidden));
        }
        if found.passed_over > 0 {
            warnings.push(self.wording.passed_over(found.passed_over));
        }
        if let (Some(empty), true) = (self.wording.empty, !found.is_some() && warnings.is_empty()) {
            warnings.push(empty.into());
        }
        let Found { subscriptions, hidden, .. } = found;
        Step::Done(Listing { subscriptions, tenants: hidden, warnings })
    }
}

impl Discovery for Pages {
    fn next(&mut self, responses: Vec<Response>) -> Result<Step, ProviderError> {
        let Some(first) = self.first.take() else { return Ok(self.done(None)) };
        let step = match self.asked.is_empty() {
            true => Ok(self.ask(&first, first.url.clone())),
            false => self.take(&first, responses),
        };
        let step = step.unwrap_or_else(|cut| self.done(Some(cut)));
        if matches!(step, Step::Fetch { .. }) {
            self.first = Some(first);
        }
        Ok(step)
    }
}

#[cfg(test)]
mod tests;
