//! Portico's pages. Whatever comes from outside is escaped by the templates.

use askama::Template;
use jiff::{Timestamp as Moment, tz::TimeZone};
use portico_domain::{
    account::Account,
    provider::{Descriptor, People, Providers},
    session::Session,
    time::Timestamp,
};
use warp::{
    http::{HeaderValue, header},
    reply::{Reply, Response},
};

/// The one style sheet.
pub(crate) const STYLE: &str = include_str!("../assets/portico.css");

/// Nothing but Portico's own style sheet and forms, and nobody may frame it.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

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
struct DashboardPage {
    name: String,
    username: String,
    accounts: Vec<AccountCard>,
    providers: Vec<Button>,
    ends: String,
}

struct AccountCard {
    cloud: String,
    provider: String,
    noun: String,
    /// Whether the cloud has more tenants than one to connect.
    has_tenants: bool,
    account: Account,
    listed: String,
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    message: &'a str,
    advice: &'a str,
    correlation: &'a str,
}

/// The sign-in page: one button per provider, those that only connect once there is a session.
pub(crate) fn sign_in(providers: &Providers, session: Option<&Session>) -> Response {
    let offered = |descriptor: &Descriptor| session.is_some() || descriptor.people.is_some();
    let signed_in_as = session.map(|session| names(session).0);
    let page = SignInPage { providers: buttons(providers, offered), signed_in_as };
    // A page without a form: nothing it links to needs to know where a person came from.
    render(&page, "no-referrer")
}

fn buttons(providers: &Providers, offered: impl Fn(&Descriptor) -> bool) -> Vec<Button> {
    let all = providers.all();
    let descriptors = all.iter().map(|provider| provider.cloud.descriptor());
    let button = |descriptor: &Descriptor| Button {
        id: descriptor.id.to_string(),
        name: descriptor.name.clone(),
        has_icon: descriptor.icon.is_some(),
        initial: descriptor.name.chars().take(1).collect(),
    };
    descriptors.filter(|descriptor| offered(descriptor)).map(button).collect()
}

/// The built-in dashboard.
pub(crate) fn dashboard(
    providers: &Providers,
    session: &Session,
    expires_at: Timestamp,
) -> Response {
    let (name, username) = names(session);
    let card = |account: &Account| {
        let provider = providers.find(&account.provider);
        let descriptor = provider.as_ref().map(|provider| provider.cloud.descriptor());
        let id = account.provider.to_string();
        AccountCard {
            cloud: descriptor.map_or_else(|| id.clone(), |found| found.name.clone()),
            provider: id,
            noun: descriptor.map_or("account", |found| &found.account_noun).to_owned(),
            has_tenants: descriptor.is_some_and(has_tenants),
            account: account.clone(),
            listed: for_a_person(account.refreshed_at),
        }
    };
    let accounts = session.accounts.iter().map(card).collect();
    let providers = buttons(providers, |_| true);
    let ends = for_a_person(expires_at);
    let page = DashboardPage { name, username, accounts, providers, ends };
    // Its sign-out form must send an Origin, which browsers blank under `no-referrer`.
    render(&page, "same-origin")
}

/// What happened, what to do, and a way to try again.
pub(crate) fn failure(message: &str, advice: &str, correlation: &str) -> Response {
    // The address of a failed callback holds a code: nobody it links to may learn it.
    render(&FailurePage { message, advice, correlation }, "no-referrer")
}

fn render(page: &impl Template, referrer: &'static str) -> Response {
    // Rendering into a string fails only where a template calls something that does.
    let mut response = warp::reply::html(page.render().unwrap_or_default()).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
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
    matches!(&descriptor.people, Some(People::At { tenant: Some(_), .. } | People::Anywhere))
}

/// `23 November 2026, 14:05 UTC`.
fn for_a_person(moment: Timestamp) -> String {
    let moment = Moment::from_second(i64::try_from(moment.unix_seconds()).unwrap_or(i64::MAX));
    let moment = moment.unwrap_or(Moment::MAX).to_zoned(TimeZone::UTC);
    moment.strftime("%-d %B %Y, %H:%M UTC").to_string()
}
