//! Cookies of login attempts and finished logins, and which of them are evicted.

use super::*;

#[test]
fn set_attempt_uses_one_cookie_per_attempt() {
    let (one, two) = (State::new("one"), State::new("two"));
    let (one, two) = (AttemptKey::of(&one), AttemptKey::of(&two));
    let mut both = headers(&[]);
    for (key, letter) in [(&one, "a"), (&two, "b")] {
        let cookie = PLAIN.set_attempt(&both, key, &SealedAttempt::new(id(letter)));
        both.append(header::COOKIE, sent_back(cookie.unwrap()));
    }
    assert_eq!(PLAIN.attempt(&both, &one), Some(SealedAttempt::new(id("a"))));
    assert_eq!(PLAIN.attempt(&both, &two), Some(SealedAttempt::new(id("b"))));
}

/// The cookie of the n-th attempt.
fn attempt(n: usize) -> String {
    format!("portico_login_{n:016x}={n}.{}", id("a"))
}

fn finished(n: usize) -> String {
    format!("portico_done_{n:016x}={}", id("a"))
}

/// The names of the cookies that are evicted for a login of `more` bytes.
fn evicted(cookies: &[&str], more: usize) -> Vec<String> {
    let evicted = PLAIN.make_room(&headers(cookies), more).unwrap();
    let cleared = "=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax";
    let name = |it: HeaderValue| it.to_str().unwrap().strip_suffix(cleared).unwrap().to_owned();
    evicted.into_iter().map(name).collect()
}

#[test]
fn make_room_over_max_logins_evicts_oldest_attempt_in_any_order() {
    let all: Vec<_> = (1..=MAX_LOGINS).map(attempt).collect();
    assert_eq!(evicted(&[&all[1..].join("; ")], 0), Vec::<String>::new());
    let oldest = ["portico_login_0000000000000001"];
    assert_eq!(evicted(&[&all.join("; ")], 0), oldest);
    let reversed: Vec<_> = all.into_iter().rev().collect();
    assert_eq!(evicted(&[&reversed.join("; ")], 0), oldest);
}

#[test]
fn make_room_over_max_len_evicts_until_the_new_attempt_fits() {
    let long = |n: usize| format!("portico_login_{n:016x}={n}.{}", "a".repeat(2_000));
    let three = (1..=3).map(long).collect::<Vec<_>>().join("; ");
    assert_eq!(evicted(&[&three], 500), Vec::<String>::new());
    assert_eq!(evicted(&[&three], 2_000), ["portico_login_0000000000000001"]);
    let two = ["portico_login_0000000000000001", "portico_login_0000000000000002"];
    assert_eq!(evicted(&[&three], 4_000), two);
    assert_eq!(evicted(&[&three], MAX_LOGINS_LEN).len(), 3);
}

#[test]
fn make_room_evicts_finished_and_invalid_logins_first() {
    let attempts: Vec<_> = (1..MAX_LOGINS).map(attempt).collect();
    let ended = format!("{}; {}", attempts.join("; "), finished(7));
    assert_eq!(evicted(&[&ended], 0), ["portico_done_0000000000000007"]);
    let garbled = format!("{}; portico_login_00000000000000ff=x.y", attempts.join("; "));
    assert_eq!(evicted(&[&garbled], 0), ["portico_login_00000000000000ff"]);
}

#[rstest]
#[case::first(vec![], 1)]
#[case::after_others(vec![attempt(3), attempt(2), finished(9)], 4)]
#[case::after_one_without_number(vec![format!("portico_login_{:016x}={}", 1, id("a"))], 1)]
#[case::saturated(vec![format!("portico_login_{:016x}={}.x", 1, u32::MAX)], u32::MAX)]
#[case::after_number_out_of_range(vec![format!("portico_login_{:016x}=99999999999.x", 1)], 1)]
fn set_attempt_gives_the_next_sequence_number(#[case] cookies: Vec<String>, #[case] sequence: u32) {
    let key = AttemptKey::of(&State::new("one"));
    let before = headers(&[&cookies.join("; ")]);
    let sealed = SealedAttempt::new(id("b"));
    let cookie = PLAIN.set_attempt(&before, &key, &sealed).unwrap();
    let value = format!("={sequence}.{};", id("b"));
    assert!(cookie.to_str().unwrap().contains(&value), "{cookie:?}");
    let sent = HeaderMap::from_iter([(header::COOKIE, sent_back(cookie))]);
    assert_eq!(PLAIN.attempt(&sent, &key), Some(sealed));
}

#[test]
fn finish_is_no_attempt_and_clear_finishes_clears_it() {
    let key = AttemptKey::of(&State::new("one"));
    let finish = SealedFinish::new(id("f"));
    let sent = sent_back(PLAIN.set_finish(&key, &finish).unwrap());
    let sent = HeaderMap::from_iter([(header::COOKIE, sent)]);
    assert_eq!(PLAIN.finish(&sent, &key), Some(finish));
    assert_eq!(PLAIN.attempt(&sent, &key), None);
    assert_eq!(PLAIN.finish(&sent, &AttemptKey::of(&State::new("two"))), None);
    let cookies = format!("{}; {}; portico_done_x=y; theme=dark", attempt(1), finished(2));
    let cleared = PLAIN.clear_finishes(&headers(&[&cookies])).unwrap();
    assert_eq!(cleared.len(), 1);
    assert!(cleared[0].to_str().unwrap().starts_with("portico_done_0000000000000002=;"));
}

fn attempt_value_is_valid(value: &str) -> bool {
    let key = AttemptKey::of(&State::new("one"));
    let cookie = format!("portico_login_{}={value}", key.label());
    PLAIN.attempt(&headers(&[&cookie]), &key).is_some()
}

#[rstest]
#[case::longest(&"a".repeat(MAX_VALUE_LEN))]
#[case::without_number("-_09AZaz")]
#[case::with_number("7.-_09AZaz")]
fn attempt_accepts(#[case] value: &str) {
    assert!(attempt_value_is_valid(value));
}

#[rstest]
#[case::too_long(&"a".repeat(MAX_VALUE_LEN + 1))]
#[case::padding("a=")]
#[case::base64("a+b")]
#[case::quoted("\"a\"")]
#[case::space("a b")]
#[case::signed_number("+7.a")]
#[case::empty_number(".a")]
#[case::two_numbers("7.7.a")]
#[case::number_is_a_word("x.a")]
#[case::number_and_padding("7.a=")]
fn attempt_refuses(#[case] value: &str) {
    assert!(!attempt_value_is_valid(value));
}

#[test]
fn make_room_ignores_other_cookies() {
    let others = ["portico_login_=a", "portico_login_0=a", "portico_login_000000000000000g=a"];
    let others = format!("theme=dark; portico_session={}; {}", id("a"), others.join("; "));
    let fitting = (1..MAX_LOGINS).map(attempt).collect::<Vec<_>>().join("; ");
    assert_eq!(evicted(&[&others, &fitting], 0), Vec::<String>::new());
    let more = attempt(MAX_LOGINS);
    let oldest = ["portico_login_0000000000000001"];
    assert_eq!(evicted(&[&others, &fitting, &more], 0), oldest);
}
