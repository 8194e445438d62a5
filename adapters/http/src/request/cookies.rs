//! Reads and writes Portico's cookies (RFC 6265).

use std::time::Duration;

use portico_domain::{
    decision::DECISION_LIFETIME,
    login::{ATTEMPT_LIFETIME, AttemptKey},
    secret::{BrowserId, DecisionId, SealedAttempt, SealedFinish, SessionId},
};
use warp::http::{
    HeaderMap, HeaderValue,
    header::{self, InvalidHeaderValue},
};

const SESSION: &str = "portico_session";
const ATTEMPT: &str = "portico_login_";
const FINISHED: &str = "portico_done_";
const BROWSER: &str = "portico_browser";
const DECISION: &str = "portico_choice";
const ANEW: &str = "portico_anew";

/// Within how long a login begins anew once at most: where two nodes had different keys, a browser
/// that comes back to the other one each time would go round for ever.
const RESTART_INTERVAL: Duration = Duration::from_secs(60);

/// How many logins a browser may remember, under way or finished, before the oldest make way: each
/// cookie is sent with every request.
const MAX_LOGINS: usize = 16;

/// How many bytes they may have together: fifteen usual attempts. A header of more than 8 KiB is too
/// long for many a proxy, and other cookies stand in it too.
const MAX_BYTES: usize = 6_656;

/// The longest value of a cookie that is looked at, in bytes: no browser keeps a longer cookie.
const MAX_LEN: usize = 4_096;

/// The length of a session's id.
const SECRET_LENGTH: usize = 43;

/// How Portico's cookies look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cookies {
    /// Whether Portico is reached by https: then the cookies are `Secure` and their names carry the
    /// prefix `__Host-`, so that no other host and no plain http can set them.
    pub(crate) secure: bool,
}

impl Cookies {
    /// The session that the browser names.
    ///
    /// A browser sends Portico's cookie once. Two of that name mean that somebody else has set one,
    /// and nobody knows which: neither is taken.
    pub(crate) fn session(self, headers: &HeaderMap) -> Option<SessionId> {
        self.only_secret(headers, SESSION).map(SessionId::new)
    }

    /// Whether the browser names any session, readable or not: whoever signs out with it is told
    /// where nothing ended.
    pub(crate) fn names_session(self, headers: &HeaderMap) -> bool {
        pairs(headers).any(|(name, value)| {
            self.without_prefix(name) == Some(SESSION.as_bytes()) && !value.is_empty()
        })
    }

    /// Every session that the browser names, to end them: where somebody else has set a cookie of
    /// that name too, nobody is left signed in. The limit of a request's head bounds how many.
    pub(crate) fn sessions(self, headers: &HeaderMap) -> Vec<SessionId> {
        let mut values: Vec<&str> = pairs(headers)
            .filter(|(name, _)| self.without_prefix(name) == Some(SESSION.as_bytes()))
            .filter_map(|(_, value)| secret(value))
            .collect();
        values.dedup();
        values.into_iter().map(SessionId::new).collect()
    }

    /// An attempt, as the browser keeps it.
    pub(crate) fn attempt(self, headers: &HeaderMap, key: &AttemptKey) -> Option<SealedAttempt> {
        let value = self.only_value(headers, &format!("{ATTEMPT}{}", key.label()))?;
        let (_, sealed) = placed(text(value)?)?;
        is_base64url(sealed).then(|| SealedAttempt::new(sealed))
    }

    /// A login that has ended, as the browser remembers it.
    pub(crate) fn finish(self, headers: &HeaderMap, key: &AttemptKey) -> Option<SealedFinish> {
        let value = self.only_value(headers, &format!("{FINISHED}{}", key.label()))?;
        text(value).filter(|sealed| is_base64url(sealed)).map(SealedFinish::new)
    }

    /// Whether a login of this browser began anew a short while ago.
    pub(crate) fn began_anew(self, headers: &HeaderMap) -> bool {
        self.only_value(headers, ANEW).is_some()
    }

    /// Has the browser remember that a login begins anew.
    pub(crate) fn set_anew(self) -> SetCookie {
        self.set(ANEW, "1", RESTART_INTERVAL)
    }

    /// What all logins of the browser share.
    pub(crate) fn browser(self, headers: &HeaderMap) -> Option<BrowserId> {
        self.only_secret(headers, BROWSER).map(BrowserId::new)
    }

    /// The login that the browser was asked about.
    pub(crate) fn decision(self, headers: &HeaderMap) -> Option<DecisionId> {
        self.only_secret(headers, DECISION).map(DecisionId::new)
    }

    /// Gives the browser what all its logins share, for as long as one may be under way.
    pub(crate) fn set_browser(self, id: &BrowserId) -> SetCookie {
        self.set(BROWSER, id.expose(), ATTEMPT_LIFETIME)
    }

    /// Gives the browser the login that it is asked about.
    pub(crate) fn set_decision(self, id: &DecisionId) -> SetCookie {
        self.set(DECISION, id.expose(), DECISION_LIFETIME)
    }

    /// Takes it from the browser.
    pub(crate) fn clear_decision(self) -> SetCookie {
        self.set(DECISION, "", Duration::ZERO)
    }

    /// Gives the browser its session.
    pub(crate) fn set_session(self, id: &SessionId, lifetime: Duration) -> SetCookie {
        self.set(SESSION, id.expose(), lifetime)
    }

