use rstest::rstest;

use super::{SigningAlgorithm::Es256, *};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

fn key(id: &str, algorithm: SigningAlgorithm, created_at: u64) -> SigningKey {
    let private = PrivateKey::new(id.as_bytes().to_vec());
    SigningKey { id: id.into(), algorithm, created_at: at(created_at), private }
}

fn keys(created: &[(&str, u64)]) -> SigningKeys {
    SigningKeys::new(created.iter().map(|(id, at)| key(id, Es256, *at)).collect())
}

fn ids(keys: &SigningKeys) -> Vec<&str> {
    keys.all().iter().map(|key| key.id.as_str()).collect()
}

#[rstest]
#[case::first_key_at_once(&[("a", 0)], 0, Some("a"))]
#[case::successor_not_before_it_was_published_for_a_day(&[("a", 0), ("b", 30 * DAY)], 31 * DAY - 1, Some("a"))]
#[case::successor_after_a_day(&[("a", 0), ("b", 30 * DAY)], 31 * DAY, Some("b"))]
#[case::clock_set_back_before_every_key(&[("b", 30 * DAY), ("a", 2 * DAY)], DAY, Some("a"))]
#[case::no_key(&[], 0, None)]
fn signer_is_the_newest_key_that_verifiers_know(
    #[case] created: &[(&str, u64)],
    #[case] now: u64,
    #[case] expected: Option<&str>,
) {
    let keys = keys(created);
    assert_eq!(keys.signer(Es256, at(now)).map(|key| key.id.as_str()), expected);
    assert!(keys.signer(SigningAlgorithm::Rs256, at(now)).is_none());
}

#[rstest]
#[case::none(&[], 0, true)]
#[case::young(&[("a", 0)], 30 * DAY - 1, false)]
#[case::old(&[("a", 0)], 30 * DAY, true)]
#[case::has_its_successor(&[("a", 0), ("b", 30 * DAY)], 31 * DAY, false)]
fn key_is_due_when_the_newest_is_a_month_old(
    #[case] created: &[(&str, u64)],
    #[case] now: u64,
    #[case] due: bool,
) {
    assert_eq!(keys(created).is_due(Es256, at(now)), due);
}

#[rstest]
#[case::successor_does_not_sign_yet(30 * DAY, &["a", "b"])]
#[case::tokens_of_the_former_may_live(31 * DAY + HOUR - 1, &["a", "b"])]
#[case::tokens_of_the_former_have_expired(31 * DAY + HOUR, &["b"])]
fn former_key_is_published_until_its_tokens_have_expired(
    #[case] now: u64,
    #[case] expected: &[&str],
) {
    let keys = keys(&[("a", 0), ("b", 30 * DAY)]);
    assert_eq!(ids(&keys.without_retired(at(now))), expected);
}

#[test]
fn every_token_has_a_published_key_through_rotations_at_any_look() {
    // A look an hour, as after every hour of a process that sleeps.
    let mut held = SigningKeys::default();
    let mut signed: Vec<(u64, String)> = Vec::new();
    for hour in 0..24 * 100 {
        let now = hour * HOUR;
        held = held.without_retired(at(now));
        if held.is_due(Es256, at(now)) {
            held = held.with(key(&format!("k{hour}"), Es256, now));
        }
        let signer = held.signer(Es256, at(now)).unwrap().clone();
        let is_first = hour == 0 || held.all().len() == 1;
        assert!(is_first || signer.created_at.plus(PUBLISHED_BEFORE) <= at(now));
        signed.push((now, signer.id));
        let living = signed.iter().filter(|(since, _)| now - since <= 300);
        for (_, id) in living {
            assert!(ids(&held).contains(&id.as_str()), "{id} at hour {hour}");
        }
    }
    assert!(held.all().len() <= 2);
}

#[test]
fn keys_of_another_algorithm_retire_nothing() {
    let both = keys(&[("a", 0)]).with(key("r", SigningAlgorithm::Rs256, 30 * DAY));
    assert_eq!(ids(&both.without_retired(at(60 * DAY))), ["a", "r"]);
    assert_eq!(both.signer(SigningAlgorithm::Rs256, at(30 * DAY)).unwrap().id, "r");
}

#[test]
fn algorithm_has_its_registered_name() {
    for (algorithm, name) in [(Es256, "ES256"), (SigningAlgorithm::Rs256, "RS256")] {
        assert_eq!((algorithm.as_str(), SigningAlgorithm::parse(name)), (name, Some(algorithm)));
    }
    assert_eq!(SigningAlgorithm::parse("none"), None);
    let key = PrivateKey::new(vec![7, 8]);
    assert_eq!((format!("{key:?}").as_str(), key.expose()), ("PrivateKey(redacted)", &[7, 8][..]));
}
