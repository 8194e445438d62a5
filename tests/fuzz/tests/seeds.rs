//! The seeds of the targets that read a store are what the code writes today, so that the fuzzers
//! start inside the format. After a change of the layout, PORTICO_WRITE_SEEDS=1 writes them anew.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use portico_domain::{
    account::{Mender, Repair, Subscription, Tenant, TenantState},
    decision::{DecisionKey, ListedLogin, Undecided},
    epoch::Epoch,
    login::{AttemptKey, PendingLogin},
    ports::{Decisions as _, LoginAttempts as _, Sessions as _},
    secret::{AccessToken, DecisionId, RefreshToken, State},
    session::{Ending, Session, SessionKey, TokenSet},
    testing::{CountingEntropy, SessionsExt as _, samples},
    time::Timestamp,
};
use portico_memory::MemoryRecords;
use portico_records::{OrderedStore as _, testing::value_again};
use portico_seal::{
    KeyRing, Seal, SealedAttempts, SealedDecisions, SealedSessions, testing as records,
};

type Seeds = BTreeMap<String, Vec<u8>>;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
const KEY: SessionKey = SessionKey::from_bytes([b'S'; 32]);

fn session() -> Session {
    let mut session = samples::session("contoso", "zofia", NOW);
    session.accounts[0].subscriptions.push(Subscription {
        state: None,
        tenant: Some("fabrikam".into()),
        extra: vec![("region".into(), "eu".into())],
        ..samples::subscription("two")
    });
    session.accounts[0].tenants.push(Tenant {
        id: "fabrikam".into(),
        display_name: "Fabrikam".into(),
        state: TenantState::WantsMfa,
        reason: Some("Use MFA.".into()),
        mender: Some(Mender::Person),
        repair: Some(Repair::Claims("{}".into())),
        extra: vec![("country".into(), "PL".into())],
    });
    session.accounts[0].warnings.push("careful".into());
    session
}

fn tokens() -> TokenSet {
    TokenSet {
        access: AccessToken::new("1.AAEC.AB"),
        refresh: Some(RefreshToken::new("not base64url")),
        ..samples::tokens("")
    }
}

fn pending_login() -> PendingLogin {
    let mut login = samples::pending_login("nonce");
    login.origin.session = Some(KEY);
    login
}

fn undecided() -> Undecided {
    let login = ListedLogin {
        person: samples::person("contoso", "zofia"),
        user: samples::claims("contoso", "zofia"),
        only_connects: true,
        account: session().accounts.remove(0),
        tokens: tokens(),
        origin: pending_login().origin,
        return_to: pending_login().return_to,
    };
    Undecided::about(login, KEY, NOW)
}

fn seal() -> Seal {
    let ring = KeyRing::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
    Seal::new(Arc::new(ring), Arc::new(CountingEntropy::default()))
}

/// One input of `store_record` for each kind of record: the kind, then the record.
fn store_records() -> Seeds {
    let (session, login) = (session(), pending_login());
    let account = session.accounts[0].id.clone();
    let head = records::lay_out_session(&session, &[Some([b'L'; 16])], &[(account, [b'T'; 16])]);
    let seal = seal();
    let key = AttemptKey::of(&State::new("state"));
    let sealed = records::seal(&seal, key.as_bytes(), "genuine");
    let mut forged = sealed.clone();
    forged[20] ^= 1;
    // Sealed for another attempt than the two that the target opens.
    let cookie = records::attempt_cookie(&seal, &AttemptKey::from_bytes([7; 32]), &login);
    [
        ("session", b's', head),
        ("listing", b'l', records::lay_out_listing(&session.accounts[0].listing)),
        ("tokens", b't', records::lay_out_tokens(&tokens())),
        ("ending", b'e', records::lay_out_ending(Ending::Replaced)),
        ("ending-moved", b'e', records::lay_out_ending(Ending::Moved(KEY))),
        ("attempt", b'a', records::lay_out_attempt(&login)),
        ("cookie", b'c', cookie.into_bytes()),
        ("undecided", b'd', records::lay_out_undecided(&undecided())),
        ("sealed", b'o', sealed),
        ("sealed-and-changed", b'o', forged),
    ]
    .map(|(name, kind, record)| (name.to_owned(), [vec![kind], record].concat()))
    .into()
}

/// One input of `session_row` for each kind of row that a login and the end of its session write.
async fn session_rows() -> Seeds {
    let (store, seal) = (Arc::new(MemoryRecords::default()), Arc::new(seal()));
    let sessions = SealedSessions::new(store.clone(), seal.clone(), samples::POLICY);
    let (session, undecided) = (session(), undecided());
    let account = session.accounts[0].id.clone();
    sessions.create(KEY, &session, vec![(account, tokens())]).await.unwrap();
    SealedDecisions::new(store.clone(), seal.clone())
        .keep(DecisionKey::of(&DecisionId::new("D")), &undecided)
        .await
        .unwrap();
    let mut rows = Seeds::new();
    for (name, kind) in
        [("session", b's'), ("listing", b'l'), ("tokens", b'k'), ("undecided", b'd')]
    {
        rows.insert(name.into(), only_row(&store, kind));
    }
    assert!(sessions.end(&KEY, Ending::NotAllowed, NOW).await.unwrap());
    rows.insert("ending".into(), only_row(&store, b'r'));
    let attempts = SealedAttempts::new(store.clone(), seal);
    let epoch: Epoch = attempts.epoch(NOW).await.unwrap();
    assert!(attempts.spend(&AttemptKey::from_bytes([b'A'; 32]), epoch).await.unwrap());
    rows.insert("epoch".into(), only_row(&store, b'n'));
    rows.insert("spent-attempt".into(), only_row(&store, b'x'));
    rows
}

/// The value of the only row whose key begins with this byte. The version in it, which comes from the
/// system's clock, is made 3.
fn only_row(store: &MemoryRecords, kind: u8) -> Vec<u8> {
    let rows = store.rows().unwrap();
    let keys: Vec<_> = rows.keys(vec![kind]..vec![kind + 1]).collect();
    let [Ok(key)] = keys.as_slice() else { panic!("{keys:?}") };
    let mut value = rows.get(key).unwrap().unwrap();
    if value_again(&value).is_some() {
        value[1..9].copy_from_slice(&3_u64.to_be_bytes());
    }
    value
}

fn assert_seeds(target: &str, seeds: &Seeds) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    for (name, bytes) in seeds {
        let path = folder.join(name);
        if std::env::var_os("PORTICO_WRITE_SEEDS").is_some() {
            fs::write(&path, bytes).unwrap();
        }
        assert!(fs::read(&path).ok().as_ref() == Some(bytes), "{} is stale", path.display());
    }
}

#[test]
fn seeds_of_store_record_are_what_the_seal_lays_out() {
    assert_seeds("store_record", &store_records());
}

#[tokio::test]
async fn seeds_of_session_row_are_what_the_store_writes() {
    let rows = session_rows().await;
    for name in ["session", "listing", "tokens", "undecided", "ending"] {
        let (again, record) = value_again(&rows[name]).unwrap();
        assert!(again == rows[name] && record > 0, "{name}");
    }
    assert_seeds("session_row", &rows);
}
