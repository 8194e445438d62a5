//! The promises of [`portico_domain::ports::LoginAttempts`].

use tokio::task::JoinSet;

use crate::{
    Ports, Subject,
    samples::{attempt_key, pending_login},
};
use portico_domain::{
    identity::TenantId,
    login::{FinishedLogin, PendingLogin},
    secret::{SealedAttempt, SealedFinish},
    time::Timestamp,
};

suite! { $ login_attempts: Subject
    open_returns_the_sealed_attempt_unchanged,
    open_returns_none_for_another_key_and_for_unsealed_text,
    open_returns_none_at_expires_at,
    open_returns_none_for_an_attempt_that_outlives_its_lifetime,
    open_finish_returns_none_for_another_key_an_attempt_or_after_expiry,
    spend_returns_true_once_per_attempt,
    spend_leaves_other_attempts_unspent,
    spend_returns_false_for_an_unknown_epoch,
    epoch_changes_after_one_attempt_lifetime,
    spend_returns_false_again_after_the_clock_was_set_ahead_and_back,
    two_concurrent_spends_have_one_winner,
    concurrent_spends_of_64_callers_have_one_winner,
    concurrent_epoch_calls_return_one_epoch,
}

const NOW: Timestamp = at(1_000);

const fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

/// Begins an attempt at [`NOW`]. Returns it and its sealed form.
pub(crate) async fn begin(ports: &Ports, state: &str) -> (PendingLogin, SealedAttempt) {
    let epoch = ports.attempts.epoch(NOW).await.unwrap();
    let attempt = PendingLogin { epoch, ..pending_login(state) };
    let sealed = ports.attempts.seal(&attempt_key(state), &attempt).unwrap();
    (attempt, sealed)
}

/// The attempts have all fields, optional ones both present and absent.
pub(crate) async fn open_returns_the_sealed_attempt_unchanged(subject: impl Subject) {
    let attempts = subject.ports().attempts;
    let plain = pending_login("browser");
    let mut other = plain.clone();
    other.tenant = Some(TenantId::parse("fabrikam").unwrap());
    other.issuer.required = true;
    other.returns_errors = true;
    for (state, attempt) in [("plain", plain), ("other", other)] {
        let sealed = attempts.seal(&attempt_key(state), &attempt).unwrap();
        assert_eq!(attempts.open(&attempt_key(state), &sealed, NOW), Some(attempt));
    }
}

pub(crate) async fn open_returns_none_for_another_key_and_for_unsealed_text(subject: impl Subject) {
    let attempts = subject.ports().attempts;
    let [one, two] = ["one", "two"]
        .map(|state| attempts.seal(&attempt_key(state), &pending_login(state)).unwrap());
    assert_eq!(attempts.open(&attempt_key("one"), &two, NOW), None);
    for text in ["", "=", "AAAA", "\u{0}", &"A".repeat(43), &format!("{}A", one.expose())] {
        assert_eq!(attempts.open(&attempt_key("one"), &SealedAttempt::new(text), NOW), None);
    }
    assert_eq!(attempts.open(&attempt_key("one"), &one, NOW), Some(pending_login("one")));
}

pub(crate) async fn open_finish_returns_none_for_another_key_an_attempt_or_after_expiry(
    subject: impl Subject,
) {
    let attempts = subject.ports().attempts;
    let (one, two) = (attempt_key("one"), attempt_key("two"));
    let return_to = pending_login("one").return_to;
    let finished = FinishedLogin { return_to, undecided: true, expires_at: at(1_900) };
    let sealed = attempts.seal_finish(&one, &finished).unwrap();
    for (now, found) in [(999, false), (1_000, true), (1_899, true), (1_900, false)] {
        let opened = attempts.open_finish(&one, &sealed, at(now));
        assert_eq!(opened, found.then(|| finished.clone()), "at {now}");
    }
    assert_eq!(attempts.open_finish(&two, &sealed, NOW), None);
    let altered = SealedFinish::new(format!("{}A", sealed.expose()));
    assert_eq!(attempts.open_finish(&one, &altered, NOW), None);

    let as_attempt = SealedAttempt::new(sealed.expose());
    assert_eq!(attempts.open(&one, &as_attempt, NOW), None);
    let attempt = attempts.seal(&one, &pending_login("one")).unwrap();
    let as_finished = SealedFinish::new(attempt.expose());
    assert_eq!(attempts.open_finish(&one, &as_finished, NOW), None);
}

/// The attempt expires at 1900.
pub(crate) async fn open_returns_none_at_expires_at(subject: impl Subject) {
    let attempts = subject.ports().attempts;
    let sealed = attempts.seal(&attempt_key("state"), &pending_login("browser")).unwrap();
    for (now, found) in [(1_000, true), (1_899, true), (1_900, false)] {
        let opened = attempts.open(&attempt_key("state"), &sealed, at(now));
        assert_eq!(opened.is_some(), found, "at {now}");
    }
}

