//! The promises of [`portico_domain::ports::Decisions`].

use tokio::task::JoinSet;

use crate::{
    Subject,
    samples::{NOW, account, claims, key, later, pending_login, person, session_listing, tokens},
};
use portico_domain::{
    decision::{DECISION_LIFETIME, DecisionKey, ListedLogin, MAX_UNDECIDED, Undecided},
    secret::DecisionId,
    testing::SessionsExt as _,
};

suite! { $ decisions: Subject
    find_returns_the_undecided_login_until_take,
    find_and_take_return_none_when_the_decision_expires,
    concurrent_takes_have_one_winner,
    keep_removes_the_oldest_above_max_undecided,
    undecided_login_is_not_counted_or_removed_as_a_session,
}

fn id(name: &str) -> DecisionKey {
    DecisionKey::of(&DecisionId::new(name))
}

fn undecided(subject: &str) -> Undecided {
    let listed = session_listing(500).accounts.remove(0);
    let login = ListedLogin {
        person: person("contoso", subject),
        user: claims("contoso", subject),
        only_connects: false,
        account: portico_domain::account::Account {
            listing: listed.listing,
            ..account("contoso", subject, NOW)
        },
        tokens: tokens(subject),
        origin: pending_login("").origin,
        return_to: pending_login("").return_to,
    };
    Undecided::about(login, key("session"), NOW)
}

/// The login has a large listing.
pub(crate) async fn find_returns_the_undecided_login_until_take(subject: impl Subject) {
    let decisions = subject.ports().decisions;
    decisions.keep(id("one"), &undecided("zofia")).await.unwrap();
    for _ in 0..2 {
        assert_eq!(decisions.find(&id("one"), NOW).await.unwrap(), Some(undecided("zofia")));
    }
    assert_eq!(decisions.find(&id("another"), NOW).await.unwrap(), None);
    assert_eq!(decisions.take(&id("one"), NOW).await.unwrap(), Some(undecided("zofia")));
    assert_eq!(decisions.take(&id("one"), NOW).await.unwrap(), None);
    assert_eq!(decisions.find(&id("one"), NOW).await.unwrap(), None);
}

/// After ten minutes.
pub(crate) async fn find_and_take_return_none_when_the_decision_expires(subject: impl Subject) {
    let decisions = subject.ports().decisions;
    decisions.keep(id("one"), &undecided("zofia")).await.unwrap();
    let end = DECISION_LIFETIME.as_secs();
    assert!(decisions.find(&id("one"), later(end - 1)).await.unwrap().is_some());
    assert_eq!(decisions.find(&id("one"), later(end)).await.unwrap(), None);
    assert_eq!(decisions.take(&id("one"), later(end)).await.unwrap(), None);
}

pub(crate) async fn concurrent_takes_have_one_winner(subject: impl Subject) {
    let decisions = subject.ports().decisions;
    decisions.keep(id("one"), &undecided("zofia")).await.unwrap();
    let mut race = JoinSet::new();
    for _ in 0..16 {
        let decisions = decisions.clone();
        race.spawn(async move { decisions.take(&id("one"), NOW).await.unwrap().is_some() });
    }
    let winners = race.join_all().await.into_iter().filter(|&won| won).count();
    assert_eq!(winners, 1);
}

/// Undecided logins of other persons stay.
pub(crate) async fn keep_removes_the_oldest_above_max_undecided(subject: impl Subject) {
    let decisions = subject.ports().decisions;
    decisions.keep(id("marek"), &undecided("marek")).await.unwrap();
    for number in 0..MAX_UNDECIDED + 2 {
        decisions.keep(id(&number.to_string()), &undecided("zofia")).await.unwrap();
    }
    for number in 0..MAX_UNDECIDED + 2 {
        let found = decisions.find(&id(&number.to_string()), NOW).await.unwrap();
        assert_eq!(found.is_some(), number >= 2, "{number}");
    }
    assert!(decisions.find(&id("marek"), NOW).await.unwrap().is_some());
}

/// After a sign-out everywhere, [`portico_domain::ports::Sessions::land`] refuses it.
pub(crate) async fn undecided_login_is_not_counted_or_removed_as_a_session(subject: impl Subject) {
    let ports = subject.ports();
    ports.decisions.keep(id("one"), &undecided("zofia")).await.unwrap();
    let zofia = person("contoso", "zofia");
    assert_eq!(ports.sessions.sessions_of(&zofia).await.unwrap(), []);
    assert_eq!(ports.sessions.remove_all_of(&zofia).await.unwrap(), 0);
    assert!(ports.sessions.find(&key("one"), NOW).await.unwrap().is_none());
}
