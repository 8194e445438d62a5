//! `GET /api/login/{provider}`: the redirect to the identity provider.

use std::sync::Arc;

use portico_domain::{
    identity::TenantId,
    ports::Prompt,
    secret::BrowserId,
    session::SessionKey,
    use_cases::{LiveSession, LoginBegun, LoginRequest},
};
use warp::{http::header, reply::Response};

use super::{Login, error, parse_provider_id, require_navigation};
use crate::{
    error::{ErrorCode, Failure},
    request::{Call, Query, is_own_page},
    response::redirect,
};

pub(super) async fn begin(login: &Arc<Login>, call: &Call) -> Result<Response, Failure> {
    // Before the login is counted: a page must not use up the limit of its visitors' network.
    require_navigation(call)?;
    let mut request = login_request(&call.parameter, &call.query)?;
    let provider = request.provider.clone();
    if !login.is_offered(&provider)? {
        return Err(ErrorCode::UnknownProvider.into());
    }
    login.limiter.count_login(call.head.peer.0, call.headers())?;
    let live = login.sessions.live(call).await?;
    request.claims = held_claims(live.as_ref(), &request)?;
    let session = login.cookies.session(call.headers()).filter(|_| live.is_some());
    request.session = session.map(|id| SessionKey::of(&id));
    request.own_page = is_own_page(call.headers(), &login.destinations);
    let permit = login.limiter.acquire_begin(&provider, login.provider_count()).await?;
    let task = login.clone();
    let begun = login.threads.run(async move { task.begin_login.run(request).await }).await;
    drop(permit);
    let begun = begun.map_err(|error| error::begin_failed(&error, &login.name_of(&provider)))?;
    redirect_to_provider(login, call, &begun)
}

/// The claims of the request, as a tenant of the session wants them. Refused without a session, or for
/// claims that no tenant of its listings asks for: they would decide how the provider signs people in.
fn held_claims(
    live: Option<&LiveSession>,
    request: &LoginRequest,
) -> Result<Option<String>, ErrorCode> {
    let Some(claims) = &request.claims else { return Ok(None) };
    let tenant = request.tenant.as_ref().ok_or(ErrorCode::BadClaims)?;
    let held = live.and_then(|it| it.session.repair_claims(&request.provider, tenant, claims));
    held.map(|held| Some(held.to_owned())).ok_or(ErrorCode::BadClaims)
}

/// The redirect to the provider, with the cookies that bind the login to this browser.
fn redirect_to_provider(
    login: &Login,
    call: &Call,
    begun: &LoginBegun,
) -> Result<Response, Failure> {
    let (cookies, headers) = (login.cookies, call.headers());
    let mut response = redirect(&begun.url)?;
    let attempt = cookies.set_attempt(headers, &begun.attempt, &begun.sealed)?;
    let browser = cookies.browser(headers);
    let browser = browser.unwrap_or_else(|| BrowserId::draw(&*login.entropy));
    let evicted = cookies.make_room(headers, attempt.len())?;
    for cookie in evicted.into_iter().chain([attempt, cookies.set_browser(&browser)?]) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Parses path parameter and query.
pub(crate) fn login_request(provider: &str, query: &str) -> Result<LoginRequest, Failure> {
    let provider = parse_provider_id(provider)?;
    let mut query = Query::parse(query)?;
    let tenant = query.take("tenant").map(TenantId::parse).transpose();
    let tenant = tenant.map_err(|_| ErrorCode::BadTenant)?;
    let prompt = query.take("prompt").map(|prompt| parse_prompt(&prompt)).transpose()?;
    let login_hint = query.take("login_hint");
    if login_hint.as_ref().is_some_and(|hint| !is_login_hint(hint)) {
        return Err(ErrorCode::BadLoginHint.into());
    }
    let refresh = match query.take("refresh").as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(ErrorCode::BadRefresh.into()),
    };
    let (claims, return_to) = (query.take("claims"), query.take("return_to"));
    let (session, own_page) = (None, false);
    Ok(LoginRequest {
        provider,
        tenant,
        login_hint,
        prompt,
        claims,
        return_to,
        session,
        own_page,
        refresh,
    })
}

/// OpenID Connect Core section 3.1.2.1.
fn parse_prompt(prompt: &str) -> Result<Prompt, ErrorCode> {
    match prompt {
        "none" => Ok(Prompt::None),
        "login" => Ok(Prompt::Login),
        "consent" => Ok(Prompt::Consent),
        "select_account" => Ok(Prompt::SelectAccount),
        _ => Err(ErrorCode::BadPrompt),
    }
}

/// At most 320 characters, as the longest e-mail address (RFC 3696 erratum 1690 aside).
fn is_login_hint(hint: &str) -> bool {
    hint.chars().count() <= 320 && !hint.chars().any(char::is_control)
}
