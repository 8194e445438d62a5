//! `POST /api/logout`.

use std::time::Instant;

use portico_domain::session::SessionKey;
use serde::{Deserialize, Serialize};
use warp::{
    http::{HeaderValue, StatusCode, header},
    reply::{Reply, Response},
};

use super::{SessionApi, record};
use crate::{
    error::{ErrorCode, Failure, wrong_origin},
    request::{Call, Query, is_allowed_origin},
    response::{PageHost, json, message_page, see_other, set_correlation},
};

pub(super) async fn log_out(session: &SessionApi, call: &Call) -> Result<Response, Failure> {
    let (cookies, headers) = (session.cookies, call.headers());
    if !is_allowed_origin(headers, &session.destinations) {
        return Err(wrong_origin(headers));
    }
    let started = Instant::now();
    let everywhere = parse_everywhere(call)?;
    let (mut end_session, mut person, mut sessions) = (None, None, 0);
    for id in cookies.sessions(headers) {
        let ended = session.log_out.run(&id, everywhere).await;
        let ended = ended.map_err(|error| Failure::store(&error))?;
        session.sessions.forget(&SessionKey::of(&id));
        sessions += ended.sessions;
        end_session = end_session.or(ended.end_session);
        person = person.or(ended.person);
    }

    let correlation = session.correlations.draw();
    let ended = (sessions, everywhere);
    record::log_logout(session, call, person.as_ref(), ended, started.elapsed(), &correlation);
    let mut response = if sessions == 0 && cookies.has_session(headers) {
        nothing_ended(call, &correlation)
    } else if call.wants_page {
        see_other(session.destinations.portico())?
    } else {
        warp::reply::with_status(warp::reply(), StatusCode::NO_CONTENT).into_response()
    };
    let set = response.headers_mut();
    set.append(header::SET_COOKIE, cookies.clear_session()?);
    for cookie in cookies.clear_finishes(headers)? {
        set.append(header::SET_COOKIE, cookie);
    }
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(url) = end_session {
        let link = HeaderValue::try_from(format!("<{url}>; rel=\"end_session\""))?;
        set.insert(header::LINK, link);
    }
    set_correlation(&mut response, &correlation);
    Ok(response)
}

/// The body of a logout that ended no session.
#[derive(Serialize)]
struct NothingEnded<'a> {
    code: &'a str,
    correlation: &'a str,
    ended: usize,
    message: &'a str,
}

/// 200 for a logout whose cookie named no session. The person expected to be signed in, and may still be
/// elsewhere.
///
/// It is a success, since nobody is signed in here afterwards, and apps handle it like 204. The body says
/// that nothing was ended.
fn nothing_ended(call: &Call, correlation: &str) -> Response {
    let message = "No session was ended: the cookie of this browser named none that lives.";
    let advice = "Its cookie is gone now. Where you are signed in elsewhere you still are: to end \
                  that, sign in and sign out everywhere.";
    if call.wants_page {
        return message_page(
            PageHost::Portico,
            "Nothing to sign out of",
            message,
            advice,
            correlation,
        );
    }
    let message = &format!("{message} {advice}");
    json(&NothingEnded { code: "nothing_ended", correlation, ended: 0, message })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogOutBody {
    #[serde(default)]
    everywhere: bool,
}

/// Parses `{"everywhere": true}`, or the same as a form field.
fn parse_everywhere(call: &Call) -> Result<bool, Failure> {
    let (body, invalid) = (&*call.body, ErrorCode::BadLogOutBody);
    if body.is_empty() {
        return Ok(false);
    }
    let content_type = call.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if content_type.is_some_and(|kind| kind.starts_with(b"application/x-www-form-urlencoded")) {
        let text = std::str::from_utf8(body).map_err(|_| invalid)?;
        let mut form = Query::parse(text).map_err(|_| invalid)?;
        return Ok(form.take("everywhere").as_deref() == Some("true"));
    }
    let body: LogOutBody = serde_json::from_slice(body).map_err(|_| invalid)?;
    Ok(body.everywhere)
}
