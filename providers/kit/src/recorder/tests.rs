use portico_domain::provider::{Linked, Request, SettingSpec};
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::{
    factory::Factory,
    fixtures::Fixtures,
    host::{UNCHANGED, run_listing},
    replay::replay,
    testing::{ExampleCloud, FaultyProvider, fixtures, tape, tape_with_first_reply},
};

/// A recorded listing of the template's provider with the template's fixtures.
async fn recorded() -> Tape {
    let fixtures = fixtures();
    let provider = Arc::new(Linked::<ExampleCloud>::new(fixtures.settings.clone()).unwrap());
    let recorder = Recorder::new(provider, &fixtures.settings);
    let person = tape().person.unwrap().person().unwrap();
    let replies = |_, request: &Request| fixtures.reply(request);
    run_listing(&recorder, &person, &replies, UNCHANGED).await;
    recorder.tape(&Scrub::default()).unwrap()
}

/// Writes the template's tape if `PORTICO_WRITE_TAPE` is set.
#[tokio::test]
async fn recording_of_the_template_provider_is_the_template_tape() {
    let recorded = recorded().await;
    if std::env::var_os("PORTICO_WRITE_TAPE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/shared/tape.json");
        let text = recorded.to_json().replace(env!("CARGO_PKG_VERSION"), "0.1.0");
        std::fs::write(path, text).unwrap();
    }
    let mut expected = tape();
    expected.provider.version = env!("CARGO_PKG_VERSION").into();
    assert_eq!(recorded, expected);
}

#[tokio::test]
async fn recorder_leaves_out_secret_settings() {
    let mut faulty = FaultyProvider::correct();
    let secret = SettingSpec { kind: FieldKind::Secret, ..faulty.descriptor.settings[0].clone() };
    faulty.descriptor.settings.push(SettingSpec { key: "api-key".into(), ..secret });
    let settings = Settings::from_iter([("address", "https://cloud.example"), ("api-key", "s3cr")]);
    let provider = faulty.configure(&settings).await.unwrap();
    let tape = Recorder::new(provider, &settings).tape(&Scrub::default()).unwrap().to_json();
    assert!(tape.contains("cloud.example") && !tape.contains("s3cr"), "{tape}");
}

#[rstest]
#[case::subject_is_username("zofia", "Zofia Nowak", "zofia")]
#[case::subject_is_email("zofia@example.com", "Zofia", "zofia@example.com")]
#[case::subject_is_name("Zofia", "Zofia", "z-nowak")]
#[case::all_are_one_number("583231", "583231", "583231")]
#[tokio::test]
async fn anonymised_tape_replays_without_difference(
    #[case] subject: &str,
    #[case] name: &str,
    #[case] username: &str,
) {
    let mut tape = tape_with_first_reply(
        &json!({"projects": [{"id": username, "name": format!("{name}'s")}], "more": false})
            .to_string(),
    );
    tape.steps.truncate(1);
    let person = tape.person.as_mut().unwrap();
    person.subject = subject.into();
    person.display_name = name.into();
    person.username = Some(username.into());
    // Records the listing of this page, whose outcome is not the one on the template's tape.
    let provider = FaultyProvider::correct().configure(&tape.settings()).await.unwrap();
    let recorder = Recorder::new(provider.clone(), &tape.settings());
    let fixtures = Fixtures::parse("tape", &tape.to_json()).unwrap();
    let replies = |_, request: &Request| fixtures.reply(request);
    let person = tape.person.as_ref().unwrap().person().unwrap();
    run_listing(&recorder, &person, &replies, UNCHANGED).await;
    let anonymised = recorder.tape(&Scrub { secrets: vec![], anonymise: true }).unwrap();
    let replayed = replay(&anonymised, &*provider).await;
    assert_eq!(replayed.differences, [""; 0], "{}", anonymised.to_json());
    assert!(!anonymised.to_json().contains("ofia"), "{}", anonymised.to_json());
    assert!(anonymised.person.unwrap().person().is_some());
}
