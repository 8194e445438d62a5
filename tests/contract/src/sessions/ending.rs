//! Disconnected accounts, reasons of ended sessions, sign-outs, and the sessions of a person.

use tokio::task::JoinSet;

use crate::{
    Subject,
    samples::{
        NOW, full_session, key, later, person, session, session_listing, tokens, zofia_session,
    },
};
use portico_domain::{
    account::SharedListing,
    ports::Written,
    session::{Ending, Session},
    testing::{SessionsExt as _, TokensExt as _},
};

pub(crate) async fn disconnect_removes_the_account_with_its_tokens_only(subject: impl Subject) {
    let ports = subject.ports();
    let (sessions, both) = (&ports.sessions, full_session());
    let (connected, disconnected) = (both.accounts[0].id.clone(), both.accounts[1].id.clone());
    let new_tokens = vec![
        (connected.clone(), tokens("connected")),
        (disconnected.clone(), tokens("disconnected")),
    ];
    sessions.create(key("one"), &both, new_tokens).await.unwrap();
    let seen = sessions.find(&key("one"), NOW).await.unwrap().unwrap();
    let without = seen.value.without(std::slice::from_ref(&disconnected));
    let written = sessions
        .disconnect(&key("one"), seen.version, &without, std::slice::from_ref(&disconnected))
        .await;
    assert_eq!(written.unwrap(), Written::Done);
    let found = sessions.find(&key("one"), NOW).await.unwrap().unwrap();
    assert_eq!(found.value, without);
    assert_ne!(found.version, seen.version);
    assert!(ports.tokens.tokens_of(&key("one"), &connected).await.unwrap().is_some());
    assert!(ports.tokens.tokens_of(&key("one"), &disconnected).await.unwrap().is_none());
}

pub(crate) async fn disconnect_with_stale_version_changes_nothing(subject: impl Subject) {
    let ports = subject.ports();
    let (sessions, account) = (&ports.sessions, zofia_session().accounts[0].id.clone());
    let new_tokens = vec![(account.clone(), tokens("account"))];
    sessions.create(key("one"), &zofia_session(), new_tokens).await.unwrap();
    let stale = sessions.find(&key("one"), NOW).await.unwrap().unwrap().version;
    let written = sessions.replace(&key("one"), stale, &zofia_session(), vec![]).await.unwrap();
    assert_eq!(written, Written::Done);
    let empty = zofia_session().without(std::slice::from_ref(&account));
    let written =
        sessions.disconnect(&key("one"), stale, &empty, std::slice::from_ref(&account)).await;
    assert_eq!(written.unwrap(), Written::Conflict);
    assert_eq!(sessions.find(&key("one"), NOW).await.unwrap().unwrap().value, zofia_session());
    assert!(ports.tokens.tokens_of(&key("one"), &account).await.unwrap().is_some());
}

/// A live, removed or unknown session has no ending.
pub(crate) async fn ending_returns_the_reason_for_an_hour(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    for reason in [
        Ending::Crowded,
        Ending::NotAllowed,
        Ending::Replaced,
        Ending::SignedOut,
        Ending::EndedElsewhere,
    ] {
        sessions.create(key("one"), &zofia_session(), vec![]).await.unwrap();
        assert!(sessions.end(&key("one"), reason, NOW).await.unwrap());
        assert!(sessions.find(&key("one"), NOW).await.unwrap().is_none());
        assert!(!sessions.end(&key("one"), reason, NOW).await.unwrap());
        assert_eq!(sessions.ending(&key("one"), later(3_599)).await.unwrap(), Some(reason));
        assert_eq!(sessions.ending(&key("one"), later(3_600)).await.unwrap(), None);
    }
    for id in ["phone", "laptop"] {
        sessions.create(key(id), &zofia_session(), vec![]).await.unwrap();
    }
    assert_eq!(sessions.ending(&key("phone"), NOW).await.unwrap(), None);
    assert!(sessions.remove(&key("laptop")).await.unwrap());
    assert_eq!(sessions.ending(&key("laptop"), NOW).await.unwrap(), None);
    let zofia = person("contoso", "zofia");
    assert_eq!(sessions.sign_out_everywhere(&zofia, NOW).await.unwrap(), 1);
    let reason = sessions.ending(&key("phone"), NOW).await.unwrap();
    assert_eq!(reason, Some(Ending::SignedOutEverywhere));
}

/// The policy is eight hours idle and 24 in all. A session that was used is alive after eight.
pub(crate) async fn ending_is_expired_from_the_expiry_until_after_the_absolute_timeout(
    subject: impl Subject,
) {
    const HOUR: u64 = 3_600;
    let sessions = subject.ports().sessions;
    for id in ["unread", "read", "used"] {
        sessions.create(key(id), &zofia_session(), vec![]).await.unwrap();
    }
    let used = Session { seen_at: later(7 * HOUR), ..zofia_session() };
    let version = sessions.version(&key("used"), NOW).await.unwrap().unwrap();
    let written = sessions.replace(&key("used"), version, &used, vec![]).await.unwrap();
    assert_eq!(written, Written::Done);
    for (id, expired_at) in [("unread", 8 * HOUR), ("read", 8 * HOUR), ("used", 15 * HOUR)] {
        let ending = async |at| sessions.ending(&key(id), later(at)).await.unwrap();
        assert_eq!(ending(expired_at - 1).await, None, "{id}");
        if id == "read" {
            assert!(sessions.find(&key(id), later(expired_at)).await.unwrap().is_none());
        }
        assert_eq!(ending(expired_at).await, Some(Ending::Expired), "{id}");
        assert_eq!(ending(25 * HOUR - 1).await, Some(Ending::Expired), "{id}");
        assert_eq!(ending(26 * HOUR).await, None, "{id}");
    }
}

