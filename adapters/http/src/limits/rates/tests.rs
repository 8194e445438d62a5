//! Whoever sends much is refused, and nobody else.

use tokio::time::advance;

use super::*;

fn rates(per_address: u32, in_all: u32) -> Rates {
    let number = |it| NonZeroU32::new(it).unwrap();
    Rates::new(PerMinute { per_address: number(per_address), in_all: number(in_all) })
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// How many of so many logins from this address are admitted.
fn admitted(rates: &Rates, from: IpAddr, of: usize) -> usize {
    (0..of).filter(|_| rates.take(from).is_ok()).count()
}

/// How many networks of each width are remembered.
fn remembered(rates: &Rates) -> [usize; WIDTHS] {
    let counts = rates.counts.lock().unwrap();
    [0, 1, 2].map(|width| counts.networks[width].len())
}

/// The n-th /64 of the /48 that begins like this.
fn site(beginning: &str, n: usize) -> IpAddr {
    address(&format!("{beginning}:{n:x}::1"))
}

#[tokio::test(start_paused = true)]
async fn an_address_has_its_minutes_worth_and_then_waits_while_others_go_on() {
    let rates = rates(6, 1_000);
    let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
    assert_eq!(admitted(&rates, one, 10), 6);
    assert_eq!(rates.take(one), Err(Rejected::TooOften { again_in: 7 }));
    assert_eq!(rates.take(other), Ok(()));
    advance(Duration::from_secs(7)).await;
    assert_eq!(admitted(&rates, one, 10), 1);
    advance(Duration::from_secs(300)).await;
    assert_eq!(admitted(&rates, one, 10), 6);
}

#[tokio::test(start_paused = true)]
async fn one_login_a_minute_is_one_a_minute() {
    let rates = rates(1, 1_000);
    let one = address("192.0.2.1");
    assert_eq!(admitted(&rates, one, 5), 1);
    assert_eq!(rates.take(one), Err(Rejected::TooOften { again_in: 60 }));
    advance(Duration::from_secs(59)).await;
    assert!(rates.take(one).is_err());
    advance(Duration::from_secs(1)).await;
    assert_eq!(rates.take(one), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn logins_that_succeed_are_taken_back() {
    let rates = rates(10, 1_000);
    let company = address("192.0.2.1");
    for _ in 0..200 {
        assert_eq!(rates.take(company), Ok(()));
        rates.give_back(company);
    }
    // What was never counted is not given back to others.
    assert_eq!(admitted(&rates, company, 20), 10);
    for _ in 0..100 {
        rates.give_back(address("192.0.2.2"));
    }
    assert_eq!(admitted(&rates, company, 20), 0);
}

#[tokio::test(start_paused = true)]
async fn the_addresses_of_one_ipv6_network_are_one() {
    let rates = rates(1, 1_000);
    assert_eq!(rates.take(address("2001:db8::1")), Ok(()));
    assert!(rates.take(address("2001:db8::2")).is_err());
    assert_eq!(rates.take(address("2001:db8:0:1::2")), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_site_has_four_times_what_one_of_its_networks_has_and_others_go_on() {
    let rates = rates(60, 6_000);
    let from_site = (0..8_000).filter(|n| rates.take(site("2001:db8:1", *n)).is_ok()).count();
    // And some more, since an equal share of it has room for a while.
    assert!((240..400).contains(&from_site), "{from_site}");
    for other in ["2001:db8:2::1", "2001:db9::1", "192.0.2.1"] {
        assert_eq!(rates.take(address(other)), Ok(()), "{other}");
    }
    let rates = self::rates(60, 6_000);
    let of_24: usize = (0..=255_u8).map(|n| admitted(&rates, [198, 51, 100, n].into(), 60)).sum();
    assert!(of_24 < 1_300, "{of_24} of 15,360");
    assert_eq!(rates.take(address("198.51.101.1")), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn in_a_full_network_whoever_asked_little_goes_on() {
    let rates = rates(60, 6_000);
    for n in 0..8_u8 {
        admitted(&rates, [198, 51, 100, n].into(), 60);
    }
    assert_eq!(admitted(&rates, address("198.51.100.1"), 60), 0);
    assert!(admitted(&rates, address("198.51.100.99"), 60) >= 10);
}

#[tokio::test(start_paused = true)]
async fn where_the_whole_is_full_the_heaviest_networks_are_refused_and_others_go_on() {
    let rates = rates(60, 1_000);
    // A thousand networks of a thousand sites of one provider.
    let flood = |n: usize| address(&format!("2001:db8:{n:x}::1"));
    let admitted_of_flood = (0..8_000).filter(|n| rates.take(flood(n % 1_000)).is_ok()).count();
    assert!(admitted_of_flood <= 2_000, "{admitted_of_flood}");
    for n in 0..100_u8 {
        assert_eq!(rates.take([n, 0, 2, 1].into()), Ok(()), "{n}");
        assert_eq!(rates.take(address(&format!("2a{n:02x}::1"))), Ok(()), "{n}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_admitted_flood_does_not_go_on_for_longer_than_its_share() {
    let rates = rates(60, 600);
    let flood = |n: usize| address(&format!("2001:db8:{n:x}::1"));
    let mut admitted = 0;
    for second in 0..600 {
        let _ = rates.take([second as u8, 0, 2, 1].into());
        admitted += (0..200).filter(|n| rates.take(flood(*n)).is_ok()).count();
        advance(Duration::from_secs(1)).await;
    }
    // Ten minutes of 600 and what comes at once in the first.
    assert!(admitted < 11 * 600 + 600, "{admitted}");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_networks_is_bounded_and_frees_no_heavy_one() {
    let rates = rates(20, u32::MAX);
    let heavy = address("192.0.2.1");
    assert_eq!(admitted(&rates, heavy, 30), 20);
    for n in 0..(MAX_NETWORKS + MAX_NETWORKS / 2) as u128 {
        let _ = rates.take(IpAddr::V6(((0x2000 << 112) + (n << 96) + (n << 64)).into()));
    }
    assert!(remembered(&rates).iter().all(|count| *count <= MAX_NETWORKS));
    assert_eq!(admitted(&rates, heavy, 30), 0, "a flood of others has freed it");
    assert_eq!(rates.take(address("203.0.113.1")), Ok(()));
    // Forgotten when it is over.
    advance(Duration::from_secs(600)).await;
    assert_eq!(rates.take(heavy), Ok(()));
    assert_eq!(remembered(&rates), [1; WIDTHS]);
}

#[tokio::test(start_paused = true)]
async fn the_networks_within_a_network_are_counted_as_they_come_and_go() {
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