    /// Takes the session from the browser.
    pub(crate) fn clear_session(self) -> SetCookie {
        self.set(SESSION, "", Duration::ZERO)
    }

    /// Takes the session from the browser, unless these headers of an answer give it another one.
    pub(crate) fn take_back_session(
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

    /// Gives the browser an attempt to keep, in its place behind those that it has.
    ///
    /// The place stands before the attempt in the open, as `7.` does: it says nothing but which
    /// attempt is older, and whoever changed it would choose which of their own makes way.
    pub(crate) fn set_attempt(
        self,
        headers: &HeaderMap,
        key: &AttemptKey,
        sealed: &SealedAttempt,
    ) -> SetCookie {
        let last = self.logins(headers).filter_map(|login| login.place).max().unwrap_or(0);
        let value = format!("{}.{}", last.saturating_add(1), sealed.expose());
        self.set(&format!("{ATTEMPT}{}", key.label()), &value, ATTEMPT_LIFETIME)
    }

    /// Takes a spent attempt from the browser.
    pub(crate) fn clear_attempt(self, key: &AttemptKey) -> SetCookie {
        self.set(&format!("{ATTEMPT}{}", key.label()), "", Duration::ZERO)
    }

    /// Has the browser remember a login that has ended.
    pub(crate) fn set_finish(self, key: &AttemptKey, sealed: &SealedFinish) -> SetCookie {
        self.set(&format!("{FINISHED}{}", key.label()), sealed.expose(), ATTEMPT_LIFETIME)
    }

    /// Takes what has ended from the browser: nobody who signs out goes on from it.
    pub(crate) fn clear_finished(
        self,
        headers: &HeaderMap,
    ) -> Result<Vec<HeaderValue>, InvalidHeaderValue> {
        let finished = self.logins(headers).filter(|login| login.place.is_none());
        finished.map(|login| self.set(login.name, "", Duration::ZERO)).collect()
    }

    /// Makes room for a login of so many bytes: what has ended makes way, then the oldest attempts.
    pub(crate) fn make_room(
        self,
        headers: &HeaderMap,
        more: usize,
    ) -> Result<Vec<HeaderValue>, InvalidHeaderValue> {
        let mut logins: Vec<_> = self.logins(headers).collect();
        // Stable: browsers send older cookies first (RFC 6265 section 5.4).
        logins.sort_by_key(|login| login.place);
        let (mut left, mut bytes) = (logins.len(), logins.iter().map(|it| it.bytes).sum::<usize>());
        let fits = |left: usize, bytes: usize| left < MAX_LOGINS && bytes + more <= MAX_BYTES;
        let makes_way = |login: &&Login<'_>| {
            let drops = !fits(left, bytes);
            (left, bytes) = (left - 1, bytes - login.bytes);
            drops
        };
        let dropped = logins.iter().take_while(makes_way);
        dropped.map(|login| self.set(login.name, "", Duration::ZERO)).collect()
    }

    /// The logins that the browser remembers.
    fn logins(self, headers: &HeaderMap) -> impl Iterator<Item = Login<'_>> {
        pairs(headers).filter_map(move |(name, value)| {
            let name = text(self.without_prefix(name)?)?;
            let bytes = name.len() + value.len();
            if is_labelled(name, FINISHED) {
                return Some(Login { name, place: None, bytes });
            }
            // One that cannot be read is no login, and makes way first among attempts.
            let place = text(value).and_then(placed).map_or(0, |(place, _)| place);
            is_labelled(name, ATTEMPT).then_some(Login { name, place: Some(place), bytes })
        })
    }

    /// The value of the one cookie of this name, where it is a secret of Portico's.
    fn only_secret<'a>(self, headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
        self.only_value(headers, wanted).and_then(secret)
    }

    fn only_value<'a>(self, headers: &'a HeaderMap, wanted: &str) -> Option<&'a [u8]> {
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

/// A cookie to be set. Names and values are Portico's own, of an alphabet that every header may
/// hold; where one was not, its answer is a failure, and no answer without its cookie.
pub(crate) type SetCookie = Result<HeaderValue, InvalidHeaderValue>;

/// A login that a browser remembers.
struct Login<'a> {
    name: &'a str,
    /// Its place among the attempts, the oldest first; `None` where it has ended.
    place: Option<u32>,
    /// How much of a request's head it takes.
    bytes: usize,
}

/// An attempt's place and the attempt. An older Portico wrote no place.
fn placed(value: &str) -> Option<(u32, &str)> {
    match value.split_once('.') {
        None => Some((0, value)),
        Some((place, sealed)) => {
            let digits = place.bytes().all(|byte| byte.is_ascii_digit());
            Some((place.parse().ok().filter(|_| digits)?, sealed))
        }
    }
}

fn secret(value: &[u8]) -> Option<&str> {
    text(value).filter(|value| value.len() == SECRET_LENGTH && is_base64url(value))
}

/// A value that may be one of Portico's own.
fn text(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok().filter(|value| value.len() <= MAX_LEN)
}

fn is_base64url(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn is_labelled(name: &str, kind: &str) -> bool {
    name.strip_prefix(kind)
        .is_some_and(|label| label.len() == 16 && label.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Names and values as bytes: other applications of this host set cookies too, and what stands in
/// theirs is nobody's reason to pass over Portico's.
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
