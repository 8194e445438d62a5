use super::*;
use crate::testing::samples;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

fn key(number: u64) -> Key {
    (SessionKey::from_bytes([1; 32]), AccountId::from_text(number.to_string()))
}

fn other() -> ProviderId {
    ProviderId::parse("other").unwrap()
}

fn tasks(limit: usize) -> Arc<AccountTasks> {
    Arc::new(AccountTasks::new(limit))
}

fn of(provider: ProviderId, subject: &str) -> TaskOwner {
    TaskOwner { provider, person: samples::person("contoso", subject) }
}

fn zofia() -> TaskOwner {
    of(samples::azure(), "zofia")
}

#[test]
fn begin_fails_while_a_task_of_the_account_runs() {
    let tasks = tasks(8);
    let first = tasks.begin(&key(1), zofia(), 1, NOW);
    let second = tasks.begin(&key(1), zofia(), 1, NOW);
    assert_eq!((first.is_ok(), second.err()), (true, Some(NotBegun::UnderWay)));
    drop(first);
    assert!(tasks.begin(&key(1), zofia(), 1, NOW).is_ok());
}

#[test]
fn provider_takes_no_share_of_another() {
    let tasks = tasks(4);
    let begin = |number: u64, provider: ProviderId| {
        tasks.begin(&key(number), of(provider, &number.to_string()), 2, NOW)
    };
    let held: Vec<_> = (0..10).filter_map(|number| begin(number, samples::azure()).ok()).collect();
    assert_eq!(held.len(), 2);
    assert_eq!(begin(10, samples::azure()).err(), Some(NotBegun::NoShare));
    assert!(begin(10, other()).is_ok());
    drop(held);
    assert!(begin(0, samples::azure()).is_ok());
    let state = tasks.state();
    assert!(state.by_provider.is_empty() && state.by_person.is_empty() && state.running.is_empty());
}

#[test]
fn person_takes_half_of_a_provider() {
    let tasks = tasks(8);
    let begin =
        |number: u64, subject| tasks.begin(&key(number), of(samples::azure(), subject), 1, NOW);
    let hers: Vec<_> = (0..10).filter_map(|number| begin(number, "zofia").ok()).collect();
    assert_eq!(hers.len(), 4);
    assert!(tasks.reserve(zofia(), 1).is_none());
    assert!(begin(10, "marek").is_ok());
}

#[test]
fn reserved_task_counts_and_can_be_named_once_per_account() {
    let tasks = tasks(4);
    let (mut first, mut second) = (tasks.reserve(zofia(), 1), tasks.reserve(zofia(), 1));
    assert!(tasks.reserve(zofia(), 1).is_none());
    assert!(first.as_mut().unwrap().name(key(1)) && !second.as_mut().unwrap().name(key(1)));
    drop(second);
    let begin = || tasks.begin(&key(1), zofia(), 1, NOW);
    assert_eq!(begin().err(), Some(NotBegun::UnderWay), "the first of them runs");
    drop(first);
    assert!(begin().is_ok());
}

#[test]
fn pause_doubles_up_to_five_minutes_and_ends_with_a_success() {
    let tasks = tasks(1);
    let mut now = NOW;
    let begins = |at: Timestamp| tasks.begin(&key(1), zofia(), 1, at).is_ok();
    for seconds in [30, 60, 120, 240, 300, 300] {
        tasks.ended(&key(1), false, now);
        assert!(!begins(now.plus(Duration::from_secs(seconds - 1))), "{seconds}");
        now = now.plus(Duration::from_secs(seconds));
        assert!(begins(now), "{seconds}");
    }
    tasks.ended(&key(1), true, now);
    tasks.ended(&key(1), false, now);
    assert!(begins(now.plus(Duration::from_secs(30))));
}

#[test]
fn pause_ends_when_the_clock_is_set_back() {
    let tasks = tasks(1);
    tasks.ended(&key(1), false, NOW.plus(Duration::from_hours(1)));
    assert!(tasks.begin(&key(1), zofia(), 1, NOW).is_ok());
}

#[test]
fn pauses_are_bounded() {
    let tasks = tasks(1);
    let later = NOW.plus(Duration::from_secs(30));
    for number in 0..10_010 {
        tasks.ended(&key(number), false, NOW);
    }
    assert_eq!(tasks.state().paused.len(), MAX_PAUSED);
    tasks.ended(&key(20_000), false, later);
    assert_eq!(tasks.state().paused.len(), 1, "those that are over make way");
}
