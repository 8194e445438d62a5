//! The built-in dashboard.

use std::sync::Arc;

use askama::Template;
use jiff::{Timestamp as Moment, tz::TimeZone};
use portico_domain::{
    account::{Account, ListingState, Repair, Subscription, Tenant, TokenHealth},
    identity::VerifiedEmail,
    provider::{Descriptor, Providers, Registration},
    session::Ending,
    time::Timestamp,
    use_cases::{Current, LiveSession},
};
use warp::{
    http::{HeaderName, HeaderValue, header},
    reply::Response,
};

use super::{
    Icons, Pages,
    buttons::{Button, buttons, names},
    scripts,
};
use crate::{
    error::Failure,
    features::accounts::{self, MAX_DETAILS},
    request::Call,
    response::{as_page, html, redirect},
    session::View,
};

/// Sent by the script of the page, which fetches it without anybody there: the request is no use of the
/// session, so a page left open does not keep its person signed in.
const BACKGROUND: HeaderName = HeaderName::from_static("portico-background");

const STALE: &str = "The access to this account could not be renewed just now. It is tried again.";
const NEEDS_SIGN_IN: &str = "The access to this account has ended.";

#[derive(Template)]
#[template(path = "dashboard.html")]
struct DashboardPage<'a> {
    name: String,
    username: String,
    /// The verified address of the person, if it is not their username.
    email: Option<&'a str>,
    accounts: Vec<AccountCard<'a>>,
    providers: Vec<Button>,
    ends: String,
}

struct AccountCard<'a> {
    cloud: String,
    provider: String,
    noun: String,
    /// Whether its provider is offered, so that it can be listed again.
    is_offered: bool,
    /// Whether more tenants of the cloud can be connected.
    has_tenants: bool,
    account: &'a Account,
    /// Whether more of its list comes by itself.
    is_being_listed: bool,
    /// The tenants that could not be listed.
    tenants: Vec<TenantRow<'a>>,
    /// The subscriptions on this page.
    rows: &'a [Subscription],
    /// The number of subscriptions before `rows`.
    before: usize,
    /// `after` of the next page, if there is one.
    next: Option<usize>,
    listed: String,
    /// What is wrong with its tokens, and the link that repairs it.
    repair: Option<(&'static str, String)>,
    /// Whether it can be disconnected here.
    disconnects: bool,
}

/// A tenant that could not be listed.
struct TenantRow<'a> {
    tenant: &'a Tenant,
    /// The link that makes it reachable, with its text.
    repair: Option<(String, String)>,
}

/// The most tenants on the page that could not be listed; `/api/session` has all of them.
const MAX_TENANT_ROWS: usize = 50;

/// The dashboard, or a redirect to the sign-in page without a session. With `account` and `after`, it
/// shows further subscriptions of one account.
pub(super) async fn dashboard(pages: &Pages, call: &Call) -> Result<Response, Failure> {
    let sessions = &pages.sessions;
    let offered = pages.providers.all();
    let view = call.query.is_empty().then(|| View::dashboard(&offered));
    if let Some(view) = &view
        && let Some(response) = sessions.cached(call, view).await?
    {
        return Ok(with_headers(response));
    }
    let current = match call.headers().contains_key(BACKGROUND) {
        true => sessions.look_of(call).await?,
        false => sessions.current(call).await?,
    };
    let live = match current {
        Current::Live(live) => live,
        Current::Nothing
        | Current::Unreadable(_)
        | Current::Ended(
            Ending::Moved(_) | Ending::Replaced | Ending::Expired | Ending::SignedOut,
        ) => {
            return Ok(redirect(pages.destinations.portico())?);
        }
        // The page of the failure says why the session has ended.
        ended => return Err(sessions.failure(ended)),
    };
    let mut query = call.parameters()?;
    let (account, after) = (query.take("account"), accounts::parse_after(&mut query)?);
    let account =
        account.map(|id| accounts::find_account(&live.session.accounts, &id)).transpose()?;
    let render = || {
        let (live, icons, providers) = (&live, &pages.icons, &pages.providers);
        let page = Dashboard { icons, offered: &offered, providers, live, account, after };
        page.render().into_bytes()
    };
    Ok(with_headers(sessions.respond(call, &live, view, render).await?))
}

/// The content of the page.
struct Dashboard<'a> {
    icons: &'a Icons,
    offered: &'a [Arc<Registration>],
    providers: &'a Providers,
    live: &'a LiveSession,
    /// `None` for all accounts.
    account: Option<&'a Account>,
    /// The number of subscriptions of `account` to skip.
    after: usize,
}

