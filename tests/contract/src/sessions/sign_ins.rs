//! Sessions by their sign-ins at providers.

use portico_domain::{
    ports::{Landed, Landing, Sessions, Written},
    session::{Ending, SessionKey},
    sign_in::SignInKey,
    testing::{SessionsExt as _, landing, samples::POLICY},
};

use crate::{
    Subject,
    samples::{NOW, account, key, person, session_at, sign_in, zofia_session},
};

async fn found(sessions: &dyn Sessions, there: &str) -> Vec<SessionKey> {
    let mut found = sessions.sessions_at(&sign_in(there)).await.unwrap();
    found.sort_unstable();
    found
}

/// Sorted, as [`found`] is.
fn keys(ids: &[&str]) -> Vec<SessionKey> {
    let mut keys: Vec<_> = ids.iter().map(|id| key(id)).collect();
    keys.sort_unstable();
    keys
}

/// Several browsers may share a session at the provider.
pub(crate) async fn sessions_at_returns_sessions_of_that_sign_in_only(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    for (id, there) in [("laptop", "one"), ("window", "one"), ("phone", "two")] {
        sessions.create(key(id), &session_at(there), vec![]).await.unwrap();
    }
    sessions.create(key("none"), &zofia_session(), vec![]).await.unwrap();
    assert_eq!(found(&*sessions, "one").await, keys(&["laptop", "window"]));
    assert_eq!(found(&*sessions, "two").await, keys(&["phone"]));
    assert_eq!(found(&*sessions, "three").await, []);
}

/// Whichever way a session changes or ends, its entry does so too.
pub(crate) async fn sessions_at_follows_a_session_through_each_write(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    for id in ["replaced", "moved", "ended", "removed", "signed out"] {
        sessions.create(key(id), &session_at(id), vec![]).await.unwrap();
    }
    let seen = sessions.find(&key("replaced"), NOW).await.unwrap().unwrap();
    let written =
        sessions.replace(&key("replaced"), seen.version, &session_at("new"), vec![]).await;
    assert_eq!(written.unwrap(), Written::Done);
    assert_eq!(found(&*sessions, "replaced").await, []);
    assert_eq!(found(&*sessions, "new").await, keys(&["replaced"]));

    let seen = sessions.find(&key("moved"), NOW).await.unwrap().unwrap();
    let moved = sessions.rotate(&key("moved"), seen.version, key("to"), &seen.value, vec![]).await;
    assert_eq!(moved.unwrap(), Written::Done);
    assert_eq!(found(&*sessions, "moved").await, keys(&["to"]));

    assert!(sessions.end(&key("ended"), Ending::SignedOutAtProvider, NOW).await.unwrap());
    assert_eq!(found(&*sessions, "ended").await, []);
    let ending = sessions.ending(&key("ended"), NOW).await.unwrap();
    assert_eq!(ending, Some(Ending::SignedOutAtProvider));

    assert!(sessions.remove(&key("removed")).await.unwrap());
    assert_eq!(found(&*sessions, "removed").await, []);

    let over = session_at("signed out").expires_at(&POLICY);
    assert!(sessions.find(&key("signed out"), over).await.unwrap().is_none());
    assert_eq!(found(&*sessions, "signed out").await, [], "it has expired");
    sessions.sign_out_everywhere(&person("contoso", "zofia"), NOW).await.unwrap();
    for there in ["new", "moved"] {
        assert_eq!(found(&*sessions, there).await, [], "{there}");
    }
}

/// A session is found by each account's session at the provider, and by the people of the accounts that
/// are not its owner's.
pub(crate) async fn sessions_at_returns_a_session_under_each_of_its_sign_ins(
    subject: impl Subject,
) {
    let sessions = subject.ports().sessions;
    let mut session = session_at("own");
    let mut connected = account("fabrikam", "guest", NOW);
    connected.provider_session = Some(sign_in("connected"));
    let guest = SignInKey::of_connected(&connected.person.unwrap());
    session.accounts.push(connected);
    sessions.create(key("both"), &session, vec![]).await.unwrap();
    for there in ["own", "connected"] {
        assert_eq!(found(&*sessions, there).await, keys(&["both"]), "{there}");
    }
    assert_eq!(sessions.sessions_at(&guest).await.unwrap(), keys(&["both"]));
    let owner = SignInKey::of_connected(&session.person);
    assert_eq!(sessions.sessions_at(&owner).await.unwrap(), []);

    let seen = sessions.find(&key("both"), NOW).await.unwrap().unwrap();
    let account = session.accounts.remove(1).id;
    let written = sessions.disconnect(&key("both"), seen.version, &session, &[account]).await;
    assert_eq!(written.unwrap(), Written::Done);
    assert_eq!(found(&*sessions, "own").await, keys(&["both"]));
    assert_eq!(found(&*sessions, "connected").await, []);
    assert_eq!(sessions.sessions_at(&guest).await.unwrap(), []);
    let sessions_of_owner = sessions.sessions_of(&session.person).await.unwrap();
    assert_eq!(sessions_of_owner.len(), 1, "the entry of the person stays");
}

/// A login that has redeemed its code before the logout, and lands after it.
pub(crate) async fn land_is_refused_if_its_sign_in_ended_since_the_login_began(
    subject: impl Subject,
) {
    let sessions = subject.ports().sessions;
    sessions.create(key("there"), &session_at("ended"), vec![]).await.unwrap();
    let before = sessions.sign_outs(NOW).await.unwrap();
    sessions.sign_out_at(&sign_in("ended"), NOW).await.unwrap();
    assert!(sessions.find(&key("there"), NOW).await.unwrap().is_some(), "it ends nothing itself");
    let after = sessions.sign_outs(NOW).await.unwrap();
    for (there, sign_outs_at_begin, expected) in [
        ("ended", before, Landed::SignedOut),
        ("ended", after, Landed::Done),
        ("other", before, Landed::Done),
    ] {
        let session = session_at(there);
        let id = format!("{there} {}", sign_outs_at_begin.0);
        let landing = Landing { sign_outs_at_begin, ..landing(key(&id), &session, vec![]) };
        assert_eq!(sessions.land(landing).await.unwrap(), expected, "{id}");
    }
}
