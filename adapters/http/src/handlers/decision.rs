//! The question what shall become of a login that the browser's session does not know, and its
//! answer.

use std::time::Instant;

use portico_domain::{
    decision::Choice,
    return_to::Destinations,
    use_cases::{DecideError, Decision},
};
use url::Url;
use warp::{http::header, reply::Response};

use super::{Call, record, session::redirect_to_see};
use crate::{
    failure::{Failure, named},
    origin, pages,
    query::Query,
};

/// Where the question is.
pub(crate) const PATH: &str = "decide";

/// The address of the question.
pub(crate) fn page(destinations: &Destinations) -> Url {
    let mut url = destinations.portico().clone();
    url.set_path(PATH);
    url
}

/// `GET /decide`.
pub(crate) async fn ask(call: Call) -> Result<Response, Failure> {
    let (app, cookies) = (&call.app, call.app.cookies());
    let (id, session) = (cookies.decision(&call.headers), cookies.session(&call.headers));
    let (Some(id), Some(session)) = (id, session) else {
        return Err(Failure::decide_login(&DecideError::NothingAsked, ""));
    };
    let question = app.decide_login.question(&id, &session).await;
    let question = question.map_err(|error| Failure::decide_login(&error, ""))?;
    let cloud = app.name_of(&question.provider);
    Ok(pages::decide(&question, &cloud, &app.destinations))
}

/// `POST /decide`: a form of that page.
pub(crate) async fn decide(call: Call, body: Vec<u8>) -> Result<Response, Failure> {
    let (app, cookies) = (&call.app, call.app.cookies());
    if !origin::is_own(&call.headers, &app.destinations) {
        return Err(Failure::wrong_origin(&call.headers));
    }
    let (label, choice) = form(&body).ok_or_else(|| {
        let message = "The form must hold login and choice: connect, sign-in or neither.";
        Failure::bad_request("bad_body", message)
    })?;
    let (id, session) = (cookies.decision(&call.headers), cookies.session(&call.headers));
    let (Some(id), Some(session)) = (id, session) else {
        return Err(Failure::decide_login(&DecideError::NothingAsked, ""));
    };
    let arrived = Instant::now();
    let browser_id = cookies.browser(&call.headers);
    let decided = app.decide_login.run(Decision { id, label, session, browser_id, choice }).await;
    let decided = decided.map_err(|error| Failure::decide_login(&error, ""))?;
    let correlation = app.correlation();
    record::decision(&call, choice, &decided, arrived.elapsed(), &correlation);

    let mut response = redirect_to_see(decided.return_to.url())?;
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, cookies.clear_decision()?);
    if let Some(session) = &decided.session {
        headers.append(header::SET_COOKIE, cookies.set_session(session, app.policy.max)?);
    }
    named(&mut response, &correlation);
    Ok(response)
}

fn form(body: &[u8]) -> Option<(String, Choice)> {
    let mut form = Query::parse(std::str::from_utf8(body).ok()?).ok()?;
    let choice = match form.take("choice")?.as_str() {
        "connect" => Choice::Connect,
        "sign-in" => Choice::SignIn,
        "neither" => Choice::Neither,
        _ => return None,
    };
    Some((form.take("login")?, choice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_which_login_and_one_of_three_choices() {
        let connect = form(b"login=0123&choice=connect");
        assert_eq!(connect, Some(("0123".into(), Choice::Connect)));
        assert_eq!(form(b"choice=sign-in&login=1").map(|it| it.1), Some(Choice::SignIn));
        assert_eq!(form(b"choice=neither&login=1").map(|it| it.1), Some(Choice::Neither));
        for bad in
            ["", "choice=connect", "login=1", "login=1&choice=Connect", "login=&choice=connect"]
        {
            assert_eq!(form(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(form(b"login=1&choice=connect&choice=neither"), None);
        assert_eq!(form(b"login=1&choice=\xff"), None);
    }
}
