use std::time::Duration;

use portico_domain::{
    provider::{FetchError, ProviderError, Response, Step},
    testing::samples,
};

use super::*;
use crate::{
    factory::Factory,
    tape::TapedProvider,
    testing::{FaultyProvider, tape},
};

async fn replayed(faulty: FaultyProvider) -> Vec<String> {
    let provider = faulty.configure(&tape().settings()).await.unwrap();
    replay(&tape(), &*provider).await.differences
}

#[tokio::test]
async fn replay_of_the_same_provider_has_no_difference() {
    assert_eq!(replayed(FaultyProvider::correct()).await, [""; 0]);
}

#[tokio::test]
async fn replay_matches_requests_by_content_not_by_id() {
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
async fn replay_reports_another_wait_first() {
    let faulty = FaultyProvider::listing(|_, _, step| match step {
        Ok(Step::Fetch { requests, .. }) => {
            Ok(Step::Fetch { requests, wait: Duration::from_secs(2) })
        }
        other => other,
    });
    let first = replayed(faulty).await.remove(0);
    assert_eq!(first, "step 1: it waits 2 seconds instead of 0");
}

#[tokio::test]
async fn replay_reports_request_not_on_tape_and_fails_it_as_unreachable() {
    let faulty = FaultyProvider::listing(|number, responses, step| {
        if number == 2 {
            let is_unreachable = |it: &Response| it.outcome == Err(FetchError::Unreachable);
            assert!(responses.iter().all(is_unreachable));
        }
        let Ok(Step::Fetch { mut requests, wait }) = step else { return step };
        requests.iter_mut().for_each(|it| it.url.set_query(Some("page=9")));
        Ok(Step::Fetch { requests, wait })
    });
    let found = replayed(faulty).await.join("\n");
    for difference in [
        "step 1: it no longer requests GET https://cloud.example/api/projects?page=1, under the permission read",
        "step 1: it now requests GET https://cloud.example/api/projects?page=9, under the permission read",
        "it no longer lists p-1 (Website)",
        "it now warns: Your Example Cloud projects could not be listed",
    ] {
        assert!(found.contains(difference), "{difference}\n{found}");
    }
}

#[tokio::test]
async fn replay_reports_listing_differences_by_entry() {
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
            "it no longer lists p-1 (Website)",
            "the entry p-2, display_name was \"Shop\" and is now \"Store\"",
            "it now lists new (Subscription new)",
        ]
    );
    let reversed = FaultyProvider::listing(|_, _, step| {
        let Ok(Step::Done(mut listing)) = step else { return step };
        listing.subscriptions.reverse();
        Ok(Step::Done(listing))
    });
    assert_eq!(replayed(reversed).await, ["it lists the same in another order"]);
}

#[tokio::test]
async fn replay_differences_have_no_control_characters() {
    let faulty = FaultyProvider::listing(|_, _, step| {
        let Ok(Step::Done(mut listing)) = step else { return step };
        listing.subscriptions[0].display_name = "a\u{9b}31m\u{202e}b\nc".into();
        listing.warnings.push("x\u{1b}[2J\ny".into());
        Ok(Step::Done(listing))
    });
    let found = replayed(faulty).await;
    assert!(found.iter().any(|it| it == "it now warns: x[2Jy"), "{found:?}");
    let is_clean = |text: &String| clean(text, usize::MAX) == *text;
    assert!(found.len() == 2 && found.iter().all(is_clean), "{found:?}");
}

#[tokio::test]
async fn replay_reports_problem_and_panic_of_provider() {
    let problem =
        FaultyProvider::listing(|_, _, _| Err(ProviderError::Unexpected("odd".into()).into()));
    assert!(replayed(problem).await.join("\n").contains("had 3 entries and now ended with"));
    let panics = FaultyProvider::listing(|_, _, _| panic!("oh no"));
    assert!(replayed(panics).await.join("\n").contains("failed (it panicked: oh no)"));
}

#[tokio::test]
async fn replay_reports_tape_of_another_provider_first() {
    let other =
        Tape { provider: TapedProvider { id: "azure".into(), ..tape().provider }, ..tape() };
    let provider = FaultyProvider::correct().configure(&tape().settings()).await.unwrap();
    let replayed = replay(&other, &*provider).await;
    assert!(!replayed.is_same());
    let expected = "the tape is of the provider azure, and this one is example-cloud";
    assert_eq!(replayed.first_difference(), Some(expected));
}
