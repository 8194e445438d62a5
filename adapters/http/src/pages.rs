//! Portico's pages. Whatever comes from outside is escaped by the templates.

use std::sync::Arc;

use askama::Template;
use jiff::{Timestamp as Moment, tz::TimeZone};
use portico_domain::{
    account::{Account, Subscription},
    identity::Identity,
    provider::{Descriptor, Registration},
    return_to::Destinations,
    session::Session,
    time::Timestamp,
    use_cases::Question,
};
use warp::{
    http::{HeaderValue, header},
    reply::{Reply, Response},
};

use crate::{App, Icons, handlers::accounts::MAX_DETAILS};

/// The one style sheet.
pub(crate) const STYLE: &str = include_str!("../assets/portico.css");

/// Nothing but Portico's own style sheet and forms, and nobody may frame it.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Stands on the dashboard. A browser that goes back may show a page as it was when it was left,
/// without asking (HTML standard section 7.4.6, "reactivation"): whoever signed out elsewhere would
/// still be shown. So the page is blank once it was left, and is loaded anew when it comes back.
const COMES_BACK: &str = include_str!("../assets/comes-back.js");

/// The same policy, with that script and no other.
const POLICY_WITH_SCRIPT: &str = concat!(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'; script-src 'sha256-",
    "FMjG+e9NyNQbU8bv1+wyIsGxZWNgdQYO8nYD/JM/QoY=",
    "'"
);

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    providers: Vec<Button>,
    signed_in_as: Option<String>,
}

/// A provider to sign in with or to connect.
struct Button {
    id: String,
    name: String,
    has_icon: bool,
    /// Stands where there is no icon.
    initial: String,
}

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

#[derive(Template)]
#[template(path = "decide.html")]
struct DecidePage<'a> {
    question: &'a Question,
    cloud: &'a str,
    owner: Named<'a>,
    arrived: Named<'a>,
}

/// What a person is called, and what tells them from a namesake.
struct Named<'a> {
    name: &'a str,
    detail: &'a str,
}

impl<'a> From<&'a Identity> for Named<'a> {
    fn from(identity: &'a Identity) -> Self {
        let name = identity.display_name.as_str();
        let username = identity.username.as_deref().filter(|username| *username != name);
        Self { name, detail: username.unwrap_or(identity.tenant.as_str()) }
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    heading: &'a str,
    message: &'a str,
    advice: &'a str,
    correlation: &'a str,
}

/// The sign-in page: one button per provider, those that only connect once there is a session.
pub(crate) fn sign_in(app: &App, session: Option<&Session>) -> Response {
    let offered = |descriptor: &Descriptor| session.is_some() || descriptor.people.is_some();
    let signed_in_as = session.map(|session| names(session).0);
    let page =
        SignInPage { providers: buttons(&app.icons, &app.providers.all(), offered), signed_in_as };
    // Browsers that send no Fetch Metadata show by the Referer alone that a login was begun here.
    render(&page, "same-origin")
}

fn buttons(
    icons: &Icons,
    providers: &[Arc<Registration>],
    offered: impl Fn(&Descriptor) -> bool,
) -> Vec<Button> {
    let descriptors = providers.iter().map(|provider| provider.cloud.descriptor());
    let button = |descriptor: &Descriptor| Button {
        id: descriptor.id.to_string(),
        name: descriptor.name.clone(),
        has_icon: icons.of(descriptor).is_some(),
        initial: descriptor.name.chars().take(1).collect(),
    };
    descriptors.filter(|descriptor| offered(descriptor)).map(button).collect()
}

/// The built-in dashboard.
pub(crate) struct Dashboard<'a> {
    pub(crate) icons: &'a Icons,
    pub(crate) offered: &'a [Arc<Registration>],
    pub(crate) session: &'a Session,
    pub(crate) ends: Timestamp,
    /// The one account to show, from after so many of its subscriptions on.
    pub(crate) account: Option<&'a Account>,
    pub(crate) after: usize,
}

impl Dashboard<'_> {
    /// The page: at most [`MAX_DETAILS`] subscriptions in all.
    pub(crate) fn render(&self) -> String {
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
pub(crate) fn of_this_session(response: Response) -> Response {
    // Its sign-out form must send an Origin, which browsers blank under `no-referrer`.
    let mut response = page(response, "same-origin");
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("cookie"));
    let policy = HeaderValue::from_static(POLICY_WITH_SCRIPT);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// The question what shall become of a login.
pub(crate) fn decide(question: &Question, cloud: &str, destinations: &Destinations) -> Response {
    let owner = Named::from(&question.owner);
    let page = DecidePage { question, cloud, owner, arrived: Named::from(&question.arrived) };
    // Its form must send an Origin, which browsers blank under `no-referrer`.
    let mut response = render(&page, "same-origin");
    // A form's answer may send the browser on to a dashboard, to which `form-action` applies as
    // well (CSP 3 section 6.4.1).
    let origins = destinations.origins();
    let dashboards = origins.iter().skip(1).map(|origin| origin.ascii_serialization());
    let dashboards = dashboards.collect::<Vec<_>>().join(" ");
    let policy = POLICY.replace("form-action 'self'", &format!("form-action 'self' {dashboards}"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What happened, what to do, and a way to try again.
pub(crate) fn failure(message: &str, advice: &str, correlation: &str) -> Response {
    // The address of a failed callback holds a code: nobody it links to may learn it.
    let heading = "That did not work";
    render(&FailurePage { heading, message, advice, correlation }, "no-referrer")
}

/// The same for what did not fail, and yet is not what was asked for.
pub(crate) fn notice(message: &str, advice: &str, correlation: &str) -> Response {
    let heading = "Nothing to sign out of";
    render(&FailurePage { heading, message, advice, correlation }, "no-referrer")
}

fn render(it: &impl Template, referrer: &'static str) -> Response {
    page(text_of(it).into_response(), referrer)
}

fn text_of(page: &impl Template) -> String {
    // Rendering into a string fails only where a template calls something that does.
    page.render().unwrap_or_default()
}

fn page(mut response: Response, referrer: &'static str) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, referrer),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What the person who signed in is called, and what they sign in with.
fn names(session: &Session) -> (String, String) {
    let first = session.accounts.first().map(|account| &account.identity);
    let name = first.map(|identity| identity.display_name.clone()).unwrap_or_default();
    let username = first.and_then(|identity| identity.username.clone());
    (name.clone(), username.unwrap_or(name))
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

    #[test]
    fn the_policy_allows_the_script_of_the_dashboard_and_no_other() {
        let hash = BASE64_STANDARD.encode(Sha256::digest(COMES_BACK));
        assert_eq!(POLICY_WITH_SCRIPT, format!("{POLICY}; script-src 'sha256-{hash}'"));
    }
}