impl Dashboard<'_> {
    /// Renders the page, with at most [`MAX_DETAILS`] subscriptions.
    fn render(&self) -> String {
        let (name, username) = names(&self.live.session);
        let own = self.live.session.own_account();
        let email = own.and_then(|own| own.email.as_ref()).map(VerifiedEmail::as_str);
        let email = email.filter(|email| *email != username);
        let (shown, after) = match self.account {
            Some(account) => (std::slice::from_ref(account), self.after),
            None => (self.live.session.accounts.as_slice(), 0),
        };
        let mut remaining = MAX_DETAILS;
        let accounts =
            shown.iter().map(|account| self.card(account, after, &mut remaining)).collect();
        let providers = buttons(self.icons, self.offered, |_| true);
        let ends = long_date(self.live.expires_at);
        html(&DashboardPage { name, username, email, accounts, providers, ends })
    }

    fn card<'a>(
        &self,
        account: &'a Account,
        after: usize,
        remaining: &mut usize,
    ) -> AccountCard<'a> {
        let provider = self.offered.iter().find(|known| *known.id() == account.provider);
        let descriptor = provider.map(|provider| provider.cloud.descriptor());
        let (id, total) = (account.provider.to_string(), account.subscriptions.len());
        let before = after.min(total);
        let to = (before + *remaining).min(total);
        *remaining -= to - before;
        AccountCard {
            cloud: descriptor.map_or_else(|| id.clone(), |found| found.name.clone()),
            provider: id,
            noun: descriptor.map_or("account", |found| &found.account_noun).to_owned(),
            is_offered: descriptor.is_some(),
            has_tenants: descriptor.is_some_and(has_tenants),
            account,
            is_being_listed: account.listing_state(self.live.read_at) == ListingState::InProgress,
            tenants: tenant_rows(account),
            rows: &account.subscriptions[before..to],
            before,
            next: (to < total).then_some(to),
            listed: long_date(account.refreshed_at),
            repair: descriptor.and_then(|_| self.repair(account)),
            disconnects: self.disconnects(account),
        }
    }

    /// Not the account that the session began with. On the pages of one account there is no place for the
    /// way back.
    fn disconnects(&self, account: &Account) -> bool {
        let own = self.live.session.accounts.first();
        self.account.is_none() && own.is_some_and(|own| own.id != account.id)
    }

    fn repair(&self, account: &Account) -> Option<(&'static str, String)> {
        let text = match account.token_health(self.live.read_at) {
            TokenHealth::Ok => return None,
            TokenHealth::Stale => STALE,
            TokenHealth::NeedsSignIn => NEEDS_SIGN_IN,
        };
        let link = accounts::sign_in_href(account, self.providers);
        let separator = if link.contains('?') { '&' } else { '?' };
        Some((text, format!("{link}{separator}return_to=/dashboard")))
    }
}

/// The tenants that could not be listed.
fn tenant_rows(account: &Account) -> Vec<TenantRow<'_>> {
    let row = |tenant| TenantRow { tenant, repair: repair_link(account, tenant) };
    account.missing_tenants().take(MAX_TENANT_ROWS).map(row).collect()
}

/// A login returns to this page; a page of the provider's does not.
fn repair_link(account: &Account, tenant: &Tenant) -> Option<(String, String)> {
    let repair = tenant.repair.as_ref()?;
    let href = accounts::repair_href(&account.provider, tenant, repair);
    Some(match repair {
        Repair::SignIn | Repair::Claims(_) => {
            let text = format!("Sign in to {}", tenant.display_name);
            (format!("{href}&return_to=/dashboard"), text)
        }
        Repair::Link(_) => (href, "Open its page".to_owned()),
    })
}

fn with_headers(response: Response) -> Response {
    // The sign-out form must send `Origin`, which is `null` under `no-referrer`.
    let mut response = as_page(response, "same-origin");
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("cookie"));
    let policy = HeaderValue::from_static(scripts::POLICY);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn has_tenants(descriptor: &Descriptor) -> bool {
    descriptor.tenant_pointer().is_some()
}

/// Such as `23 November 2026, 14:05 UTC`.
fn long_date(timestamp: Timestamp) -> String {
    let moment = Moment::from_second(i64::try_from(timestamp.unix_seconds()).unwrap_or(i64::MAX));
    let moment = moment.unwrap_or(Moment::MAX).to_zoned(TimeZone::UTC);
    moment.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_fetches_the_page_in_the_background() {
        assert!(scripts::DASHBOARD.contains(&format!("\"{BACKGROUND}\": \"1\"")));
    }
}