/// A session that a login has moved cannot be ended under its former key, and is found by its new one.
pub(crate) async fn end_returns_false_and_keeps_the_reason_of_a_session_that_ended(
    subject: impl Subject,
) {
    let sessions = subject.ports().sessions;
    sessions.create(key("old"), &zofia_session(), vec![]).await.unwrap();
    let version = sessions.version(&key("old"), NOW).await.unwrap().unwrap();
    let moved = sessions.rotate(&key("old"), version, key("new"), &zofia_session(), vec![]).await;
    assert_eq!(moved.unwrap(), Written::Done);
    assert!(!sessions.end(&key("old"), Ending::SignedOut, NOW).await.unwrap());
    let ending = sessions.ending(&key("old"), NOW).await.unwrap();
    assert_eq!(ending, Some(Ending::Moved(key("new"))));
    assert!(!sessions.end(&key("unknown"), Ending::SignedOut, NOW).await.unwrap());
    assert_eq!(sessions.ending(&key("unknown"), NOW).await.unwrap(), None);
}

/// Ended, expired and other people's sessions are left out.
pub(crate) async fn heads_of_returns_live_sessions_of_that_person_without_listings(
    subject: impl Subject,
) {
    let sessions = subject.ports().sessions;
    let young = Session { created_at: later(5), seen_at: later(5), ..full_session() };
    sessions.create(key("young"), &young, vec![]).await.unwrap();
    for id in ["old", "ended", "removed"] {
        sessions.create(key(id), &zofia_session(), vec![]).await.unwrap();
    }
    sessions.create(key("other"), &session("contoso", "marek", NOW), vec![]).await.unwrap();
    assert!(sessions.end(&key("ended"), Ending::EndedElsewhere, NOW).await.unwrap());
    assert!(sessions.remove(&key("removed")).await.unwrap());
    let without_listings = |mut session: Session| {
        session.accounts.iter_mut().for_each(|account| account.listing = SharedListing::default());
        session
    };
    let zofia = person("contoso", "zofia");
    let heads = sessions.heads_of(&zofia, later(5)).await.unwrap();
    let (young, old) = (without_listings(young), without_listings(zofia_session()));
    assert_eq!(heads, [(key("young"), young.clone()), (key("old"), old)]);
    let heads = sessions.heads_of(&zofia, later(8 * 3_600)).await.unwrap();
    assert_eq!(heads, [(key("young"), young)]);
    assert_eq!(sessions.heads_of(&person("fabrikam", "nobody"), NOW).await.unwrap(), []);
}

pub(crate) async fn end_all_ends_sessions_that_exist_with_the_reason(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    for id in ["one", "two", "three"] {
        sessions.create(key(id), &zofia_session(), vec![]).await.unwrap();
    }
    let ended = ["one", "gone", "three"].map(key);
    let written = sessions.end_all(&ended, Ending::Crowded, NOW).await.unwrap();
    assert_eq!(written, Written::Done);
    for (id, ending) in
        [("one", Some(Ending::Crowded)), ("two", None), ("three", Some(Ending::Crowded))]
    {
        let found = sessions.find(&key(id), NOW).await.unwrap();
        assert_eq!(found.is_none(), ending.is_some(), "{id}");
        assert_eq!(sessions.ending(&key(id), NOW).await.unwrap(), ending, "{id}");
    }
    assert_eq!(sessions.ending(&key("gone"), NOW).await.unwrap(), None);
}

pub(crate) async fn concurrent_sign_outs_are_all_counted(subject: impl Subject) {
    const PERSONS: usize = 16;
    let sessions = subject.ports().sessions;
    let mut race = JoinSet::new();
    for number in 0..PERSONS {
        let sessions = sessions.clone();
        race.spawn(async move {
            let person = person("contoso", &format!("person-{number}"));
            sessions.sign_out_everywhere(&person, NOW).await.unwrap();
        });
    }
    race.join_all().await;
    assert_eq!(sessions.sign_outs(NOW).await.unwrap().0, PERSONS as u64);
}

/// A login moves its session to the end of the order; a replacement does not move it.
pub(crate) async fn sessions_of_returns_sessions_in_order_of_login_with_sizes(
    subject: impl Subject,
) {
    let sessions = subject.ports().sessions;
    for id in ["one", "two", "three"] {
        sessions.create(key(id), &zofia_session(), vec![]).await.unwrap();
    }
    sessions.create(key("other"), &session("contoso", "marek", NOW), vec![]).await.unwrap();
    for id in ["one", "two"] {
        let seen = sessions.find(&key(id), NOW).await.unwrap().unwrap().version;
        let written = match id {
            "one" => {
                sessions.rotate(&key(id), seen, key("one again"), &zofia_session(), vec![]).await
            }
            _ => sessions.replace(&key(id), seen, &session_listing(1_000), vec![]).await,
        };
        assert_eq!(written.unwrap(), Written::Done);
    }
    let zofia = person("contoso", "zofia");
    let listed = sessions.sessions_of(&zofia).await.unwrap();
    let keys: Vec<_> = listed.iter().map(|session| session.key).collect();
    assert_eq!(keys, ["two", "three", "one again"].map(key));
    assert!(listed[0].bytes > 100_000 && listed[0].bytes < 400_000, "{listed:?}");
    assert!(listed[1].bytes > 200 && listed[1].bytes < 4_000, "{listed:?}");
    assert_eq!(sessions.sessions_of(&person("fabrikam", "nobody")).await.unwrap(), []);
}
