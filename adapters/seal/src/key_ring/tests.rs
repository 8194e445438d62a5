use rstest::rstest;

use super::*;

const A: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const B: &str = "+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/8=";

fn parse_error(text: &str) -> String {
    KeyRing::parse(text).unwrap_err().to_string()
}

#[test]
fn parse_puts_first_entry_first_and_get_finds_every_key_by_id() {
    let ring = KeyRing::parse(&format!("{B}, {A}\n")).unwrap();
    let (a, b) = (KeyRing::parse(A).unwrap(), KeyRing::parse(B).unwrap());
    assert_eq!(ring.first().id, b.first().id);
    assert!(ring.get(a.first().id).is_some() && ring.get(b.first().id).is_some());
    assert!(ring.get([0; 4]).is_none());
}

#[test]
fn both_alphabets_with_and_without_padding_are_one_key() {
    let id = |text: &str| KeyRing::parse(text).unwrap().first().id;
    for spelling in [B.replace('+', "-").replace('/', "_"), B.replace('=', "")] {
        assert_eq!(id(&spelling), id(B), "{spelling}");
    }
}

#[test]
fn parse_error_of_empty_text_says_how_to_make_a_key() {
    for empty in ["", " \n"] {
        let error = parse_error(empty);
        assert!(error.contains("openssl rand -base64 32"), "{error}");
    }
}

#[rstest]
#[case::empty_entry(format!("{A},"), "key 2 is empty")]
#[case::short_key(format!("{A},c2hvcnQ="), "key 2 has 5 bytes instead of 32")]
#[case::not_base64("not base64!".to_owned(), "key 1 is not base64")]
#[case::duplicate_key(format!("{A},{B},{A}"), "key 3 repeats key 1")]
fn parse_error_names_the_entry_and_reason_without_its_text(
    #[case] text: String,
    #[case] expected: &str,
) {
    let error = parse_error(&text);
    assert!(error.starts_with(expected), "{error}");
    assert!(error.contains("openssl rand -base64 32"));
    assert!(!error.contains('!'));
}

#[test]
fn debug_shows_the_number_of_keys_only() {
    let ring = KeyRing::parse(&format!("{A},{B}")).unwrap();
    assert_eq!(format!("{ring:?}"), "KeyRing(2 keys, redacted)");
}
