//! Reads and writes Portico's cookies (RFC 6265).

use std::time::Duration;

use portico_domain::{
    decision::DECISION_LIFETIME,
    login::{ATTEMPT_LIFETIME, AttemptKey},
    secret::{BrowserId, DecisionId, SealedAttempt, SealedFinish, SealedHostSession, SessionId},
};
use warp::http::{
    HeaderMap, HeaderValue,
    header::{self, InvalidHeaderValue},
};

const SESSION: &str = "portico_session";
const ATTEMPT: &str = "portico_login_";
const FINISH: &str = "portico_done_";
const BROWSER: &str = "portico_browser";
const DECISION: &str = "portico_choice";
const RESTART: &str = "portico_anew";

// At the hosts of protected apps
const HOST_SESSION: &str = "portico_app";
const HOST_BROWSER: &str = "portico_app_browser";

/// How long a browser has its id at the host of an app: longer than a sign-in takes.
const HOST_BROWSER_LIFETIME: Duration = Duration::from_hours(1);

/// The shortest time between two automatic restarts of a login in a browser. Between nodes with
/// different keys, restarts would otherwise loop.
const RESTART_INTERVAL: Duration = Duration::from_secs(60);

/// The most cookies of attempts and finished logins in a browser: each is sent with every request.
const MAX_LOGINS: usize = 16;

/// Their total size in bytes: fifteen typical attempts. Many proxies refuse a header of more than
/// 8 KiB, and other cookies are in it too.
const MAX_LOGINS_LEN: usize = 6_656;

/// The longest cookie value that is read, in bytes: browsers store no longer ones.
const MAX_VALUE_LEN: usize = 4_096;

/// The length of an id: 32 bytes in base64url.
const ID_LEN: usize = 43;

/// Reads and writes cookies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cookies {
    /// Whether the host is served over https. Cookies are then `Secure` and have the name prefix
    /// `__Host-`, so that no other host and no plain http response can set them.
    pub(crate) secure: bool,
}

impl Cookies {
    /// The session id; `None` if the cookie is repeated. Browsers send Portico's cookie once, so one of
    /// two was set by somebody else, and it is unknown which.
    pub(crate) fn session(self, headers: &HeaderMap) -> Option<SessionId> {
        self.single_id(headers, SESSION).map(SessionId::new)
    }

    /// The sealed session at the host of an app.
    pub(crate) fn host_session(self, headers: &HeaderMap) -> Option<SealedHostSession> {
        let value = self.single_value(headers, HOST_SESSION)?;
        text(value).filter(|sealed| is_base64url(sealed)).map(SealedHostSession::new)
    }

    pub(crate) fn set_host_session(
        self,
        sealed: &SealedHostSession,
        lifetime: Duration,
    ) -> SetCookie {
        self.set(HOST_SESSION, sealed.expose(), lifetime)
    }

    pub(crate) fn clear_host_session(self) -> SetCookie {
        self.set(HOST_SESSION, "", Duration::ZERO)
    }

    /// The id of the browser at the host of an app.
    pub(crate) fn host_browser(self, headers: &HeaderMap) -> Option<BrowserId> {
        self.single_id(headers, HOST_BROWSER).map(BrowserId::new)
    }

    pub(crate) fn set_host_browser(self, id: &BrowserId) -> SetCookie {
        self.set(HOST_BROWSER, id.expose(), HOST_BROWSER_LIFETIME)
    }

    /// Whether there is a session cookie with any value, valid or not. A logout reports if it ended
    /// nothing.
    pub(crate) fn has_session(self, headers: &HeaderMap) -> bool {
        pairs(headers).any(|(name, value)| {
            self.without_prefix(name) == Some(SESSION.as_bytes()) && !value.is_empty()
        })
    }

    /// Every session id, also of repeated cookies, for a logout: none of the sessions may stay. Their
    /// number is bounded by the size of a request's head.
    pub(crate) fn sessions(self, headers: &HeaderMap) -> Vec<SessionId> {
        let mut values: Vec<&str> = pairs(headers)
            .filter(|(name, _)| self.without_prefix(name) == Some(SESSION.as_bytes()))
            .filter_map(|(_, value)| valid_id(value))
            .collect();
        values.sort_unstable();
        values.dedup();
        values.into_iter().map(SessionId::new).collect()
    }

