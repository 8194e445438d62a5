use portico_domain::provider::Request;
use serde_json::json;

use super::*;
use crate::{
    Factory, Fixtures, Recorder,
    drive::drive,
    replay,
    testing::{FaultyProvider, tape},
};

fn with_reply(body: &str) -> Tape {
    let mut tape = tape();
    let crate::TapedResponse::Reply { body: taped, .. } =
        tape.steps[0].exchanges[0].response.as_mut().unwrap()
    else {
        panic!()
    };
    taped.0 = body.into();
    tape
}

fn cleaned(tape: &Tape, secrets: &[&str], anonymise: bool) -> String {
    let secrets = secrets.iter().map(|it| (*it).to_owned()).collect();
    Scrub { secrets, anonymise }.clean(tape).to_json()
}

#[test]
fn what_is_secret_goes_in_every_spelling() {
    let secret = "s3cr+t/\"ę\"";
    let mut tape = with_reply(&json!({"echo": format!("Bearer {secret}")}).to_string());
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
fn members_named_like_secrets_and_web_tokens_go_unasked() {
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
    let body = json!({"access_token": "opaque-1", "Secret-Access-Key": "opaque-2", "note": format!("see {jwt}.")});
    let clean = cleaned(&with_reply(&body.to_string()), &[], false);
    for trace in ["opaque-1", "opaque-2", "eyJ"] {
        assert!(!clean.contains(trace), "{trace}\n{clean}");
    }
    let plain = json!({"endpoints": {"plain": {"authorization": "https://a.example"}}});
    assert_eq!(swapped(plain.clone(), &Found::default().swaps()), plain);
}

#[test]
fn a_person_is_made_up_the_same_everywhere_and_only_where_it_is_asked_for() {
    let body = json!({"projects": [{"id": "p-1", "name": "Zofia Nowak's, for marek@example.com, zofia@example.com"}]});
    let tape = with_reply(&body.to_string());
    let kept = cleaned(&tape, &[], false);
    assert!(kept.contains("Zofia Nowak") && kept.contains("zofia@example.com"));
    let clean = cleaned(&tape, &[], true);
    for trace in ["Zofia", "zofia@", "marek@"] {
        assert!(!clean.contains(trace), "{trace}\n{clean}");
    }
    assert!(clean.contains("Person 1's, for person1@example.com"), "{clean}");
    assert!(clean.matches("person2@example.com").count() >= 2, "{clean}");
    assert!(clean.contains("\"u-1\""), "a subject stays");
}

#[test]
fn a_name_is_replaced_as_a_word_and_not_within_another() {
    let swap = Swap { from: "Jan".into(), to: "Person 1".into(), word: true };
    let applied = |text: &str| swap.applied(text.to_owned());
    assert_eq!(applied("Jan, January, JanJan and Jan"), "Person 1, January, JanJan and Person 1");
}

#[test]
fn a_tape_without_secrets_stays_as_it_is() {
    assert_eq!(Scrub::default().clean(&tape()), tape());
}

#[tokio::test]
async fn an_anonymised_tape_plays_whoever_the_person_is() {
    for (subject, name, username) in [
        ("zofia", "Zofia Nowak", "zofia"),
        ("zofia@example.com", "Zofia", "zofia@example.com"),
        ("Zofia", "Zofia", "z-nowak"),
        ("583231", "583231", "583231"),
    ] {
        let mut tape = with_reply(
            &json!({"projects": [{"id": username, "name": format!("{name}'s")}], "more": false})
                .to_string(),
        );
        tape.steps.truncate(1);
        let person = tape.person.as_mut().unwrap();
        person.subject = subject.into();
        person.display_name = name.into();
        person.username = Some(username.into());
        // As it is listed from the page above.
        let provider = FaultyProvider::correct().configure(&tape.settings()).await.unwrap();
        let recorder = Recorder::new(provider.clone(), &tape.settings());
        let replies = Fixtures::parse("tape", &tape.to_json()).unwrap();
        let answer = |_, request: &Request| replies.reply(request);
        let whose = tape.person.as_ref().unwrap().person().unwrap();
        drive(&recorder, &whose, &answer, |responses| responses).await;
        let clean = recorder.tape(&Scrub { secrets: vec![], anonymise: true });
        let played = replay(&clean, &*provider).await;
        assert_eq!(played.differences, [""; 0], "{}", clean.to_json());
        assert!(!clean.to_json().contains("ofia"), "{}", clean.to_json());
        assert!(clean.person.unwrap().person().is_some(), "{subject}");
    }
}
