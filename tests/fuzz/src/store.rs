//! Store contents: sealed and opened records, and rows.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use portico_domain::{
    login::AttemptKey,
    secret::State,
    testing::{CountingEntropy, samples},
    time::Timestamp,
};
use portico_records::testing::value_again;
use portico_seal::{KeyRing, Seal, testing as records};

use crate::text;

/// A record after its kind in the first byte: the head of a session, a listing, tokens, an attempt, an
/// attempt cookie, an undecided login, or a sealed record. A decoded record is unchanged by encoding
/// and decoding it again; a record sealed by another key does not open.
pub fn store_record(data: &[u8]) {
    let Some((kind, record)) = data.split_first() else { return };
    match kind {
        b's' => session(record),
        b'l' => {
            let Some(listing) = records::listing(record) else { return };
            assert_eq!(records::listing(&records::lay_out_listing(&listing)), Some(listing));
        }
        b't' => {
            let Some(tokens) = records::tokens(record) else { return };
            assert_eq!(records::tokens(&records::lay_out_tokens(&tokens)), Some(tokens));
        }
        b'e' => {
            let Some(ending) = records::ending(record) else { return };
            assert_eq!(records::ending(&records::lay_out_ending(ending)), Some(ending));
        }
        b'a' => {
            let Some(attempt) = records::attempt(record) else { return };
            assert_eq!(records::attempt(&records::lay_out_attempt(&attempt)), Some(attempt));
        }
        b'c' => cookie(record),
        b'd' => {
            let Some(undecided) = records::undecided(record) else { return };
            let again = records::undecided(&records::lay_out_undecided(&undecided));
            assert_eq!(again, Some(undecided));
        }
        _ => sealed(record),
    }
}

fn session(record: &[u8]) {
    let Some((session, again)) = records::session(record) else { return };
    assert_eq!(records::session(&again), Some((session.clone(), again)));
    // No timestamp may cause a panic.
    for now in [0, 1_790_000_000, u64::MAX].map(Timestamp::from_unix_seconds) {
        let live = session.is_live(&samples::POLICY, now);
        let ahead = session.created_at.max(session.seen_at) > now.plus(Duration::from_secs(60));
        assert_eq!(live, now < session.expires_at(&samples::POLICY) && !ahead);
        if let Some(seen) = session.seen(&samples::POLICY, now) {
            assert_eq!(seen.seen_at, now);
        }
    }
}

fn sealed(record: &[u8]) {
    let (seal, genuine) = genuine();
    let key = AttemptKey::of(&State::new("state"));
    let opened = records::open(seal, key.as_bytes(), record.to_vec());
    assert_eq!(
        opened.is_some(),
        record == genuine,
        "a forged record opens or the genuine one does not"
    );
    let elsewhere = AttemptKey::of(&State::new("another"));
    assert_eq!(records::open(seal, elsewhere.as_bytes(), record.to_vec()), None);
}

/// An attempt cookie opens only for the attempt it was sealed for.
fn cookie(record: &[u8]) {
    let Some(cookie) = text(record) else { return };
    let (seal, _) = genuine();
    let (key, other) = (AttemptKey::of(&State::new("state")), AttemptKey::of(&State::new("other")));
    let ours = records::attempt_cookie(seal, &key, &samples::pending_login("nonce"));
    assert_eq!(
        records::open_attempt_cookie(seal, &key, &ours),
        Some(samples::pending_login("nonce"))
    );
    assert_eq!(records::open_attempt_cookie(seal, &other, &ours), None);
    for key in [&key, &other] {
        assert_eq!(records::open_attempt_cookie(seal, key, cookie), None, "a forged cookie opens");
    }
}

/// A seal and the only record it has sealed; the same in every run.
fn genuine() -> &'static (Seal, Vec<u8>) {
    static GENUINE: OnceLock<(Seal, Vec<u8>)> = OnceLock::new();
    GENUINE.get_or_init(|| {
        let ring = KeyRing::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
        let seal = Seal::new(Arc::new(ring), Arc::new(CountingEntropy::default()));
        let key = AttemptKey::of(&State::new("state"));
        let genuine = records::seal(&seal, key.as_bytes(), "genuine");
        assert!(!genuine.is_empty());
        (seal, genuine)
    })
}

/// The value of a sled row: encoding a decoded value gives the same bytes.
pub fn session_row(data: &[u8]) {
    if let Some((again, record)) = value_again(data) {
        assert_eq!(again, data);
        assert!(record < data.len());
    }
}
