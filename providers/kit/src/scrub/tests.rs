use serde_json::json;

use super::*;
use crate::testing::{tape, tape_with_first_reply};

fn cleaned(tape: &Tape, secrets: &[&str], anonymise: bool) -> String {
    let secrets = secrets.iter().map(|it| (*it).to_owned()).collect();
    Scrub { secrets, anonymise }.clean(tape).unwrap().to_json()
}

#[test]
fn clean_removes_secret_in_every_encoding() {
    let secret = "s3cr+t/\"ę\"";
    let mut tape = tape_with_first_reply(&json!({"echo": format!("Bearer {secret}")}).to_string());
    let query: String = byte_serialize(secret.as_bytes()).collect();
    tape.steps[0].exchanges[0].request.url =
        format!("https://cloud.example/api/projects?k={query}");
    tape.settings.insert(secret.into(), secret.into());
    let clean = cleaned(&tape, &[secret, ""], false);
    for trace in ["s3cr", &query] {
        assert!(!clean.contains(trace), "{trace}\n{clean}");
    }
    assert!(clean.contains("Bearer (removed)") && clean.contains("k=%28removed%29"), "{clean}");
}

#[test]
fn clean_removes_members_named_like_secrets_and_jwts_by_default() {
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
    let body = json!({"access_token": "opaque-1", "Secret-Access-Key": "opaque-2", "note": format!("see {jwt}.")});
    let clean = cleaned(&tape_with_first_reply(&body.to_string()), &[], false);
    for trace in ["opaque-1", "opaque-2", "eyJ"] {
        assert!(!clean.contains(trace), "{trace}\n{clean}");
    }
    let plain = json!({"endpoints": {"plain": {"authorization": "https://a.example"}}});
    assert_eq!(replaced(plain.clone(), &Sensitive::default().replacements()), plain);
}

#[test]
fn clean_anonymises_names_and_emails_consistently_and_only_on_request() {
    let body = json!({"projects": [{"id": "p-1", "name": "Zofia Nowak's, for marek@example.com, zofia@example.com"}]});
    let tape = tape_with_first_reply(&body.to_string());
    let unchanged = cleaned(&tape, &[], false);
    assert!(unchanged.contains("Zofia Nowak") && unchanged.contains("zofia@example.com"));
    let clean = cleaned(&tape, &[], true);
    for trace in ["Zofia", "zofia@", "marek@"] {
        assert!(!clean.contains(trace), "{trace}\n{clean}");
    }
    assert!(clean.contains("Person 1's, for person1@example.com"), "{clean}");
    assert!(clean.matches("person2@example.com").count() >= 2, "{clean}");
    assert!(clean.contains("\"u-1\""), "a subject stays");
}

#[test]
fn apply_replaces_name_as_whole_word_only() {
    let replacement = Replacement { from: "Jan".into(), to: "Person 1".into(), whole_word: true };
    let text = replacement.apply("Jan, January, JanJan and Jan".into());
    assert_eq!(text, "Person 1, January, JanJan and Person 1");
}

#[test]
fn clean_keeps_tape_without_secrets_unchanged() {
    assert_eq!(Scrub::default().clean(&tape()).unwrap(), tape());
}

#[test]
fn clean_fails_if_a_secret_is_a_word_of_the_format() {
    let scrub = Scrub { secrets: vec!["reply".into()], anonymise: false };
    let refused = scrub.clean(&tape()).unwrap_err().to_string();
    assert!(refused.contains("a secret is also a word of the format"), "{refused}");
}

#[test]
fn clean_removes_encrypted_jwt() {
    let jwe = "eyJhbGciOiJSU0EtT0FFUCJ9.a2V5.aXZpdml2.Y2lwaGVydGV4dA.dGFn";
    let body = json!({"note": format!("see {jwe}")});
    let clean = cleaned(&tape_with_first_reply(&body.to_string()), &[], false);
    assert!(!clean.contains("eyJ") && !clean.contains("Y2lwaGVydGV4dA"), "{clean}");
}
