//! Cookies that are read, set and evicted.

mod attempts;

use portico_domain::secret::State;
use rstest::rstest;

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

fn id(letter: &str) -> String {
    letter.repeat(ID_LEN)
}

/// The `Cookie` header that a browser sends after this `Set-Cookie`.
fn sent_back(cookie: HeaderValue) -> HeaderValue {
    HeaderValue::from_str(cookie.to_str().unwrap().split(';').next().unwrap()).unwrap()
}

#[test]
fn secure_cookie_has_host_prefix_and_unprefixed_one_is_ignored() {
    let session = SessionId::new(id("a"));
    let cookie = SECURE.set_session(&session, Duration::from_secs(60)).unwrap();
    let expected = format!(
        "__Host-portico_session={}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure",
        id("a")
    );
    assert_eq!(cookie.to_str().unwrap(), expected);
    let unprefixed = headers(&[&format!("portico_session={}", id("a"))]);
    assert_eq!(SECURE.session(&unprefixed), None);
}

#[test]
fn session_is_found_among_other_cookies() {
    let one = headers(&[&format!("theme=dark; portico_session={}; x=y", id("a"))]);
    assert_eq!(PLAIN.session(&one), Some(SessionId::new(id("a"))));
}

#[rstest]
#[case::repeated_in_one_header(vec![format!("portico_session={}; portico_session={}", id("a"), id("b"))])]
#[case::repeated_in_two_headers(
    vec![format!("portico_session={}", id("a")), format!("portico_session={}", id("b"))]
)]
#[case::repeated_with_same_value(vec![format!("portico_session={0}; portico_session={0}", id("a"))])]
#[case::too_long(vec![format!("portico_session={}", id("aa"))])]
#[case::empty(vec!["portico_session=".to_owned()])]
#[case::spaces(vec![format!("portico_session={}", id(" "))])]
#[case::quoted(vec![format!("portico_session=\"{}\"", id("a"))])]
#[case::other_case(vec![format!("Portico_Session={}", id("a"))])]
fn session_is_none_for_repeated_or_invalid_cookie(#[case] cookies: Vec<String>) {
    let cookies: Vec<&str> = cookies.iter().map(String::as_str).collect();
    assert_eq!(PLAIN.session(&headers(&cookies)), None);
}

#[test]
fn sessions_returns_each_id_of_repeated_cookies_once() {
    let sessions = |cookies: &[&str]| PLAIN.sessions(&headers(cookies));
    let cookie = |fill: &str| format!("portico_session={}", id(fill));
    let ids = |fills: &[&str]| fills.iter().map(|it| SessionId::new(id(it))).collect();
    let (one, two): (Vec<_>, Vec<_>) = (ids(&["a"]), ids(&["a", "b"]));
    assert_eq!(sessions(&[&cookie("a")]), one);
    assert_eq!(sessions(&[&format!("{}; {}", cookie("a"), cookie("b"))]), two);
    assert_eq!(sessions(&[&cookie("a"), "portico_session=x; theme=dark", &cookie("b")]), two);
    assert_eq!(sessions(&[&cookie("a"), &cookie("a")]), one);
    assert_eq!(sessions(&[&cookie("a"), &cookie("b"), &cookie("a")]), two);
    assert_eq!(sessions(&["theme=dark"]), []);
    assert_eq!(sessions(&[cookie("a").as_str(); 9]).len(), 1);
}

#[test]
fn session_id_is_43_characters_of_base64url() {
    let session = |value: &str| PLAIN.session(&headers(&[&format!("portico_session={value}")]));
    let alphabet = "abcxyzABCXYZ0189-_".repeat(3)[..ID_LEN].to_owned();
    assert_eq!(session(&alphabet), Some(SessionId::new(alphabet)));
    for other in ["+", "/", "=", ".", "%"] {
        assert_eq!(session(&format!("{}{other}", "a".repeat(42))), None, "{other}");
    }
    assert_eq!(session(&"a".repeat(42)), None);
}

