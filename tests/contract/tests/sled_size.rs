//! The disk space of a session in sled.
#![allow(clippy::print_stdout, reason = "figures are shown")]

mod support;

use std::{fs, path::Path, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_contract::samples::{self, NOW, key};
use portico_domain::testing::SessionsExt as _;
use portico_domain::{
    account::{Account, Listing, SharedListing, Subscription},
    identity::Claims,
    ports::Entropy,
    secret::{AccessToken, IdToken, RefreshToken},
    session::{Session, TokenSet},
    sign_in::{ProviderSessionId, SignInKey},
};
use portico_records::OrderedStore;
use portico_sled::{Options, SledRecords};
use portico_system::SystemEntropy;
use tokio::task::JoinSet;

const SESSIONS: usize = 10_000;
const CALLERS: usize = 8;

/// The number of subscriptions in a listing of one session.
const UNSHARED_LISTING: usize = 7;

/// The number of subscriptions in a listing that all sessions share, as in a large company.
const SHARED_LISTING: usize = 5_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn session_with_its_own_listing_takes_less_than_8500_bytes_on_disk() {
    let each = bytes_on_disk("a listing of its own", |number| {
        azure_session(number, listing(UNSHARED_LISTING))
    })
    .await;
    assert!(each < 8_500, "{each}");
}

/// Tokens take 3 KB of it and do not compress.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn session_with_a_shared_listing_of_5000_takes_less_than_7600_bytes_on_disk() {
    let shared = listing(SHARED_LISTING);
    let each =
        bytes_on_disk("a shared listing", move |number| azure_session(number, shared.clone()))
            .await;
    assert!(each < 7_600, "{each}");
}

/// Writes [`SESSIONS`] sessions concurrently and returns the bytes on disk per session.
async fn bytes_on_disk(
    label: &str,
    session: impl Fn(usize) -> (Session, TokenSet) + Clone + Send + Sync + 'static,
) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let open = || Arc::new(SledRecords::open(folder.path(), Options::default()).unwrap());
    let mut callers = JoinSet::new();
    let store = open();
    let ports = support::sealed(store.clone());
    for caller in 0..CALLERS {
        let (ports, session) = (ports.clone(), session.clone());
        callers.spawn(async move {
            for number in (caller..SESSIONS).step_by(CALLERS) {
                let (session, tokens) = session(number);
                let new_tokens = vec![(session.accounts[0].id.clone(), tokens)];
                let key = key(&number.to_string());
                ports.sessions.create(key, &session, new_tokens).await.unwrap();
            }
        });
    }
    callers.join_all().await;
    let rows = size_of_rows(&store) / SESSIONS;
    drop((ports, store));
    drop(open());

    let each = size_of_folder(folder.path()) / SESSIONS as u64;
    println!("{label}: {each} bytes on disk for each of {SESSIONS} sessions, {rows} in its rows");
    each
}

/// The size of the keys and values of all rows.
fn size_of_rows(store: &SledRecords) -> usize {
    let rows = OrderedStore::rows(store).unwrap();
    let size = |key: Vec<u8>| key.len() + rows.get(&key).unwrap().map_or(0, |value| value.len());
    rows.keys(vec![]..vec![u8::MAX]).map(|key| size(key.unwrap())).sum()
}

/// A session as Entra ID and Resource Manager make it: 0.7 KB of claims, tokens of 1.6, 1.2 and 1.3 KB,
/// all with high entropy.
fn azure_session(number: usize, listing: SharedListing) -> (Session, TokenSet) {
    let (tenant, subject) = (guid(), guid());
    let mut identity = samples::identity(&tenant, &subject);
    identity.display_name = format!("Person Number {number}");
    identity.username = Some(format!("person.{number}@contoso.example"));
    let account =
        Account::connected(samples::azure(), identity, (Listing::default().into(), NOW), NOW);
    let there = ProviderSessionId::parse(guid()).unwrap();
    let provider_session = Some(SignInKey::of_session(&samples::azure(), &there));
    let account = Account { listing, provider_session, ..account };
    let person = samples::person(&tenant, &subject);
    let session = Session::begin(person, claims(&tenant, &subject, number), account, NOW);
    let tokens = TokenSet {
        access: AccessToken::new(format!("{}.{}.{}", random(90), random(850), random(256))),
        refresh: Some(RefreshToken::new(format!("1.{}", random(900)))),
        id_token: Some(IdToken::new(format!("{}.{}.{}", random(90), random(600), random(256)))),
        ..samples::tokens("")
    };
    (session, tokens)
}

fn listing(count: usize) -> SharedListing {
    let tenant = guid();
    let subscriptions = (0..count).map(|index| Subscription {
        id: guid(),
        display_name: format!("Contoso Production {index}"),
        state: Some("Enabled".into()),
        tenant: Some(tenant.clone()),
        extra: vec![],
    });
    Listing { subscriptions: subscriptions.collect(), ..Listing::default() }.into()
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

/// Random bytes of this number, in base64url.
fn random(length: usize) -> String {
    let mut bytes = vec![0; length];
    SystemEntropy.fill(&mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn guid() -> String {
    let mut bytes = [0; 16];
    SystemEntropy.fill(&mut bytes);
    let digits = format!("{:032x}", u128::from_be_bytes(bytes));
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
