//! What apps read of one account: its subscriptions, page by page.

mod view;

use std::sync::Arc;

use portico_domain::account::Account;
use warp::reply::Response;

use self::view::page_json;
pub(crate) use self::view::{write_subscription, write_tenant};
use crate::{
    error::{ErrorCode, Failure},
    request::{Call, Query},
    response::{Rendering, json_of_this_browser},
    routing::{Access, GET, NO_BODY, Route},
    session::SessionReader,
};

/// How many subscriptions a page has, and `/api/session` shows of an account in full.
pub(crate) const MAX_DETAILS: usize = 1_000;

/// What the answers about accounts need.
pub(crate) struct Accounts {
    pub(super) sessions: Arc<SessionReader>,
}

impl Accounts {
    /// The routes of accounts.
    pub(super) const ROUTES: &[Route<Self>] = &[Route {
        name: "account_subscriptions",
        methods: GET,
        path: "/api/accounts/{id}/subscriptions",
        body_limit: NO_BODY,
        rendering: Rendering::Json,
        access: Access::Scripts,
        handler: |accounts, call| Box::pin(async move { accounts.subscriptions(&call).await }),
    }];

    /// Those after so many.
    async fn subscriptions(&self, call: &Call) -> Result<Response, Failure> {
        let live = self.sessions.live(call).await?.ok_or(ErrorCode::NoSession)?;
        let after = after(&mut call.parameters()?)?;
        let account = account(&live.session.accounts, &call.parameter)?;
        let render = || page_json(account, after);
        let response = self.sessions.answer_about(call, &live, None, render).await?;
        Ok(json_of_this_browser(response))
    }
}

/// The account with this id.
pub(crate) fn account<'a>(accounts: &'a [Account], id: &str) -> Result<&'a Account, ErrorCode> {
    let found = accounts.iter().find(|account| account.id.as_str() == id);
    found.ok_or(ErrorCode::UnknownAccount)
}

/// How many subscriptions stand before the page.
pub(crate) fn after(query: &mut Query) -> Result<usize, ErrorCode> {
    let Some(text) = query.take("after") else { return Ok(0) };
    let number = text.parse::<u32>().ok().filter(|_| text.bytes().all(|it| it.is_ascii_digit()));
    let number = number.and_then(|number| usize::try_from(number).ok());
    number.ok_or(ErrorCode::BadAfter)
}

/// Where the next page of an account is; `None` after the last.
pub(crate) fn next(account: &Account, shown: usize) -> Option<String> {
    let more = shown < account.subscriptions.len();
    more.then(|| format!("/api/accounts/{}/subscriptions?after={shown}", account.id.as_str()))
}

#[cfg(test)]
mod tests {
    use portico_domain::{account::Subscription, testing::samples, time::Timestamp};
    use serde_json::Value;

    use super::*;

    fn long(count: usize) -> Account {
        let mut account = samples::account("contoso", "zofia", Timestamp::from_unix_seconds(1_000));
        let one = account.subscriptions[0].clone();
        let numbered = |n: usize| Subscription { id: n.to_string(), ..one.clone() };
        account.subscriptions = (0..count).map(numbered).collect();
        account
    }

    fn page(account: &Account, after: usize) -> Value {
        serde_json::from_slice(&page_json(account, after)).unwrap()
    }

    #[test]
    fn the_pages_bring_every_subscription_once_and_end() {
        for count in [0, 1, 999, 1_000, 1_001, 2_500, 10_000] {
            let (account, mut after, mut ids) = (long(count), 0, Vec::new());
            loop {
                let page = page(&account, after);
                assert_eq!(page["total"], count);
                let entries = page["subscriptions"].as_array().unwrap().clone();
                assert!(entries.len() <= MAX_DETAILS);
                ids.extend(entries.iter().map(|it| it["id"].as_str().unwrap().to_owned()));
                let Some(next) = page["next"].as_str() else { break };
                let (path, number) = next.split_once("?after=").unwrap();
                assert_eq!(path, format!("/api/accounts/{}/subscriptions", account.id.as_str()));
                after = number.parse().unwrap();
            }
            let all: Vec<_> = (0..count).map(|n| n.to_string()).collect();
            assert_eq!(ids, all);
        }
    }

    #[test]
    fn a_page_after_the_last_is_empty() {
        for after in [10, 1_000_000, u32::MAX as usize] {
            let page = page(&long(10), after);
            assert_eq!(
                (&page["subscriptions"], &page["next"]),
                (&serde_json::json!([]), &Value::Null)
            );
        }
    }

    #[test]
    fn where_a_page_begins_is_a_whole_number() {
        let after = |text: &str| after(&mut Query::parse(text).unwrap());
        assert_eq!(after("").unwrap(), 0);
        assert_eq!(after("after=1000").unwrap(), 1_000);
        for bad in ["-1", "1.5", "%2B1", "x", "99999999999999999999", "0x10", "1%20"] {
            assert!(after(&format!("after={bad}")).is_err(), "{bad}");
        }
    }
}
