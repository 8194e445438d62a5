//! The decision about a login of somebody who is not in the browser's session: connect, sign in, or
//! neither.

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
    request::{Call, Cookies, Query, is_own_origin, session_client},
    response::{CorrelationIds, Rendering, see_other, set_correlation},
    routing::{Access, GET, NO_BODY, POST, Route},
};

const PATH: &str = "/decide";

/// Dependencies of the feature.
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
    pub(super) const ROUTES: &[Route<Self>] = &[
        Route {
            name: "decision_ask",
            methods: GET,
            path: PATH,
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |decide, call| Box::pin(async move { show(&decide, &call).await }),
        },
        Route {
            name: "decision_answer",
            methods: POST,
            path: PATH,
            body_limit: 4_096,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |decide, call| Box::pin(async move { submit(&decide, &call).await }),
        },
    ];

    /// The ids of the pending decision and of the session, from the cookies.
    fn pending(&self, call: &Call) -> Result<(DecisionId, SessionId), ErrorCode> {
        let (cookies, headers) = (self.cookies, call.headers());
        let ids = cookies.decision(headers).zip(cookies.session(headers));
        ids.ok_or(ErrorCode::NothingToDecide)
    }
}

/// The URL of the page.
pub(super) fn url(destinations: &Destinations) -> Url {
    let mut url = destinations.portico().clone();
    url.set_path(PATH);
    url
}

async fn show(decide: &Decide, call: &Call) -> Result<Response, Failure> {
    let (id, session) = decide.pending(call)?;
    let question = decide.decide_login.question(&id, &session).await;
    let question = question.map_err(|error| error::decide_failed(&error))?;
    let cloud = name_of(&decide.providers, &question.provider);
    Ok(page::render(&question, &cloud, &decide.destinations)?)
}

async fn submit(decide: &Decide, call: &Call) -> Result<Response, Failure> {
    let (cookies, headers) = (decide.cookies, call.headers());
    if !is_own_origin(headers, &decide.destinations) {
        return Err(wrong_origin(headers));
    }
    let (label, choice) = parse_form(&call.body).ok_or(ErrorCode::BadDecisionBody)?;
    let (id, session) = decide.pending(call)?;
    let started = Instant::now();
    let browser_id = cookies.browser(headers);
    let client = Some(session_client(&decide.limiter, &call.head));
    let decision = Decision { id, label, session, browser_id, client, choice };
    let decided = decide.decide_login.run(decision).await;
    let decided = decided.map_err(|error| error::decide_failed(&error))?;
    let correlation = decide.correlations.draw();
    record::log_decision(decide, call, (choice, &decided), started.elapsed(), &correlation);

    let mut response = see_other(decided.return_to.url())?;
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, cookies.clear_decision()?);
    if let Some(session) = &decided.session {
        headers.append(header::SET_COOKIE, cookies.set_session(session, decide.policy.max)?);
    }
    set_correlation(&mut response, &correlation);
    Ok(response)
}

fn parse_form(body: &[u8]) -> Option<(String, Choice)> {
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
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::connect(b"login=0123&choice=connect", Choice::Connect)]
    #[case::sign_in(b"choice=sign-in&login=0123", Choice::SignIn)]
    #[case::neither(b"choice=neither&login=0123", Choice::Neither)]
    fn parse_form_returns_login_and_choice(#[case] body: &[u8], #[case] choice: Choice) {
        assert_eq!(parse_form(body), Some(("0123".into(), choice)));
    }

    #[rstest]
    #[case::empty(b"")]
    #[case::no_login(b"choice=connect")]
    #[case::no_choice(b"login=1")]
    #[case::other_case(b"login=1&choice=Connect")]
    #[case::empty_login(b"login=&choice=connect")]
    #[case::repeated_choice(b"login=1&choice=connect&choice=neither")]
    #[case::not_utf8(b"login=1&choice=\xff")]
    fn parse_form_refuses(#[case] body: &[u8]) {
        assert_eq!(parse_form(body), None);
    }
}