    /// The sealed login attempt with this key.
    pub(crate) fn attempt(self, headers: &HeaderMap, key: &AttemptKey) -> Option<SealedAttempt> {
        let value = self.single_value(headers, &format!("{ATTEMPT}{}", key.label()))?;
        let (_, sealed) = parse_attempt(text(value)?)?;
        is_base64url(sealed).then(|| SealedAttempt::new(sealed))
    }

    /// The sealed record of a finished login.
    pub(crate) fn finish(self, headers: &HeaderMap, key: &AttemptKey) -> Option<SealedFinish> {
        let value = self.single_value(headers, &format!("{FINISH}{}", key.label()))?;
        text(value).filter(|sealed| is_base64url(sealed)).map(SealedFinish::new)
    }

    /// Whether a login of this browser was restarted within [`RESTART_INTERVAL`].
    pub(crate) fn was_restarted(self, headers: &HeaderMap) -> bool {
        self.single_value(headers, RESTART).is_some()
    }

    pub(crate) fn set_restarted(self) -> SetCookie {
        self.set(RESTART, "1", RESTART_INTERVAL)
    }

    /// The id that the logins of a browser share.
    pub(crate) fn browser(self, headers: &HeaderMap) -> Option<BrowserId> {
        self.single_id(headers, BROWSER).map(BrowserId::new)
    }

    /// The id of a login that waits for a decision.
    pub(crate) fn decision(self, headers: &HeaderMap) -> Option<DecisionId> {
        self.single_id(headers, DECISION).map(DecisionId::new)
    }

    /// For as long as a login attempt may last.
    pub(crate) fn set_browser(self, id: &BrowserId) -> SetCookie {
        self.set(BROWSER, id.expose(), ATTEMPT_LIFETIME)
    }

    pub(crate) fn set_decision(self, id: &DecisionId) -> SetCookie {
        self.set(DECISION, id.expose(), DECISION_LIFETIME)
    }

    pub(crate) fn clear_decision(self) -> SetCookie {
        self.set(DECISION, "", Duration::ZERO)
    }

    pub(crate) fn set_session(self, id: &SessionId, lifetime: Duration) -> SetCookie {
        self.set(SESSION, id.expose(), lifetime)
    }

    pub(crate) fn clear_session(self) -> SetCookie {
        self.set(SESSION, "", Duration::ZERO)
    }

    /// Clears the session cookie, unless these response headers set one.
    pub(crate) fn clear_session_unless_set(
        self,
        headers: &mut HeaderMap,
    ) -> Result<(), InvalidHeaderValue> {
        let name = format!("{}{SESSION}=", self.prefix());
        let mut cookies = headers.get_all(header::SET_COOKIE).iter();
        if !cookies.any(|cookie| cookie.as_bytes().starts_with(name.as_bytes())) {
            headers.append(header::SET_COOKIE, self.clear_session()?);
        }
        Ok(())
    }

    /// Adds an attempt, with the next sequence number: `7.{sealed}`.
    ///
    /// The number is not sealed. It only orders attempts by age, and changing it only affects which of
    /// the browser's own attempts is evicted first.
    pub(crate) fn set_attempt(
        self,
        headers: &HeaderMap,
        key: &AttemptKey,
        sealed: &SealedAttempt,
    ) -> SetCookie {
        let last = self.logins(headers).filter_map(|login| login.sequence).max().unwrap_or(0);
        let value = format!("{}.{}", last.saturating_add(1), sealed.expose());
        self.set(&format!("{ATTEMPT}{}", key.label()), &value, ATTEMPT_LIFETIME)
    }

    pub(crate) fn clear_attempt(self, key: &AttemptKey) -> SetCookie {
        self.set(&format!("{ATTEMPT}{}", key.label()), "", Duration::ZERO)
    }

    pub(crate) fn set_finish(self, key: &AttemptKey, sealed: &SealedFinish) -> SetCookie {
        self.set(&format!("{FINISH}{}", key.label()), sealed.expose(), ATTEMPT_LIFETIME)
    }

    /// Clears the records of finished logins, for a logout.
    pub(crate) fn clear_finishes(
        self,
        headers: &HeaderMap,
    ) -> Result<Vec<HeaderValue>, InvalidHeaderValue> {
        let finishes = self.logins(headers).filter(|login| login.sequence.is_none());
        finishes.map(|login| self.set(login.name, "", Duration::ZERO)).collect()
    }

