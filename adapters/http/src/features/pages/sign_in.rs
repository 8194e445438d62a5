//! The sign-in page.

use askama::Template;
use portico_domain::provider::Descriptor;
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
}

/// One button for each provider. Providers that only connect are shown with a session.
pub(super) async fn sign_in(pages: &Pages, call: &Call) -> Result<Response, Failure> {
    let live = pages.sessions.live(call).await?;
    let session = live.as_ref().map(|live| &*live.session);
    let offered = |descriptor: &Descriptor| session.is_some() || descriptor.people.is_some();
    let signed_in_as = session.map(|session| names(session).0);
    let providers = buttons(&pages.icons, &pages.providers.all(), offered);
    // Without Fetch Metadata, only `Referer` proves that a login began here.
    Ok(page(&SignInPage { providers, signed_in_as, ended: ended(call) }, "same-origin"))
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
