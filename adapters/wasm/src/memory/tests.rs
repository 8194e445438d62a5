use super::*;

const TOTAL: usize = 1_200;

fn budget(total: usize) -> Arc<MemoryBudget> {
    MemoryBudget::new(total, Duration::from_secs(2))
}

async fn charge(account: &Arc<Account>) -> Charge {
    Charge::begin(account.clone()).await.unwrap()
}

/// Draws 10 bytes if they are free.
fn draw_10(charge: &mut Charge) -> bool {
    let drawn = charge.account.try_draw(10);
    charge.bytes += usize::from(drawn) * 10;
    drawn
}

#[tokio::test]
async fn greedy_accounts_get_half_or_a_third_each_and_as_much_stays_free() {
    let budget = budget(TOTAL);
    let accounts: Vec<_> = (0..3).map(|_| Account::open(budget.clone())).collect();
    let mut alone = charge(&accounts[0]).await;
    while draw_10(&mut alone) {}
    assert_eq!(alone.bytes, budget.max_per_account());
    drop(alone);
    let (mut one, mut two) = (charge(&accounts[0]).await, charge(&accounts[1]).await);
    // Both draw alternately, as concurrent logins do.
    while draw_10(&mut one) | draw_10(&mut two) {}
    assert_eq!((one.bytes, two.bytes), (400, 400));
    charge(&accounts[2]).await.draw(200).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn draw_waits_for_a_release_and_fails_after_max_wait() {
    let account = Account::open(budget(TOTAL));
    let mut held = charge(&account).await;
    let (mut late, mut waiting) = (charge(&account).await, charge(&account).await);
    while draw_10(&mut held) {}
    assert_eq!(late.draw(100).await, Err(Exhausted));
    assert_eq!(late.draw(100).await, Err(Exhausted), "no waiting time is left");
    let (drawn, ()) = tokio::join!(waiting.draw(100), async { drop(held) });
    assert_eq!(drawn, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn begin_draws_the_peak_of_earlier_instances() {
    let account = Account::open(budget(TOTAL));
    let mut first = charge(&account).await;
    first.draw(100).await.unwrap();
    first.draw(150).await.unwrap();
    drop(first);
    let second = charge(&account).await;
    assert_eq!((second.bytes, second.used), (250, 0));
    let third = charge(&account).await;
    assert!(Charge::begin(account.clone()).await.is_err(), "an instance that waits holds nothing");
    drop((second, third));
    // A refused draw raises the estimate too; small instances lower it.
    assert!(charge(&account).await.draw(1_000).await.is_err());
    assert_eq!(account.expected(), 600);
    for _ in 0..100 {
        charge(&account).await.draw(10).await.unwrap();
    }
    assert!(account.expected() < 100, "{}", account.expected());
}

#[tokio::test]
async fn dropping_charge_and_account_releases_every_byte() {
    let budget = budget(TOTAL);
    for bytes in [1, 7, 600, 0] {
        let account = Account::open(budget.clone());
        let mut charge = charge(&account).await;
        charge.draw(bytes).await.unwrap();
        assert_eq!(budget.state().used, bytes);
    }
    let state = budget.state();
    assert_eq!((state.used, state.by_account.len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn draw_refuses_sizes_that_overflow() {
    let account = Account::open(budget(usize::MAX));
    let mut charge = charge(&account).await;
    charge.draw(1).await.unwrap();
    assert_eq!(charge.draw(usize::MAX).await, Err(Exhausted));
    assert_eq!(charge.draw(usize::MAX - 1).await, Err(Exhausted));
}
