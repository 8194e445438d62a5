//! The question what shall become of a login that the browser's session does not know, and its
//! answer.

mod error;
mod page;
mod record;

use std::{sync::Arc, time::Instant};

use portico_domain::{
    decision::Choice,
    provider::Providers,
    return_to::Destinations,
    secret::{DecisionId, SessionId},
    session::SessionPolicy,
    use_cases::{DecideLogin, Decision},
};
use url::Url;
use warp::{http::header, reply::Response};

pub(super) use self::error::landing_failed;
use crate::{
    error::{ErrorCode, Failure, wrong_origin},
    limits::LoginLimiter,
    providers::name_of,
    request::{Call, Cookies, Query, is_own},
    response::{CorrelationIds, Rendering, name_in_log, redirect_to_see},
    routing::{Access, GET, NO_BODY, POST, Route},
};

/// Where the question is.
const PATH: &str = "/decide";

/// What the question and its answer need.
pub(crate) struct Decide {
    pub(super) decide_login: DecideLogin,
    pub(super) providers: Providers,
    pub(super) destinations: Destinations,
    pub(super) policy: SessionPolicy,
    pub(super) limiter: Arc<LoginLimiter>,
    pub(super) cookies: Cookies,
    pub(super) correlations: CorrelationIds,
}

impl Decide {
    /// The routes of the question.
    pub(super) const ROUTES: &[Route<Self>] = &[
        Route {
            name: "decision_ask",
            methods: GET,
            path: PATH,
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |decide, call| Box::pin(async move { ask(&decide, &call).await }),
        },
        Route {
            name: "decision_answer",
            methods: POST,
            path: PATH,
            body_limit: 4_096,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |decide, call| Box::pin(async move { answer(&decide, &call).await }),
        },
    ];

    /// The question that the browser was asked, and the session that it has.
    fn asked(&self, call: &Call) -> Result<(DecisionId, SessionId), ErrorCode> {
        let (cookies, headers) = (self.cookies, call.headers());
        let asked = cookies.decision(headers).zip(cookies.session(headers));
        asked.ok_or(ErrorCode::NothingToDecide)
    }
}

/// The address of the question.
pub(super) fn page(destinations: &Destinations) -> Url {
    let mut url = destinations.portico().clone();
    url.set_path(PATH);
    url
}

async fn ask(decide: &Decide, call: &Call) -> Result<Response, Failure> {
    let (id, session) = decide.asked(call)?;
    let question = decide.decide_login.question(&id, &session).await;
    let question = question.map_err(|error| error::decide_failed(&error))?;
    let cloud = name_of(&decide.providers, &question.provider);
    Ok(page::question(&question, &cloud, &decide.destinations)?)
}

/// A form of that page.
async fn answer(decide: &Decide, call: &Call) -> Result<Response, Failure> {
    let (cookies, headers) = (decide.cookies, call.headers());
    if !is_own(headers, &decide.destinations) {
        return Err(wrong_origin(headers));
    }
    let (label, choice) = form(&call.body).ok_or(ErrorCode::BadDecisionBody)?;
    let (id, session) = decide.asked(call)?;
    let arrived = Instant::now();
    let browser_id = cookies.browser(headers);
    let decision = Decision { id, label, session, browser_id, choice };
    let decided = decide.decide_login.run(decision).await;
    let decided = decided.map_err(|error| error::decide_failed(&error))?;
    let correlation = decide.correlations.draw();
    record::decision(decide, call, (choice, &decided), arrived.elapsed(), &correlation);

    let mut response = redirect_to_see(decided.return_to.url())?;
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, cookies.clear_decision()?);
    if let Some(session) = &decided.session {
        headers.append(header::SET_COOKIE, cookies.set_session(session, decide.policy.max)?);
    }
    name_in_log(&mut response, &correlation);
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
