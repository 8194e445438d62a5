//! `land`: the session of a completed login, and the conditions of its write.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::{
    Subject,
    samples::{NOW, full_session, key, later, person, session, tokens, zofia_session},
};
use portico_domain::{
    account::AccountId,
    login::BrowserKey,
    ports::{Former, Landed, Landing, Sessions, Written},
    secret::BrowserId,
    session::{Ending, Session, SessionKey, SignOutCount},
    testing::{SessionsExt as _, TokensExt as _, landing},
};

async fn former(sessions: &Arc<dyn Sessions>, id: &str, moves: bool) -> Former {
    let version = sessions.find(&key(id), NOW).await.unwrap().unwrap().version;
    Former { key: key(id), version, moves, without: vec![] }
}

async fn exists(sessions: &Arc<dyn Sessions>, key: &SessionKey) -> bool {
    sessions.find(key, NOW).await.unwrap().is_some()
}

pub(crate) async fn land_moves_or_replaces_the_former_session_with_its_ending(
    subject: impl Subject,
) {
    let ports = subject.ports();
    let sessions = &ports.sessions;
    let account = AccountId::from_text("account");
    for (moves, reason) in [(true, Ending::Moved(key("new"))), (false, Ending::Replaced)] {
        let new_tokens = vec![(account.clone(), tokens("old"))];
        sessions.create(key("old"), &zofia_session(), new_tokens).await.unwrap();
        let former = Some(former(sessions, "old", moves).await);
        let full = full_session();
        let landed = sessions.land(Landing { former, ..landing(key("new"), &full, vec![]) });
        assert_eq!(landed.await.unwrap(), Landed::Done);
        assert!(!exists(sessions, &key("old")).await);
        assert_eq!(sessions.ending(&key("old"), NOW).await.unwrap(), Some(reason));
        let found = sessions.find(&key("new"), later(10)).await.unwrap().unwrap();
        assert_eq!(found.value, full_session());
        let found = ports.tokens.tokens_of(&key("new"), &account).await.unwrap();
        assert_eq!(found.is_some(), moves);
        assert!(ports.tokens.tokens_of(&key("old"), &account).await.unwrap().is_none());
        assert!(sessions.remove(&key("new")).await.unwrap());
        assert_eq!(sessions.sessions_of(&person("contoso", "zofia")).await.unwrap(), []);
    }
}

pub(crate) async fn land_ends_crowded_sessions_that_exist(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    for id in ["oldest", "older", "young"] {
        sessions.create(key(id), &zofia_session(), vec![]).await.unwrap();
    }
    let crowded = ["oldest", "gone", "older"].map(key).to_vec();
    let zofia_session = zofia_session();
    let landed =
        sessions.land(Landing { crowded, ..landing(key("new"), &zofia_session, vec![]) }).await;
    assert_eq!(landed.unwrap(), Landed::Done);
    for id in ["oldest", "older"] {
        assert!(!exists(&sessions, &key(id)).await, "{id}");
        assert_eq!(sessions.ending(&key(id), NOW).await.unwrap(), Some(Ending::Crowded), "{id}");
    }
    for id in ["young", "new"] {
        assert!(exists(&sessions, &key(id)).await, "{id}");
    }
    assert_eq!(sessions.ending(&key("gone"), NOW).await.unwrap(), None);
}

pub(crate) async fn land_without_an_account_drops_its_tokens(subject: impl Subject) {
    let ports = subject.ports();
    let account = AccountId::from_text;
    let new_tokens = ["connected", "dropped"].map(|name| (account(name), tokens(name)));
    ports.sessions.create(key("old"), &zofia_session(), new_tokens.into()).await.unwrap();
    let moved = former(&ports.sessions, "old", true).await;
    let former = Some(Former { without: vec![account("dropped")], ..moved });
    let zofia_session = zofia_session();
    let landed =
        ports.sessions.land(Landing { former, ..landing(key("new"), &zofia_session, vec![]) });
    assert_eq!(landed.await.unwrap(), Landed::Done);
    for (name, exists) in [("connected", true), ("dropped", false)] {
        let found = ports.tokens.tokens_of(&key("new"), &account(name)).await.unwrap();
        assert_eq!(found.is_some(), exists, "{name}");
    }
}

pub(crate) async fn land_with_stale_former_version_changes_nothing(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    sessions.create(key("old"), &zofia_session(), vec![]).await.unwrap();
    for moves in [true, false] {
        let stale = former(&sessions, "old", moves).await;
        let seen = stale.version;
        let written = sessions.replace(&key("old"), seen, &zofia_session(), vec![]).await.unwrap();
        assert_eq!(written, Written::Done);
        let (former, zofia_session) = (Some(stale), zofia_session());
        let landed =
            sessions.land(Landing { former, ..landing(key("new"), &zofia_session, vec![]) });
        assert_eq!(landed.await.unwrap(), Landed::Conflict);
        assert!(exists(&sessions, &key("old")).await && !exists(&sessions, &key("new")).await);
        assert_eq!(sessions.ending(&key("old"), NOW).await.unwrap(), None);
    }
}

