//! Which of the cookies that a browser sends count, and what is set.

use portico_domain::secret::State;

use super::*;

const PLAIN: Cookies = Cookies { secure: false };
const SECURE: Cookies = Cookies { secure: true };

fn headers(cookies: &[&str]) -> HeaderMap {
    raw(&cookies.iter().map(|text| text.as_bytes()).collect::<Vec<_>>())
}

fn raw(cookies: &[&[u8]]) -> HeaderMap {
    let values = cookies.iter().map(|bytes| HeaderValue::from_bytes(bytes).unwrap());
    values.map(|value| (header::COOKIE, value)).collect()
}

fn secret(letter: &str) -> String {
    letter.repeat(SECRET_LENGTH)
}

/// The pair of a `Set-Cookie`, as a browser sends it back.
fn sent_back(cookie: HeaderValue) -> HeaderValue {
    HeaderValue::from_str(cookie.to_str().unwrap().split(';').next().unwrap()).unwrap()
}

#[test]
fn over_https_a_cookie_belongs_to_this_host_alone() {
    let id = SessionId::new(secret("a"));
    let cookie = SECURE.set_session(&id, Duration::from_secs(60)).unwrap();
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
    let session = |secret: &str| PLAIN.session(&headers(&[&format!("portico_session={secret}")]));
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
    let mut both = headers(&[]);
    for (key, letter) in [(&one, "a"), (&two, "b")] {
        let cookie = PLAIN.set_attempt(&both, key, &SealedAttempt::new(secret(letter)));
        both.append(header::COOKIE, sent_back(cookie.unwrap()));
    }
    assert_eq!(PLAIN.attempt(&both, &one), Some(SealedAttempt::new(secret("a"))));
    assert_eq!(PLAIN.attempt(&both, &two), Some(SealedAttempt::new(secret("b"))));
}

#[test]
fn no_byte_of_another_applications_cookie_takes_porticos_away() {
    let session = format!("portico_session={}", secret("a"));
    let wanted = Some(SessionId::new(secret("a")));
    for foreign in [&b"theme=\xff"[..], b"\xe9t\xe9=1", b"a=\xc3\x28", b"\x80", b"=\xff", b"a=\tb"]
    {
        for cookies in [
            [foreign, b"; ", session.as_bytes()].concat(),
            [session.as_bytes(), b";", foreign].concat(),
        ] {
            assert_eq!(PLAIN.session(&raw(&[&cookies])), wanted, "{foreign:?}");
            assert_eq!(PLAIN.sessions(&raw(&[&cookies])).len(), 1, "{foreign:?}");
        }
        assert_eq!(PLAIN.session(&raw(&[foreign, session.as_bytes()])), wanted, "{foreign:?}");
    }
    // A second one is a second one, whatever it holds.
    for doubled in [&b"portico_session=\xff"[..], b"portico_session=", b" portico_session =x"] {
        assert_eq!(PLAIN.session(&raw(&[session.as_bytes(), doubled])), None, "{doubled:?}");
        assert_eq!(PLAIN.sessions(&raw(&[session.as_bytes(), doubled])).len(), 1, "{doubled:?}");
    }
}

#[test]
fn a_session_is_named_by_any_value_that_is_not_empty() {
    for (cookie, named) in [
        (&b"portico_session=\xff"[..], true),
        (b"portico_session=x", true),
        (b"portico_session=", false),
        (b"portico_session", false),
        (b"portico_sessions=x", false),
        (b"theme=\xff", false),
    ] {
        assert_eq!(PLAIN.names_session(&raw(&[cookie])), named, "{cookie:?}");
    }
}

/// The attempt that was begun as the nth.
fn attempt(n: usize) -> String {
    format!("portico_login_{n:016x}={n}.{}", secret("a"))
}

fn finished(n: usize) -> String {
    format!("portico_done_{n:016x}={}", secret("a"))
}

/// The cookies that make way for one of so many bytes.
fn makes_way(cookies: &[&str], more: usize) -> Vec<String> {
    let dropped = PLAIN.make_room(&headers(cookies), more).unwrap();
    let gone = "=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax";
    let name = |it: HeaderValue| it.to_str().unwrap().strip_suffix(gone).unwrap().to_owned();
    dropped.into_iter().map(name).collect()
}

#[test]
fn of_too_many_attempts_the_oldest_alone_makes_way_in_whatever_order_they_are_sent() {
    let all: Vec<_> = (1..=MAX_LOGINS).map(attempt).collect();
    assert_eq!(makes_way(&[&all[1..].join("; ")], 0), Vec::<String>::new());
    let oldest = ["portico_login_0000000000000001"];
    assert_eq!(makes_way(&[&all.join("; ")], 0), oldest);
    let reversed: Vec<_> = all.into_iter().rev().collect();
    assert_eq!(makes_way(&[&reversed.join("; ")], 0), oldest);
}

