//! A callback that fits no login attempt of this browser's.

use portico_domain::{identity::ProviderId, login::AttemptKey, secret::State};
use warp::{http::header, reply::Response};

use super::Login;
use crate::{
    error::{ErrorCode, Failure},
    features::decision,
    request::Call,
    response::redirect,
};

/// Where the callback is the one to a login that succeeded in this very browser, which still has a
/// session, the browser goes on to where that login ended: it came back with the back button, a reload
/// or a restored tab.
///
/// Nobody gains by it: what the browser remembers is sealed for this answer's `state` and names a
/// place that the login was allowed to end at, no code is redeemed, and no session is given.
pub(super) async fn met_again(
    login: &Login,
    call: &Call,
    provider: &ProviderId,
    state: &State,
    key: &AttemptKey,
) -> Result<Response, Failure> {
    let (cookies, headers) = (login.cookies, call.headers());
    let sealed = cookies.finish(headers, key);
    let finished = sealed.and_then(|sealed| login.complete_login.finished(state, &sealed));
    if let Some(finished) = finished
        && login.sessions.live(call).await?.is_some()
    {
        let asked = finished.undecided && cookies.decision(headers).is_some();
        let question = asked.then(|| decision::page(&login.destinations));
        return Ok(redirect(question.as_ref().unwrap_or(finished.return_to.url()))?);
    }
    login.limiter.unfounded(call.head.peer.0, headers)?;
    match provider_of_lost_key(login, call, provider, key) {
        Some(provider) => begin_anew(login, &provider, key),
        None => Err(ErrorCode::UnknownLogin.into()),
    }
}

/// The provider to begin a login with anew: the browser has an attempt for this answer, and the key
/// that sealed it is gone.
fn provider_of_lost_key(
    login: &Login,
    call: &Call,
    provider: &ProviderId,
    key: &AttemptKey,
) -> Option<ProviderId> {
    let attempt = login.cookies.attempt(call.headers(), key)?;
    let lost = login.complete_login.attempts.is_of_a_lost_key(&attempt);
    let begins = lost && !login.cookies.began_anew(call.headers());
    login.providers.find(provider).filter(|_| begins).map(|_| provider.clone())
}

/// Nobody gains by it: the browser does what the sign-in page would have it do, and the answer that
/// it brought is of use to nobody.
fn begin_anew(login: &Login, provider: &ProviderId, key: &AttemptKey) -> Result<Response, Failure> {
    let mut url = login.destinations.portico().clone();
    url.set_path(&format!("/api/login/{provider}"));
    let mut response = redirect(&url)?;
    for cookie in [login.cookies.clear_attempt(key)?, login.cookies.set_anew()?] {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
