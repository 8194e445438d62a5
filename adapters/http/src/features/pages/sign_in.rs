//! The sign-in page.

use askama::Template;
use portico_domain::provider::Descriptor;
use url::form_urlencoded;
use warp::reply::Response;

use super::{
    Pages,
    buttons::{Button, buttons, names},
};
use crate::{error::Failure, request::Call, response::page};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    providers: Vec<Button>,
    signed_in_as: Option<String>,
    /// Why there is no session any more.
    ended: Option<&'static str>,
    /// The query of the links: where the person goes on after a sign-in.
    query: String,
}

/// One button for each provider. Providers that only connect are shown with a session.
pub(super) async fn sign_in(pages: &Pages, call: &Call) -> Result<Response, Failure> {
    let live = pages.sessions.live(call).await?;
    let session = live.as_ref().map(|live| &*live.session);
    let offered = |descriptor: &Descriptor| session.is_some() || descriptor.people.is_some();
    let signed_in_as = session.map(|session| names(session).0);
    let providers = buttons(&pages.icons, &pages.providers.all(), offered);
    // Without Fetch Metadata, only `Referer` proves that a login began here.
    let query = login_query(pages, call);
    Ok(page(&SignInPage { providers, signed_in_as, ended: ended(call), query }, "same-origin"))
}

/// The query with which a sign-in returns to `return_to`, if it may.
fn login_query(pages: &Pages, call: &Call) -> String {
    let requested = call.parameters().ok().and_then(|mut query| query.take("return_to"));
    let allowed = requested.filter(|requested| pages.destinations.allowed(requested).is_some());
    let query = |requested: String| {
        let mut query = form_urlencoded::Serializer::new("?".to_owned());
        query.append_pair("return_to", &requested).finish()
    };
    allowed.map(query).unwrap_or_default()
}

/// The text for `ended`, with which the dashboard leads here. Anybody can link to it, so the texts say
/// nothing that is wrong without a session.
fn ended(call: &Call) -> Option<&'static str> {
    match call.parameters().ok()?.take("ended")?.as_str() {
        "signed_out" => Some("You are signed out."),
        "expired" => Some("Your session has expired."),
        _ => None,
    }
}
