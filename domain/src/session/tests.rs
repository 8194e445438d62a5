use super::*;
use crate::{account::Renewal, testing::samples};

const POLICY: SessionPolicy =
    SessionPolicy { idle: Duration::from_secs(800), max: Duration::from_secs(2_000) };

#[test]
fn label_is_22_characters_of_base64url_and_not_of_the_key() {
    let key = SessionKey::from_bytes([7; 32]);
    let (label, other) = (key.label(), SessionKey::from_bytes([8; 32]).label());
    assert!(label.len() == 22 && label != other, "{label} {other}");
    assert!(label.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_'));
    assert!(!BASE64_URL_SAFE_NO_PAD.encode(key.as_bytes()).starts_with(&label));
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

fn session() -> Session {
    samples::session("contoso", "zofia", at(1_000))
}

#[test]
fn connect_replaces_an_account_of_the_same_tenant_and_keeps_connected_at() {
    let again = samples::account("contoso", "zofia", at(1_500));
    let (person, claims) = (session().person, samples::claims("contoso", "zofia"));
    let session = session().connect(person, claims, again);
    assert_eq!(session.accounts.len(), 1);
    assert_eq!(session.accounts[0].connected_at, at(1_000));
    assert_eq!(session.accounts[0].refreshed_at, at(1_500));
}

#[test]
fn connect_adds_another_tenant_and_keeps_the_owner() {
    let guest = samples::account("fabrikam", "zofia-as-guest", at(1_500));
    let before = session();
    let after = before.clone().connect(
        samples::person("fabrikam", "zofia-as-guest"),
        samples::claims("fabrikam", "zofia-as-guest"),
        guest,
    );
    assert_eq!(after.accounts.len(), 2);
    assert_eq!((after.person, &after.user), (before.person, &before.user));
}

#[test]
fn admits_refuses_another_subject_of_a_connected_tenant() {
    assert!(!session().admits(&samples::account("contoso", "marek", at(1_500))));
    assert!(session().admits(&samples::account("contoso", "zofia", at(1_500))));
    assert!(session().admits(&samples::account("fabrikam", "marek", at(1_500))));
}

#[test]
fn is_live_ends_at_the_idle_or_the_absolute_timeout() {
    let session = session();
    assert!(session.is_live(&POLICY, at(1_799)));
    assert!(!session.is_live(&POLICY, at(1_800)));
    let busy = Session { seen_at: at(2_900), ..session };
    assert!(busy.is_live(&POLICY, at(2_999)));
    assert!(!busy.is_live(&POLICY, at(3_000)));
}

#[test]
fn is_live_refuses_timestamps_more_than_a_minute_ahead() {
    let session = session();
    assert!(session.is_live(&POLICY, at(940)));
    assert!(!session.is_live(&POLICY, at(939)));
    let used = Session { seen_at: at(1_200), ..session };
    assert!(used.is_live(&POLICY, at(1_140)));
    assert!(!used.is_live(&POLICY, at(1_139)));
}

#[test]
fn latest_end_is_the_expiry_of_the_latest_live_session() {
    let ahead = Session { seen_at: at(1_060), ..samples::session("contoso", "zofia", at(1_060)) };
    assert!(ahead.is_live(&POLICY, at(1_000)));
    assert_eq!(ahead.expires_at(&POLICY), POLICY.latest_end(at(1_000)));
}

#[test]
fn seen_records_a_use_after_a_sixteenth_of_the_idle_timeout() {
    let session = session();
    assert_eq!(session.seen(&POLICY, at(1_049)), None);
    assert_eq!(session.seen(&POLICY, at(1_050)).map(|s| s.seen_at), Some(at(1_050)));
}

#[test]
fn described_knows_whether_there_is_a_refresh_token() {
    let now = Timestamp::from_unix_seconds(1_000);
    let tokens = samples::tokens("one");
    assert_eq!(tokens.described(now).status.renewal, Renewal::Possible);
    let without = TokenSet { refresh: None, ..tokens };
    assert_eq!(without.described(now).status.renewal, Renewal::Unavailable);
}

#[test]
fn is_valid_for_counts_the_seconds_up_to_the_expiry() {
    let expires_at = Timestamp::from_unix_seconds(1_300);
    let tokens = TokenSet { expires_at, ..samples::tokens("one") };
    let valid = |now, seconds| {
        tokens.is_valid_for(Duration::from_secs(seconds), Timestamp::from_unix_seconds(now))
    };
    assert!(valid(1_000, 300) && !valid(1_001, 300));
    assert!(valid(1_299, 0) && !valid(1_300, 0));
}
