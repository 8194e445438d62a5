//! Networks over their limit are refused, others are not.

use tokio::time::advance;

use super::*;

fn rates(per_address: u32, total: u32) -> LoginRates {
    let number = |it| NonZeroU32::new(it).unwrap();
    LoginRates::new(PerMinute { per_address: number(per_address), total: number(total) })
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// How many of `of` logins from this address are accepted.
fn accepted(rates: &LoginRates, from: IpAddr, of: usize) -> usize {
    (0..of).filter(|_| rates.take(from).is_ok()).count()
}

/// The number of networks of each width in memory.
fn networks_in_memory(rates: &LoginRates) -> [usize; WIDTHS] {
    let counts = rates.counts.lock().unwrap();
    [0, 1, 2].map(|width| counts.networks[width].len())
}

/// The n-th /64 of the /48 with this prefix.
fn site(prefix: &str, n: usize) -> IpAddr {
    address(&format!("{prefix}:{n:x}::1"))
}

#[tokio::test(start_paused = true)]
async fn take_refuses_an_address_over_its_limit_until_the_count_decays() {
    let rates = rates(6, 1_000);
    let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
    assert_eq!(accepted(&rates, one, 10), 6);
    assert_eq!(rates.take(one), Err(Rejected::RateLimited { retry_after: 7 }));
    assert_eq!(rates.take(other), Ok(()));
    advance(Duration::from_secs(7)).await;
    assert_eq!(accepted(&rates, one, 10), 1);
    advance(Duration::from_secs(300)).await;
    assert_eq!(accepted(&rates, one, 10), 6);
}

#[tokio::test(start_paused = true)]
async fn take_with_limit_one_accepts_one_login_per_minute() {
    let rates = rates(1, 1_000);
    let one = address("192.0.2.1");
    assert_eq!(accepted(&rates, one, 5), 1);
    assert_eq!(rates.take(one), Err(Rejected::RateLimited { retry_after: 60 }));
    advance(Duration::from_secs(59)).await;
    assert!(rates.take(one).is_err());
    advance(Duration::from_secs(1)).await;
    assert_eq!(rates.take(one), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn refund_restores_no_more_than_the_own_count() {
    let rates = rates(10, 1_000);
    let company = address("192.0.2.1");
    for _ in 0..200 {
        assert_eq!(rates.take(company), Ok(()));
        rates.refund(company);
    }
    assert_eq!(accepted(&rates, company, 20), 10);
    for _ in 0..100 {
        rates.refund(address("192.0.2.2"));
    }
    assert_eq!(accepted(&rates, company, 20), 0);
}

#[tokio::test(start_paused = true)]
async fn take_counts_an_ipv6_64_as_one_address() {
    let rates = rates(1, 1_000);
    assert_eq!(rates.take(address("2001:db8::1")), Ok(()));
    assert!(rates.take(address("2001:db8::2")).is_err());
    assert_eq!(rates.take(address("2001:db8:0:1::2")), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn take_limits_a_wide_network_to_a_multiple_of_an_address() {
    let rates = rates(60, 6_000);
    let from_site = (0..8_000).filter(|n| rates.take(site("2001:db8:1", *n)).is_ok()).count();
    // More than 4 * 60: at the limit, an equal share of it is still free for a while.
    assert!((240..400).contains(&from_site), "{from_site}");
    for other in ["2001:db8:2::1", "2001:db9::1", "192.0.2.1"] {
        assert_eq!(rates.take(address(other)), Ok(()), "{other}");
    }
    let rates = self::rates(60, 6_000);
    let of_24: usize = (0..=255_u8).map(|n| accepted(&rates, [198, 51, 100, n].into(), 60)).sum();
    assert!(of_24 < 1_300, "{of_24} of 15,360");
    assert_eq!(rates.take(address("198.51.101.1")), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn take_accepts_light_addresses_in_a_full_network() {
    let rates = rates(60, 6_000);
    for n in 0..8_u8 {
        accepted(&rates, [198, 51, 100, n].into(), 60);
    }
    assert_eq!(accepted(&rates, address("198.51.100.1"), 60), 0);
    assert!(accepted(&rates, address("198.51.100.99"), 60) >= 10);
}

#[tokio::test(start_paused = true)]
async fn take_at_total_limit_refuses_the_heaviest_networks_first() {
    let rates = rates(60, 1_000);
    // One /64 in each of a thousand /48s of one /32.
    let flood = |n: usize| address(&format!("2001:db8:{n:x}::1"));
    let accepted_of_flood = (0..8_000).filter(|n| rates.take(flood(n % 1_000)).is_ok()).count();
    assert!(accepted_of_flood <= 2_000, "{accepted_of_flood}");
    for n in 0..100_u8 {
        assert_eq!(rates.take([n, 0, 2, 1].into()), Ok(()), "{n}");
        assert_eq!(rates.take(address(&format!("2a{n:02x}::1"))), Ok(()), "{n}");
    }
}

#[tokio::test(start_paused = true)]
async fn take_limits_a_lasting_flood_to_the_total_limit() {
    let rates = rates(60, 600);
    let flood = |n: usize| address(&format!("2001:db8:{n:x}::1"));
    let mut accepted = 0;
    for second in 0..600 {
        let _ = rates.take([second as u8, 0, 2, 1].into());
        accepted += (0..200).filter(|n| rates.take(flood(*n)).is_ok()).count();
        advance(Duration::from_secs(1)).await;
    }
    // Ten minutes of 600, and the burst at the beginning.
    assert!(accepted < 11 * 600 + 600, "{accepted}");
}

#[tokio::test(start_paused = true)]
async fn take_bounds_memory_in_a_flood_and_keeps_heavy_networks() {
    let rates = rates(20, u32::MAX);
    let heavy = address("192.0.2.1");
    assert_eq!(accepted(&rates, heavy, 30), 20);
    for n in 0..(MAX_NETWORKS + MAX_NETWORKS / 2) as u128 {
        let _ = rates.take(IpAddr::V6(((0x2000 << 112) + (n << 96) + (n << 64)).into()));
        let in_memory = networks_in_memory(&rates);
        assert!(in_memory.iter().all(|count| *count <= MAX_NETWORKS), "{in_memory:?}");
        let least = MAX_NETWORKS - MAX_NETWORKS / 4;
        assert!(
            n < least as u128 || in_memory.iter().all(|count| *count >= least),
            "{in_memory:?}"
        );
    }
    assert_eq!(accepted(&rates, heavy, 30), 0, "the flood evicted it");
    assert_eq!(rates.take(address("203.0.113.1")), Ok(()));
    // Removed once decayed.
    advance(Duration::from_secs(600)).await;
    assert_eq!(rates.take(heavy), Ok(()));
    assert_eq!(networks_in_memory(&rates), [1; WIDTHS]);
}

#[tokio::test(start_paused = true)]
async fn take_removes_decayed_networks_a_second_after_it_last_did() {
    let rates = rates(60, 6_000);
    rates.take(address("192.0.2.1")).unwrap();
    advance(Duration::from_millis(59_500)).await;
    rates.take(address("198.51.100.1")).unwrap();
    assert_eq!(networks_in_memory(&rates), [2; WIDTHS]);
    advance(Duration::from_secs(1)).await;
    rates.take(address("203.0.113.1")).unwrap();
    assert_eq!(networks_in_memory(&rates), [2; WIDTHS]);
}

#[tokio::test(start_paused = true)]
async fn inner_counts_the_networks_within_a_network() {
    let rates = rates(60, 6_000);
    for n in 0..5 {
        rates.take(site("2001:db8:1", n)).unwrap();
    }
    let inner = || {
        let counts = rates.counts.lock().unwrap();
        counts.networks[1].get(&address("2001:db8:1::")).map(|site| site.inner)
    };
    assert_eq!(inner(), Some(5));
    advance(Duration::from_secs(50)).await;
    rates.take(site("2001:db8:1", 1)).unwrap();
    advance(Duration::from_secs(50)).await;
    rates.take(site("2001:db8:1", 9)).unwrap();
    assert_eq!(inner(), Some(2));
}
