use std::{sync::Arc, time::Duration};

use portico_domain::{
    provider::{
        FetchError, FieldKind, Linked, ProviderError, Request, Response, SettingSpec, Settings,
        Step,
    },
    testing::samples,
};

use super::*;
use crate::{
    Factory, Recorder, Scrub,
    drive::drive,
    testing::{ExampleCloud, FaultyProvider, fixtures, tape},
};

/// A tape of one listing with the fixtures of the template.
pub(crate) async fn recorded() -> Tape {
    let fixtures = fixtures();
    let provider = Arc::new(Linked::<ExampleCloud>::new(fixtures.settings.clone()).unwrap());
    let recorder = Recorder::new(provider, &fixtures.settings);
    let person = tape().person.unwrap().person().unwrap();
    let answer = |_, request: &Request| fixtures.reply(request);
    drive(&recorder, &person, &answer, |responses| responses).await;
    recorder.tape(&Scrub::default())
}

async fn replayed(faulty: FaultyProvider) -> Vec<String> {
    let provider = faulty.configure(&tape().settings()).await.unwrap();
    replay(&tape(), &*provider).await.differences
}

#[tokio::test]
async fn the_tape_of_the_template_is_what_its_provider_does() {
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
async fn the_same_provider_does_the_same() {
    assert_eq!(replayed(FaultyProvider::correct()).await, [""; 0]);
}

#[tokio::test]
async fn requests_are_told_apart_by_what_they_ask_and_not_by_their_numbers() {
    let faulty = FaultyProvider {
        receives: |mut responses| {
            responses.iter_mut().for_each(|response| response.id -= 100);
            responses
        },
        ..FaultyProvider::listing(|_, _, step| {
            let Ok(Step::Fetch { mut requests, wait }) = step else { return step };
            requests.iter_mut().for_each(|request| request.id += 100);
            Ok(Step::Fetch { requests, wait })
        })
    };
    assert_eq!(replayed(faulty).await, [""; 0]);
}

#[tokio::test]
async fn another_wait_is_named_first() {
    let faulty = FaultyProvider::listing(|_, _, step| match step {
        Ok(Step::Fetch { requests, .. }) => {
            Ok(Step::Fetch { requests, wait: Duration::from_secs(2) })
        }
        other => other,
    });
    let first = replayed(faulty).await.remove(0);
    assert_eq!(first, "step 1: it waits 2 seconds, and waited 0");
}

#[tokio::test]
async fn a_secret_setting_does_not_get_on_the_tape() {
    let mut faulty = FaultyProvider::correct();
    let secret = SettingSpec { kind: FieldKind::Secret, ..faulty.descriptor.settings[0].clone() };
    faulty.descriptor.settings.push(SettingSpec { key: "api-key".into(), ..secret });
    let settings = Settings::from_iter([("address", "https://cloud.example"), ("api-key", "s3cr")]);
    let provider = faulty.configure(&settings).await.unwrap();
    let tape = Recorder::new(provider, &settings).tape(&Scrub::default()).to_json();
    assert!(tape.contains("cloud.example") && !tape.contains("s3cr"), "{tape}");
}

#[tokio::test]
async fn a_request_that_is_not_on_the_tape_is_named_and_finds_the_cloud_unreachable() {
    let faulty = FaultyProvider::listing(|number, responses, step| {
        if number == 2 {
            let lost = |it: &Response| it.outcome == Err(FetchError::Unreachable);
            assert!(responses.iter().all(lost));
        }
        let Ok(Step::Fetch { mut requests, wait }) = step else { return step };
        requests.iter_mut().for_each(|it| it.url.set_query(Some("page=9")));
        Ok(Step::Fetch { requests, wait })
    });
    let found = replayed(faulty).await.join("\n");
    for words in [
        "step 1: it asks no more for GET https://cloud.example/api/projects?page=1, under the permission read",
        "step 1: it now asks for GET https://cloud.example/api/projects?page=9, under the permission read",
        "it lists p-1 (Website) no more",
        "it now warns: Your Example Cloud projects could not be listed",
    ] {
        assert!(found.contains(words), "{words}\n{found}");
    }
}

#[tokio::test]
async fn another_listing_is_told_entry_by_entry() {
    let faulty = FaultyProvider::listing(|_, _, step| {
        let Ok(Step::Done(mut listing)) = step else { return step };
        listing.subscriptions.remove(0);
        listing.subscriptions[0].display_name = "Store".into();
        listing.subscriptions.push(samples::subscription("new"));
        Ok(Step::Done(listing))
    });
    assert_eq!(
        replayed(faulty).await,
        [
            "it lists p-1 (Website) no more",
            "the entry p-2, display_name was \"Shop\" and is now \"Store\"",
            "it now lists new (Subscription new)",
        ]
    );
    let backwards = FaultyProvider::listing(|_, _, step| {
        let Ok(Step::Done(mut listing)) = step else { return step };
        listing.subscriptions.reverse();
        Ok(Step::Done(listing))
    });
    assert_eq!(replayed(backwards).await, ["it lists the same in another order"]);
}

#[tokio::test]
async fn a_difference_is_one_line_without_what_a_terminal_would_obey() {
    let faulty = FaultyProvider::listing(|_, _, step| {
        let Ok(Step::Done(mut listing)) = step else { return step };
        listing.subscriptions[0].display_name = "a\u{9b}31m\u{202e}b\nc".into();
        listing.warnings.push("x\u{1b}[2J\ny".into());
        Ok(Step::Done(listing))
    });
    let found = replayed(faulty).await;
    assert!(found.iter().any(|it| it == "it now warns: x[2Jy"), "{found:?}");
    let shown = |text: &String| clean(text, usize::MAX) == *text;
    assert!(found.len() == 2 && found.iter().all(shown), "{found:?}");
}

#[tokio::test]
async fn a_provider_that_breaks_or_says_a_problem_is_told() {
    let problem =
        FaultyProvider::listing(|_, _, _| Err(ProviderError::Unexpected("odd".into()).into()));
    assert!(replayed(problem).await.join("\n").contains("came to 3 entries and now ended with"));
    let panics = FaultyProvider::listing(|_, _, _| panic!("oh no"));
    assert!(replayed(panics).await.join("\n").contains("broke (it panicked: oh no)"));
}

#[tokio::test]
async fn a_tape_of_another_provider_is_named_first() {
    let other =
        Tape { provider: crate::TapedProvider { id: "azure".into(), ..tape().provider }, ..tape() };
    let provider = FaultyProvider::correct().configure(&tape().settings()).await.unwrap();
    let replayed = replay(&other, &*provider).await;
    assert!(!replayed.is_same());
    let expected = "the tape is of the provider azure, and this one is example-cloud";
    assert_eq!(replayed.first_difference(), Some(expected));
}
