//! A cloud of which a part is slow.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::Poll,
};

use async_trait::async_trait;
use url::Url;

use super::{
    doubles::{self, ScriptedRun},
    samples,
};
use crate::{
    account::{Listing, Tenant, TenantState},
    ports::{CloudApi, Fetch, FetchFailure},
    provider::{Method, Registration, Reply, Request, Response, Step},
};

/// A cloud with two tenants, `fast` and `slow`, of one subscription each. The slow one responds once it is
/// [opened](Self::open). A listing asks both at once and then for the second page of the fast one, with
/// three requests in all. It calls a tenant unreachable if its first page fails.
#[derive(Clone, Default)]
pub struct SlowCloud {
    is_open: Arc<AtomicBool>,
    requests: Arc<AtomicUsize>,
}

impl SlowCloud {
    /// Has the slow tenant respond from now on.
    pub fn open(&self) {
        self.is_open.store(true, Ordering::Relaxed);
    }

    /// How many requests came.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// These doubles as the registration of this cloud.
    pub fn registration(&self, mut doubles: doubles::Provider) -> Registration {
        doubles.cloud.expect_list().returning(|_| {
            let mut first_pages = vec![];
            let step = move |responses: Vec<Response>| match responses.len() {
                0 => Ok(Step::fetch(vec![request(0, "fast"), request(1, "slow")])),
                2 => {
                    first_pages = responses;
                    Ok(Step::fetch(vec![request(2, "fast/2")]))
                }
                _ => Ok(Step::Done(listing(&first_pages))),
            };
            Ok(Box::new(ScriptedRun(step)))
        });
        Registration { api: Arc::new(self.clone()), ..doubles.into_registration() }
    }
}

#[async_trait]
impl CloudApi for SlowCloud {
    async fn fetch<'a>(&self, fetch: Fetch<'a>) -> Result<Reply, FetchFailure> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if fetch.request.url.path().ends_with("slow") {
            poll_fn(|context| match self.is_open.load(Ordering::Relaxed) {
                true => Poll::Ready(()),
                false => {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
            })
            .await;
        }
        Ok(Reply { status: 200, headers: vec![], body: "[]".into() })
    }
}

#[allow(clippy::unwrap_used, reason = "the addresses are written here")]
fn request(id: u32, tenant: &str) -> Request {
    Request {
        id,
        method: Method::Get,
        url: Url::parse(&format!("https://cloud.example/list/{tenant}")).unwrap(),
        headers: vec![],
        body: None,
        credential: None,
    }
}

fn listing(responses: &[Response]) -> Listing {
    let mut listing = Listing::default();
    for (name, response) in ["fast", "slow"].into_iter().zip(responses) {
        let state = match response.outcome {
            Ok(_) => TenantState::Ok,
            Err(_) => TenantState::Unreachable,
        };
        listing.tenants.push(tenant(name, state));
        if state == TenantState::Ok {
            let mut subscription = samples::subscription(name);
            subscription.tenant = Some(name.into());
            listing.subscriptions.push(subscription);
        }
    }
    listing
}

/// A tenant of this id in this state.
pub fn tenant(id: &str, state: TenantState) -> Tenant {
    Tenant {
        id: id.into(),
        display_name: id.into(),
        state,
        reason: None,
        mender: None,
        repair: None,
        extra: vec![],
    }
}
