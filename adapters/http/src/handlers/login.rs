//! The two ends of a login: the redirect to the identity provider, and its answer.

use std::{sync::Arc, time::Instant};

use portico_domain::{
    identity::{ProviderId, TenantId},
    login::{AttemptKey, AuthorizationResponse, Callback, OAuthError},
    ports::Prompt,
    return_to::Destinations,
    secret::{AuthorizationCode, BrowserId, State},
    session::SessionKey,
    text::clean,
    use_cases::{CallbackRequest, Completed, LoginEnd, LoginRequest},
};
use url::Url;
use warp::{
    http::{
        HeaderValue, StatusCode,
        header::{self, InvalidHeaderValue},
    },
    reply::{Reply, Response},
};

use super::{Call, decision, record};
use crate::{
    failure::{Failure, named},
    navigation::is_navigation,
    origin,
    query::{Query, Repeated},
};

/// The body of the answer to a callback without a code. Apps hold on to it byte by byte.
const NO_CODE: &str = r#"{"error": "Brak kodu"}"#;

/// `GET /api/login/{provider}`.
pub(crate) async fn begin(
    call: Call,
    provider: String,
    query: String,
) -> Result<Response, Failure> {
    let offered = offered(&call, &provider);
    let begun = begun(&call, provider, &query).await;
    begun.map_err(|failure| failure.at(offered))
}

/// The provider that a path names, where there is one: any other text stays out of the log.
fn offered(call: &Call, provider: &str) -> Option<ProviderId> {
    let id = ProviderId::parse(provider).ok()?;
    call.app.providers.find(&id).is_some().then_some(id)
}

