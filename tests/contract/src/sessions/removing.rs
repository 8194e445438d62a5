//! Removal of one session, and of all sessions of a person.

use crate::{
    Subject,
    samples::{NOW, full_session, key, person, session, tokens, zofia_account_id, zofia_session},
};
use portico_domain::ports::Written;
use portico_domain::testing::{SessionsExt as _, TokensExt as _};

/// A second removal returns `false`.
pub(crate) async fn remove_removes_the_session_with_its_tokens(subject: impl Subject) {
    let ports = subject.ports();
    let account = zofia_account_id();
    let new_tokens = vec![(account.clone(), tokens("hers"))];
    ports.sessions.create(key("one"), &zofia_session(), new_tokens).await.unwrap();
    assert!(ports.sessions.remove(&key("one")).await.unwrap());
    assert!(ports.sessions.find(&key("one"), NOW).await.unwrap().is_none());
    assert!(ports.tokens.tokens_of(&key("one"), &account).await.unwrap().is_none());
    assert!(!ports.sessions.remove(&key("one")).await.unwrap());
}

/// Both sessions are of the same person.
pub(crate) async fn remove_leaves_other_sessions(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    for id in ["one", "two"] {
        sessions.create(key(id), &zofia_session(), vec![]).await.unwrap();
    }
    assert!(sessions.remove(&key("one")).await.unwrap());
    assert!(sessions.find(&key("two"), NOW).await.unwrap().is_some());
}

/// A user with equal names in another tenant is another person.
pub(crate) async fn remove_all_of_removes_sessions_of_that_person_only(subject: impl Subject) {
    let ports = subject.ports();
    let (sessions, account) = (&ports.sessions, zofia_account_id());
    for id in ["phone", "laptop"] {
        let new_tokens = vec![(account.clone(), tokens(id))];
        sessions.create(key(id), &zofia_session(), new_tokens).await.unwrap();
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

/// Moved and replaced sessions are indexed by their current person only.
pub(crate) async fn remove_all_of_removes_moved_and_replaced_sessions(subject: impl Subject) {
    let sessions = subject.ports().sessions;
    for id in ["moved", "removed", "replaced"] {
        sessions.create(key(id), &zofia_session(), vec![]).await.unwrap();
    }
    let version = |id| {
        let sessions = sessions.clone();
        async move { sessions.find(&key(id), NOW).await.unwrap().unwrap().version }
    };
    let seen = version("moved").await;
    let moved = sessions.rotate(&key("moved"), seen, key("new"), &full_session(), vec![]).await;
    assert_eq!(moved.unwrap(), Written::Done);
    assert!(sessions.remove(&key("removed")).await.unwrap());
    let mareks = session("contoso", "marek", NOW);
    let seen = version("replaced").await;
    let replaced = sessions.replace(&key("replaced"), seen, &mareks, vec![]).await;
    assert_eq!(replaced.unwrap(), Written::Done);

    assert_eq!(sessions.remove_all_of(&person("contoso", "zofia")).await.unwrap(), 1);
    assert!(sessions.find(&key("new"), NOW).await.unwrap().is_none());
    assert_eq!(sessions.remove_all_of(&person("contoso", "marek")).await.unwrap(), 1);
}
