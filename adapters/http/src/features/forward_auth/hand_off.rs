//! How a browser gets a session at the host of an app: start at the host, hand-off at Portico, callback at
//! the host.

use portico_domain::{
    apps::WebOrigin,
    host_session::BrowserChallenge,
    secret::{BrowserId, HandOffCode},
    session::SessionKey,
    use_cases::{HandOffRefused, Redeemed},
};
use url::Url;
use warp::{http::header, reply::Response};

use super::{
    ForwardAuth,
    decide::{admitted, cookies_at},
};
use crate::{
    error::{ErrorCode, Failure},
    features::login::require_navigation,
    request::Call,
    response::{redirect, set_correlation},
};

impl ForwardAuth {
    /// `GET /portico/start` at the host of an app: gives the browser an id there, and sends it to Portico.
    pub(super) fn start(&self, call: &Call) -> Result<Response, Failure> {
        require_navigation(call)?;
        let (_, host) = self.host(call)?;
        let page = call.parameters()?.take("return_to").and_then(|page| Url::parse(&page).ok());
        // Only a page of this host: the person comes back to where they began.
        let page = page.filter(|page| WebOrigin::of(page).as_ref() == Some(&host));
        let page = page.map_or_else(|| format!("{}/", host.as_str()), Into::into);
        let cookies = cookies_at(&host);
        let browser = cookies.host_browser(call.headers());
        let browser = browser.unwrap_or_else(|| BrowserId::draw(&*self.entropy));
        let mut to = self.at_portico("/auth/hand-off");
        to.query_pairs_mut()
            .append_pair("challenge", BrowserChallenge::of(&browser).as_str())
            .append_pair("return_to", &page);
        let mut response = redirect(&to)?;
        let cookie = cookies.set_host_browser(&browser)?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
        Ok(response)
    }

    /// `GET /auth/hand-off` at Portico: sends the browser back with a code, or to sign in first.
    pub(super) async fn hand_off(&self, call: &Call) -> Result<Response, Failure> {
        require_navigation(call)?;
        let mut query = call.parameters()?;
        let challenge = query.take("challenge").and_then(|it| BrowserChallenge::parse(&it));
        let challenge = challenge.ok_or(ErrorCode::BadHandOff)?;
        let page = query.take("return_to").and_then(|page| Url::parse(&page).ok());
        let page = page.ok_or(ErrorCode::BadHandOff)?;
        let (app, host) = self.app_at(&page)?;
        let Some(live) = self.sessions.live(call).await? else { return self.sign_in_first(call) };
        admitted(&app, &live)?;
        let id = self.cookies.session(call.headers()).ok_or(ErrorCode::NoSession)?;
        let key = SessionKey::of(&id);
        if self.rounds.is_circle(key, page.as_str()) {
            return Err(Failure::with(ErrorCode::SignInCircle, &[("app", app.id.as_str())]));
        }
        let code = self.host_sessions.issue(key, (&host, page), challenge).await;
        let code = code.map_err(|error| Failure::store(&error))?;
        let mut to = at(&host, "/portico/callback")?;
        to.query_pairs_mut().append_pair("code", code.expose());
        let mut response = redirect(&to)?;
        let correlation = self.correlations.draw();
        let address = self.limiter.client(call.head.peer.0, call.headers());
        let provider = live.session.provider.as_str();
        tracing::info!(app = app.id.as_str(), provider, %address, correlation, "hand-off");
        set_correlation(&mut response, &correlation);
        Ok(response)
    }

    /// `GET /portico/callback` at the host of an app: redeems the code.
    pub(super) async fn callback(&self, call: &Call) -> Result<Response, Failure> {
        require_navigation(call)?;
        let (_, host) = self.host(call)?;
        let code = call.parameters()?.take("code").map(HandOffCode::new);
        let code = code.ok_or(ErrorCode::BadHandOff)?;
        let cookies = cookies_at(&host);
        let browser = cookies.host_browser(call.headers());
        let redeemed = self.host_sessions.redeem(&code, &host, browser.as_ref()).await;
        let Redeemed { sealed, lifetime, return_to } = redeemed.map_err(|error| match &error {
            HandOffRefused::Store(error) => Failure::store(error),
            _ => Failure::from(ErrorCode::HandOffRefused).because(&error),
        })?;
        let mut response = redirect(&return_to)?;
        let cookie = cookies.set_host_session(&sealed, lifetime)?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
        Ok(response)
    }

    /// The sign-in page, from which the person comes back to this hand-off.
    fn sign_in_first(&self, call: &Call) -> Result<Response, Failure> {
        let mut to = self.at_portico("/");
        let back = format!("{}?{}", call.head.path, call.query);
        to.query_pairs_mut().append_pair("return_to", &back);
        Ok(redirect(&to)?)
    }

    pub(super) fn at_portico(&self, path: &str) -> Url {
        let mut url = self.destinations.portico().clone();
        url.set_path(path);
        url
    }
}

/// A page of Portico's at the host of an app.
pub(super) fn at(host: &WebOrigin, path: &str) -> Result<Url, Failure> {
    let url = Url::parse(&format!("{}{path}", host.as_str()));
    url.map_err(|error| Failure::from(ErrorCode::Internal).because(&error))
}
