//! Callbacks without a login attempt in the browser: repeated ones, and ones whose key was removed.

use portico_domain::{identity::ProviderId, login::AttemptKey, secret::State};
use warp::{http::header, reply::Response};

use super::Login;
use crate::{
    error::{ErrorCode, Failure},
    features::decision,
    request::Call,
    response::redirect,
};

/// Handles a callback without a login attempt.
///
/// If the login of this `state` succeeded in this browser, and its session is live, redirects to where
/// that login ended: the callback is repeated by the back button, a reload or a restored tab. An attacker
/// gains nothing: the cookie is sealed for this `state` and contains an allowed URL, no code is redeemed,
/// and no session is created.
///
/// If the key of the attempt was removed, restarts the login. Otherwise fails.
pub(super) async fn unmatched_callback(
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
        let is_pending = finished.undecided && cookies.decision(headers).is_some();
        let decision = is_pending.then(|| decision::url(&login.destinations));
        return Ok(redirect(decision.as_ref().unwrap_or(finished.return_to.url()))?);
    }
    login.limiter.count_unmatched_callback(call.head.peer.0, headers)?;
    match restart_provider(login, call, provider, key) {
        Some(provider) => restart(login, &provider, key),
        None => Err(ErrorCode::UnknownLogin.into()),
    }
}

/// The provider to restart the login with: the browser has an attempt for this `state`, and it
/// was sealed with a key that was removed.
fn restart_provider(
    login: &Login,
    call: &Call,
    provider: &ProviderId,
    key: &AttemptKey,
) -> Option<ProviderId> {
    let attempt = login.cookies.attempt(call.headers(), key)?;
    let unknown_key = login.complete_login.attempts.is_sealed_with_unknown_key(&attempt);
    let restarts = unknown_key && !login.cookies.was_restarted(call.headers());
    login.providers.find(provider).filter(|_| restarts).map(|_| provider.clone())
}

/// Redirects to the beginning of a login. An attacker gains nothing: the sign-in page does the same, and
/// the code of the callback is not used.
fn restart(login: &Login, provider: &ProviderId, key: &AttemptKey) -> Result<Response, Failure> {
    let mut url = login.destinations.portico().clone();
    url.set_path(&format!("/api/login/{provider}"));
    let mut response = redirect(&url)?;
    for cookie in [login.cookies.clear_attempt(key)?, login.cookies.set_restarted()?] {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
