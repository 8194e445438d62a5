//! How much of a disk sled takes for a session.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{fs, path::Path, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_contract::samples::{self, NOW, key};
use portico_domain::testing::SessionsExt as _;
use portico_domain::{
    account::{Account, Listing, Subscription},
    identity::Claims,
    ports::Entropy,
    secret::{AccessToken, RefreshToken},
    session::{Session, TokenSet},
};
use portico_sled::{Options, SledRecords};
use portico_system::SystemEntropy;
use tokio::task::JoinSet;

const SESSIONS: usize = 10_000;
const CALLERS: usize = 8;

/// What is written of such a session, keys and seals included, is 4.0 KB. Sled cleans a segment of
/// its file only once half of it is stale, and a thousand logins in a second leave it behind in
/// that: hence half as much again, and some.
const MAX_BYTES: u64 = 8_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_of_usual_size_takes_less_than_8_kb_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Arc::new(SledRecords::open(folder.path(), Options::default()).unwrap());
    let mut callers = JoinSet::new();
    let ports = support::sealed(open());
    for caller in 0..CALLERS {
        let ports = ports.clone();
        callers.spawn(async move {
            for number in (caller..SESSIONS).step_by(CALLERS) {
                let (session, tokens) = usual(number);
                let brought = vec![(session.accounts[0].id.clone(), tokens)];
                let key = key(&number.to_string());
                ports.sessions.create(key, &session, brought).await.unwrap();
            }
        });
    }
    callers.join_all().await;
    drop(ports);
    drop(open());

    let each = size_of_folder(folder.path()) / SESSIONS as u64;
    println!("{each} bytes on disk for each of {SESSIONS} sessions");
    assert!(each < MAX_BYTES, "{each}");
}

/// As Entra ID and Resource Manager make them: 0.7 KB of claims, seven subscriptions, tokens of 1.6
/// and 1.2 KB, and hardly a byte that could be guessed from another.
fn usual(number: usize) -> (Session, TokenSet) {
    let (tenant, subject) = (guid(), guid());
    let mut identity = samples::identity(&tenant, &subject);
    identity.display_name = format!("Person Number {number}");
    identity.username = Some(format!("person.{number}@contoso.example"));
    let subscriptions = (0..7).map(|index| Subscription {
        id: guid(),
        display_name: format!("Contoso Production {index}"),
        state: Some("Enabled".into()),
        tenant: Some(tenant.clone()),
        extra: vec![],
    });
    let listing = Listing { subscriptions: subscriptions.collect(), ..Listing::default() };
    let account = Account::connected(samples::azure(), identity, listing, NOW);
    let person = samples::person(&tenant, &subject);
    let session = Session::begin(person, claims(&tenant, &subject, number), account, NOW);
    let tokens = TokenSet {
        access: AccessToken::new(format!("{}.{}.{}", random(90), random(850), random(256))),
        refresh: Some(RefreshToken::new(format!("1.{}", random(900)))),
        ..samples::tokens("")
    };
    (session, tokens)
}

fn claims(tenant: &str, subject: &str, number: usize) -> Claims {
    let claims = [
        ("aud", guid()),
        ("iss", format!("https://login.microsoftonline.com/{tenant}/v2.0")),
        ("iat", "1794000000".into()),
        ("exp", "1794003600".into()),
        ("aio", random(90)),
        ("name", format!("Person Number {number}")),
        ("nonce", random(32)),
        ("oid", subject.to_owned()),
        ("preferred_username", format!("person.{number}@contoso.example")),
        ("rh", random(40)),
        ("sid", guid()),
        ("sub", random(32)),
        ("tid", tenant.to_owned()),
        ("uti", random(16)),
    ];
    let members: Vec<_> =
        claims.iter().map(|(name, value)| format!("{name:?}:{value:?}")).collect();
    Claims::parse(format!("{{{}}}", members.join(","))).unwrap()
}

fn random(bytes: usize) -> String {
    let mut drawn = vec![0; bytes];
    SystemEntropy.fill(&mut drawn);
    BASE64_URL_SAFE_NO_PAD.encode(drawn)
}

fn guid() -> String {
    let mut drawn = [0; 16];
    SystemEntropy.fill(&mut drawn);
    let digits = format!("{:032x}", u128::from_be_bytes(drawn));
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

fn size_of_folder(folder: &Path) -> u64 {
    let size = |entry: fs::DirEntry| match entry.metadata().unwrap() {
        metadata if metadata.is_dir() => size_of_folder(&entry.path()),
        metadata => metadata.len(),
    };
    fs::read_dir(folder).unwrap().map(|entry| size(entry.unwrap())).sum()
}
