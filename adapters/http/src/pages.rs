//! Portico's pages. Whatever comes from outside is escaped by the templates.

use askama::Template;
use jiff::{Timestamp as Moment, tz::TimeZone};
use portico_domain::{
    account::Account, identity::Claims, provider::Providers, session::Session, time::Timestamp,
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

struct Button {
    id: String,
    name: String,
}

#[derive(Template)]
#[template(path = "dashboard.html")]
struct DashboardPage {
    name: String,
    username: String,
    accounts: Vec<AccountCard>,
    ends: String,
}

struct AccountCard {
    cloud: String,
    provider: String,
    noun: String,
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

/// The sign-in page: one button per provider.
pub(crate) fn sign_in(providers: &Providers, session: Option<&Session>) -> Response {
    let providers = providers.iter().map(|provider| {
        let descriptor = provider.cloud.descriptor();
        Button { id: descriptor.id.to_string(), name: descriptor.name.clone() }
    });
    let signed_in_as = session.map(|session| name_and_username(&session.user).0);
    let page = SignInPage { providers: providers.collect(), signed_in_as };
    // A page without a form: nothing it links to needs to know where a person came from.
    render(&page, "no-referrer")
}

/// The built-in dashboard.
pub(crate) fn dashboard(
    providers: &Providers,
    session: &Session,
    expires_at: Timestamp,
) -> Response {
    let (name, username) = name_and_username(&session.user);
    let card = |account: &Account| {
        let provider = providers.find(&account.provider);
        let descriptor = provider.as_ref().map(|provider| provider.cloud.descriptor());
        let id = account.provider.to_string();
        AccountCard {
            cloud: descriptor.map_or_else(|| id.clone(), |found| found.name.clone()),
            provider: id,
            noun: descriptor.map_or("account", |found| &found.account_noun).to_owned(),
            account: account.clone(),
            listed: for_a_person(account.refreshed_at),
        }
    };
    let accounts = session.accounts.iter().map(card).collect();
    let page = DashboardPage { name, username, accounts, ends: for_a_person(expires_at) };
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

fn name_and_username(claims: &Claims) -> (String, String) {
    let members = claims.members();
    let text = |name: &str| members.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let username = text("preferred_username").unwrap_or_default();
    (text("name").unwrap_or_else(|| username.clone()), username)
}

/// `23 November 2026, 14:05 UTC`.
fn for_a_person(moment: Timestamp) -> String {
    let moment = Moment::from_second(i64::try_from(moment.unix_seconds()).unwrap_or(i64::MAX));
    let moment = moment.unwrap_or(Moment::MAX).to_zoned(TimeZone::UTC);
    moment.strftime("%-d %B %Y, %H:%M UTC").to_string()
}
