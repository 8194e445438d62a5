//! What apps read of a session, and its end.

use std::time::Instant;

use portico_domain::{
    account::Account, session::SessionKey, time::Timestamp, use_cases::LiveSession,
};
use serde_json::json;
use warp::{
    http::{
        HeaderValue, StatusCode,
        header::{self, InvalidHeaderValue},
    },
    reply::{Reply, Response},
};

use super::{
    Call,
    accounts::{MAX_DETAILS, next, subscription_json},
    login::redirect,
    record,
    tenant_json::tenant_json,
};
use crate::{
    answers::View,
    failure::{Failure, named, wants_page},
    json::Json,
    origin, pages,
    query::Query,
};

/// `GET /api/session`.
pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    let live = call.signed_in().await?;
    let render = || session_json(&live);
    let response = call.answer_about(&live, Some(View::Session), render).await?;
    Ok(json_of_this_browser(response))
}

/// The answer as JSON that is this browser's alone.
pub(crate) fn json_of_this_browser(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("cookie, origin"));
    response
}

/// `POST /api/logout`.
pub(crate) async fn log_out(call: Call, body: Vec<u8>) -> Result<Response, Failure> {
    let (app, cookies) = (&call.app, call.app.cookies());
    if !origin::may_change_state(&call.headers, &app.destinations) {
        return Err(Failure::wrong_origin(&call.headers));
    }
    let arrived = Instant::now();
    let everywhere = wants_everywhere(&call, &body)?;
    let (mut end_session, mut person, mut sessions) = (None, None, 0);
    for id in cookies.sessions(&call.headers) {
        let ended = app.log_out.run(&id, everywhere).await;
        let ended = ended.map_err(|error| Failure::store(&error))?;
        app.answers.forget(&SessionKey::of(&id));
        sessions += ended.sessions;
        end_session = end_session.or(ended.end_session);
        person = person.or(ended.person);
    }

    let correlation = app.correlation();
    record::logout(&call, person.as_ref(), (sessions, everywhere), arrived.elapsed(), &correlation);
    let mut response = if sessions == 0 && cookies.names_session(&call.headers) {
        nothing_ended(&call, &correlation)
    } else if wants_page(&call.headers) {
        redirect_to_see(app.destinations.portico())?
    } else {
        warp::reply::with_status(warp::reply(), StatusCode::NO_CONTENT).into_response()
    };
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, cookies.clear_session()?);
    for cookie in cookies.clear_finished(&call.headers)? {
        headers.append(header::SET_COOKIE, cookie);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(url) = end_session {
        let link = HeaderValue::try_from(format!("<{url}>; rel=\"end_session\""))?;
        headers.insert(header::LINK, link);
    }
    named(&mut response, &correlation);
    Ok(response)
}

/// 200 for a session cookie that named no session: whoever signs out with one believes that they were
/// signed in, and may still be elsewhere.
///
/// It is a success, since nobody is signed in here afterwards and apps go on as after a 204; but what
/// was asked for did not happen, and the answer says so.
fn nothing_ended(call: &Call, correlation: &str) -> Response {
    let message = "No session was ended: the cookie of this browser named none that lives.";
    let advice = "Its cookie is gone now. Where you are signed in elsewhere you still are: to end \
                  that, sign in and sign out everywhere.";
    if wants_page(&call.headers) {
        return pages::notice(message, advice, correlation);
    }
    let body = json!({
        "ended": 0, "message": format!("{message} {advice}"), "code": "nothing_ended",
        "correlation": correlation,
    });
    warp::reply::json(&body).into_response()
}