#[test]
fn browser_and_decision_are_read_from_the_cookies_that_set_them() {
    let (browser, decision) = (BrowserId::new(id("a")), DecisionId::new(id("b")));
    let mut both = headers(&["theme=dark"]);
    assert_eq!((PLAIN.browser(&both), PLAIN.decision(&both)), (None, None));
    both.append(header::COOKIE, sent_back(PLAIN.set_browser(&browser).unwrap()));
    both.append(header::COOKIE, sent_back(PLAIN.set_decision(&decision).unwrap()));
    assert_eq!((PLAIN.browser(&both), PLAIN.decision(&both)), (Some(browser), Some(decision)));
}

#[test]
fn was_restarted_is_true_after_set_restarted() {
    let mut headers = headers(&["theme=dark"]);
    assert!(!PLAIN.was_restarted(&headers));
    headers.append(header::COOKIE, sent_back(PLAIN.set_restarted().unwrap()));
    assert!(PLAIN.was_restarted(&headers));
}

#[test]
fn clear_session_unless_set_keeps_a_new_session() {
    let set_cookies = |set: Option<&HeaderValue>| {
        let mut headers: HeaderMap =
            set.into_iter().map(|cookie| (header::SET_COOKIE, cookie.clone())).collect();
        SECURE.clear_session_unless_set(&mut headers).unwrap();
        headers.get_all(header::SET_COOKIE).iter().cloned().collect::<Vec<_>>()
    };
    let cleared = SECURE.clear_session().unwrap();
    assert_eq!(set_cookies(None), std::slice::from_ref(&cleared));
    let other = SECURE.set_browser(&BrowserId::new(id("b"))).unwrap();
    assert_eq!(set_cookies(Some(&other)), [other, cleared]);
    let new = SECURE.set_session(&SessionId::new(id("a")), Duration::from_secs(60)).unwrap();
    assert_eq!(set_cookies(Some(&new)), std::slice::from_ref(&new));
}

#[rstest]
#[case::byte_ff_in_value(b"theme=\xff")]
#[case::latin_1_name(b"\xe9t\xe9=1")]
#[case::broken_utf8(b"a=\xc3\x28")]
#[case::no_equals_sign(b"\x80")]
#[case::empty_name(b"=\xff")]
#[case::tab(b"a=\tb")]
fn session_is_found_beside_foreign_cookie_of_any_bytes(#[case] foreign: &[u8]) {
    let session = format!("portico_session={}", id("a"));
    let expected = Some(SessionId::new(id("a")));
    for cookies in [
        [foreign, b"; ", session.as_bytes()].concat(),
        [session.as_bytes(), b";", foreign].concat(),
    ] {
        assert_eq!(PLAIN.session(&raw(&[&cookies])), expected);
        assert_eq!(PLAIN.sessions(&raw(&[&cookies])).len(), 1);
    }
    assert_eq!(PLAIN.session(&raw(&[foreign, session.as_bytes()])), expected);
}

#[rstest]
#[case::byte_ff(b"portico_session=\xff")]
#[case::empty(b"portico_session=")]
#[case::whitespace(b" portico_session =x")]
fn session_is_none_if_repeated_with_invalid_value(#[case] second: &[u8]) {
    let session = format!("portico_session={}", id("a"));
    assert_eq!(PLAIN.session(&raw(&[session.as_bytes(), second])), None);
    assert_eq!(PLAIN.sessions(&raw(&[session.as_bytes(), second])).len(), 1);
}

#[rstest]
#[case::byte_ff(b"portico_session=\xff", true)]
#[case::short(b"portico_session=x", true)]
#[case::empty(b"portico_session=", false)]
#[case::no_equals_sign(b"portico_session", false)]
#[case::other_name(b"portico_sessions=x", false)]
#[case::other_name_byte_ff(b"theme=\xff", false)]
fn has_session_is_true_for_any_value_but_empty(#[case] cookie: &[u8], #[case] expected: bool) {
    assert_eq!(PLAIN.has_session(&raw(&[cookie])), expected);
}
