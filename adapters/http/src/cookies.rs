//! Reads and writes Portico's cookies (RFC 6265).

use std::time::Duration;

use portico_domain::{
    decision::DECISION_LIFETIME,
    login::{ATTEMPT_LIFETIME, AttemptKey},
    secret::{BrowserId, DecisionId, SealedAttempt, SessionId},
};
use warp::http::{HeaderMap, HeaderValue, header};

const SESSION: &str = "portico_session";
const ATTEMPT: &str = "portico_login_";
const BROWSER: &str = "portico_browser";
const DECISION: &str = "portico_choice";

/// How many attempts a browser may carry before the older ones are dropped: each cookie is sent
/// with every request.
const MOST_ATTEMPTS: usize = 8;

/// How many bytes they may have together. A header of more than 8 KiB is too long for many a proxy,
/// and other cookies stand in it too.
const MOST_BYTES: usize = 6_144;

/// The longest value of a cookie that is looked at, in bytes: no browser keeps a longer cookie.
const LONGEST: usize = 4_096;

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
        let value = self.only_value(headers, SESSION)?;
        is_secret(value).then(|| SessionId::new(value))
    }

    /// Every session that the browser names, to end them: where somebody else has set a cookie of
    /// that name too, nobody is left signed in. The limit of a request's head bounds how many.
    pub(crate) fn sessions(self, headers: &HeaderMap) -> Vec<SessionId> {
        let mut values: Vec<&str> = pairs(headers)
            .filter(|(name, value)| self.without_prefix(name) == Some(SESSION) && is_secret(value))
            .map(|(_, value)| value)
            .collect();
        values.dedup();
        values.into_iter().map(SessionId::new).collect()
    }

    /// An attempt, as the browser keeps it.
    pub(crate) fn attempt(self, headers: &HeaderMap, key: &AttemptKey) -> Option<SealedAttempt> {
        let name = format!("{ATTEMPT}{}", key.label());
        let value = self.only_value(headers, &name)?;
        let fits = value.len() <= LONGEST && is_base64url(value);
        fits.then(|| SealedAttempt::new(value))
    }

    /// What all logins of the browser share.
    pub(crate) fn browser(self, headers: &HeaderMap) -> Option<BrowserId> {
        self.only_value(headers, BROWSER).filter(|value| is_secret(value)).map(BrowserId::new)
    }

    /// The login that the browser was asked about.
    pub(crate) fn decision(self, headers: &HeaderMap) -> Option<DecisionId> {
        self.only_value(headers, DECISION).filter(|value| is_secret(value)).map(DecisionId::new)
    }

    /// Gives the browser what all its logins share, for as long as one may be under way.
    pub(crate) fn set_browser(self, id: &BrowserId) -> HeaderValue {
        self.set(BROWSER, id.expose(), ATTEMPT_LIFETIME)
    }

    /// Gives the browser the login that it is asked about.
    pub(crate) fn set_decision(self, id: &DecisionId) -> HeaderValue {
        self.set(DECISION, id.expose(), DECISION_LIFETIME)
    }

    /// Takes it from the browser.
    pub(crate) fn clear_decision(self) -> HeaderValue {
        self.set(DECISION, "", Duration::ZERO)
    }

    /// Gives the browser its session.
    pub(crate) fn set_session(self, id: &SessionId, lifetime: Duration) -> HeaderValue {
        self.set(SESSION, id.expose(), lifetime)
    }

    /// Takes the session from the browser.
    pub(crate) fn clear_session(self) -> HeaderValue {
        self.set(SESSION, "", Duration::ZERO)
    }

    /// Takes the session from the browser, unless these headers of an answer give it another one.
    pub(crate) fn take_back_session(self, headers: &mut HeaderMap) {
        let name = format!("{}{SESSION}=", self.prefix());
        let mut cookies = headers.get_all(header::SET_COOKIE).iter();
        if !cookies.any(|cookie| cookie.as_bytes().starts_with(name.as_bytes())) {
            headers.append(header::SET_COOKIE, self.clear_session());
        }
    }

    /// Gives the browser an attempt to keep.
    pub(crate) fn set_attempt(self, key: &AttemptKey, sealed: &SealedAttempt) -> HeaderValue {
        self.set(&format!("{ATTEMPT}{}", key.label()), sealed.expose(), ATTEMPT_LIFETIME)
    }

    /// Takes a spent attempt from the browser.
    pub(crate) fn clear_attempt(self, key: &AttemptKey) -> HeaderValue {
        self.set(&format!("{ATTEMPT}{}", key.label()), "", Duration::ZERO)
    }

    /// Takes every attempt from a browser that would carry too many with one more of so many bytes.
    pub(crate) fn clear_crowd(self, headers: &HeaderMap, more: usize) -> Vec<HeaderValue> {
        let attempts = pairs(headers)
            .filter_map(|(name, value)| Some((self.without_prefix(name)?, value)))
            .filter(|(name, _)| is_attempt(name));
        let (mut names, mut bytes) = (Vec::new(), more);
        for (name, value) in attempts {
            names.push(name);
            bytes += name.len() + value.len();
        }
        if names.len() < MOST_ATTEMPTS && bytes <= MOST_BYTES {
            return Vec::new();
        }
        names.into_iter().map(|name| self.set(name, "", Duration::ZERO)).collect()
    }

    fn only_value<'a>(self, headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
        let mut values = pairs(headers)
            .filter(|(name, _)| self.without_prefix(name) == Some(wanted))
            .map(|(_, value)| value);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    fn prefix(self) -> &'static str {
        if self.secure { "__Host-" } else { "" }
    }

    fn without_prefix(self, name: &str) -> Option<&str> {
        name.strip_prefix(self.prefix())
    }

    fn set(self, name: &str, value: &str, lifetime: Duration) -> HeaderValue {
        let cookie = format!(
            "{}{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}",
            self.prefix(),
            lifetime.as_secs(),
            if self.secure { "; Secure" } else { "" },
        );
        // Names and values are base64url and hexadecimal, which every header may hold.
        HeaderValue::from_str(&cookie).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

fn is_secret(value: &str) -> bool {
    value.len() == SECRET_LENGTH && is_base64url(value)
}

fn is_base64url(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn is_attempt(name: &str) -> bool {
    name.strip_prefix(ATTEMPT)
        .is_some_and(|label| label.len() == 16 && label.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use portico_domain::secret::State;

    use super::*;

    const PLAIN: Cookies = Cookies { secure: false };
    const SECURE: Cookies = Cookies { secure: true };

    fn headers(cookies: &[&str]) -> HeaderMap {
        let values = cookies.iter().map(|text| HeaderValue::from_str(text).unwrap());
        values.map(|value| (header::COOKIE, value)).collect()
    }

    fn secret(letter: &str) -> String {
        letter.repeat(SECRET_LENGTH)
    }

    #[test]
    fn over_https_a_cookie_belongs_to_this_host_alone() {
        let cookie = SECURE.set_session(&SessionId::new(secret("a")), Duration::from_secs(60));
        let expected = format!(
            "__Host-portico_session={}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure",
            secret("a")
        );
        assert_eq!(cookie.to_str().unwrap(), expected);
        let unprefixed = headers(&[&format!("portico_session={}", secret("a"))]);
        assert_eq!(SECURE.session(&unprefixed), None);
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let one = headers(&[&format!("theme=dark; portico_session={}; x=y", secret("a"))]);
        assert_eq!(PLAIN.session(&one), Some(SessionId::new(secret("a"))));
    }

    #[test]
    fn a_doubled_huge_or_garbled_session_cookie_is_no_session() {
        let a = format!("portico_session={}", secret("a"));
        let b = format!("portico_session={}", secret("b"));
        for cookies in [
            vec![format!("{a}; {b}")],
            vec![a.clone(), b.clone()],
            vec![format!("{a}; {a}")],
            vec![format!("portico_session={}", secret("aa"))],
            vec!["portico_session=".to_owned()],
            vec![format!("portico_session={}", secret(" "))],
            vec![format!("portico_session=\"{}\"", secret("a"))],
            vec![format!("Portico_Session={}", secret("a"))],
        ] {
            let cookies: Vec<&str> = cookies.iter().map(String::as_str).collect();
            assert_eq!(PLAIN.session(&headers(&cookies)), None, "{cookies:?}");
        }
    }

    #[test]
    fn of_several_sessions_each_is_named_to_be_ended() {
        let named = |cookies: &[&str]| PLAIN.sessions(&headers(cookies));
        let cookie = |fill: &str| format!("portico_session={}", secret(fill));
        let ids = |fills: &[&str]| fills.iter().map(|it| SessionId::new(secret(it))).collect();
        let (one, two): (Vec<_>, Vec<_>) = (ids(&["a"]), ids(&["a", "b"]));
        assert_eq!(named(&[&cookie("a")]), one);
        assert_eq!(named(&[&format!("{}; {}", cookie("a"), cookie("b"))]), two);
        assert_eq!(named(&[&cookie("a"), "portico_session=x; theme=dark", &cookie("b")]), two);
        assert_eq!(named(&[&cookie("a"), &cookie("a")]), one);
        assert_eq!(named(&["theme=dark"]), []);
        assert_eq!(named(&[cookie("a").as_str(); 9]).len(), 1);
    }

    #[test]
    fn a_secret_is_43_signs_of_base64url() {
        let session =
            |secret: &str| PLAIN.session(&headers(&[&format!("portico_session={secret}")]));
        let every = "abcxyzABCXYZ0189-_".repeat(3)[..SECRET_LENGTH].to_owned();
        assert_eq!(session(&every), Some(SessionId::new(every)));
        for other in ["+", "/", "=", ".", "%"] {
            assert_eq!(session(&format!("{}{other}", "a".repeat(42))), None, "{other}");
        }
        assert_eq!(session(&"a".repeat(42)), None);
    }

    #[test]
    fn each_attempt_has_a_cookie_of_its_own() {
        let (one, two) = (State::new("one"), State::new("two"));
        let (one, two) = (AttemptKey::of(&one), AttemptKey::of(&two));
        let both = [(&one, "a"), (&two, "b")].map(|(key, letter)| {
            let cookie = PLAIN.set_attempt(key, &SealedAttempt::new(secret(letter)));
            cookie.to_str().unwrap().split(';').next().unwrap().to_owned()
        });
        let both = headers(&[&both.join("; ")]);
        assert_eq!(PLAIN.attempt(&both, &one), Some(SealedAttempt::new(secret("a"))));
        assert_eq!(PLAIN.attempt(&both, &two), Some(SealedAttempt::new(secret("b"))));
    }

    #[test]
    fn a_browser_with_too_many_attempts_is_relieved_of_them() {
        let cookie = |n: usize| format!("portico_login_{n:016x}={}", secret("a"));
        let seven = (0..7).map(cookie).collect::<Vec<_>>().join("; ");
        assert!(PLAIN.clear_crowd(&headers(&[&seven]), 500).is_empty());
        let eight = (0..8).map(cookie).collect::<Vec<_>>().join("; ");
        assert_eq!(PLAIN.clear_crowd(&headers(&[&eight]), 500).len(), 8);
    }

    #[test]
    fn a_browser_whose_attempts_are_too_long_together_is_relieved_of_them() {
        let cookie = |n: usize| format!("portico_login_{n:016x}={}", "a".repeat(2_000));
        let two = (0..2).map(cookie).collect::<Vec<_>>().join("; ");
        assert!(PLAIN.clear_crowd(&headers(&[&two]), 2_000).is_empty());
        assert_eq!(PLAIN.clear_crowd(&headers(&[&two]), 2_500).len(), 2);
    }

    #[test]
    fn an_attempt_is_base64url_of_a_length_that_browsers_keep() {
        let key = AttemptKey::of(&State::new("one"));
        let found = |value: &str| {
            let cookie = format!("portico_login_{}={value}", key.label());
            PLAIN.attempt(&headers(&[&cookie]), &key).is_some()
        };
        assert!(found(&"a".repeat(LONGEST)) && found("-_09AZaz"));
        for value in [&"a".repeat(LONGEST + 1), "a=", "a+b", "\"a\"", "a b"] {
            assert!(!found(value), "{value}");
        }
    }

    #[test]
    fn a_crowd_is_of_attempts_alone() {
        let attempt = |n: usize| format!("portico_login_{n:016x}={}", secret("a"));
        let strangers =
            ["portico_login_=a", "portico_login_0=a", "portico_login_000000000000000g=a"];
        let strangers =
            format!("theme=dark; portico_session={}; {}", secret("a"), strangers.join("; "));
        let seven = (0..7).map(attempt).collect::<Vec<_>>().join("; ");
        assert!(PLAIN.clear_crowd(&headers(&[&strangers, &seven]), 0).is_empty());
        let cleared = PLAIN.clear_crowd(&headers(&[&strangers, &seven, &attempt(7)]), 0);
        assert_eq!(cleared.len(), 8);
        for (n, cookie) in cleared.iter().enumerate() {
            let expected =
                format!("portico_login_{n:016x}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
            assert_eq!(cookie.to_str().unwrap(), expected);
        }
    }
}
