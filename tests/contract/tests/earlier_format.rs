//! Sessions in the earlier format, before they were split into several records: they are unreadable, can
//! be ended, and leave no rows.

mod support;

use std::sync::Arc;

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey},
    digest,
    hmac::{self, HMAC_SHA256},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use portico_contract::{
    Ports,
    samples::{NOW, key, later, person, zofia_account_id, zofia_session},
};
use portico_domain::{
    ports::{StoreError, Written},
    session::{Ending, SessionKey},
    testing::SessionsExt as _,
};
use portico_memory::MemoryRecords;
use portico_records::{Changes, OrderedStore, Rows, Wait};
use portico_seal::KeyRing;
use rstest::rstest;

/// Zofia's session in postcard, after her key: fields by position, accounts with their listing.
const SESSION: &str = concat!(
    r#"<05>azure<8c><01>{"iss":"https://login.example/contoso/v2.0","name":"Zofia Nowak","#,
    r#""oid":"zofia","preferred_username":"zofia@contoso.example","tid":"contoso"}"#,
    "<01><16>WOyftB82CLe-n3xX6oWU3w<05>azure<05>zofia<07>contoso<0b>Zofia Nowak",
    "<01><15>zofia@contoso.example",
    "<02><03>one<10>Subscription one<01><07>Enabled<00><00><03>two<03>Two<00><01><08>fabrikam",
    "<01><06>region<02>eu",
    "<01><08>fabrikam<08>Fabrikam<02><01><08>Use MFA.<01><00><01><01><02>{}<01><07>country<02>PL",
    "<01><07>careful<c0><84>=<c0><84>=<c0><84>=<c0><84>=",
);

const TOKENS: &str = concat!(
    "<03><00><01>1<01><03><00><01><02><00><02>AB<80><b4><c4><c3>!",
    "<01><01><00><0d>not base64url<01>%https://management.azure.com/.default",
);

/// Decodes a text in which `<xx>` is a byte in hexadecimal.
fn bytes(readable: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = readable;
    while let Some((text, hex)) = rest.split_once('<') {
        bytes.extend(text.bytes());
        bytes.push(u8::from_str_radix(&hex[..2], 16).unwrap());
        rest = &hex[3..];
    }
    bytes.extend(rest.bytes());
    bytes
}

/// Seals in the earlier format: `1 ‖ key id ‖ nonce ‖ ciphertext ‖ tag`, with kind, format and key in the
/// associated data.
fn sealed(kind: &str, key: &[u8], mut plain: Vec<u8>) -> Vec<u8> {
    let secret = BASE64_STANDARD.decode(support::KEY).unwrap();
    let id = &digest::digest(&digest::SHA256, &secret).as_ref()[..4].to_vec();
    let sealing = LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, &secret).unwrap());
    let aad = [kind.as_bytes(), &[0, 1], key].concat();
    let nonce = Nonce::assume_unique_for_key([5; 12]);
    sealing.seal_in_place_append_tag(nonce, Aad::from(aad), &mut plain).unwrap();
    [&[1], id.as_slice(), &[5; 12], &plain].concat()
}

/// The HMAC of the person by which the earlier format indexes sessions.
fn owner() -> Vec<u8> {
    let names = KeyRing::parse(support::KEY).unwrap().derive("names of persons");
    let zofia = person("contoso", "zofia");
    hmac::sign(&hmac::Key::new(HMAC_SHA256, names.as_ref()), zofia.as_bytes()).as_ref().to_vec()
}

/// The rows of a session and the tokens of one account. It expires after the 8 hours of the policy.
fn rows(session: &SessionKey) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (id, owner) = (session.as_bytes().as_slice(), owner());
    let end = later(8 * 3_600).unix_seconds().to_be_bytes();
    let head =
        |format: u8, end: &[u8]| [&[format], &1_u64.to_be_bytes()[..], &[0, 0], end].concat();
    let plain = [person("contoso", "zofia").as_bytes(), bytes(SESSION).as_slice()].concat();
    let account = zofia_account_id();
    let tokens = sealed("tokens", account.as_str().as_bytes(), bytes(TOKENS));
    let join = |parts: &[&[u8]]| parts.concat();
    vec![
        (join(&[b"s", id]), join(&[&head(2, &end), &owner, &sealed("session", id, plain)])),
        (join(&[b"e", &end, b"s", id]), vec![]),
        (join(&[b"p", &owner, id]), 7_u64.to_be_bytes().to_vec()),
        (join(&[b"t", id, b"account"]), join(&[&head(1, &[0; 8]), &tokens])),
    ]
}

