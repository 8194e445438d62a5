//! The subscriptions of one tenant, and how their list ended.

use std::time::Duration;

use portico_provider::{
    Pages,
    headers::claims_challenge,
    identity::TenantId,
    listing::{Subscription, TenantState},
    provider::{Discovery, FetchError, ProviderError, Reply, Request, Response, Step},
};

use super::{
    refusal,
    report::{Report, Verdict},
};
use crate::{list, settings::AzureSettings};

/// The requests of a list, and the wait before them.
pub(super) type Requests = (Vec<Request>, Duration);

/// A list that may have ended.
pub(super) enum Running {
    Begun(Box<Pages>),
    Ended,
}

impl Running {
    /// The next step; `None` if the list has ended.
    pub(super) fn next(&mut self, responses: Vec<Response>) -> Result<Option<Step>, ProviderError> {
        match self {
            Self::Begun(pages) => pages.next(responses).map(Some),
            Self::Ended => Ok(None),
        }
    }
}

/// The list of one tenant.
pub(super) struct TenantList {
    /// The GUID in lower case.
    pub(super) id: String,
    pub(super) display_name: String,
    pub(super) default_domain: Option<String>,
    list: Running,
    pub(super) verdict: Verdict,
    pub(super) subscriptions: Vec<Subscription>,
    /// What is missing of a list that was read in part.
    pub(super) warnings: Vec<String>,
}

impl TenantList {
    /// The tenant that the person signed in to.
    pub(super) fn of_own(settings: &AzureSettings, id: &str) -> Self {
        Self::new(id.to_ascii_lowercase(), list::subscriptions(settings, None))
    }

    /// Another tenant, as the directory names it.
    pub(super) fn of_other(settings: &AzureSettings, id: TenantId, named: Subscription) -> Self {
        let pages = list::subscriptions(settings, Some(id.clone()));
        let mut list = Self::new(id.as_str().to_owned(), pages);
        list.name(named);
        list
    }

    fn new(id: String, pages: Pages) -> Self {
        Self {
            display_name: id.clone(),
            id,
            default_domain: None,
            list: Running::Begun(Box::new(pages)),
            verdict: Verdict::Listed,
            subscriptions: vec![],
            warnings: vec![],
        }
    }

    /// Takes the names of the directory. They are absent where the person may not read them: then the
    /// domain names the tenant, or its id.
    pub(super) fn name(&mut self, named: Subscription) {
        let has_name = named.display_name != named.id;
        let domain = named.state.clone();
        let name = if has_name { Some(named.display_name) } else { domain };
        self.display_name = name.unwrap_or_else(|| self.id.clone());
        self.default_domain = named.state;
    }

    pub(super) fn begin(&mut self) -> Result<Requests, ProviderError> {
        let step = self.list.next(vec![])?;
        Ok(self.stepped(step))
    }

    /// Reads the response to the last request.
    pub(super) fn receive(
        &mut self,
        response: Option<Response>,
    ) -> Result<Requests, ProviderError> {
        let failed = response.as_ref().and_then(verdict);
        let step = self.list.next(response.into_iter().collect())?;
        let requests = self.stepped(step);
        // A retry of the list is not its end.
        if let (Some(verdict), Running::Ended) = (failed, &self.list) {
            self.verdict = verdict;
            self.warnings.clear();
        }
        Ok(requests)
    }

    fn stepped(&mut self, step: Option<Step>) -> Requests {
        match step {
            Some(Step::Fetch { requests, wait }) => (requests, wait),
            Some(Step::Done(listing)) => {
                self.list = Running::Ended;
                self.subscriptions = listing.subscriptions;
                self.warnings = listing.warnings;
                (vec![], Duration::ZERO)
            }
            None => (vec![], Duration::ZERO),
        }
    }

    /// The state of the tenant, and what to do about it.
    pub(super) fn state(&self) -> TenantState {
        match &self.verdict {
            Verdict::Failed(report) => report.state,
            Verdict::Hidden => TenantState::Blocked,
            Verdict::Listed if !self.subscriptions.is_empty() => TenantState::Ok,
            Verdict::Listed if self.warnings.is_empty() => TenantState::Empty,
            Verdict::Listed => TenantState::Unreachable,
        }
    }
}

/// What a response says of its tenant; `None` if its list may go on.
fn verdict(response: &Response) -> Option<Verdict> {
    match &response.outcome {
        Ok(reply) => of_reply(reply).map(Verdict::Failed),
        Err(FetchError::TokenRefused(refused)) => Some(refusal::verdict(refused)),
        Err(FetchError::NoToken) => Some(Verdict::Failed(Report::no_token())),
        Err(error) => Some(Verdict::Failed(Report::unreachable(error))),
    }
}

/// What the Resource Manager says in place of a page.
fn of_reply(reply: &Reply) -> Option<Report> {
    match (reply.status, claims_challenge(reply)) {
        (401, Some(claims)) => Some(Report::wants_claims(claims)),
        (401, None) => Some(Report::token_not_accepted()),
        (403, _) => Some(Report::forbidden()),
        (429 | 500..=599, _) => Some(Report::failing(reply.status)),
        _ => None,
    }
}