#[test]
fn attempts_that_are_too_long_together_make_way_until_the_new_one_fits() {
    let long = |n: usize| format!("portico_login_{n:016x}={n}.{}", "a".repeat(2_000));
    let three = (1..=3).map(long).collect::<Vec<_>>().join("; ");
    assert_eq!(makes_way(&[&three], 500), Vec::<String>::new());
    assert_eq!(makes_way(&[&three], 2_000), ["portico_login_0000000000000001"]);
    let two = ["portico_login_0000000000000001", "portico_login_0000000000000002"];
    assert_eq!(makes_way(&[&three], 4_000), two);
    assert_eq!(makes_way(&[&three], MAX_BYTES).len(), 3);
}

#[test]
fn what_has_ended_or_cannot_be_read_makes_way_before_an_attempt() {
    let attempts: Vec<_> = (1..MAX_LOGINS).map(attempt).collect();
    let ended = format!("{}; {}", attempts.join("; "), finished(7));
    assert_eq!(makes_way(&[&ended], 0), ["portico_done_0000000000000007"]);
    let garbled = format!("{}; portico_login_00000000000000ff=x.y", attempts.join("; "));
    assert_eq!(makes_way(&[&garbled], 0), ["portico_login_00000000000000ff"]);
}

#[test]
fn an_attempt_takes_its_place_behind_those_that_the_browser_has() {
    let key = AttemptKey::of(&State::new("one"));
    for (kept, place) in [
        (vec![], 1),
        (vec![attempt(3), attempt(2), finished(9)], 4),
        (vec![format!("portico_login_{:016x}={}", 1, secret("a"))], 1),
        (vec![format!("portico_login_{:016x}={}.x", 1, u32::MAX)], u32::MAX),
        (vec![format!("portico_login_{:016x}=99999999999.x", 1)], 1),
    ] {
        let kept = headers(&[&kept.join("; ")]);
        let sealed = SealedAttempt::new(secret("b"));
        let cookie = PLAIN.set_attempt(&kept, &key, &sealed).unwrap();
        let value = format!("={place}.{};", secret("b"));
        assert!(cookie.to_str().unwrap().contains(&value), "{kept:?}: {cookie:?}");
        let sent = HeaderMap::from_iter([(header::COOKIE, sent_back(cookie))]);
        assert_eq!(PLAIN.attempt(&sent, &key), Some(sealed));
    }
}

#[test]
fn a_finished_login_is_no_attempt_and_is_forgotten_with_the_session() {
    let key = AttemptKey::of(&State::new("one"));
    let finish = SealedFinish::new(secret("f"));
    let sent = sent_back(PLAIN.set_finish(&key, &finish).unwrap());
    let sent = HeaderMap::from_iter([(header::COOKIE, sent)]);
    assert_eq!(PLAIN.finish(&sent, &key), Some(finish));
    assert_eq!(PLAIN.attempt(&sent, &key), None);
    assert_eq!(PLAIN.finish(&sent, &AttemptKey::of(&State::new("two"))), None);
    let cookies = format!("{}; {}; portico_done_x=y; theme=dark", attempt(1), finished(2));
    let cleared = PLAIN.clear_finished(&headers(&[&cookies])).unwrap();
    assert_eq!(cleared.len(), 1);
    assert!(cleared[0].to_str().unwrap().starts_with("portico_done_0000000000000002=;"));
}

#[test]
fn an_attempt_is_base64url_of_a_length_that_browsers_keep() {
    let key = AttemptKey::of(&State::new("one"));
    let found = |value: &str| {
        let cookie = format!("portico_login_{}={value}", key.label());
        PLAIN.attempt(&headers(&[&cookie]), &key).is_some()
    };
    assert!(found(&"a".repeat(MAX_LEN)) && found("-_09AZaz") && found("7.-_09AZaz"));
    for value in [
        &"a".repeat(MAX_LEN + 1),
        "a=",
        "a+b",
        "\"a\"",
        "a b",
        "+7.a",
        ".a",
        "7.7.a",
        "x.a",
        "7.a=",
    ] {
        assert!(!found(value), "{value}");
    }
}

#[test]
fn nobody_elses_cookie_makes_way() {
    let strangers = ["portico_login_=a", "portico_login_0=a", "portico_login_000000000000000g=a"];
    let strangers =
        format!("theme=dark; portico_session={}; {}", secret("a"), strangers.join("; "));
    let fitting = (1..MAX_LOGINS).map(attempt).collect::<Vec<_>>().join("; ");
    assert_eq!(makes_way(&[&strangers, &fitting], 0), Vec::<String>::new());
    let more = attempt(MAX_LOGINS);
    let oldest = ["portico_login_0000000000000001"];
    assert_eq!(makes_way(&[&strangers, &fitting, &more], 0), oldest);
}
