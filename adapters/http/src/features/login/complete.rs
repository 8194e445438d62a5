//! `GET /api/callback/{provider}` and `GET /getAToken`: the authorization response.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use portico_domain::{
    identity::ProviderId,
    login::{AttemptKey, AuthorizationResponse, Callback, OAuthError},
    secret::{AuthorizationCode, State},
    use_cases::{CallbackRequest, Completed, LoginEnd, LoginFailed},
};
use url::Url;
use warp::{
    http::header::{self, InvalidHeaderValue},
    reply::Response,
};

use super::{Login, again, error, parse_provider_id, record, require_navigation};
use crate::{
    error::{ErrorCode, Failure},
    features::decision,
    request::{Call, Query, session_client},
    response::{redirect, set_correlation},
};

/// The body for a callback without a code. Apps rely on it byte by byte.
const NO_CODE: &str = r#"{"error": "Brak kodu"}"#;

/// The failure of `GET /getAToken`: without a code, it has the fixed body.
pub(super) fn without_code(failure: Failure) -> Failure {
    match failure.code() {
        ErrorCode::NoCode => failure.with_body(NO_CODE),
        _ => failure,
    }
}

pub(super) async fn complete(
    login: &Arc<Login>,
    call: &Call,
    provider: &str,
) -> Result<Response, Failure> {
    let started = Instant::now();
    let provider = parse_provider_id(provider)?;
    let mut query = call.parameters()?;
    let callback = callback(&mut query).ok_or(ErrorCode::NoCode)?;
    let state = query.take("state").map(State::new).ok_or(ErrorCode::MissingState)?;

    // A prefetch would spend the attempt, and the navigation after it would fail.
    require_navigation(call)?;

    let (cookies, headers) = (login.cookies, call.headers());
    let key = AttemptKey::of(&state);
    let sealed = cookies.attempt(headers, &key);
    let Some(attempt) = sealed.and_then(|sealed| login.complete_login.open(&state, &sealed)) else {
        return again::unmatched_callback(login, call, &provider, &state, &key).await;
    };
    // Before the attempt is spent, so that the same callback can be retried.
    let attempt_provider = attempt.provider().clone();
    login.is_offered(&attempt_provider)?;
    let permit = login.limiter.acquire_complete(&attempt_provider, login.provider_count()).await?;
    let request = CallbackRequest {
        provider: provider.clone(),
        attempt,
        callback,
        session: cookies.session(headers),
        browser_id: cookies.browser(headers),
        client: Some(session_client(&login.limiter, &call.head)),
        decision: cookies.decision(headers),
    };
    let task = login.clone();
    let completed = login.threads.run(async move { task.complete_login.run(request).await }).await;
    drop(permit);
    let duration = started.elapsed();
    let completed = completed
        .map_err(|failed| failed_login(login, failed, &provider, attempt_provider, duration))?;
    login.limiter.refund_login(call.head.peer.0, headers);
    let correlation = login.correlations.draw();
    record::log_login(login, call, (&provider, &completed), duration, &correlation);
    let mut response = success(login, &key, &completed)?;
    set_correlation(&mut response, &correlation);
    Ok(response)
}

fn failed_login(
    login: &Login,
    failed: LoginFailed,
    provider: &ProviderId,
    attempt_provider: ProviderId,
    duration: Duration,
) -> Failure {
    let name = login.name_of(provider);
    let is_app = |url: &Url| is_app_url(login, url);
    error::login_failed(failed, (attempt_provider, &name), duration, is_app)
}

/// Whether a failed login redirects to this URL. Not to Portico's own pages: they do not read `error`,
/// and the page of the failure says more.
fn is_app_url(login: &Login, url: &Url) -> bool {
    !(login.owns_path)(url.path()) || url.origin() != login.destinations.portico().origin()
}

/// The redirect after a login that succeeded, with its cookies.
fn success(
    login: &Login,
    key: &AttemptKey,
    completed: &Completed,
) -> Result<Response, InvalidHeaderValue> {
    let cookies = login.cookies;
    let (mut response, cookie) = match &completed.end {
        LoginEnd::LoggedIn(session) => {
            (redirect(completed.return_to.url())?, cookies.set_session(session, login.policy.max)?)
        }
        LoginEnd::Undecided(id) => {
            (redirect(&decision::url(&login.destinations))?, cookies.set_decision(id)?)
        }
    };
    let finish = completed.finish.as_ref();
    let finish = finish.map(|finish| cookies.set_finish(key, finish)).transpose()?;
    for cookie in [cookie, cookies.clear_attempt(key)?].into_iter().chain(finish) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Parses the authorization response; `None` if it has neither a code nor an error.
pub(crate) fn callback(query: &mut Query) -> Option<Callback> {
    let iss = query.take("iss");
    let response = match (query.take("error"), query.take("code")) {
        (Some(error), _) => AuthorizationResponse::Error(OAuthError {
            error,
            description: query.take("error_description"),
            ..OAuthError::default()
        }),
        (None, Some(code)) => AuthorizationResponse::Code(AuthorizationCode::new(code)),
        (None, None) => return None,
    };
    Some(Callback { iss, response })
}
