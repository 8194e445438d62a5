//! A listing that comes in pages: as far as the cloud's own links lead within the one list that was
//! granted. Whatever goes wrong on the way ends the list with a warning and keeps what came.

mod follow;
mod found;

use std::collections::BTreeSet;

use portico_domain::{
    account::{Listing, Subscription},
    provider::{Discovery, Problem, Reply, Request, Response, Step},
};
use url::Url;

use self::{follow::follow, found::Found};
use crate::{Get, Page, Unreadable, Wording, wording::Cut};

/// What reads one page.
type Read = Box<dyn FnMut(&Reply) -> Result<Page, Unreadable> + Send>;

/// Links that never repeat would go on for ever.
const MOST_PAGES: usize = 100;

/// A list under way, one page after the other.
///
/// It goes on only at the first page's own address, at the same origin and at or below its path;
/// never to a page where it has been, and for at most 100 pages.
pub struct Pages {
    wording: Wording,
    /// `None` where there is nothing to ask for.
    first: Option<Get>,
    read: Read,
    /// Every page that was asked for; as many as requests were made.
    asked: BTreeSet<Url>,
    latest: Option<Url>,
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
            asked: BTreeSet::new(),
            latest: None,
            found: Found::default(),
        }
    }

    /// The same list with something in front that need not be asked for.
    #[must_use]
    pub fn with(mut self, subscription: Subscription) -> Self {
        self.found.give(subscription);
        self
    }

    /// The id of the request under way: pages are counted from one.
    fn awaited(&self) -> u32 {
        u32::try_from(self.asked.len()).unwrap_or(u32::MAX)
    }

    fn ask(&mut self, first: &Get, url: Url) -> Request {
        self.asked.insert(url.clone());
        self.latest = Some(url.clone());
        first.request(self.awaited(), url)
    }

    /// Takes what a page holds; gives back where the next one is.
    fn take(&mut self, first: &Get, responses: Vec<Response>) -> Result<Option<Url>, Cut> {
        let awaited = self.awaited();
        let response = responses.into_iter().find(|response| response.id == awaited);
        let reply = response.ok_or(Cut::Unanswered)?.outcome.map_err(Cut::Fetch)?;
        // 206 is how a list goes that is paged by ranges.
        if !matches!(reply.status, 200 | 206) {
            return Err(Cut::Status(reply.status));
        }
        let page = (self.read)(&reply).map_err(|Unreadable| Cut::Unreadable)?;
        self.found.take(page.subscriptions, page.passed_over)?;
        let latest = self.latest.as_ref().unwrap_or(&first.url);
        let Some(next) = follow(page.next, latest, &first.url)? else { return Ok(None) };
        if self.asked.contains(&next) {
            return Err(Cut::NextPage);
        }
        if self.asked.len() >= MOST_PAGES {
            return Err(Cut::TooManyPages(MOST_PAGES));
        }
        Ok(Some(next))
    }

    fn done(&mut self, cut: Option<Cut>) -> Step {
        let found = std::mem::take(&mut self.found);
        let mut warnings: Vec<_> =
            cut.map(|cut| self.wording.cut(cut, found.is_some())).into_iter().collect();
        if found.passed_over > 0 {
            warnings.push(self.wording.passed_over(found.passed_over));
        }
        if let (Some(empty), true) = (self.wording.empty, !found.is_some() && warnings.is_empty()) {
            warnings.push(empty.into());
        }
        Step::Done(Listing { subscriptions: found.subscriptions, warnings })
    }
}

impl Discovery for Pages {
    fn next(&mut self, responses: Vec<Response>) -> Result<Step, Problem> {
        let Some(first) = self.first.take() else { return Ok(self.done(None)) };
        let next = match self.asked.is_empty() {
            true => Ok(Some(first.url.clone())),
            false => self.take(&first, responses),
        };
        Ok(match next {
            Ok(Some(url)) => {
                let request = self.ask(&first, url);
                self.first = Some(first);
                Step::Fetch(vec![request])
            }
            Ok(None) => self.done(None),
            Err(cut) => self.done(Some(cut)),
        })
    }
}

#[cfg(test)]
mod tests;
