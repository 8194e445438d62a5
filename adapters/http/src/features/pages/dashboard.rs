//! The built-in dashboard.

use std::sync::Arc;

use askama::Template;
use jiff::{Timestamp as Moment, tz::TimeZone};
use portico_domain::{
    account::{Account, Subscription},
    provider::{Descriptor, Registration},
    session::{Ending, Session},
    time::Timestamp,
    use_cases::Current,
};
use warp::{
    http::{HeaderValue, header},
    reply::Response,
};

use super::{
    Icons, Pages,
    buttons::{Button, buttons, names},
};
use crate::{
    error::Failure,
    features::accounts::{self, MAX_DETAILS},
    request::Call,
    response::{as_page, redirect, text_of},
    session::View,
};

/// Stands on the dashboard. A browser that goes back may show a page as it was when it was left,
/// without asking (HTML standard section 7.4.6, "reactivation"): whoever signed out elsewhere would
/// still be shown. So the page is blank once it was left, and is loaded anew when it comes back.
const COMES_BACK: &str = include_str!("../../../assets/comes-back.js");

/// The same policy, with that script and no other.
const POLICY_WITH_SCRIPT: &str = concat!(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'; script-src 'sha256-",
    "FMjG+e9NyNQbU8bv1+wyIsGxZWNgdQYO8nYD/JM/QoY=",
    "'"
);

#[derive(Template)]
#[template(path = "dashboard.html")]
struct DashboardPage<'a> {
    name: String,
    username: String,
    accounts: Vec<AccountCard<'a>>,
    providers: Vec<Button>,
    ends: String,
    /// [`COMES_BACK`].
    script: &'static str,
}

struct AccountCard<'a> {
    cloud: String,
    provider: String,
    noun: String,
    /// Whether the cloud has more tenants than one to connect.
    has_tenants: bool,
    account: &'a Account,
    /// The part of its subscriptions that is on this page.
    rows: &'a [Subscription],
    /// How many stand before that part, and after how many the next begins, where there is one.
    before: usize,
    next: Option<usize>,
    listed: String,
}

/// Without a session, the sign-in page. With `account` and `after` it shows the subscriptions of one
/// account that did not fit.
pub(super) async fn dashboard(pages: &Pages, call: &Call) -> Result<Response, Failure> {
    let sessions = &pages.sessions;
    let live = match sessions.current(call).await? {
        Current::Live(live) => live,
        Current::Nothing
        | Current::Unreadable(_)
        | Current::Ended(Ending::Moved(_) | Ending::Replaced) => {
            return Ok(redirect(pages.destinations.portico())?);
        }
        // Whoever had a session and has it no more is told why.
        ended => return Err(sessions.without(ended)),
    };
    let mut query = call.parameters()?;
    let (account, after) = (query.take("account"), accounts::after(&mut query)?);
    let account = account.map(|id| accounts::account(&live.session.accounts, &id)).transpose()?;
    let offered = pages.providers.all();
    let view = account.is_none().then(|| View::dashboard(&offered));
    let render = || {
        let (session, ends) = (&live.session, live.expires_at);
        let icons = &pages.icons;
        let page = Dashboard { icons, offered: &offered, session, ends, account, after };
        page.render().into_bytes()
    };
    Ok(of_this_session(sessions.answer_about(call, &live, view, render).await?))
}

/// What the page shows.
struct Dashboard<'a> {
    icons: &'a Icons,
    offered: &'a [Arc<Registration>],
    session: &'a Session,
    ends: Timestamp,
    /// The one account to show, from after so many of its subscriptions on.
    account: Option<&'a Account>,
    after: usize,
}

impl Dashboard<'_> {
    /// The page: at most [`MAX_DETAILS`] subscriptions in all.
    fn render(&self) -> String {
        let (name, username) = names(self.session);
        let (shown, after) = match self.account {
            Some(account) => (std::slice::from_ref(account), self.after),
            None => (self.session.accounts.as_slice(), 0),
        };
        let mut room = MAX_DETAILS;
        let accounts = shown.iter().map(|account| self.card(account, after, &mut room)).collect();
        let providers = buttons(self.icons, self.offered, |_| true);
        let ends = for_a_person(self.ends);
        let page = DashboardPage { name, username, accounts, providers, ends, script: COMES_BACK };
        text_of(&page)
    }

    fn card<'a>(&self, account: &'a Account, after: usize, room: &mut usize) -> AccountCard<'a> {
        let provider = self.offered.iter().find(|known| *known.id() == account.provider);
        let descriptor = provider.map(|provider| provider.cloud.descriptor());
        let (id, total) = (account.provider.to_string(), account.subscriptions.len());
        let before = after.min(total);
        let to = (before + *room).min(total);
        *room -= to - before;
        AccountCard {
            cloud: descriptor.map_or_else(|| id.clone(), |found| found.name.clone()),
            provider: id,
            noun: descriptor.map_or("account", |found| &found.account_noun).to_owned(),
            has_tenants: descriptor.is_some_and(has_tenants),
            account,
            rows: &account.subscriptions[before..to],
            before,
            next: (to < total).then_some(to),
            listed: for_a_person(account.refreshed_at),
        }
    }
}

/// The headers of the dashboard.
fn of_this_session(response: Response) -> Response {
    // Its sign-out form must send an Origin, which browsers blank under `no-referrer`.
    let mut response = as_page(response, "same-origin");
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("cookie"));
    let policy = HeaderValue::from_static(POLICY_WITH_SCRIPT);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn has_tenants(descriptor: &Descriptor) -> bool {
    descriptor.tenant_pointer().is_some()
}

/// `23 November 2026, 14:05 UTC`.
fn for_a_person(moment: Timestamp) -> String {
    let moment = Moment::from_second(i64::try_from(moment.unix_seconds()).unwrap_or(i64::MAX));
    let moment = moment.unwrap_or(Moment::MAX).to_zoned(TimeZone::UTC);
    moment.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::response::POLICY;

    #[test]
    fn the_policy_allows_the_script_of_the_dashboard_and_no_other() {
        let hash = BASE64_STANDARD.encode(Sha256::digest(COMES_BACK));
        assert_eq!(POLICY_WITH_SCRIPT, format!("{POLICY}; script-src 'sha256-{hash}'"));
    }
}
