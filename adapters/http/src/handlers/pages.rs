//! The sign-in page, the built-in dashboard and their style sheet.

use portico_domain::{identity::ProviderId, session::Ending, use_cases::Current};
use warp::{
    http::{HeaderValue, header},
    reply::{Reply, Response},
};

use super::{
    Call, accounts,
    login::{redirect, repeated},
};
use crate::{answers::View, failure::Failure, pages, query::Query};

/// `GET /`.
pub(crate) async fn sign_in(call: Call) -> Result<Response, Failure> {
    let live = call.session().await?;
    Ok(pages::sign_in(&call.app, live.as_ref().map(|live| &*live.session)))
}

/// `GET /dashboard`: without a session, the sign-in page. With `account` and `after` it shows the
/// subscriptions of one account that did not fit.
pub(crate) async fn dashboard(call: Call, query: String) -> Result<Response, Failure> {
    let live = match call.current().await? {
        Current::Live(live) => live,
        Current::Nothing
        | Current::Unreadable(_)
        | Current::Ended(Ending::Moved(_) | Ending::Replaced) => {
            return Ok(redirect(call.app.destinations.portico())?);
        }
        // Whoever had a session and has it no more is told why.
        ended => return Err(call.without(ended)),
    };
    let mut query = Query::parse(&query).map_err(repeated)?;
    let (account, after) = (query.take("account"), accounts::after(&mut query)?);
    let account = account.map(|id| accounts::account(&live.session.accounts, &id)).transpose()?;
    let offered = call.app.providers.all();
    let view = account.is_none().then(|| View::dashboard(&offered));
    let render = || {
        let (session, ends) = (&live.session, live.expires_at);
        let icons = &call.app.icons;
        let page = pages::Dashboard { icons, offered: &offered, session, ends, account, after };
        page.render().into_bytes()
    };
    Ok(pages::of_this_session(call.answer_about(&live, view, render).await?))
}

/// `GET /assets/providers/{id}.svg`: what is shown of a plug-in's icon. It is a picture on Portico's
/// pages; opened by itself it is a file to keep, and no page.
pub(crate) async fn icon(call: Call, file: String) -> Result<Response, Failure> {
    let none = || Failure::not_found("not_found", "There is no such picture.");
    let id = file.strip_suffix(".svg").and_then(|id| ProviderId::parse(id).ok());
    let provider = id.and_then(|id| call.app.providers.find(&id)).ok_or_else(none)?;
    let icon = call.app.icons.of(provider.cloud.descriptor()).ok_or_else(none)?;
    let mut response = Response::new(icon.into());
    for (name, value) in [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CONTENT_DISPOSITION, "attachment"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"),
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// `GET /assets/portico.css`.
pub(crate) async fn style(_: Call) -> Result<Response, Failure> {
    Ok(asset(pages::STYLE.as_bytes(), "text/css; charset=utf-8"))
}

/// `GET /assets/favicon.svg`.
pub(crate) async fn favicon(_: Call) -> Result<Response, Failure> {
    Ok(asset(include_bytes!("../../assets/favicon.svg"), "image/svg+xml"))
}

/// `GET /favicon.ico`, which browsers ask for by themselves where an answer is no page.
pub(crate) async fn favicon_ico(_: Call) -> Result<Response, Failure> {
    Ok(asset(include_bytes!("../../assets/favicon.ico"), "image/x-icon"))
}

fn asset(bytes: &'static [u8], content_type: &'static str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    response
}
