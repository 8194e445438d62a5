//! The way from an app to a sign-out.

use askama::Template;
use url::Url;
use warp::{http::header, reply::Response};

use super::{ForwardAuth, decide::cookies_at};
use crate::{
    error::Failure,
    features::{login::require_navigation, pages::display_name},
    request::Call,
    response::{page, redirect},
};

#[derive(Template)]
#[template(path = "sign_out.html")]
struct SignOutPage {
    signed_in_as: Option<String>,
    /// The app that the person comes from.
    back: Option<String>,
}

impl ForwardAuth {
    /// `GET /portico/sign-out` at the host of an app: takes the cookie of the host back, and leads to
    /// Portico. Only a form there ends the session: any page can lead a browser here.
    pub(super) fn leave(&self, call: &Call) -> Result<Response, Failure> {
        require_navigation(call)?;
        let (_, host) = self.host(call)?;
        let mut to = self.at_portico("/auth/sign-out");
        to.query_pairs_mut().append_pair("app", &format!("{}/", host.as_str()));
        let mut response = redirect(&to)?;
        let cookie = cookies_at(&host).clear_host_session()?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
        Ok(response)
    }

    /// `GET /auth/sign-out`: asks whether to end the session.
    pub(super) async fn sign_out_page(&self, call: &Call) -> Result<Response, Failure> {
        let live = self.sessions.live(call).await?;
        let signed_in_as = live.map(|live| display_name(&live.session));
        let app = call.parameters()?.take("app").and_then(|app| Url::parse(&app).ok());
        let back = app.filter(|app| self.app_at(app).is_ok()).map(String::from);
        // Its form must send `Origin`, which is `null` under `no-referrer`.
        Ok(page(&SignOutPage { signed_in_as, back }, "same-origin"))
    }
}
