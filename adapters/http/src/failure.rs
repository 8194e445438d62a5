//! Every failure as an answer: the one place where errors become statuses, words and log lines.

use std::error::Error;

use portico_domain::{identity::ProviderId, ports::StoreError, session::Ending};
use serde_json::json;
use warp::{
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{self, InvalidHeaderValue},
    },
    reply::{Reply, Response},
};

use crate::{App, asked::Asked, limits::Rejected, pages};

mod login;
mod origin;

use self::login::{FailedLogin, SentBack};

/// Names an answer in the log: on every failure, login and logout.
pub(crate) const CORRELATION: HeaderName = HeaderName::from_static("x-correlation-id");

/// What went wrong, as a person is told and as the log is told.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    /// A stable word for programs.
    code: &'static str,
    /// What happened, for a person.
    message: String,
    /// What they can do.
    advice: &'static str,
    /// Seconds until a new try makes sense.
    retry_after: Option<u32>,
    /// The methods that the path takes.
    allow: Option<&'static str>,
    /// The login that failed, where one did.
    login: Option<Box<FailedLogin>>,
    /// What the log says; never shown.
    detail: String,
}

const AGAIN: &str = "Go back to the sign-in page and sign in again.";
const CALLER: &str = "This is for whoever made the page or program that asked: see the routes in \
                      Portico's README.";
const LATER: &str = "Nothing was changed. Try again in a moment.";
const COUNTED: &str = "logins are counted by address: where a proxy stands in front, all come from \
                       its own unless PORTICO_TRUSTED_PROXIES names its network";
const OPERATOR: &str = "Try again later. If it goes on, tell whoever runs this Portico.";

impl Failure {
    fn new(status: StatusCode, code: &'static str, message: &str, advice: &'static str) -> Self {
        let message = message.to_owned();
        let (retry_after, allow, login, detail) = (None, None, None, String::new());
        Self { status, code, message, advice, retry_after, allow, login, detail }
    }