/// The clock was ahead when the attempt began.
pub(crate) async fn open_returns_none_for_an_attempt_that_outlives_its_lifetime(
    subject: impl Subject,
) {
    let attempts = subject.ports().attempts;
    let sealed = attempts.seal(&attempt_key("state"), &pending_login("browser")).unwrap();
    assert_eq!(attempts.open(&attempt_key("state"), &sealed, at(999)), None);
}

pub(crate) async fn spend_returns_true_once_per_attempt(subject: impl Subject) {
    let ports = subject.ports();
    let (attempt, sealed) = begin(&ports, "state").await;
    let key = attempt_key("state");
    assert!(ports.attempts.spend(&key, attempt.epoch).await.unwrap());
    assert!(!ports.attempts.spend(&key, attempt.epoch).await.unwrap());
    // A spent attempt still opens.
    assert!(ports.attempts.open(&key, &sealed, NOW).is_some());
}

pub(crate) async fn spend_leaves_other_attempts_unspent(subject: impl Subject) {
    let ports = subject.ports();
    for state in ["one", "two", "three"] {
        let (attempt, _) = begin(&ports, state).await;
        assert!(ports.attempts.spend(&attempt_key(state), attempt.epoch).await.unwrap());
    }
}

/// Epochs before the first one, and before the previous one.
pub(crate) async fn spend_returns_false_for_an_unknown_epoch(subject: impl Subject) {
    let attempts = subject.ports().attempts;
    let key = attempt_key("state");
    let before = pending_login("state").epoch;
    assert!(!attempts.spend(&key, before).await.unwrap());
    let current = attempts.epoch(at(50_000)).await.unwrap();
    assert!(!attempts.spend(&key, before).await.unwrap());
    let next = subject.ports().attempts.epoch(at(90_000)).await.unwrap();
    assert!(current < next);
    assert!(attempts.spend(&key, current).await.unwrap(), "the previous epoch is not accepted");
    attempts.epoch(at(130_000)).await.unwrap();
    assert!(!attempts.spend(&attempt_key("another"), current).await.unwrap());
    assert!(attempts.spend(&attempt_key("another"), next).await.unwrap());
}

pub(crate) async fn epoch_changes_after_one_attempt_lifetime(subject: impl Subject) {
    let attempts = subject.ports().attempts;
    let first = attempts.epoch(at(1_000)).await.unwrap();
    assert_eq!(attempts.epoch(at(1_899)).await.unwrap(), first);
    assert_ne!(attempts.epoch(at(1_900)).await.unwrap(), first);
}

/// Without a purge; `records.rs` has the case with one.
pub(crate) async fn spend_returns_false_again_after_the_clock_was_set_ahead_and_back(
    subject: impl Subject,
) {
    let ports = subject.ports();
    let (attempt, _) = begin(&ports, "state").await;
    assert!(ports.attempts.spend(&attempt_key("state"), attempt.epoch).await.unwrap());
    for now in [at(180_000), at(1_000), at(1_100)] {
        ports.attempts.epoch(now).await.unwrap();
        let again = ports.attempts.spend(&attempt_key("state"), attempt.epoch).await.unwrap();
        assert!(!again, "at {now:?}");
    }
}

/// A browser may send its callback twice.
pub(crate) async fn two_concurrent_spends_have_one_winner(subject: impl Subject) {
    assert_one_winner(&subject, 2, 100).await;
}

pub(crate) async fn concurrent_spends_of_64_callers_have_one_winner(subject: impl Subject) {
    assert_one_winner(&subject, 64, 20).await;
}

/// Spends one attempt per round by concurrent callers.
async fn assert_one_winner(subject: &impl Subject, callers: usize, rounds: usize) {
    for round in 0..rounds {
        let (ports, state) = (subject.ports(), format!("round {round}"));
        let (attempt, _) = begin(&ports, &state).await;
        let mut race = JoinSet::new();
        for _ in 0..callers {
            let (attempts, key) = (ports.attempts.clone(), attempt_key(&state));
            race.spawn(async move { attempts.spend(&key, attempt.epoch).await.unwrap() });
        }
        let winners = race.join_all().await.into_iter().filter(|won| *won).count();
        assert_eq!(winners, 1, "in round {round}");
    }
}

/// The calls begin several consecutive epochs.
pub(crate) async fn concurrent_epoch_calls_return_one_epoch(subject: impl Subject) {
    for round in 1..10 {
        let mut race = JoinSet::new();
        for _ in 0..64 {
            let attempts = subject.ports().attempts;
            race.spawn(async move { attempts.epoch(at(round * 10_000)).await.unwrap() });
        }
        let mut epochs = race.join_all().await;
        epochs.dedup();
        assert_eq!(epochs.len(), 1, "in round {round}");
    }
}