/// 303: the browser that sent a form goes on with a GET (RFC 9110 section 15.4.4).
pub(crate) fn redirect_to_see(to: &url::Url) -> Result<Response, InvalidHeaderValue> {
    let mut response = redirect(to)?;
    *response.status_mut() = StatusCode::SEE_OTHER;
    Ok(response)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LogOutBody {
    #[serde(default)]
    everywhere: bool,
}

/// Reads `{"everywhere": true}`, or the same as a form field.
fn wants_everywhere(call: &Call, body: &[u8]) -> Result<bool, Failure> {
    if body.is_empty() {
        return Ok(false);
    }
    let unreadable = || {
        let message = "The body must be empty, {\"everywhere\": true} or {\"everywhere\": false}.";
        Failure::bad_request("bad_body", message)
    };
    let content_type = call.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if content_type.is_some_and(|kind| kind.starts_with(b"application/x-www-form-urlencoded")) {
        let text = std::str::from_utf8(body).map_err(|_| unreadable())?;
        let mut form = Query::parse(text).map_err(|_| unreadable())?;
        return Ok(form.take("everywhere").as_deref() == Some("true"));
    }
    let body: LogOutBody = serde_json::from_slice(body).map_err(|_| unreadable())?;
    Ok(body.everywhere)
}

/// `{user, accounts, expiresAt}`.
fn session_json(live: &LiveSession) -> Vec<u8> {
    let mut json = Json::with_capacity(4_096);
    // The claims are JSON already: they are not parsed to be written again.
    json.raw("{\"user\":").raw(live.session.user.json()).raw(",\"accounts\":");
    json.list(&live.session.accounts, account_json);
    json.raw(",\"expiresAt\":").text(&rfc3339(live.expires_at)).raw("}");
    json.into_bytes()
}

/// An account as `/api/session` shows it.
fn account_json(json: &mut Json, account: &Account) {
    json.raw("{\"id\":").text(account.id.as_str());
    json.raw(",\"provider\":").text(account.provider.as_str());
    json.raw(",\"tenantId\":").text(account.identity.tenant.as_str());
    json.raw(",\"displayName\":").text(&account.identity.display_name);
    json.raw(",\"subscriptions\":");
    json.list(&account.subscriptions, |json, subscription| {
        json.text(&subscription.id);
    });
    let shown = account.subscriptions.len().min(MAX_DETAILS);
    let details = &account.subscriptions[..shown];
    json.raw(",\"subscriptionDetails\":").list(details, subscription_json);
    json.raw(",\"subscriptionDetailsNext\":").optional(next(account, shown).as_deref());
    json.raw(",\"tenants\":").list(&account.tenants, tenant_json);
    json.raw(",\"warnings\":").list(&account.warnings, |json, warning| {
        json.text(warning);
    });
    json.raw(",\"connectedAt\":").text(&rfc3339(account.connected_at));
    json.raw(",\"refreshedAt\":").text(&rfc3339(account.refreshed_at)).raw("}");
}

/// `2026-11-23T14:05:00Z` (RFC 3339).
pub(crate) fn rfc3339(moment: Timestamp) -> String {
    let seconds = i64::try_from(moment.unix_seconds()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX).to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use portico_domain::{account::Subscription, session::Session, testing::samples};

    use super::*;

    fn live(session: Session) -> LiveSession {
        let expires_at = session.expires_at(&samples::POLICY);
        LiveSession { expires_at, version: None, session: Arc::new(session) }
    }

    #[test]
    fn of_a_long_list_every_id_is_shown_and_the_first_thousand_in_full() {
        let mut session = samples::session("contoso", "zofia", Timestamp::from_unix_seconds(1_000));
        let one = session.accounts[0].subscriptions[0].clone();
        let numbered = |n: usize| Subscription { id: n.to_string(), ..one.clone() };
        session.accounts[0].subscriptions = (0..1_001).map(numbered).collect();
        let shown: serde_json::Value =
            serde_json::from_slice(&session_json(&live(session))).unwrap();
        let account = &shown["accounts"][0];
        assert_eq!(account["subscriptions"].as_array().unwrap().len(), 1_001);
        assert_eq!(account["subscriptionDetails"].as_array().unwrap().len(), 1_000);
        let id = account["id"].as_str().unwrap();
        let next = format!("/api/accounts/{id}/subscriptions?after=1000");
        assert_eq!(account["subscriptionDetailsNext"], next);
    }

    #[test]
    fn a_session_is_shown_as_the_contract_says() {
        let at = Timestamp::from_unix_seconds(1_795_442_700);
        let session = samples::session("contoso", "zofia", at);
        let live = live(session);
        let shown: serde_json::Value = serde_json::from_slice(&session_json(&live)).unwrap();
        let id = live.session.accounts[0].id.as_str();
        assert_eq!(
            shown,
            serde_json::json!({
                "user": live.session.user.members(),
                "accounts": [{
                    "id": id, "provider": "azure", "tenantId": "contoso",
                    "displayName": "Zofia Nowak", "subscriptions": ["one"],
                    "subscriptionDetails": [{
                        "id": "one", "displayName": "Subscription one", "state": "Enabled",
                        "tenantId": null,
                    }],
                    "subscriptionDetailsNext": null,
                    "tenants": [],
                    "warnings": [],
                    "connectedAt": "2026-11-23T14:05:00Z", "refreshedAt": "2026-11-23T14:05:00Z",
                }],
                "expiresAt": "2026-11-23T22:05:00Z",
            })
        );
    }
}
