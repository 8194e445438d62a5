//! A failure: its error code, the values in its message, and the details for the log.

use std::{borrow::Cow, error::Error};

use portico_domain::{
    identity::{Identifiers, ProviderId},
    ports::StoreError,
    text::clean,
};
use serde_json::{Map, Value};
use url::Url;
use warp::http::{
    HeaderName, HeaderValue,
    header::{self, InvalidHeaderValue},
};

use super::ErrorCode;
use crate::{limits::Rejected, request::Repeated};

/// The detail of `too_many_logins` in the log.
const RATE_LIMIT_HINT: &str = "logins are counted by address: where a proxy stands in front, all come from \
                       its own unless PORTICO_TRUSTED_PROXIES names its network";

/// A failed request, for the response and for the log.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(super) code: ErrorCode,
    /// What happened, for a person.
    pub(super) message: Cow<'static, str>,
    /// `Retry-After` in seconds.
    pub(super) retry_after: Option<u32>,
    /// Headers of the response besides.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// Members of an OAuth error besides. Boxed, since few failures have some.
    pub(super) members: Option<Box<Map<String, Value>>>,
    /// A fixed JSON body that apps rely on byte by byte; replaces the rendered one.
    pub(super) body: Option<&'static str>,
    /// The login that failed, if any.
    pub(super) login: Option<Box<FailedLogin>>,
    /// For the log only.
    pub(super) detail: String,
}

/// A login that failed: log fields, and the redirect to the app.
#[derive(Debug)]
pub(crate) struct FailedLogin {
    /// The provider of the login attempt, or of the path if it is offered. Never unchecked text of the
    /// client.
    pub(crate) provider: ProviderId,
    /// From a verified ID token or user info, if the login came so far.
    pub(crate) person: Option<Identifiers>,
    /// Set if the callback was processed.
    pub(crate) completion: Option<FailedCompletion>,
    /// The redirect to the app, if it asked for one.
    pub(crate) redirect: Option<ErrorRedirect>,
}

/// How the completion of a login failed.
#[derive(Debug)]
pub(crate) struct FailedCompletion {
    /// The check that failed; `None` stands for the code of the failure.
    pub(crate) check: Option<&'static str>,
    /// The duration.
    pub(crate) milliseconds: u64,
}

/// A redirect to an app with an error.
#[derive(Debug)]
pub(crate) struct ErrorRedirect {
    pub(crate) to: Url,
    /// The OAuth error code.
    pub(crate) error: String,
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Self::with(code, &[])
    }
}

impl Failure {
    /// A failure with these values for the placeholders of its message.
    pub(crate) fn with(code: ErrorCode, values: &[(&str, &str)]) -> Self {
        let row = code.row();
        Self {
            code,
            message: fill(row.message, values),
            retry_after: row.retry_after,
            headers: Vec::new(),
            members: None,
            body: None,
            login: None,
            detail: String::new(),
        }
    }

    /// A failure with this provider name in its message.
    pub(crate) fn at_provider(code: ErrorCode, name: &str) -> Self {
        Self::with(code, &[("provider", name)])
    }

    /// A failure of the store.
    pub(crate) fn store(error: &StoreError) -> Self {
        Self::from(ErrorCode::from(error)).because(error)
    }

    /// 405 (RFC 9110 section 15.5.6).
    pub(crate) fn method_not_allowed(allow: &str) -> Self {
        let failure = Self::with(ErrorCode::MethodNotAllowed, &[("allow", allow)]);
        match HeaderValue::from_str(allow) {
            Ok(allow) => failure.with_header(header::ALLOW, allow),
            Err(_) => failure,
        }
    }

    /// Adds a header to the response.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Adds a member to an OAuth error.
    pub(crate) fn with_member(mut self, name: &'static str, value: Value) -> Self {
        self.members.get_or_insert_default().insert(name.into(), value);
        self
    }

    /// 413; `limit` is in bytes.
    pub(crate) fn too_large(limit: usize) -> Self {
        let limit = match (limit / 1_000, limit % 1_000) {
            (0, ones) => ones.to_string(),
            (thousands, ones) => format!("{thousands},{ones:03}"),
        };
        Self::with(ErrorCode::TooLarge, &[("limit", &limit)])
    }

    /// Adds a cause for the log.
    pub(crate) fn because(mut self, error: &(dyn Error + 'static)) -> Self {
        self.detail = with_causes(error);
        self
    }

    /// Sets `Retry-After`, in seconds.
    pub(crate) fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// Replaces the body by this JSON.
    pub(crate) fn with_body(self, body: &'static str) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Adds the login that failed.
    pub(crate) fn of_login(self, login: FailedLogin) -> Self {
        Self { login: Some(Box::new(login)), ..self }
    }

    /// Adds a login with this provider, if the failure has none.
    pub(crate) fn with_provider(self, provider: Option<ProviderId>) -> Self {
        match provider {
            Some(provider) if self.login.is_none() => {
                let login =
                    FailedLogin { provider, person: None, completion: None, redirect: None };
                self.of_login(login)
            }
            _ => self,
        }
    }

    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn code(&self) -> ErrorCode {
        self.code
    }
}

impl From<&StoreError> for ErrorCode {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::StoreUnavailable,
            // The use cases treat an unreadable session as none.
            StoreError::Unreadable(_) => Self::NoSession,
        }
    }
}

impl From<Rejected> for Failure {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::RateLimited { retry_after } => {
                let failure = Self::from(ErrorCode::TooManyLogins);
                Self { retry_after: Some(retry_after), detail: RATE_LIMIT_HINT.into(), ..failure }
            }
            Rejected::Overloaded => ErrorCode::LoginsOverloaded.into(),
        }
    }
}

impl From<Repeated> for Failure {
    fn from(Repeated(name): Repeated) -> Self {
        // The name is text of the client.
        Self::with(ErrorCode::RepeatedParameter, &[("name", &clean(&name, 40))])
    }
}

/// A header value of Portico that is invalid. A response without the header would be wrong unnoticed.
impl From<InvalidHeaderValue> for Failure {
    fn from(error: InvalidHeaderValue) -> Self {
        Self::from(ErrorCode::Internal).because(&error)
    }
}

/// Replaces each `{name}` by its value. Braces in values are not replaced again.
fn fill(template: &'static str, values: &[(&str, &str)]) -> Cow<'static, str> {
    if values.is_empty() {
        return template.into();
    }
    let mut filled = String::with_capacity(template.len() + 64);
    let mut parts = template.split('{');
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let replacement = part.split_once('}').and_then(|(name, rest)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, rest))
        });
        match replacement {
            Some((value, rest)) => filled.extend([value, rest]),
            None => filled.extend(["{", part]),
        }
    }
    filled.into()
}

/// An error and its causes on one line, for the log. It may contain text of a provider, so it is cut, and
/// control characters are replaced: they could forge log lines.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    const MAX_LEN: usize = 600;
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_LEN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fill_replaces_placeholders_once_and_keeps_other_braces() {
        let provider = Failure::at_provider(ErrorCode::ProviderUnreachable, "{provider} & Co");
        assert_eq!(provider.message, "{provider} & Co cannot be reached now.");
        let two = [("sent", "{allowed}"), ("allowed", "GET")];
        let method = Failure::with(ErrorCode::WrongMethod, &two);
        assert_eq!(method.message, "A page of another origin may not send {allowed}, but GET.");
        assert!(fill("a {\"b\": 1}", &[("b", "x")]).contains("{\"b\": 1}"));
    }
}