    fn because(mut self, error: &(dyn Error + 'static)) -> Self {
        self.detail = chain(error);
        self
    }

    /// A failure of a login.
    fn of(self, login: FailedLogin) -> Self {
        Self { login: Some(Box::new(login)), ..self }
    }

    /// A failure at this provider, if it says nothing of a login yet.
    pub(crate) fn at(self, provider: Option<ProviderId>) -> Self {
        match provider {
            Some(provider) if self.login.is_none() => self.of(FailedLogin::at(provider)),
            _ => self,
        }
    }

    fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// 401 for whoever has no session.
    pub(crate) fn no_session() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "no_session", "You are not signed in.", AGAIN)
    }

    /// 401 for whoever had a session, in words that say why it ended.
    pub(crate) fn session_ended(ending: Ending) -> Self {
        let message = match ending {
            // The browser has another one, or had: there is nothing to explain.
            Ending::Moved(_) | Ending::Replaced => return Self::no_session(),
            Ending::Crowded => {
                "This session has ended: you have signed in as often as one person may be signed in \
                 at once, and this was the oldest."
            }
            Ending::SignedOutEverywhere => "This session has ended: you signed out everywhere.",
            Ending::NotAllowed => {
                "This session has ended: the cloud or the organisation that you signed in with may \
                 not be used here any more."
            }
        };
        Self::new(StatusCode::UNAUTHORIZED, "session_ended", message, AGAIN)
    }

    /// 503 for whoever signed in with a plug-in that cannot be loaded.
    pub(crate) fn provider_away(name: &str) -> Self {
        let message = format!("{name} cannot be used here now, and your session waits for it.");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "provider_away", &message, OPERATOR).retry_after(10)
    }

    /// 503 for a sign-in with a plug-in that is granted and still being loaded.
    pub(crate) fn not_loaded(id: &str) -> Self {
        let message = format!("Signing in with {id} is not ready here yet.");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "provider_away", &message, LATER).retry_after(5)
    }

    /// 400 for a request that says something twice or something that cannot be.
    pub(crate) fn bad_request(code: &'static str, message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message, CALLER)
    }

    /// 400 for an answer to no sign-in that could go on.
    fn bad_answer(code: &'static str, message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message, AGAIN)
    }

    /// 404 for what is not there.
    pub(crate) fn not_found(code: &'static str, message: &str) -> Self {
        let advice = "Check the address, or start at the sign-in page.";
        Self::new(StatusCode::NOT_FOUND, code, message, advice)
    }

    /// 404 for a provider that is not there.
    pub(crate) fn unknown_provider() -> Self {
        Self::not_found("unknown_provider", "There is no such provider here.")
    }

    /// 405 for a method that a path does not take; it takes these (RFC 9110 section 15.5.6).
    pub(crate) fn method_not_allowed(allow: &'static str) -> Self {
        let message = format!("This address takes {allow} alone.");
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let failure = Self::new(status, "method_not_allowed", &message, CALLER);
        Self { allow: Some(allow), ..failure }
    }

    /// 414 for an address over the limit.
    pub(crate) fn address_too_long() -> Self {
        let message = "The address is too long: 8,192 bytes of path and query are taken.";
        Self::new(StatusCode::URI_TOO_LONG, "address_too_long", message, CALLER)
    }

    /// 400 for a request that does not say once and clearly whom it is for.
    pub(crate) fn bad_host() -> Self {
        let message = "The request must name one host, in its Host header.";
        Self::bad_request("bad_host", message)
    }

    /// 408 for a body that does not come.
    pub(crate) fn body_too_slow() -> Self {
        let message = "The body of the request did not come in time.";
        let advice = "Send it again: it may take 10 seconds.";
        Self::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", message, advice)
    }

    /// 403 for what a page embeds or a browser fetches ahead, where only a person may go.
    pub(crate) fn not_a_navigation() -> Self {
        let message = "A sign-in begins and ends where a browser shows this address itself: not in \
                       a frame, as an image, from a script, or fetched ahead.";
        let advice = "Open the sign-in page in a window of its own, and sign in there.";
        Self::new(StatusCode::FORBIDDEN, "not_a_navigation", message, advice)
    }

    /// 400 for an answer that this browser has no sign-in under way for.
    pub(crate) fn unknown_login() -> Self {
        let message = "This sign-in is not under way in this browser: it was finished, took longer \
                       than 15 minutes, was begun in another browser, or its cookie is gone.";
        Self::bad_answer("unknown_login", message)
    }

    /// 400 for an answer that names no sign-in.
    pub(crate) fn missing_state() -> Self {
        Self::bad_answer("missing_state", "This answer names no sign-in.")
    }

    /// 401 for an answer without anything to go on with.
    pub(crate) fn no_code() -> Self {
        let message = "This answer holds neither a code nor an error.";
        Self::new(StatusCode::UNAUTHORIZED, "no_code", message, AGAIN)
    }

    /// 500 for a value of Portico's own that no header may hold.
    fn unsendable(error: &InvalidHeaderValue) -> Self {
        let message = "Portico made an answer that cannot be sent.";
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "internal", message, OPERATOR).because(error)
    }

    /// 429 or 503 for a login too many.
    pub(crate) fn shed(shed: Rejected) -> Self {
        match shed {
            Rejected::TooOften { again_in } => {
                let message = "Too many sign-ins from your network came to nothing.";
                let status = StatusCode::TOO_MANY_REQUESTS;
                let failure = Self::new(status, "too_many_logins", message, LATER);
                Self { detail: COUNTED.into(), ..failure }.retry_after(again_in)
            }
            Rejected::NoPermit => Self::too_many_logins(),
        }
    }

    /// 503 where no place is left for somebody who is not signed in.
    pub(crate) fn full() -> Self {
        let message = "Too many people are connected at once, or too many from your network.";
        let full = Self::new(StatusCode::SERVICE_UNAVAILABLE, "full", message, LATER);
        full.retry_after(1)
    }

    /// 503 where as many logins are under way as there is room for.
    fn too_many_logins() -> Self {
        let message = "Too many people are signing in at once.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", message, LATER).retry_after(1)
    }

    /// 503 where there is no room for one more long answer.
    pub(crate) fn no_room_for_answers() -> Self {
        let message = "Too many long answers are being read at once.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", message, LATER).retry_after(1)
    }

    /// 429 for one more long answer of somebody who is reading many.
    pub(crate) fn too_many_answers() -> Self {
        let message = "You are reading too many long answers at once: read those first.";
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self::new(status, "too_many_answers", message, LATER).retry_after(1)
    }

    /// 413 for a body over the limit.
    pub(crate) fn too_large() -> Self {
        let message = "The body of the request is too large: 4,096 bytes are taken.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message, CALLER)
    }

    /// A store that cannot be used.
    pub(crate) fn store(error: &StoreError) -> Self {
        store(error).because(error)
    }

    /// Logs the failure once and answers: with a page where a browser navigates, else with JSON; and
    /// sends the browser of a login that failed back to where that was asked for.
    pub(crate) fn answer(self, app: &App, asked: &Asked) -> Response {
        let correlation = app.correlation();
        self.log(app, asked, &correlation);
        let mut response = match self.sent_back(&correlation) {
            Some(response) => response,
            None if wants_page(&asked.headers) => {
                let page = pages::failure(&self.message, self.advice, &correlation);
                self.with_status(page)
            }
            None => self.with_status(warp::reply::json(&self.json(&correlation)).into_response()),
        };
        named(&mut response, &correlation);
        response
    }

    /// Logs the failure once and answers with this JSON, which apps hold on to byte by byte.
    pub(crate) fn answer_with(self, body: &'static str, app: &App, asked: &Asked) -> Response {
        let correlation = app.correlation();
        self.log(app, asked, &correlation);
        let mut response = self.with_status(body.into_response());
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        named(&mut response, &correlation);
        response
    }

    fn with_status(&self, mut response: Response) -> Response {
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(allow) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        response
    }

    fn sent_back(&self, correlation: &str) -> Option<Response> {
        let SentBack { to, error } = self.login.as_ref()?.back.as_ref()?;
        login::redirect_with_error(to, error, &self.message, correlation)
    }

    /// The body of the answer to a program.
    pub(crate) fn json(&self, correlation: &str) -> serde_json::Value {
        json!({"error": self.message, "code": self.code, "correlation": correlation})
    }

    fn log(&self, app: &App, asked: &Asked, correlation: &str) {
        let (status, code, detail) = (self.status.as_u16(), self.code, &self.detail);
        let (method, path) = (asked.shown_method(), asked.shown_path());
        let (address, login) = (asked.address(app), self.login.as_deref());
        let person = login.and_then(|login| login.person.as_ref());
        let provider = login.map(|login| login.provider.as_str());
        let tenant = person.map(|person| person.tenant.as_str());
        let subject = person.map(|person| person.subject.as_str());
        let ended = login.and_then(|login| login.ended.as_ref());
        let check = ended.map(|ended| ended.check.unwrap_or(code));
        let milliseconds = ended.map(|ended| ended.milliseconds);
        macro_rules! line {
            ($level:ident, $outcome:literal, $message:literal) => {
                tracing::$level!(
                    status,
                    code,
                    correlation,
                    detail,
                    method,
                    path,
                    %address,
                    provider,
                    tenant,
                    subject,
                    outcome = ended.map(|_| $outcome),
                    check,
                    milliseconds,
                    $message
                )
            };
        }
        if self.status.is_server_error() {
            line!(warn, "failed", "request failed");
        } else {
            line!(info, "refused", "request refused");
        }
    }
}