/// One of the persons of the landing is enough. A login that began after the sign-out lands.
pub(crate) async fn land_is_refused_if_a_person_signed_out_since_the_login_began(
    subject: impl Subject,
) {
    let sessions = subject.ports().sessions;
    let (zofia, marek) = (person("contoso", "zofia"), person("contoso", "marek"));
    let before = sessions.sign_outs(NOW).await.unwrap();
    assert_eq!(sessions.sign_out_everywhere(&zofia, NOW).await.unwrap(), 0);
    let after = sessions.sign_outs(NOW).await.unwrap();
    assert!(before < after);
    let zofia_session = zofia_session();
    let land = |sign_outs_at_begin, people| {
        let landing =
            Landing { sign_outs_at_begin, people, ..landing(key("new"), &zofia_session, vec![]) };
        let sessions = &sessions;
        async move { sessions.land(landing).await.unwrap() }
    };
    assert_eq!(land(before, vec![zofia]).await, Landed::SignedOut);
    assert_eq!(land(before, vec![marek, zofia]).await, Landed::SignedOut);
    assert!(!exists(&sessions, &key("new")).await);
    assert_eq!(land(before, vec![marek]).await, Landed::Done);
    assert_eq!(land(after, vec![marek, zofia]).await, Landed::Done);
}

/// A store restored from a backup may lack a sign-out of the person.
pub(crate) async fn land_is_refused_if_the_login_counted_more_sign_outs_than_the_store(
    subject: impl Subject,
) {
    let sessions = subject.ports().sessions;
    let zofia_session = zofia_session();
    let sign_outs_at_begin = SignOutCount(1);
    let landed = sessions
        .land(Landing { sign_outs_at_begin, ..landing(key("new"), &zofia_session, vec![]) })
        .await;
    assert_eq!(landed.unwrap(), Landed::SignedOut);
    assert!(!exists(&sessions, &key("new")).await);
}

/// The store remembers the session of a browser for the lifetime of an attempt.
pub(crate) async fn land_conflicts_if_the_browser_has_another_session(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    let browser = BrowserKey::of(&BrowserId::new("browser"));
    let zofia_session = zofia_session();
    let land = |id: &str, seen| {
        let browser = Some((browser, seen));
        let landing = Landing { browser, ..landing(key(id), &zofia_session, vec![]) };
        let sessions = &sessions;
        async move { sessions.land(landing).await.unwrap() }
    };
    assert_eq!(sessions.session_in(&browser, NOW).await.unwrap(), None);
    assert_eq!(land("first", None).await, Landed::Done);
    assert_eq!(land("second", None).await, Landed::Conflict);
    assert!(!exists(&sessions, &key("second")).await);
    assert_eq!(sessions.session_in(&browser, later(899)).await.unwrap(), Some(key("first")));
    assert_eq!(sessions.session_in(&browser, later(900)).await.unwrap(), None);
    assert_eq!(land("second", Some(key("first"))).await, Landed::Done);
    assert_eq!(sessions.session_in(&browser, NOW).await.unwrap(), Some(key("second")));
}

/// Each landing is retried after a conflict, and ends the session of the previous one.
pub(crate) async fn concurrent_landings_of_a_browser_leave_one_session(subject: impl Subject) {
    const CALLBACKS: usize = 16;
    let sessions = subject.ports().sessions;
    let browser = BrowserKey::of(&BrowserId::new("browser"));
    let mut race = JoinSet::new();
    for callback in 0..CALLBACKS {
        let sessions = sessions.clone();
        race.spawn(async move {
            let (to, zofia_session) = (key(&format!("callback {callback}")), zofia_session());
            loop {
                let seen = sessions.session_in(&browser, NOW).await.unwrap();
                let former = match seen {
                    None => None,
                    Some(key) => sessions.find(&key, NOW).await.unwrap().map(|stored| {
                        let version = stored.version;
                        Former { key, version, moves: false, without: vec![] }
                    }),
                };
                let browser = Some((browser, seen));
                let landing = Landing { former, browser, ..landing(to, &zofia_session, vec![]) };
                if sessions.land(landing).await.unwrap() == Landed::Done {
                    return;
                }
            }
        });
    }
    race.join_all().await;
    assert_eq!(sessions.sessions_of(&person("contoso", "zofia")).await.unwrap().len(), 1);
    let last = sessions.session_in(&browser, NOW).await.unwrap().unwrap();
    assert!(exists(&sessions, &last).await);
}

/// Whatever the order, the login is refused or the sign-out ends its session.
pub(crate) async fn land_concurrent_with_sign_out_leaves_no_session(subject: impl Subject) {
    const LOGINS: usize = 32;
    let sessions = subject.ports().sessions;
    let zofia = person("contoso", "zofia");
    for round in 0..8 {
        let sign_outs_at_begin = sessions.sign_outs(NOW).await.unwrap();
        let mut race = JoinSet::new();
        for login in 0..LOGINS {
            let sessions = sessions.clone();
            race.spawn(async move {
                let zofia_session: Session = session("contoso", "zofia", NOW);
                let to = key(&format!("{round} {login}"));
                let people = vec![zofia];
                let landing =
                    Landing { sign_outs_at_begin, people, ..landing(to, &zofia_session, vec![]) };
                let mut landed = Landed::Conflict;
                // The sign-out may be recorded between the check of sign-outs and the write.
                while landed == Landed::Conflict {
                    landed = sessions.land(same_landing(&landing)).await.unwrap();
                }
            });
        }
        let signing_out = sessions.clone();
        race.spawn(async move {
            signing_out.sign_out_everywhere(&zofia, NOW).await.unwrap();
        });
        race.join_all().await;
        assert_eq!(sessions.sessions_of(&zofia).await.unwrap(), [], "round {round}");
    }
}

fn same_landing<'a>(first: &Landing<'a>) -> Landing<'a> {
    let Landing { key, session, sign_outs_at_begin, .. } = first;
    Landing {
        sign_outs_at_begin: *sign_outs_at_begin,
        people: first.people.clone(),
        ..landing(*key, session, vec![])
    }
}
