//! The accounts API: the subscriptions of an account by page, listing again, disconnecting and restoring.

mod changing;
mod disconnect;
mod relist;
mod token;
mod view;

use std::sync::Arc;

use portico_domain::{
    account::Account,
    return_to::Destinations,
    use_cases::{BackgroundListings, DisconnectAccount},
};
use warp::reply::Response;

use self::view::page_json;
pub(crate) use self::{
    token::{sign_in_href, token_state, write_token},
    view::{
        listing_state, repair_href, tenant_state, write_identity, write_subscription, write_tenant,
    },
};
use crate::{
    error::{ErrorCode, Failure},
    request::{Call, Cookies, Query},
    response::{CorrelationIds, Rendering, private_json},
    routing::{Access, DELETE, GET, NO_BODY, POST, Route},
    session::SessionReader,
};

/// The subscriptions of a page, and of an account in `/api/session` with details.
pub(crate) const MAX_DETAILS: usize = 1_000;

/// Dependencies of the feature.
pub(crate) struct Accounts {
    pub(super) sessions: Arc<SessionReader>,
    pub(super) disconnect_account: DisconnectAccount,
    pub(super) listings: BackgroundListings,
    pub(super) destinations: Destinations,
    pub(super) cookies: Cookies,
    pub(super) correlations: CorrelationIds,
}

impl Accounts {
    pub(super) const ROUTES: &[Route<Self>] = &[
        Route {
            name: "account_subscriptions",
            methods: GET,
            path: "/api/accounts/{id}/subscriptions",
            body_limit: NO_BODY,
            rendering: Rendering::Json,
            access: Access::Scripts,
            handler: |accounts, call| Box::pin(async move { accounts.subscriptions(&call).await }),
        },
        Route {
            name: "account_refresh",
            methods: POST,
            path: "/api/accounts/{id}/refresh",
            body_limit: 64,
            rendering: Rendering::Json,
            access: Access::Scripts,
            handler: |accounts, call| {
                Box::pin(async move { relist::relist(&accounts, &call).await })
            },
        },
        Route {
            name: "account_disconnect",
            methods: DELETE,
            path: "/api/accounts/{id}",
            body_limit: NO_BODY,
            rendering: Rendering::Json,
            access: Access::Scripts,
            handler: |accounts, call| {
                Box::pin(async move { disconnect::disconnect(&accounts, &call).await })
            },
        },
        Route {
            name: "account_restore",
            methods: POST,
            path: "/api/accounts/{id}/restore",
            body_limit: 64,
            rendering: Rendering::Json,
            access: Access::Scripts,
            handler: |accounts, call| {
                Box::pin(async move { disconnect::restore(&accounts, &call).await })
            },
        },
    ];

    async fn subscriptions(&self, call: &Call) -> Result<Response, Failure> {
        let live = self.sessions.require(call).await?;
        let after = parse_after(&mut call.parameters()?)?;
        let account = find_account(&live.session.accounts, &call.parameter)?;
        let render = || page_json(account, after);
        let response = self.sessions.respond(call, &live, None, render).await?;
        Ok(private_json(response))
    }
}

/// The account with this id.
pub(crate) fn find_account<'a>(
    accounts: &'a [Account],
    id: &str,
) -> Result<&'a Account, ErrorCode> {
    let found = accounts.iter().find(|account| account.id.as_str() == id);
    found.ok_or(ErrorCode::UnknownAccount)
}

/// Parses `after`, the number of subscriptions before the page.
pub(crate) fn parse_after(query: &mut Query) -> Result<usize, ErrorCode> {
    let Some(text) = query.take("after") else { return Ok(0) };
    let number = text.parse::<u32>().ok().filter(|_| text.bytes().all(|it| it.is_ascii_digit()));
    let number = number.and_then(|number| usize::try_from(number).ok());
    number.ok_or(ErrorCode::BadAfter)
}

/// The path of the page after so many subscriptions; `None` if there is none.
pub(crate) fn next_page(account: &Account, after: usize) -> Option<String> {
    let has_more = after < account.subscriptions.len();
    has_more.then(|| format!("/api/accounts/{}/subscriptions?after={after}", account.id.as_str()))
}

#[cfg(test)]
mod tests {
    use portico_domain::{account::Subscription, testing::samples, time::Timestamp};
    use rstest::rstest;
    use serde_json::Value;

    use super::*;

    fn account_with(count: usize) -> Account {
        let mut account = samples::account("contoso", "zofia", Timestamp::from_unix_seconds(1_000));
        let one = account.subscriptions[0].clone();
        let numbered = |n: usize| Subscription { id: n.to_string(), ..one.clone() };
        account.subscriptions = (0..count).map(numbered).collect();
        account
    }

    fn page(account: &Account, after: usize) -> Value {
        serde_json::from_slice(&page_json(account, after)).unwrap()
    }

    #[rstest]
    fn pages_have_every_subscription_once(
        #[values(0, 1, 999, 1_000, 1_001, 2_500, 10_000)] count: usize,
    ) {
        let (account, mut after, mut ids) = (account_with(count), 0, Vec::new());
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

    #[rstest]
    fn page_after_the_last_is_empty(#[values(10, 1_000_000, u32::MAX as usize)] after: usize) {
        let page = page(&account_with(10), after);
        assert_eq!(page["subscriptions"], serde_json::json!([]));
        assert_eq!(page["next"], Value::Null);
    }

    #[rstest]
    #[case::missing("", 0)]
    #[case::number("after=1000", 1_000)]
    fn parse_after_accepts(#[case] query: &str, #[case] expected: usize) {
        assert_eq!(parse_after(&mut Query::parse(query).unwrap()).unwrap(), expected);
    }

    #[rstest]
    fn parse_after_refuses(
        #[values("-1", "1.5", "%2B1", "x", "99999999999999999999", "0x10", "1%20")] value: &str,
    ) {
        let mut query = Query::parse(&format!("after={value}")).unwrap();
        assert!(parse_after(&mut query).is_err());
    }
}
