//! What is decided about a login beside the session that its browser has.

use rstest::rstest;

use super::*;
use crate::{ports::Version, testing::samples};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
const KEY: SessionKey = SessionKey::from_bytes([1; 32]);

fn login(tenant: &str, subject: &str) -> ListedLogin {
    samples::listed_login(tenant, subject, NOW)
}

/// A login at a provider that signs nobody in, for the session of this person.
fn connecting_login(subject: &str) -> ListedLogin {
    let account = samples::account("fabrikam", "haruki", NOW);
    ListedLogin { only_connects: true, account, ..login("contoso", subject) }
}

/// Zofia's session, in which the login was begun.
fn current() -> Current {
    current_with(samples::session("contoso", "zofia", NOW))
}

fn current_with(session: Session) -> Current {
    let stored = Stored { value: session, version: Version(7) };
    Current { key: KEY, stored, began_here: true, without: vec![], readable: true }
}

fn on_own_page(mut login: ListedLogin) -> ListedLogin {
    login.origin.own_page = true;
    login
}

/// What the plan does: accounts of the written session, and whether a former one is replaced or moved.
fn outcome(plan: Result<Plan, LandError>) -> String {
    match plan {
        Ok(Plan::Ask(key)) => format!("ask about {}", if key == KEY { "it" } else { "another" }),
        Ok(Plan::Write(session, former)) => {
            let former = former.map_or("none", |former| {
                assert_eq!((former.key, former.version), (KEY, Version(7)));
                if former.moves { "moved" } else { "replaced" }
            });
            format!("{} accounts, former session {former}", session.accounts.len())
        }
        Err(error) => format!("{error:?}"),
    }
}

#[rstest]
#[case::signs_in(login("contoso", "zofia"), Intent::Unknown, "1 accounts, former session none")]
#[case::only_connects(connecting_login("zofia"), Intent::Unknown, "SignInFirst")]
#[case::choice_to_connect(login("contoso", "zofia"), Intent::Connect, "SignInFirst")]
#[case::choice_to_sign_in(login("contoso", "zofia"), Intent::SignIn, "SignInFirst")]
fn plan_without_a_session(
    #[case] login: ListedLogin,
    #[case] intent: Intent,
    #[case] expected: &str,
) {
    assert_eq!(outcome(plan(&login, None, intent, NOW)), expected);
}

const ADDED: &str = "2 accounts, former session moved";
const REPLACED: &str = "1 accounts, former session replaced";

#[rstest]
#[case::known_account(
    login("contoso", "zofia"),
    Intent::Unknown,
    "1 accounts, former session moved"
)]
#[case::new_account_from_an_own_page(
    on_own_page(login("fabrikam", "haruki")),
    Intent::Unknown,
    ADDED
)]
#[case::new_account_from_elsewhere(login("fabrikam", "haruki"), Intent::Unknown, "ask about it")]
#[case::new_account_by_choice(login("fabrikam", "haruki"), Intent::Connect, ADDED)]
#[case::new_person_by_choice(login("fabrikam", "haruki"), Intent::SignIn, REPLACED)]
#[case::other_subject_of_the_tenant(login("contoso", "marek"), Intent::Unknown, REPLACED)]
#[case::other_subject_by_choice(login("contoso", "marek"), Intent::Connect, "Ended")]
#[case::connecting(on_own_page(connecting_login("zofia")), Intent::Unknown, ADDED)]
#[case::connecting_from_elsewhere(connecting_login("zofia"), Intent::Unknown, "ask about it")]
#[case::connecting_for_somebody_else(
    on_own_page(connecting_login("marek")),
    Intent::Unknown,
    "SignInFirst"
)]
#[case::connecting_by_choice_to_sign_in(connecting_login("zofia"), Intent::SignIn, "SignInFirst")]
fn plan_beside_a_session(
    #[case] login: ListedLogin,
    #[case] intent: Intent,
    #[case] expected: &str,
) {
    assert_eq!(outcome(plan(&login, Some(current()), intent, NOW)), expected);
}

#[test]
fn plan_replaces_an_unreadable_session_and_connects_nothing_to_it() {
    let unreadable = || Some(Current { readable: false, ..current() });
    let plan = |login| outcome(plan(&login, unreadable(), Intent::Unknown, NOW));
    assert_eq!(plan(on_own_page(login("fabrikam", "haruki"))), REPLACED);
    assert_eq!(plan(on_own_page(connecting_login("zofia"))), "SignInFirst");
}

#[test]
fn plan_beside_a_session_that_the_login_was_not_begun_in_asks_and_takes_no_choice() {
    let other = || Some(Current { began_here: false, ..current() });
    let login = on_own_page(login("fabrikam", "haruki"));
    let plan = |intent| outcome(plan(&login, other(), intent, NOW));
    assert_eq!(plan(Intent::Unknown), "ask about it");
    assert_eq!(plan(Intent::Connect), "Ended");
    assert_eq!(plan(Intent::SignIn), "Ended");
}

#[test]
fn plan_adds_no_account_to_a_full_session_and_lists_one_of_its_own_again() {
    let mut session = samples::session("contoso", "zofia", NOW);
    while session.accounts.len() < MAX_ACCOUNTS {
        let tenant = format!("tenant-{}", session.accounts.len());
        session.accounts.push(samples::account(&tenant, "zofia", NOW));
    }
    let plan = |login| {
        let current = Some(current_with(session.clone()));
        outcome(plan(&on_own_page(login), current, Intent::Unknown, NOW))
    };
    assert_eq!(plan(login("fabrikam", "haruki")), "TooManyAccounts");
    assert_eq!(plan(login("contoso", "zofia")), "64 accounts, former session moved");
}