/// A store with one session of the earlier format.
async fn store() -> (Arc<MemoryRecords>, Ports) {
    let records = Arc::new(MemoryRecords::default());
    let insert = |_: &dyn Rows, changes: &mut Changes| {
        rows(&key("one")).into_iter().for_each(|(row, value)| changes.insert(row, value));
        Ok(())
    };
    records.write(Box::new(insert), Wait::Durable).await.unwrap();
    let ports = support::sealed(records.clone());
    (records, ports)
}

/// The first bytes of all rows except notes and their entries in the expiry index.
fn row_kinds(records: &MemoryRecords) -> String {
    let rows = OrderedStore::rows(records).unwrap();
    let rows = rows.keys(vec![]..vec![u8::MAX]).map(Result::unwrap);
    let note = |row: &Vec<u8>| row[0] == b'r' || (row[0] == b'e' && row[9] == b'r');
    rows.filter(|row| !note(row)).map(|row| char::from(row[0])).collect()
}

#[tokio::test]
async fn session_of_the_earlier_format_is_unreadable_with_the_reason() {
    let (_, ports) = store().await;
    let error = ports.sessions.find(&key("one"), NOW).await.unwrap_err();
    let StoreError::Unreadable(reason) = error else { panic!("{error}") };
    assert_eq!(reason, "session: an earlier version of Portico wrote it, in format 1");
    let tokens = ports.tokens.find_tokens(&key("one"), &zofia_account_id(), NOW).await;
    assert!(matches!(tokens, Err(StoreError::Unreadable(_))), "{tokens:?}");
    // Replacing it with its version fails too.
    let version = ports.sessions.version(&key("one"), NOW).await.unwrap().unwrap();
    let written = ports.sessions.replace(&key("one"), version, &zofia_session(), vec![]).await;
    assert!(matches!(written, Err(StoreError::Unreadable(_)) | Ok(Written::Conflict)));
}

/// The ways in which a session is removed.
enum Removal {
    Remove,
    SignOutEverywhere,
    End,
    Expiry,
}

#[rstest]
#[case::by_remove(Removal::Remove)]
#[case::by_sign_out_everywhere(Removal::SignOutEverywhere)]
#[case::by_end(Removal::End)]
#[case::by_expiry(Removal::Expiry)]
#[tokio::test]
async fn session_of_the_earlier_format_is_removed_with_all_its_rows(#[case] removal: Removal) {
    let (records, ports) = store().await;
    let zofia = person("contoso", "zofia");
    match removal {
        Removal::Remove => assert!(ports.sessions.remove(&key("one")).await.unwrap()),
        Removal::SignOutEverywhere => {
            assert_eq!(ports.sessions.sign_out_everywhere(&zofia, NOW).await.unwrap(), 1);
        }
        Removal::End => {
            assert!(ports.sessions.end(&key("one"), Ending::Crowded, NOW).await.unwrap());
        }
        Removal::Expiry => {
            let end = later(8 * 3_600);
            assert_eq!(ports.sessions.find(&key("one"), end).await.unwrap(), None);
        }
    }
    assert_eq!(row_kinds(&records), "");
}

#[tokio::test]
async fn person_with_a_session_of_the_earlier_format_can_sign_in() {
    let (_, ports) = store().await;
    ports.sessions.create(key("two"), &zofia_session(), vec![]).await.unwrap();
    let listed = ports.sessions.sessions_of(&person("contoso", "zofia")).await.unwrap();
    let keys: Vec<_> = listed.iter().map(|session| session.key).collect();
    assert_eq!(keys, [key("one"), key("two")]);
}
