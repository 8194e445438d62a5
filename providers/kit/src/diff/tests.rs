use portico_domain::provider::{ProviderError, Step};
use rstest::rstest;

use super::*;
use crate::testing::{FaultyProvider, tape};

async fn diffed(old: &FaultyProvider, new: &FaultyProvider) -> Diff {
    diff(old, new, &[("login".into(), tape())]).await
}

#[tokio::test]
async fn diff_of_the_same_version_is_empty() {
    let diff = diffed(&FaultyProvider::correct(), &FaultyProvider::correct()).await;
    assert!(diff.is_empty(), "{diff}");
    assert!(diff.to_string().contains("login: the same"), "{diff}");
}

#[tokio::test]
async fn diff_has_changes_of_declaration_and_listing() {
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
        "it no longer lists p-3 (p-3)",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[tokio::test]
async fn diff_reports_settings_that_one_or_both_versions_refuse() {
    let new = FaultyProvider {
        configure: |_| Err(ProviderError::Unexpected("odd".into()).into()),
        ..FaultyProvider::correct()
    };
    let refused = diffed(&FaultyProvider::correct(), &new).await;
    assert!(refused.tapes[0].differences[0].contains("no longer accepts the tape's settings"));
    let neither = diffed(&new, &new).await;
    assert!(!neither.all_played() && neither.tapes[0].differences.is_empty());
    assert!(neither.to_string().contains("login: it cannot be played (unexpected answer: odd)"));
    let accepted = diffed(&new, &FaultyProvider::correct()).await;
    assert_eq!(accepted.tapes[0].differences, ["it accepts the tape's settings now"]);
}

#[rstest]
#[case::other_provider(|it: &mut Tape| it.provider.id = "github".into(), "of the provider github")]
#[case::invalid_subject(
    |it: &mut Tape| it.person.as_mut().unwrap().subject = "not a subject".into(),
    "no person with a valid subject"
)]
#[case::no_person(|it: &mut Tape| it.person = None, "no person with a valid subject")]
#[tokio::test]
async fn diff_does_not_replay_tape_of(#[case] change: fn(&mut Tape), #[case] reason: &str) {
    let correct = FaultyProvider::correct();
    let mut tape = tape();
    change(&mut tape);
    let diff = diff(&correct, &correct, &[("login".into(), tape)]).await;
    assert!(!diff.is_empty() && !diff.all_played());
    let text = diff.to_string();
    assert!(text.contains("login: it cannot be played") && text.contains(reason), "{text}");
}
