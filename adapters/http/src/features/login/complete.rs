//! `GET /api/callback/{provider}` and `GET /getAToken`: the identity provider's answer.

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

use super::{Login, again, error, known_id, only_navigations, record};
use crate::{
    error::{ErrorCode, Failure},
    features::decision,
    request::{Call, Query},
    response::{name_in_log, redirect},
};

/// The body of the answer to a callback without a code. Apps hold on to it byte by byte.
const NO_CODE: &str = r#"{"error": "Brak kodu"}"#;

/// The failure as `GET /getAToken` answers it, where apps hold on to the answer to a callback without
/// a code.
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
    let arrived = Instant::now();
    let provider = known_id(provider)?;
    let mut query = call.parameters()?;
    let callback = callback(&mut query).ok_or(ErrorCode::NoCode)?;
    let state = query.take("state").map(State::new).ok_or(ErrorCode::MissingState)?;

    // An answer that was fetched ahead would spend the attempt of whoever looks at it then.
    only_navigations(call)?;

    let (cookies, headers) = (login.cookies, call.headers());
    let key = AttemptKey::of(&state);
    let sealed = cookies.attempt(headers, &key);
    let Some(attempt) = sealed.and_then(|sealed| login.complete_login.open(&state, &sealed)) else {
        return again::met_again(login, call, &provider, &state, &key).await;
    };
    // Before the attempt is spent: whoever is refused or too early comes again with the same answer.
    let begun_with = attempt.provider().clone();
    login.is_offered(&begun_with)?;
    let permit = login.limiter.completing(&begun_with, login.sharers()).await?;
    let request = CallbackRequest {
        provider: provider.clone(),
        attempt,
        callback,
        session: cookies.session(headers),
        browser_id: cookies.browser(headers),
        decision: cookies.decision(headers),
    };
    let work = login.clone();
    let completed = login.threads.run(async move { work.complete_login.run(request).await }).await;
    drop(permit);
    let took = arrived.elapsed();
    let completed =
        completed.map_err(|failed| failed_login(login, failed, &provider, begun_with, took))?;
    login.limiter.succeeded(call.head.peer.0, headers);
    let correlation = login.correlations.draw();
    record::login(login, call, (&provider, &completed), took, &correlation);
    let mut response = ended(login, &key, &completed)?;
    name_in_log(&mut response, &correlation);
    Ok(response)
}

fn failed_login(
    login: &Login,
    failed: LoginFailed,
    provider: &ProviderId,
    begun_with: ProviderId,
    took: Duration,
) -> Failure {
    let name = login.name_of(provider);
    error::login_failed(failed, (begun_with, &name), took, |url| hears_errors(login, url))
}

/// Whether a login that fails goes back there: Portico's own pages read no `error`, and a person sees
/// more on the page of the failure.
fn hears_errors(login: &Login, url: &Url) -> bool {
    !(login.owns_path)(url.path()) || url.origin() != login.destinations.portico().origin()
}

/// Where a login that succeeded sends the browser, and what it gives it to keep.
fn ended(
    login: &Login,
    key: &AttemptKey,
    completed: &Completed,
) -> Result<Response, InvalidHeaderValue> {
    let cookies = login.cookies;
    let (mut response, gives) = match &completed.end {
        LoginEnd::LoggedIn(session) => {
            (redirect(completed.return_to.url())?, cookies.set_session(session, login.policy.max)?)
        }
        LoginEnd::Undecided(id) => {
            (redirect(&decision::page(&login.destinations))?, cookies.set_decision(id)?)
        }
    };
    let finish = completed.finish.as_ref();
    let finish = finish.map(|finish| cookies.set_finish(key, finish)).transpose()?;
    for cookie in [gives, cookies.clear_attempt(key)?].into_iter().chain(finish) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// What the identity provider says; `None` where it says neither a code nor an error.
pub(crate) fn callback(query: &mut Query) -> Option<Callback> {
    let iss = query.take("iss");
    let response = match (query.take("error"), query.take("code")) {
        (Some(error), _) => AuthorizationResponse::Error(OAuthError {
            error,
            description: query.take("error_description"),
        }),
        (None, Some(code)) => AuthorizationResponse::Code(AuthorizationCode::new(code)),
        (None, None) => return None,
    };
    Some(Callback { iss, response })
}
