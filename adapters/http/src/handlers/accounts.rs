//! What apps read of one account: its subscriptions, page by page.

use portico_domain::account::{Account, Subscription};
use warp::reply::Response;

use super::{
    Call,
    login::{bad_parameter, repeated},
    session::{json_of_this_browser, rfc3339},
    tenant_json::extra_json,
};
use crate::{failure::Failure, json::Json, query::Query};

/// How many subscriptions a page has, and `/api/session` shows of an account in full.
pub(crate) const MAX_DETAILS: usize = 1_000;

/// `GET /api/accounts/{id}/subscriptions?after=…`: those after so many.
pub(crate) async fn subscriptions(
    call: Call,
    id: String,
    query: String,
) -> Result<Response, Failure> {
    let live = call.session().await?.ok_or_else(Failure::no_session)?;
    let mut query = Query::parse(&query).map_err(repeated)?;
    let after = after(&mut query)?;
    let account = account(&live.session.accounts, &id)?;
    let response = call.answer_about(&live, None, || page_json(account, after)).await?;
    Ok(json_of_this_browser(response))
}

/// The account with this id.
pub(crate) fn account<'a>(accounts: &'a [Account], id: &str) -> Result<&'a Account, Failure> {
    let found = accounts.iter().find(|account| account.id.as_str() == id);
    found.ok_or_else(|| Failure::not_found("unknown_account", "You have no such account here."))
}

/// How many subscriptions stand before the page.
pub(crate) fn after(query: &mut Query) -> Result<usize, Failure> {
    let Some(text) = query.take("after") else { return Ok(0) };
    let number = text.parse::<u32>().ok().filter(|_| text.bytes().all(|it| it.is_ascii_digit()));
    let number = number.and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| bad_parameter("The parameter after must be a whole number."))
}

/// Where the next page of an account is; `None` after the last.
pub(crate) fn next(account: &Account, shown: usize) -> Option<String> {
    let more = shown < account.subscriptions.len();
    more.then(|| format!("/api/accounts/{}/subscriptions?after={shown}", account.id.as_str()))
}

fn page_json(account: &Account, after: usize) -> Vec<u8> {
    let total = account.subscriptions.len();
    let from = after.min(total);
    let to = from.saturating_add(MAX_DETAILS).min(total);
    let mut json = Json::with_capacity(4_096);
    json.raw("{\"subscriptions\":").list(&account.subscriptions[from..to], subscription_json);
    json.raw(",\"total\":").raw(&total.to_string());
    json.raw(",\"refreshedAt\":").text(&rfc3339(account.refreshed_at));
    json.raw(",\"next\":").optional(next(account, to).as_deref()).raw("}");
    json.into_bytes()
}

/// A subscription as the API shows it.
pub(crate) fn subscription_json(json: &mut Json, subscription: &Subscription) {
    json.raw("{\"id\":").text(&subscription.id);
    json.raw(",\"displayName\":").text(&subscription.display_name);
    json.raw(",\"state\":").optional(subscription.state.as_deref());
    json.raw(",\"tenantId\":").optional(subscription.tenant.as_deref());
    extra_json(json, &subscription.extra);
    json.raw("}");
}

#[cfg(test)]
mod tests {
    use portico_domain::{testing::samples, time::Timestamp};
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
