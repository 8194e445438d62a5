use super::*;
use crate::testing::samples;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

fn key(number: u64) -> Key {
    (SessionKey::from_bytes([1; 32]), AccountId::from_text(number.to_string()))
}

fn other() -> ProviderId {
    ProviderId::parse("other").unwrap()
}

#[test]
fn begin_is_none_while_a_refresh_of_the_account_runs() {
    let ahead = Arc::new(Ahead::default());
    let first = ahead.begin(&key(1), &samples::azure(), 4, NOW);
    assert!(first.is_some() && ahead.begin(&key(1), &samples::azure(), 4, NOW).is_none());
    drop(first);
    assert!(ahead.begin(&key(1), &samples::azure(), 4, NOW).is_some());
}

#[test]
fn provider_takes_no_refreshes_of_another() {
    let ahead = Arc::new(Ahead::default());
    let begin = |number, provider: &ProviderId| ahead.begin(&key(number), provider, 2, NOW);
    let held: Vec<_> = (0..10).filter_map(|number| begin(number, &samples::azure())).collect();
    assert_eq!(held.len(), 2);
    assert!(begin(10, &other()).is_some());
    drop(held);
    assert!(begin(0, &samples::azure()).is_some());
    assert!(ahead.state().by_provider.is_empty() && ahead.state().running.is_empty());
}

#[test]
fn pause_doubles_up_to_five_minutes_and_ends_with_a_success() {
    let ahead = Arc::new(Ahead::default());
    let mut now = NOW;
    let begins = |at: Timestamp| ahead.begin(&key(1), &samples::azure(), 1, at).is_some();
    for seconds in [30, 60, 120, 240, 300, 300] {
        ahead.ended(&key(1), false, now);
        assert!(!begins(now.plus(Duration::from_secs(seconds - 1))), "{seconds}");
        now = now.plus(Duration::from_secs(seconds));
        assert!(begins(now), "{seconds}");
    }
    ahead.ended(&key(1), true, now);
    ahead.ended(&key(1), false, now);
    assert!(begins(now.plus(Duration::from_secs(30))));
}

#[test]
fn pause_ends_when_the_clock_is_set_back() {
    let ahead = Arc::new(Ahead::default());
    ahead.ended(&key(1), false, NOW.plus(Duration::from_hours(1)));
    assert!(ahead.begin(&key(1), &samples::azure(), 1, NOW).is_some());
}

#[test]
fn pauses_are_bounded() {
    let ahead = Ahead::default();
    let later = NOW.plus(Duration::from_secs(30));
    for number in 0..10_010 {
        ahead.ended(&key(number), false, NOW);
    }
    assert_eq!(ahead.state().paused.len(), MAX_PAUSED);
    ahead.ended(&key(20_000), false, later);
    assert_eq!(ahead.state().paused.len(), 1, "those that are over make way");
}