/// Answers with its name in the log.
pub(crate) fn named(response: &mut Response, correlation: &str) {
    // It is hexadecimal.
    if let Ok(value) = HeaderValue::from_str(correlation) {
        response.headers_mut().insert(CORRELATION, value);
    }
}

impl From<InvalidHeaderValue> for Failure {
    fn from(error: InvalidHeaderValue) -> Self {
        Self::unsendable(&error)
    }
}

fn store(error: &StoreError) -> Failure {
    match error {
        StoreError::Unavailable(_) => {
            let message = "Portico cannot keep or read sessions now.";
            let status = StatusCode::SERVICE_UNAVAILABLE;
            Failure::new(status, "store_unavailable", message, LATER).retry_after(5)
        }
        // Every use case takes a session that cannot be read for none.
        StoreError::Unreadable(_) => Failure::no_session(),
    }
}

/// Whether the answer goes to a person: a browser that navigates accepts HTML, and says so.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    const HTML: &[u8] = b"text/html";
    let accepts = headers.get_all(header::ACCEPT).iter();
    accepts.into_iter().any(|it| it.as_bytes().windows(HTML.len()).any(|part| part == HTML))
}

/// An error and its causes on one line, for the log.
///
/// A provider's words may stand in it: they are cut, and what could forge a log line is taken out.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    const MAX_LEN: usize = 600;
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_LEN).collect()
}
