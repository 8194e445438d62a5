//! The listing of every tenant of a person: `GET /tenants` with the token of the tenant signed in to,
//! and `GET /subscriptions` in each, with a token of that tenant.
//!
//! <https://learn.microsoft.com/rest/api/resources/tenants/list>. `az login` does the same, one tenant
//! after the other.

mod merge;
mod refusal;
mod report;
mod tenant_list;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use portico_provider::{
    Fields, Get, Json, Page, Pages, Unreadable, Wording,
    address::below,
    identity::TenantId,
    listing::Subscription,
    provider::{Discovery, ProviderError, Reply, Request, Response, Step},
};

use self::tenant_list::{Running, TenantList};
use crate::{
    guid::is_guid,
    list::{self, AS_USER},
    settings::AzureSettings,
};

/// The path of the list of tenants.
pub(crate) const PATH: &str = "/tenants";
/// The most tenants that are listed: each takes a token and a request of the 500 of a listing.
pub(crate) const MAX_LISTED: usize = 200;

const TENANT: Fields =
    Fields { id: "/tenantId", name: "/displayName", state: Some("/defaultDomain"), tenant: None };

/// A running listing of every tenant.
pub struct EveryTenant {
    settings: AzureSettings,
    /// The list of tenants, until it has ended.
    directory: Running,
    /// The tenants on the pages of the directory that were not begun yet.
    found: Arc<Mutex<Vec<Subscription>>>,
    known: BTreeSet<String>,
    tenants: Vec<TenantList>,
    /// What is missing of the directory itself.
    warnings: Vec<String>,
    /// The requests of the last step: the index of their list, and the id in it.
    asked: Vec<(Asked, u32)>,
}

/// The list that a request belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Directory,
    Tenant(usize),
}

impl EveryTenant {
    /// A listing for a person who signed in to `own`.
    pub(crate) fn new(settings: &AzureSettings, own: &TenantId) -> Self {
        let found = Arc::new(Mutex::new(Vec::new()));
        let directory = Running::Begun(Box::new(directory(settings, found.clone())));
        let own_list = TenantList::of_own(settings, own.as_str());
        Self {
            settings: settings.clone(),
            directory,
            found,
            known: BTreeSet::from([own.as_str().to_ascii_lowercase()]),
            tenants: vec![own_list],
            warnings: vec![],
            asked: vec![],
        }
    }

    /// Passes each response to its list. A response to no request is ignored, and a request without a
    /// response has failed.
    fn receive(&mut self, responses: Vec<Response>) -> Result<Batch, ProviderError> {
        let mut batch = Batch::default();
        for (at, (asked, id)) in std::mem::take(&mut self.asked).into_iter().enumerate() {
            let number = u32::try_from(at).unwrap_or(u32::MAX);
            let response = responses.iter().find(|response| response.id == number);
            let own = response.map(|it| Response { id, outcome: it.outcome.clone() });
            match asked {
                Asked::Directory => {
                    let step = self.directory.next(own.into_iter().collect())?;
                    self.directory_stepped(step, &mut batch);
                }
                Asked::Tenant(index) => {
                    let requests = self.tenants[index].receive(own)?;
                    batch.add(asked, requests);
                }
            }
        }
        Ok(batch)
    }

    fn directory_stepped(&mut self, step: Option<Step>, batch: &mut Batch) {
        match step {
            Some(Step::Fetch { requests, wait }) => batch.add(Asked::Directory, (requests, wait)),
            Some(Step::Done(listing)) => {
                self.directory = Running::Ended;
                self.warnings = listing.warnings;
            }
            None => {}
        }
    }

