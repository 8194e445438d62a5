//! Fills a sled store with sessions like those of real logins.

use std::{fs, path::Path, sync::Arc, time::Duration};

use portico_domain::{
    account::{Account, AccountId, Listing, Subscription},
    identity::{Claims, Identity, PersonKey, ProviderId, Subject, TenantId},
    ports::{Clock, Landed, Landing, Sessions},
    secret::{AccessToken, RefreshToken, SessionId},
    session::{Session, SessionKey, SessionPolicy, SignOutCount, TokenSet},
    time::Timestamp,
};
use portico_seal::{KeyRing, Seal, SealedSessions};
use portico_sled::SledRecords;
use portico_system::{SystemClock, SystemEntropy};
use serde_json::json;

/// Fills a new store below `folder` with the layout of `portico`; returns the session ids.
///
/// Each session has 7 subscriptions, an access token of 1.6 KB and a refresh token of 1.2 KB, like
/// Entra ID's.
pub(crate) async fn fill(folder: &Path, count: usize) -> Vec<String> {
    let (store, entropy) = (open(folder), SystemEntropy);
    let now = SystemClock.now();
    let mut ids = Vec::with_capacity(count);
    let mut writing = tokio::task::JoinSet::new();
    for number in 0..count {
        let id = SessionId::draw(&entropy);
        ids.push(id.expose().to_owned());
        let store = store.clone();
        writing.spawn(async move {
            let (mut session, tokens) = (session(number, now), tokens(number, now));
            session.accounts[0].token = Some(tokens.described(now));
            let tokens = vec![(session.accounts[0].id.clone(), tokens)];
            let landing = Landing {
                key: SessionKey::of(&id),
                session: &session,
                tokens,
                former: None,
                crowded: vec![],
                browser: None,
                sign_outs_at_begin: SignOutCount::default(),
                people: vec![],
                now,
            };
            assert!(matches!(store.land(landing).await.unwrap(), Landed::Done));
        });
        if writing.len() >= 256 {
            writing.join_next().await.unwrap().unwrap();
        }
    }
    writing.join_all().await;
    ids
}

/// Opens the store below `folder`.
pub(crate) fn open(folder: &Path) -> Arc<SealedSessions> {
    let entropy = Arc::new(SystemEntropy);
    let keys = KeyRing::load_or_create(&folder.join("portico.keys"), &*entropy).unwrap();
    let records = SledRecords::open(&folder.join("sessions"), Default::default()).unwrap();
    let policy = SessionPolicy {
        idle: Duration::from_secs(8 * 3_600),
        max: Duration::from_secs(24 * 3_600),
    };
    let seal = Arc::new(Seal::new(Arc::new(keys), entropy));
    Arc::new(SealedSessions::new(Arc::new(records), seal, policy))
}

/// The id of the account of the session with this number.
pub(crate) fn account_id(number: usize) -> AccountId {
    session(number, SystemClock.now()).accounts.remove(0).id
}

fn session(number: usize, now: Timestamp) -> Session {
    let provider = ProviderId::parse("azure").unwrap();
    let tenant = TenantId::parse("3f1c2b7a-9d4e-4f60-8a15-6b2c7d8e9f01").unwrap();
    let subject = Subject::parse(guid(1, number)).unwrap();
    let issuer = format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let claims = json!({
        "ver": "2.0", "iss": issuer, "aud": guid(2, 0), "exp": 1_795_446_300, "iat": 1_795_442_700,
        "nbf": 1_795_442_700, "name": format!("Person {number}"), "oid": subject.as_str(),
        "preferred_username": format!("person.{number}@contoso.example"), "tid": tenant.as_str(),
        "sub": "x".repeat(43), "nonce": "n".repeat(43), "rh": "r".repeat(60), "uti": "u".repeat(22),
    });
    let identity = Identity {
        subject: subject.clone(),
        tenant: tenant.clone(),
        display_name: format!("Person {number}"),
        username: Some(format!("person.{number}@contoso.example")),
    };
    let subscriptions = (0..7).map(|n| Subscription {
        id: guid(3 + n, number),
        display_name: format!("Contoso subscription {n}"),
        state: Some("Enabled".into()),
        tenant: Some(tenant.to_string()),
        extra: vec![],
    });
    let listing = Listing { subscriptions: subscriptions.collect(), ..Listing::default() };
    let person = PersonKey::of(&provider, &issuer, &tenant, &subject);
    let account = Account::connected(provider, identity, (listing.into(), now), now);
    Session::begin(person, Claims::parse(claims.to_string()).unwrap(), account, now)
}

fn guid(kind: usize, number: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

fn tokens(number: usize, now: Timestamp) -> TokenSet {
    // Pseudorandom, since real tokens do not compress.
    let text = |length: usize, salt: u64| -> String {
        let mut state = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt;
        let letters = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                [(state >> 58) as usize] as char
        });
        letters.take(length).collect()
    };
    TokenSet {
        access: AccessToken::new(text(1_600, 1)),
        expires_at: now.plus(Duration::from_hours(24)),
        refresh: Some(RefreshToken::new(text(1_200, 2))),
        scopes: vec!["https://management.azure.com/.default".into()],
        id_token: None,
        token_reply: vec![],
    }
}

/// Total size in bytes of the files below a folder.
pub(crate) fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            let data = entry.metadata().unwrap();
            if data.is_dir() { size(&entry.path()) } else { data.len() }
        })
        .sum()
}
