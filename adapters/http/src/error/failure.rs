//! One failure: its row of the table, what fills the row's words, and what the log says of it.

use std::{borrow::Cow, error::Error};

use portico_domain::{
    identity::{Identifiers, ProviderId},
    ports::StoreError,
    text::clean,
};
use url::Url;
use warp::http::header::InvalidHeaderValue;

use super::ErrorCode;
use crate::{limits::Rejected, request::Repeated};

/// The log's hint beside `too_many_logins`.
const COUNTED: &str = "logins are counted by address: where a proxy stands in front, all come from \
                       its own unless PORTICO_TRUSTED_PROXIES names its network";

/// What went wrong, as a person is told and as the log is told.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(super) code: ErrorCode,
    /// What happened, for a person.
    pub(super) message: Cow<'static, str>,
    /// Seconds until a new try makes sense.
    pub(super) retry_after: Option<u32>,
    /// The methods that the path takes, for `Allow`.
    pub(super) allow: Option<String>,
    /// A JSON body that apps hold on to byte by byte, instead of a rendered one.
    pub(super) body: Option<&'static str>,
    /// The login that failed, where one did.
    pub(super) login: Option<Box<FailedLogin>>,
    /// What the log says; never shown.
    pub(super) detail: String,
}

/// What the log says of a login that failed, and where its browser goes.
#[derive(Debug)]
pub(crate) struct FailedLogin {
    /// The provider that the login began with, or an offered one that its path names: no text of a
    /// client's.
    pub(crate) provider: ProviderId,
    /// Who came back, where a verified answer says so.
    pub(crate) person: Option<Identifiers>,
    /// How the login ended, where it came that far.
    pub(crate) ended: Option<Ended>,
    /// Where the browser goes with the error, where an app asked for that.
    pub(crate) back: Option<SentBack>,
}

/// How a login ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The check that failed; the failure's own code where it is `None`.
    pub(crate) check: Option<&'static str>,
    /// How long completing it took.
    pub(crate) milliseconds: u64,
}

/// Where a browser goes with an error.
#[derive(Debug)]
pub(crate) struct SentBack {
    pub(crate) to: Url,
    /// The OAuth error that the app reads.
    pub(crate) error: String,
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Self::with(code, &[])
    }
}

impl Failure {
    /// A failure whose words have these values in the places of these names.
    pub(crate) fn with(code: ErrorCode, values: &[(&str, &str)]) -> Self {
        let row = code.row();
        Self {
            code,
            message: fill(row.words, values),
            retry_after: row.retry_after,
            allow: None,
            body: None,
            login: None,
            detail: String::new(),
        }
    }

    /// A failure at the provider of this name.
    pub(crate) fn at_provider(code: ErrorCode, name: &str) -> Self {
        Self::with(code, &[("provider", name)])
    }

    /// A store that cannot be used.
    pub(crate) fn store(error: &StoreError) -> Self {
        Self::from(ErrorCode::from(error)).because(error)
    }

    /// A method that a path does not take; `allow` names those that it takes (RFC 9110 section
    /// 15.5.6).
    pub(crate) fn method_not_allowed(allow: &str) -> Self {
        let failure = Self::with(ErrorCode::MethodNotAllowed, &[("allow", allow)]);
        Self { allow: Some(allow.to_owned()), ..failure }
    }

    /// A body that is longer than the `limit` of its route, in bytes.
    pub(crate) fn too_large(limit: usize) -> Self {
        let limit = match (limit / 1_000, limit % 1_000) {
            (0, ones) => ones.to_string(),
            (thousands, ones) => format!("{thousands},{ones:03}"),
        };
        Self::with(ErrorCode::TooLarge, &[("limit", &limit)])
    }

    /// The same failure, whose cause the log names.
    pub(crate) fn because(mut self, error: &(dyn Error + 'static)) -> Self {
        self.detail = chain(error);
        self
    }

    /// The same failure, answered with this JSON.
    pub(crate) fn with_body(self, body: &'static str) -> Self {
        Self { body: Some(body), ..self }
    }

    /// The failure of this login.
    pub(crate) fn of(self, login: FailedLogin) -> Self {
        Self { login: Some(Box::new(login)), ..self }
    }

    /// A failure at this provider, if it says nothing of a login yet.
    pub(crate) fn at(self, provider: Option<ProviderId>) -> Self {
        match provider {
            Some(provider) if self.login.is_none() => {
                self.of(FailedLogin { provider, person: None, ended: None, back: None })
            }
            _ => self,
        }
    }

    /// What happened, for a person.
    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The row of the table.
    pub(crate) fn code(&self) -> ErrorCode {
        self.code
    }
}

impl From<&StoreError> for ErrorCode {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::StoreUnavailable,
            // Every use case takes a session that cannot be read for none.
            StoreError::Unreadable(_) => Self::NoSession,
        }
    }
}

impl From<Rejected> for Failure {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::TooOften { again_in } => {
                let failure = Self::from(ErrorCode::TooManyLogins);
                Self { retry_after: Some(again_in), detail: COUNTED.into(), ..failure }
            }
            Rejected::NoPermit => ErrorCode::LoginsOverloaded.into(),
        }
    }
}

impl From<Repeated> for Failure {
    fn from(Repeated(name): Repeated) -> Self {
        // The name is a client's text.
        Self::with(ErrorCode::RepeatedParameter, &[("name", &clean(&name, 40))])
    }
}

/// A value of Portico's own that no header may hold: an answer without it would be wrong in silence.
impl From<InvalidHeaderValue> for Failure {
    fn from(error: InvalidHeaderValue) -> Self {
        Self::from(ErrorCode::Internal).because(&error)
    }
}

/// Puts each value in the place of its name. What a value holds is no place.
fn fill(words: &'static str, values: &[(&str, &str)]) -> Cow<'static, str> {
    if values.is_empty() {
        return words.into();
    }
    let mut filled = String::with_capacity(words.len() + 64);
    let mut parts = words.split('{');
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let place = part.split_once('}').and_then(|(name, rest)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, rest))
        });
        match place {
            Some((value, rest)) => filled.extend([value, rest]),
            None => filled.extend(["{", part]),
        }
    }
    filled.into()
}

/// An error and its causes on one line, for the log.
///
/// A provider's words may stand in it: they are cut, and what could forge a log line is taken out.
fn chain(error: &(dyn Error + 'static)) -> String {
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
    fn fill_puts_values_into_places_once_and_leaves_other_braces() {
        let provider = Failure::at_provider(ErrorCode::ProviderUnreachable, "{provider} & Co");
        assert_eq!(provider.message, "{provider} & Co cannot be reached now.");
        let two = [("sent", "{allowed}"), ("allowed", "GET")];
        let method = Failure::with(ErrorCode::WrongMethod, &two);
        assert_eq!(method.message, "A page of another origin may not send {allowed}, but GET.");
        assert!(fill("a {\"b\": 1}", &[("b", "x")]).contains("{\"b\": 1}"));
    }
}
