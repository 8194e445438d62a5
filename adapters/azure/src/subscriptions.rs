//! The listing of subscriptions: page after page, as far as Azure's own links lead within the one
//! address that was granted.

use std::collections::BTreeSet;

use portico_domain::{
    account::{Listing, MAX_SUBSCRIPTIONS, Subscription},
    json::well_formed,
    provider::{Credential, Discovery, Method, ProviderError, Reply, Request, Response, Step},
};
use url::Url;

use crate::{
    AS_APPLICATION, AS_USER,
    page::{Page, subscription},
    settings::ListingAs,
    warnings::{self, Cut},
};

/// The version of the API (Azure Resource Manager, Subscriptions - List).
const API_VERSION: &str = "2022-12-01";
/// A circle of links that never repeats would go on for ever.
const MAX_PAGES: usize = 500;

/// A listing under way.
#[derive(Debug)]
pub struct SubscriptionList {
    resource_manager: Url,
    listing_as: ListingAs,
    /// Every page that was asked for; as many as requests were made.
    pages: BTreeSet<Url>,
    ids: BTreeSet<String>,
    subscriptions: Vec<Subscription>,
    passed_over: usize,
}

impl SubscriptionList {
    pub(crate) fn new(resource_manager: Url, listing_as: ListingAs) -> Self {
        Self {
            resource_manager,
            listing_as,
            pages: BTreeSet::new(),
            ids: BTreeSet::new(),
            subscriptions: Vec::new(),
            passed_over: 0,
        }
    }

    fn first_page(&self) -> Url {
        let mut url = self.resource_manager.clone();
        url.set_path("/subscriptions");
        url.query_pairs_mut().append_pair("api-version", API_VERSION);
        url
    }

    /// The id of the request under way: pages are counted from one.
    fn awaited(&self) -> u32 {
        u32::try_from(self.pages.len()).unwrap_or(u32::MAX)
    }

    fn ask(&mut self, url: Url) -> Step {
        self.pages.insert(url.clone());
        let permission = match self.listing_as {
            ListingAs::Application => AS_APPLICATION,
            ListingAs::User => AS_USER,
        };
        Step::fetch(vec![Request {
            id: self.awaited(),
            method: Method::Get,
            url,
            headers: vec![("accept".into(), "application/json".into())],
            body: None,
            credential: Some(Credential { permission: permission.into(), tenant: None }),
        }])
    }

    /// Takes what a page holds; gives back where the next one is.
    fn read(&mut self, reply: &Reply) -> Result<Option<Url>, Cut> {
        if reply.status != 200 {
            return Err(Cut::Status(reply.status));
        }
        let page = serde_json::from_str::<Page>(&well_formed(&reply.body));
        let page = page.map_err(|_| Cut::Unreadable)?;
        for entry in &page.value {
            let Some(found) = subscription(entry) else {
                self.passed_over += 1;
                continue;
            };
            if self.ids.contains(&found.id) {
                continue;
            }
            if self.subscriptions.len() >= MAX_SUBSCRIPTIONS {
                return Err(Cut::TooManySubscriptions);
            }
            self.ids.insert(found.id.clone());
            self.subscriptions.push(found);
        }
        let next = page.next_link.filter(|link| !link.is_empty());
        next.map(|link| self.next_page(&link)).transpose()
    }

    /// Follows a link only to another page of this list: a token goes with the request.
    fn next_page(&self, link: &str) -> Result<Url, Cut> {
        let mut url = Url::parse(link).map_err(|_| Cut::NextLink)?;
        url.set_fragment(None);
        let is_ours = url.origin() == self.resource_manager.origin()
            && url.path().trim_end_matches('/') == "/subscriptions"
            && url.username().is_empty()
            && url.password().is_none();
        if !is_ours || self.pages.contains(&url) {
            return Err(Cut::NextLink);
        }
        if self.pages.len() >= MAX_PAGES {
            return Err(Cut::TooManyPages);
        }
        Ok(url)
    }

    fn done(&mut self, cut: Option<Cut>) -> Step {
        let subscriptions = std::mem::take(&mut self.subscriptions);
        let some = !subscriptions.is_empty();
        let mut warnings = Vec::new();
        if let Some(cut) = cut {
            warnings.push(warnings::cut(cut, self.listing_as, some));
        }
        if self.passed_over > 0 {
            warnings.push(warnings::passed_over(self.passed_over));
        }
        if !some && warnings.is_empty() && self.listing_as == ListingAs::Application {
            warnings.push(warnings::nothing_for_the_application());
        }
        Step::Done(Listing { subscriptions, warnings, ..Listing::default() })
    }
}

impl Discovery for SubscriptionList {
    fn next(&mut self, responses: Vec<Response>) -> Result<Step, ProviderError> {
        if self.pages.is_empty() {
            let first = self.first_page();
            return Ok(self.ask(first));
        }
        let awaited = self.awaited();
        let response = responses.into_iter().find(|response| response.id == awaited);
        let read = match response.map(|response| response.outcome) {
            Some(Ok(reply)) => self.read(&reply),
            Some(Err(error)) => Err(Cut::Fetch(error)),
            None => Err(Cut::Unanswered),
        };
        Ok(match read {
            Ok(Some(next)) => self.ask(next),
            Ok(None) => self.done(None),
            Err(cut) => self.done(Some(cut)),
        })
    }
}

#[cfg(test)]
mod tests;