    /// Evicts cookies until a login of `more` bytes fits: finished logins first, then the oldest attempts.
    pub(crate) fn make_room(
        self,
        headers: &HeaderMap,
        more: usize,
    ) -> Result<Vec<HeaderValue>, InvalidHeaderValue> {
        let mut logins: Vec<_> = self.logins(headers).collect();
        // `None` first. The sort is stable: browsers send older cookies first (RFC 6265 section 5.4).
        logins.sort_by_key(|login| login.sequence);
        let (mut count, mut len) = (logins.len(), logins.iter().map(|it| it.len).sum::<usize>());
        let fits = |count: usize, len: usize| count < MAX_LOGINS && len + more <= MAX_LOGINS_LEN;
        let is_evicted = |login: &&LoginCookie<'_>| {
            let evict = !fits(count, len);
            (count, len) = (count - 1, len - login.len);
            evict
        };
        let evicted = logins.iter().take_while(is_evicted);
        evicted.map(|login| self.set(login.name, "", Duration::ZERO)).collect()
    }

    /// The cookies of attempts and finished logins.
    fn logins(self, headers: &HeaderMap) -> impl Iterator<Item = LoginCookie<'_>> {
        pairs(headers).filter_map(move |(name, value)| {
            let name = text(self.without_prefix(name)?)?;
            let len = name.len() + value.len();
            if is_labelled(name, FINISH) {
                return Some(LoginCookie { name, sequence: None, len });
            }
            // An invalid attempt is the first of the attempts to be evicted.
            let sequence = text(value).and_then(parse_attempt).map_or(0, |(sequence, _)| sequence);
            is_labelled(name, ATTEMPT).then_some(LoginCookie {
                name,
                sequence: Some(sequence),
                len,
            })
        })
    }

    /// The id in the cookie of this name, if the cookie is not repeated.
    fn single_id<'a>(self, headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
        self.single_value(headers, wanted).and_then(valid_id)
    }

    /// The value of the cookie of this name, if it is not repeated.
    fn single_value<'a>(self, headers: &'a HeaderMap, wanted: &str) -> Option<&'a [u8]> {
        let mut values = pairs(headers)
            .filter(|(name, _)| self.without_prefix(name) == Some(wanted.as_bytes()))
            .map(|(_, value)| value);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    fn prefix(self) -> &'static str {
        if self.secure { "__Host-" } else { "" }
    }

    fn without_prefix(self, name: &[u8]) -> Option<&[u8]> {
        name.strip_prefix(self.prefix().as_bytes())
    }

    fn set(self, name: &str, value: &str, lifetime: Duration) -> SetCookie {
        let cookie = format!(
            "{}{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}",
            self.prefix(),
            lifetime.as_secs(),
            if self.secure { "; Secure" } else { "" },
        );
        HeaderValue::try_from(cookie)
    }
}

/// A value of `Set-Cookie`. Portico's names and values are valid in a header; if one were not, the request
/// must fail rather than get a response without its cookie.
pub(crate) type SetCookie = Result<HeaderValue, InvalidHeaderValue>;

/// A cookie of an attempt or a finished login.
struct LoginCookie<'a> {
    name: &'a str,
    /// The sequence number of an attempt, the oldest first; `None` for a finished login.
    sequence: Option<u32>,
    /// The length of name and value.
    len: usize,
}

/// The sequence number of an attempt, and the sealed attempt. Older versions wrote no number.
fn parse_attempt(value: &str) -> Option<(u32, &str)> {
    match value.split_once('.') {
        None => Some((0, value)),
        Some((sequence, sealed)) => {
            let is_number = sequence.bytes().all(|byte| byte.is_ascii_digit());
            Some((sequence.parse().ok().filter(|_| is_number)?, sealed))
        }
    }
}

fn valid_id(value: &[u8]) -> Option<&str> {
    text(value).filter(|value| value.len() == ID_LEN && is_base64url(value))
}

/// A value as text, if it is not too long.
fn text(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok().filter(|value| value.len() <= MAX_VALUE_LEN)
}

fn is_base64url(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn is_labelled(name: &str, kind: &str) -> bool {
    name.strip_prefix(kind)
        .is_some_and(|label| label.len() == 16 && label.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Names and values, as bytes: a cookie of another application on this host need not be UTF-8, and must
/// not make Portico's unreadable.
fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&[u8], &[u8])> {
    let values = headers.get_all(header::COOKIE).iter();
    let pairs = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(|pair| {
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        Some((pair[..equals].trim_ascii(), pair[equals + 1..].trim_ascii()))
    })
}

#[cfg(test)]
mod tests;