async fn begun(call: &Call, provider: String, query: &str) -> Result<Response, Failure> {
    // Before it counts: nobody's page uses up what its visitors' network has.
    only_navigations(call)?;
    let mut request = login_request(provider, query)?;
    let (app, cookies, provider) = (&call.app, call.app.cookies(), request.provider.clone());
    // In this order: what is loaded between the two questions is there for the second.
    let loads = app.provider_notes.loads(&provider);
    if app.providers.find(&provider).is_none() {
        return Err(match loads {
            true => Failure::not_loaded(provider.as_str()),
            false => Failure::unknown_provider(),
        });
    }
    app.gate.begin(call.peer.0, &call.headers).map_err(Failure::shed)?;
    let live = call.session().await?.is_some();
    request.session = cookies.session(&call.headers).filter(|_| live).map(|id| SessionKey::of(&id));
    request.own_page = origin::is_own_page(&call.headers, &app.destinations);
    let permit = app.gate.beginning(&provider, app.providers.all().len()).await;
    let permit = permit.map_err(Failure::shed)?;
    let logins = Arc::clone(app);
    let begun = app.logins.run(async move { logins.begin_login.run(request).await }).await;
    drop(permit);
    let begun = begun.map_err(|error| Failure::begin_login(&error, &app.name_of(&provider)))?;

    let mut response = redirect(&begun.url)?;
    let kept = cookies.set_attempt(&call.headers, &begun.attempt, &begun.sealed)?;
    let browser = cookies.browser(&call.headers);
    let browser = browser.unwrap_or_else(|| BrowserId::draw(&*app.entropy));
    let dropped = cookies.make_room(&call.headers, kept.len())?;
    for cookie in dropped.into_iter().chain([kept, cookies.set_browser(&browser)?]) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `GET /getAToken`, where apps hold on to the answer to a callback without a code.
pub(crate) async fn complete_azure(call: Call, query: String) -> Result<Response, Failure> {
    const AZURE: &str = "azure";
    match Query::parse(&query).map(|mut query| callback(&mut query)) {
        Ok(None) => {
            let failure = Failure::no_code().at(offered(&call, AZURE));
            Ok(failure.answer_with(NO_CODE, &call.app, &call.asked()))
        }
        _ => complete(call, AZURE.into(), query).await,
    }
}

/// `GET /api/callback/{provider}`, and `GET /getAToken` with an answer.
pub(crate) async fn complete(
    call: Call,
    provider: String,
    query: String,
) -> Result<Response, Failure> {
    let offered = offered(&call, &provider);
    let completed = completed(&call, provider, &query).await;
    completed.map_err(|failure| failure.at(offered))
}

async fn completed(call: &Call, provider: String, query: &str) -> Result<Response, Failure> {
    let arrived = Instant::now();
    let provider = known_id(provider)?;
    let mut query = Query::parse(query).map_err(repeated)?;
    let callback = callback(&mut query).ok_or_else(Failure::no_code)?;
    let state = query.take("state").map(State::new).ok_or_else(Failure::missing_state)?;

    // An answer that was fetched ahead would spend the attempt of whoever looks at it then.
    only_navigations(call)?;

    let (app, cookies) = (&call.app, call.app.cookies());
    let key = AttemptKey::of(&state);
    let sealed = cookies.attempt(&call.headers, &key);
    let Some(attempt) = sealed.and_then(|sealed| app.complete_login.open(&state, &sealed)) else {
        return met_again(call, &provider, &state, &key).await;
    };
    // Before the attempt is spent: whoever is shed or too early comes again with the same answer.
    let begun_with = attempt.provider().clone();
    let loads = app.provider_notes.loads(&begun_with);
    if loads && app.providers.find(&begun_with).is_none() {
        return Err(Failure::not_loaded(begun_with.as_str()));
    }
    let permit = app.gate.completing(&begun_with, app.providers.all().len()).await;
    let permit = permit.map_err(Failure::shed)?;
    let answer = CallbackRequest {
        provider: provider.clone(),
        attempt,
        callback,
        session: cookies.session(&call.headers),
        browser_id: cookies.browser(&call.headers),
        decision: cookies.decision(&call.headers),
    };
    let logins = Arc::clone(app);
    let login = app.logins.run(async move { logins.complete_login.run(answer).await }).await;
    drop(permit);
    let took = arrived.elapsed();
    let login = login.map_err(|failed| {
        let name = app.name_of(&provider);
        Failure::login_failed(failed, (begun_with, &name), took, |url| {
            hears_errors(url, &app.destinations)
        })
    })?;
    app.gate.succeeded(call.peer.0, &call.headers);
    let correlation = app.correlation();
    record::login(call, &provider, &login, took, &correlation);
    let mut response = ended(call, &key, &login)?;
    named(&mut response, &correlation);
    Ok(response)
}

/// Where a login that succeeded sends the browser, and what it gives it to keep.
fn ended(call: &Call, key: &AttemptKey, login: &Completed) -> Result<Response, InvalidHeaderValue> {
    let (app, cookies) = (&call.app, call.app.cookies());
    let (mut response, gives) = match &login.end {
        LoginEnd::LoggedIn(session) => {
            (redirect(login.return_to.url())?, cookies.set_session(session, app.policy.max)?)
        }
        LoginEnd::Undecided(id) => {
            (redirect(&decision::page(&app.destinations))?, cookies.set_decision(id)?)
        }
    };
    let finish = login.finish.as_ref().map(|finish| cookies.set_finish(key, finish)).transpose()?;
    for cookie in [gives, cookies.clear_attempt(key)?].into_iter().chain(finish) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// An answer to no attempt of this browser's. Where it is the one to a login that succeeded in this
/// very browser, which still has a session, the browser goes on to where that login ended: it came
/// back with the back button, a reload or a restored tab.
///
/// Nobody gains by it: what the browser remembers is sealed for this answer's `state` and names a
/// place that the login was allowed to end at, no code is redeemed, and no session is given.
async fn met_again(
    call: &Call,
    provider: &ProviderId,
    state: &State,
    key: &AttemptKey,
) -> Result<Response, Failure> {
    let (app, cookies) = (&call.app, call.app.cookies());
    let sealed = cookies.finish(&call.headers, key);
    let finished = sealed.and_then(|sealed| app.complete_login.finished(state, &sealed));
    if let Some(finished) = finished
        && call.session().await?.is_some()
    {
        let asked = finished.undecided && cookies.decision(&call.headers).is_some();
        let question = asked.then(|| decision::page(&app.destinations));
        return Ok(redirect(question.as_ref().unwrap_or(finished.return_to.url()))?);
    }
    app.gate.unfounded(call.peer.0, &call.headers).map_err(Failure::shed)?;
    match provider_of_lost_key(call, provider, key) {
        Some(provider) => begin_anew(call, provider, key),
        None => Err(Failure::unknown_login()),
    }
}

/// The provider to begin a login with anew: the browser has an attempt for this answer, and the key
/// that sealed it is gone.
fn provider_of_lost_key(
    call: &Call,
    provider: &ProviderId,
    key: &AttemptKey,
) -> Option<ProviderId> {
    let (app, cookies) = (&call.app, call.app.cookies());
    let attempt = cookies.attempt(&call.headers, key)?;
    let lost = app.complete_login.attempts.is_of_a_lost_key(&attempt);
    let begins = lost && !cookies.began_anew(&call.headers);
    app.providers.find(provider).filter(|_| begins).map(|_| provider.clone())
}

/// Nobody gains by it: the browser does what the sign-in page would have it do, and the answer that
/// it brought is of use to nobody.
fn begin_anew(call: &Call, provider: ProviderId, key: &AttemptKey) -> Result<Response, Failure> {
    let cookies = call.app.cookies();
    let mut login = call.app.destinations.portico().clone();
    login.set_path(&format!("/api/login/{provider}"));
    let mut response = redirect(&login)?;
    for cookie in [cookies.clear_attempt(key)?, cookies.set_anew()?] {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Whether a login that fails goes back there: Portico's own pages read no `error`, and a person sees
/// more on the page of the failure.
fn hears_errors(url: &Url, destinations: &Destinations) -> bool {
    const OWN: [&str; 5] = ["/", "/dashboard", "/decide", "/healthz", "/readyz"];
    const OWN_BELOW: [&str; 3] = ["/api/", "/assets/", "/getAToken"];
    let path = url.path();
    let own = OWN.contains(&path) || OWN_BELOW.iter().any(|below| path.starts_with(below));
    !own || url.origin() != destinations.portico().origin()
}

fn only_navigations(call: &Call) -> Result<(), Failure> {
    match is_navigation(&call.method, &call.headers) {
        true => Ok(()),
        false => Err(Failure::not_a_navigation()),
    }
}

pub(crate) fn login_request(provider: String, query: &str) -> Result<LoginRequest, Failure> {
    let provider = known_id(provider)?;
    let mut query = Query::parse(query).map_err(repeated)?;
    let tenant = query.take("tenant").map(TenantId::parse).transpose();
    let tenant =
        tenant.map_err(|_| bad_parameter("The parameter tenant is not a tenant's id or name."))?;
    let prompt = query.take("prompt").map(|prompt| match prompt.as_str() {
        "none" => Ok(Prompt::None),
        "login" => Ok(Prompt::Login),
        "consent" => Ok(Prompt::Consent),
        "select_account" => Ok(Prompt::SelectAccount),
        _ => Err(bad_parameter(
            "The parameter prompt must be none, login, consent or select_account.",
        )),
    });
    let login_hint = query.take("login_hint");
    if login_hint.as_ref().is_some_and(|hint| !is_login_hint(hint)) {
        return Err(bad_parameter("The parameter login_hint is not a user name."));
    }
    let return_to = query.take("return_to");
    let prompt = prompt.transpose()?;
    Ok(LoginRequest {
        provider,
        tenant,
        login_hint,
        prompt,
        return_to,
        session: None,
        own_page: false,
    })
}

/// At most 320 characters, as the longest e-mail address (RFC 3696 erratum 1690 aside).
fn is_login_hint(hint: &str) -> bool {
    hint.chars().count() <= 320 && !hint.chars().any(char::is_control)
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

fn known_id(provider: String) -> Result<ProviderId, Failure> {
    ProviderId::parse(provider).map_err(|_| Failure::unknown_provider())
}

pub(crate) fn repeated(Repeated(name): Repeated) -> Failure {
    // The name is somebody else's text.
    let name = clean(&name, 40);
    let message = format!("The parameter {name} stands more than once.");
    Failure::bad_request("repeated_parameter", &message)
}

pub(crate) fn bad_parameter(message: &str) -> Failure {
    Failure::bad_request("bad_parameter", message)
}

/// 302, as the endpoint that Portico stays compatible with answers.
pub(crate) fn redirect(to: &Url) -> Result<Response, InvalidHeaderValue> {
    let location = HeaderValue::from_str(to.as_str())?;
    let mut response = warp::reply().into_response();
    *response.status_mut() = StatusCode::FOUND;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use portico_domain::testing::samples;

    use super::*;

    #[test]
    fn an_app_hears_of_errors_and_porticos_own_pages_do_not() {
        let hears = |url: &str| hears_errors(&Url::parse(url).unwrap(), &samples::destinations());
        for app in [
            "http://localhost:3000/",
            "http://localhost:3000/dashboard",
            "http://localhost:3000/api/x",
            "http://localhost:5000/reports",
            "http://localhost:5000/dashboards",
        ] {
            assert!(hears(app), "{app}");
        }
        for own in ["", "dashboard", "dashboard?x#y", "decide", "api/session", "getAToken"] {
            assert!(!hears(&format!("http://localhost:5000/{own}")), "{own}");
        }
    }
}
