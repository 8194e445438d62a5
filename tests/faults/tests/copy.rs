//! An attacker with a copy of the store tests guesses of who has a session in it.

use std::fs;

use portico_domain::{
    identity::{PersonKey, ProviderId, Subject, TenantId},
    secret::SessionId,
    session::SessionKey,
};
use portico_e2e::{Browser, World, personas, world};
use portico_hostile::tried;
use serde_json::Value;

fn contains(bytes: &[u8], pattern: &[u8]) -> bool {
    bytes.windows(pattern.len()).any(|window| window == pattern)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

/// Names and unkeyed hashes of a person that an attacker can compute. The domain uses each of them.
fn guesses(session: &Value) -> Vec<(&'static str, Vec<u8>)> {
    let (user, account) = (&session["user"], &session["accounts"][0]);
    let tenant = TenantId::parse(text(user, "tid")).unwrap();
    let subject = Subject::parse(text(user, "oid")).unwrap();
    let azure = ProviderId::parse("azure").unwrap();
    let person = PersonKey::of(&azure, text(user, "iss"), &tenant, &subject);
    vec![
        ("the hash of the person", person.as_bytes().to_vec()),
        ("the account's id", text(account, "id").as_bytes().to_vec()),
        ("the tenant", tenant.as_str().as_bytes().to_vec()),
        ("the subject", subject.as_str().as_bytes().to_vec()),
        ("the user name", personas::ZOFIA.user_name.as_bytes().to_vec()),
    ]
}

#[tokio::test]
async fn store_files_contain_no_unkeyed_hash_or_name_of_a_person() {
    let World { portico, folder, emulator: _emulator, .. } = world(&[]).await;
    let mut browser = Browser::default();
    browser.sign_in(&portico.base, personas::ZOFIA.user_name).await;
    let session = browser.session(&portico.base).await.json();
    let id = SessionId::new(browser.cookie(&portico.base, "portico_session").unwrap());
    portico.stop().await;

    let files = fs::read_dir(folder.path().join("sessions")).unwrap().map(Result::unwrap);
    let files = files.filter(|entry| entry.metadata().unwrap().is_file());
    let copy: Vec<u8> = files.flat_map(|entry| fs::read(entry.path()).unwrap()).collect();
    // The search finds a value that is stored.
    assert!(contains(&copy, SessionKey::of(&id).as_bytes()));
    let guesses = guesses(&session);
    for (name, guess) in &guesses {
        assert!(!contains(&copy, guess), "the store contains {name}");
    }
    tried(guesses.len());
}
