//! The promises of [`portico_domain::ports::LoginAttempts`].

use tokio::task::JoinSet;

use crate::{
    Subject,
    samples::{attempt_key, pending_login},
};
use portico_domain::{identity::TenantId, time::Timestamp};

/// A suite for the subject of this type.
#[macro_export]
macro_rules! login_attempts {
    ($subject:ty) => {
        $crate::suite! { $subject, login_attempts:
            an_attempt_comes_back_whole,
            an_attempt_is_consumed_once,
            an_attempt_lives_until_its_very_second,
            an_expired_attempt_does_not_come_back,
            an_attempt_that_never_began_is_none,
            one_attempt_is_consumed_and_the_others_stay,
            of_two_callers_at_once_one_has_the_attempt,
            of_64_callers_at_once_one_has_the_attempt,
        }
    };
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

/// Every field, with and without what may be missing.
pub async fn an_attempt_comes_back_whole(subject: impl Subject) {
    let attempts = subject.ports().attempts;
    let plain = pending_login("browser");
    let mut other = plain.clone();
    other.tenant = Some(TenantId::parse("fabrikam").unwrap());
    other.issuer.required = true;
    for (state, attempt) in [("plain", plain), ("other", other)] {
        attempts.begin(attempt_key(state), &attempt).await.unwrap();
        let found = attempts.consume(&attempt_key(state), at(1_000)).await.unwrap();
        assert_eq!(found, Some(attempt));
    }
}

/// The second caller has nothing.
pub async fn an_attempt_is_consumed_once(subject: impl Subject) {
    let (attempts, key) = (subject.ports().attempts, attempt_key("state"));
    attempts.begin(key, &pending_login("browser")).await.unwrap();
    assert!(attempts.consume(&key, at(1_000)).await.unwrap().is_some());
    assert!(attempts.consume(&key, at(1_000)).await.unwrap().is_none());
}

/// It expires at 2000: at 1999 it is there, at 2000 it is not.
pub async fn an_attempt_lives_until_its_very_second(subject: impl Subject) {
    let attempts = subject.ports().attempts;
    for (state, now, found) in [("last", 1_999, true), ("over", 2_000, false)] {
        attempts.begin(attempt_key(state), &pending_login("browser")).await.unwrap();
        let consumed = attempts.consume(&attempt_key(state), at(now)).await.unwrap();
        assert_eq!(consumed.is_some(), found, "at {now}");
    }
}

/// A clock that is set back does not revive it.
pub async fn an_expired_attempt_does_not_come_back(subject: impl Subject) {
    let (attempts, key) = (subject.ports().attempts, attempt_key("state"));
    attempts.begin(key, &pending_login("browser")).await.unwrap();
    assert!(attempts.consume(&key, at(2_000)).await.unwrap().is_none());
    assert!(attempts.consume(&key, at(1_000)).await.unwrap().is_none());
}

/// Absence is no error.
pub async fn an_attempt_that_never_began_is_none(subject: impl Subject) {
    let attempts = subject.ports().attempts;
    assert!(attempts.consume(&attempt_key("unknown"), at(1_000)).await.unwrap().is_none());
}

/// Each key has its own.
pub async fn one_attempt_is_consumed_and_the_others_stay(subject: impl Subject) {
    let attempts = subject.ports().attempts;
    for binding in ["one", "two"] {
        attempts.begin(attempt_key(binding), &pending_login(binding)).await.unwrap();
    }
    for binding in ["two", "one"] {
        let found = attempts.consume(&attempt_key(binding), at(1_000)).await.unwrap();
        assert_eq!(found, Some(pending_login(binding)));
    }
}

/// A browser that sends its callback twice.
pub async fn of_two_callers_at_once_one_has_the_attempt(subject: impl Subject) {
    race(&subject, 2, 100).await;
}

/// Many callers, and so every order of them.
pub async fn of_64_callers_at_once_one_has_the_attempt(subject: impl Subject) {
    race(&subject, 64, 20).await;
}

async fn race(subject: &impl Subject, callers: usize, rounds: usize) {
    for round in 0..rounds {
        let (attempts, key) = (subject.ports().attempts, attempt_key(&format!("round {round}")));
        attempts.begin(key, &pending_login("browser")).await.unwrap();
        let mut race = JoinSet::new();
        for _ in 0..callers {
            let attempts = attempts.clone();
            race.spawn(async move { attempts.consume(&key, at(1_000)).await.unwrap() });
        }
        let winners = race.join_all().await.into_iter().flatten().count();
        assert_eq!(winners, 1, "in round {round}");
    }
}
