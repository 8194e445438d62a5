use rstest::rstest;

use super::*;

const ISSUED: u64 = 1_000;

fn status(lifetime: u64, renewal: Renewal) -> TokenStatus {
    let at = Timestamp::from_unix_seconds;
    TokenStatus { issued_at: at(ISSUED), expires_at: at(ISSUED + lifetime), renewal }
}

#[rstest]
#[case::renewable(Renewal::Possible, 0, Some(3_000))]
#[case::due(Renewal::Possible, 3_000, Some(3_030))]
#[case::expired(Renewal::Possible, 3_600, Some(3_630))]
#[case::failing(Renewal::Failing, 100, Some(130))]
#[case::without_refresh_token(Renewal::Unavailable, 3_599, Some(3_600))]
#[case::without_refresh_token_and_expired(Renewal::Unavailable, 3_600, None)]
#[case::refused(Renewal::Refused, 0, None)]
fn steady_until_is_the_next_change_or_look(
    #[case] renewal: Renewal,
    #[case] now: u64,
    #[case] until: Option<u64>,
) {
    let at = |seconds| Timestamp::from_unix_seconds(ISSUED + seconds);
    assert_eq!(status(3_600, renewal).steady_until(at(now)), until.map(at));
}

#[rstest]
#[case::issued(Renewal::Possible, 0, TokenHealth::Ok)]
#[case::expired_and_not_refreshed_yet(Renewal::Possible, 9_999, TokenHealth::Ok)]
#[case::failing(Renewal::Failing, 0, TokenHealth::Stale)]
#[case::failing_and_expired(Renewal::Failing, 9_999, TokenHealth::Stale)]
#[case::without_refresh_token(Renewal::Unavailable, 3_599, TokenHealth::Ok)]
#[case::without_refresh_token_at_expiry(Renewal::Unavailable, 3_600, TokenHealth::NeedsSignIn)]
#[case::refused(Renewal::Refused, 0, TokenHealth::NeedsSignIn)]
fn health_is(#[case] renewal: Renewal, #[case] age: u64, #[case] expected: TokenHealth) {
    let now = Timestamp::from_unix_seconds(ISSUED + age);
    assert_eq!(status(3_600, renewal).health(now), expected);
}

#[rstest]
#[case::ten_minutes_before_expiry(3_600, Renewal::Possible, 3_000, true)]
#[case::earlier(3_600, Renewal::Possible, 2_999, false)]
#[case::last_third_of_a_short_lifetime(300, Renewal::Possible, 200, true)]
#[case::short_lifetime_earlier(300, Renewal::Possible, 199, false)]
#[case::failing(3_600, Renewal::Failing, 0, true)]
#[case::without_refresh_token(3_600, Renewal::Unavailable, 3_600, false)]
#[case::refused(3_600, Renewal::Refused, 3_600, false)]
fn refresh_is_due(
    #[case] lifetime: u64,
    #[case] renewal: Renewal,
    #[case] age: u64,
    #[case] due: bool,
) {
    let now = Timestamp::from_unix_seconds(ISSUED + age);
    assert_eq!(status(lifetime, renewal).is_refresh_due(now), due);
}

#[test]
fn achievable_is_at_most_half_of_the_lifetime() {
    let asked = Duration::from_secs(300);
    let achievable = |lifetime| status(lifetime, Renewal::Possible).achievable(asked).as_secs();
    assert_eq!((achievable(3_600), achievable(600), achievable(100)), (300, 300, 50));
}

#[test]
fn challenge_is_kept_until_the_next_change() {
    let at = Timestamp::from_unix_seconds;
    let issued = AccountToken::issued(at(ISSUED), at(ISSUED + 3_600), true);
    let challenge = Challenge { suberror: Some("basic_action".into()), claims: None };
    let refused = issued.refused(Some(Box::new(challenge)));
    assert!(refused.challenge.is_some() && refused.status.renewal == Renewal::Refused);
    let failing = refused.failing();
    assert!(failing.challenge.is_none() && failing.status.renewal == Renewal::Failing);
}
