use portico_domain::provider::{ProviderError, Step};

use super::*;
use crate::testing::{FaultyProvider, tape};

async fn diffed(old: &FaultyProvider, new: &FaultyProvider) -> Diff {
    diff(old, new, &[("login".into(), tape())]).await
}

#[tokio::test]
async fn the_same_version_differs_in_nothing() {
    let diff = diffed(&FaultyProvider::correct(), &FaultyProvider::correct()).await;
    assert!(diff.is_empty(), "{diff}");
    assert!(diff.to_string().contains("login: the same"), "{diff}");
}

#[tokio::test]
async fn a_new_version_is_told_by_what_it_asks_for_and_what_it_lists() {
    let mut new = FaultyProvider::listing(|_, _, step| {
        let Ok(Step::Done(mut listing)) = step else { return step };
        listing.subscriptions.remove(2);
        Ok(Step::Done(listing))
    });
    new.descriptor.version = "2.0.0".into();
    new.descriptor.permissions[0].hosts.push("api.example".into());
    let diff = diffed(&FaultyProvider::correct(), &new).await;
    let text = diff.to_string();
    for words in [
        "! New: \u{201c}read\u{201d} lets it GET api.example",
        "- Before: Its version is 0.1.0. Now: Its version is 2.0.0.",
        "login: 1 differences",
        "it lists p-3 (p-3) no more",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[tokio::test]
async fn settings_that_are_taken_no_more_are_told() {
    let new = FaultyProvider {
        configure: |_| Err(ProviderError::Unexpected("odd".into()).into()),
        ..FaultyProvider::correct()
    };
    let refused = diffed(&FaultyProvider::correct(), &new).await;
    assert!(refused.tapes[0].differences[0].contains("does not take the tape's settings"));
    let neither = diffed(&new, &new).await;
    assert!(!neither.all_played() && neither.tapes[0].differences.is_empty());
    assert!(neither.to_string().contains("login: it cannot be played (unexpected answer: odd)"));
    let taken = diffed(&new, &FaultyProvider::correct()).await;
    assert_eq!(taken.tapes[0].differences, ["it takes the tape's settings now"]);
}

#[tokio::test]
async fn a_tape_of_another_provider_or_of_nobody_is_not_played() {
    let correct = FaultyProvider::correct();
    let mut other = tape();
    other.provider.id = "github".into();
    let mut nobody = tape();
    nobody.person.as_mut().unwrap().subject = "not a subject".into();
    let mut without = tape();
    without.person = None;
    for (tape, words) in
        [(other, "of the provider github"), (nobody, "nobody"), (without, "nobody")]
    {
        let diff = diff(&correct, &correct, &[("login".into(), tape)]).await;
        assert!(!diff.is_empty() && !diff.all_played());
        let text = diff.to_string();
        assert!(text.contains("login: it cannot be played") && text.contains(words), "{text}");
    }
}
