//! Removing sessions.

use crate::{
    Subject,
    samples::{NOW, full_session, key, person, session, tokens, zofias, zofias_account},
};
use portico_domain::ports::Written;
use portico_domain::testing::{SessionsExt as _, TokensExt as _};

/// A second removal returns `false`.
pub(crate) async fn remove_removes_the_session_with_its_tokens(subject: impl Subject) {
    let ports = subject.ports();
    let account = zofias_account();
    let brought = vec![(account.clone(), tokens("hers"))];
    ports.sessions.create(key("one"), &zofias(), brought).await.unwrap();
    assert!(ports.sessions.remove(&key("one")).await.unwrap());
    assert!(ports.sessions.find(&key("one"), NOW).await.unwrap().is_none());
    assert!(ports.tokens.tokens_of(&key("one"), &account).await.unwrap().is_none());
    assert!(!ports.sessions.remove(&key("one")).await.unwrap());
}

/// Of the same person too.
pub(crate) async fn remove_leaves_other_sessions(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    for id in ["one", "two"] {
        sessions.create(key(id), &zofias(), vec![]).await.unwrap();
    }
    assert!(sessions.remove(&key("one")).await.unwrap());
    assert!(sessions.find(&key("two"), NOW).await.unwrap().is_some());
}

/// A user with equal names in another tenant is another person.
pub(crate) async fn remove_all_of_removes_sessions_of_that_person_only(subject: impl Subject) {
    let ports = subject.ports();
    let (sessions, account) = (&ports.sessions, zofias_account());
    for id in ["phone", "laptop"] {
        let brought = vec![(account.clone(), tokens(id))];
        sessions.create(key(id), &zofias(), brought).await.unwrap();
    }
    let others = [("contoso", "marek"), ("fabrikam", "zofia")];
    for (tenant, subject) in others {
        sessions.create(key(tenant), &session(tenant, subject, NOW), vec![]).await.unwrap();
    }
    let zofia = person("contoso", "zofia");
    assert_eq!(sessions.remove_all_of(&zofia).await.unwrap(), 2);
    for id in ["phone", "laptop"] {
        assert!(sessions.find(&key(id), NOW).await.unwrap().is_none());
        assert!(ports.tokens.tokens_of(&key(id), &account).await.unwrap().is_none());
    }
    for (tenant, _) in others {
        assert!(sessions.find(&key(tenant), NOW).await.unwrap().is_some());
    }
    assert_eq!(sessions.remove_all_of(&zofia).await.unwrap(), 0);
}

/// Moved and replaced sessions are found by their current person only.
pub(crate) async fn remove_all_of_removes_moved_and_replaced_sessions(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    for id in ["moved", "removed", "handed-over"] {
        sessions.create(key(id), &zofias(), vec![]).await.unwrap();
    }
    let version = |id| {
        let sessions = sessions.clone();
        async move { sessions.find(&key(id), NOW).await.unwrap().unwrap().version }
    };
    let seen = version("moved").await;
    let moved = sessions.rotate(&key("moved"), seen, key("here"), &full_session(), vec![]).await;
    assert_eq!(moved.unwrap(), Written::Done);
    assert!(sessions.remove(&key("removed")).await.unwrap());
    let mareks = session("contoso", "marek", NOW);
    let seen = version("handed-over").await;
    let given = sessions.replace(&key("handed-over"), seen, &mareks, vec![]).await;
    assert_eq!(given.unwrap(), Written::Done);

    assert_eq!(sessions.remove_all_of(&person("contoso", "zofia")).await.unwrap(), 1);
    assert!(sessions.find(&key("here"), NOW).await.unwrap().is_none());
    assert_eq!(sessions.remove_all_of(&person("contoso", "marek")).await.unwrap(), 1);
}