    /// Begins the lists of the tenants that the directory has named meanwhile.
    fn begin_found(&mut self, batch: &mut Batch) -> Result<(), ProviderError> {
        let found = std::mem::take(&mut *self.found.lock().unwrap_or_else(PoisonError::into_inner));
        for tenant in found {
            let id = tenant.id.to_ascii_lowercase();
            if !self.known.insert(id.clone()) {
                self.name_own(&id, tenant);
                continue;
            }
            let Ok(parsed) = TenantId::parse(id) else { continue };
            if self.tenants.len() >= MAX_LISTED {
                self.warn_of_more();
                continue;
            }
            let mut list = TenantList::of_other(&self.settings, parsed, tenant);
            let requests = list.begin()?;
            batch.add(Asked::Tenant(self.tenants.len()), requests);
            self.tenants.push(list);
        }
        Ok(())
    }

    /// The directory names the tenant signed in to as well.
    fn name_own(&mut self, id: &str, tenant: Subscription) {
        if let Some(own) = self.tenants.first_mut().filter(|own| own.id == id) {
            own.name(tenant);
        }
    }

    fn warn_of_more(&mut self) {
        let more = format!("Only the first {MAX_LISTED} of your Azure tenants are listed.");
        if !self.warnings.contains(&more) {
            self.warnings.push(more);
        }
    }

    /// The requests under the numbers of this step.
    fn fetch(&mut self, batch: Batch) -> Step {
        let Batch { mut requests, asked, wait } = batch;
        for (number, request) in (0..).zip(&mut requests) {
            request.id = number;
        }
        self.asked = asked;
        Step::Fetch { requests, wait }
    }
}

impl Discovery for EveryTenant {
    fn next(&mut self, responses: Vec<Response>) -> Result<Step, ProviderError> {
        let mut batch = match self.asked.is_empty() && matches!(self.directory, Running::Begun(_)) {
            true => self.first()?,
            false => self.receive(responses)?,
        };
        self.begin_found(&mut batch)?;
        if !batch.requests.is_empty() {
            return Ok(self.fetch(batch));
        }
        Ok(Step::Done(merge::merged(
            std::mem::take(&mut self.tenants),
            std::mem::take(&mut self.warnings),
        )))
    }
}

impl EveryTenant {
    /// The directory, and the list of the tenant signed in to beside it.
    fn first(&mut self) -> Result<Batch, ProviderError> {
        let mut batch = Batch::default();
        let step = self.directory.next(vec![])?;
        self.directory_stepped(step, &mut batch);
        let requests = self.tenants[0].begin()?;
        batch.add(Asked::Tenant(0), requests);
        Ok(batch)
    }
}

/// The requests of one step, of several lists. They wait for as long as the one that waits longest:
/// Azure counts the requests of a person, not those of a tenant.
#[derive(Default)]
struct Batch {
    requests: Vec<Request>,
    asked: Vec<(Asked, u32)>,
    wait: Duration,
}

impl Batch {
    fn add(&mut self, asked: Asked, (requests, wait): (Vec<Request>, Duration)) {
        self.wait = self.wait.max(wait);
        self.asked.extend(requests.iter().map(|request| (asked, request.id)));
        self.requests.extend(requests);
    }
}

/// The list of tenants; each page is passed on in `found` as it is read.
fn directory(settings: &AzureSettings, found: Arc<Mutex<Vec<Subscription>>>) -> Pages {
    let first = Get::new(below(&settings.resource_manager, PATH), AS_USER)
        .parameter("api-version", list::API_VERSION)
        .header("accept", "application/json");
    let read = move |reply: &Reply| {
        let body = Json::parse(&reply.body)?;
        let page = Page::of(body.at("/value").ok_or(Unreadable)?, &TENANT)?;
        let page = page.keeping(|tenant| is_guid(&tenant.id));
        let next = list::next(body.at("/nextLink"), PATH)?;
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        found.extend(page.subscriptions.iter().cloned());
        Ok(page.then(next))
    };
    let wording = Wording {
        entries: "tenants",
        forbidden: "Sign in again; where that does not help, ask an administrator.",
        ..list::AS_USER_WORDING
    };
    Pages::new(wording, first, read)
}
