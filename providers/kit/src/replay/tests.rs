use std::sync::Arc;

use portico_domain::{
    ports::CloudProvider,
    provider::{FetchError, Linked, Problem, Request, Response, Step},
    testing::samples,
};

use super::*;
use crate::{
    Factory, Recorder, Scrub,
    drive::drive,
    testing::{Bent, ExampleCloud, fixtures, tape},
};

/// A tape of one login with the fixtures of the template.
pub(crate) async fn recorded() -> Tape {
    let fixtures = fixtures();
    let provider = Arc::new(Linked::<ExampleCloud>::new(fixtures.settings.clone()).unwrap());
    let recorder = Recorder::new(provider, &fixtures.settings);
    recorder.sign_in(None).await.unwrap();
    let claims = fixtures.claims.clone().unwrap();
    let person = recorder.identify(None, &claims).await.unwrap();
    let answer = |_, request: &Request| fixtures.reply(request);
    drive(&recorder, &person, &answer, |responses| responses).await;
    recorder.tape(&Scrub::default())
}

async fn replayed(bent: Bent) -> Vec<String> {
    let provider = bent.configure(&tape().settings()).await.unwrap();
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
    assert_eq!(replayed(Bent::straight()).await, [""; 0]);
}

#[tokio::test]
async fn requests_are_told_apart_by_what_they_ask_and_not_by_their_numbers() {
    let bent = Bent {
        hears: |mut responses| {
            responses.iter_mut().for_each(|response| response.id -= 100);
            responses
        },
        ..Bent::listing(|_, _, step| {
            let Ok(Step::Fetch(mut requests)) = step else { return step };
            requests.iter_mut().for_each(|request| request.id += 100);
            Ok(Step::Fetch(requests))
        })
    };
    assert_eq!(replayed(bent).await, [""; 0]);
}

#[tokio::test]
async fn a_difference_is_named_where_it_is_first_seen() {
    let scopes = Bent::signing_in(|it| it.scopes.push("all".into()));
    let first = replayed(scopes).await.remove(0);
    assert!(first.starts_with("sign-in, ok, scopes was"), "{first}");
    let named = Bent::naming(|_, _| Ok(samples::identity("contoso", "marek")));
    let first = replayed(named).await.remove(0);
    assert!(first.starts_with("who signed in, ok,"), "{first}");
}

#[tokio::test]
async fn a_request_that_is_not_on_the_tape_is_named_and_finds_the_cloud_unreachable() {
    let bent = Bent::listing(|number, responses, step| {
        if number == 2 {
            let lost = |it: &Response| it.outcome == Err(FetchError::Unreachable);
            assert!(responses.iter().all(lost));
        }
        let Ok(Step::Fetch(mut requests)) = step else { return step };
        requests.iter_mut().for_each(|it| it.url.set_query(Some("page=9")));
        Ok(Step::Fetch(requests))
    });
    let found = replayed(bent).await.join("\n");
    for words in [
        "step 1: it asks no more for GET https://cloud.example/api/projects?page=1, under the grant read",
        "step 1: it now asks for GET https://cloud.example/api/projects?page=9, under the grant read",
        "it lists p-1 (Website) no more",
        "it now warns: Some projects are missing",
    ] {
        assert!(found.contains(words), "{words}\n{found}");
    }
}

#[tokio::test]
async fn another_listing_is_told_entry_by_entry() {
    let bent = Bent::listing(|_, _, step| {
        let Ok(Step::Done(mut listing)) = step else { return step };
        listing.subscriptions.remove(0);
        listing.subscriptions[0].display_name = "Store".into();
        listing.subscriptions.push(samples::subscription("new"));
        Ok(Step::Done(listing))
    });
    assert_eq!(
        replayed(bent).await,
        [
            "it lists p-1 (Website) no more",
            "the entry p-2, display_name was \"Shop\" and is now \"Store\"",
            "it now lists new (Subscription new)",
        ]
    );
    let backwards = Bent::listing(|_, _, step| {
        let Ok(Step::Done(mut listing)) = step else { return step };
        listing.subscriptions.reverse();
        Ok(Step::Done(listing))
    });
    assert_eq!(replayed(backwards).await, ["it lists the same in another order"]);
}

#[tokio::test]
async fn a_provider_that_breaks_or_says_a_problem_is_told() {
    let problem = Bent::listing(|_, _, _| Err(Problem::Unexpected("odd".into())));
    assert!(replayed(problem).await.join("\n").contains("came to 3 entries and now ended with"));
    let panics = Bent::listing(|_, _, _| panic!("oh no"));
    assert!(replayed(panics).await.join("\n").contains("broke (it panicked: oh no)"));
}

#[tokio::test]
async fn a_tape_of_another_provider_is_named_first() {
    let other =
        Tape { provider: crate::TapedProvider { id: "azure".into(), ..tape().provider }, ..tape() };
    let provider = Bent::straight().configure(&tape().settings()).await.unwrap();
    let replayed = replay(&other, &*provider).await;
    assert!(!replayed.is_same());
    let expected = "the tape is of the provider azure, and this one is example-cloud";
    assert_eq!(replayed.first_difference(), Some(expected));
}
