//! Lookups at a real name server on loopback.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use portico_emulator::{NameAnswer, NameServer};
use tokio::{
    task::JoinSet,
    time::{advance, pause, resume},
};

use super::*;

fn address(last: u8) -> IpAddr {
    IpAddr::from([127, 0, 0, last])
}

fn one(last: u8) -> NameAnswer {
    NameAnswer::Addresses(vec![address(last)], 60)
}

async fn server(answer: impl Fn(&str) -> NameAnswer + Send + Sync + 'static) -> NameServer {
    NameServer::start(answer).await.unwrap()
}

fn names(server: &NameServer) -> Arc<Names> {
    Arc::new(Names::new(server.address().to_string().parse().unwrap()))
}

async fn look_up(names: &Names, name: &str) -> LookupResult {
    names.look_up(name.to_owned()).await
}

/// Advances tokio's clock.
async fn advance_clock(by: Duration) {
    pause();
    advance(by).await;
    resume();
}

#[tokio::test]
async fn look_up_caches_name_for_its_ttl() {
    let server = server(|_| NameAnswer::Addresses(vec![address(7)], 60)).await;
    let names = names(&server);
    for _ in 0..3 {
        assert_eq!(look_up(&names, "cloud.test").await, Ok(vec![address(7)]));
    }
    // One query for A, one for AAAA.
    assert_eq!(server.asked(), ["cloud.test"; 2]);
    advance_clock(Duration::from_secs(61)).await;
    assert_eq!(look_up(&names, "cloud.test").await, Ok(vec![address(7)]));
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn concurrent_look_ups_of_one_name_share_a_query() {
    let server = server(|_| one(7)).await;
    let names = names(&server);
    let mut all: JoinSet<LookupResult> = JoinSet::new();
    for _ in 0..100 {
        all.spawn(names.look_up("cloud.test".to_owned()));
    }
    for found in all.join_all().await {
        assert_eq!(found, Ok(vec![address(7)]));
    }
    assert_eq!(server.asked(), ["cloud.test"; 2]);
}

#[tokio::test]
async fn look_up_returns_ipv4_and_ipv6_or_either() {
    let v6: IpAddr = "::1".parse().unwrap();
    let server = server(move |name| match name {
        "both.test" => NameAnswer::Addresses(vec![address(7), v6], 60),
        "six.test" => NameAnswer::Addresses(vec![v6], 60),
        _ => NameAnswer::NoSuchName,
    })
    .await;
    let names = names(&server);
    let both: BTreeSet<_> = look_up(&names, "both.test").await.unwrap().into_iter().collect();
    assert_eq!(both, BTreeSet::from([address(7), v6]));
    assert_eq!(look_up(&names, "six.test").await, Ok(vec![v6]));
    assert!(look_up(&names, "nobody.test").await.is_err());
}

#[tokio::test]
async fn localhost_resolves_without_name_server() {
    let server = server(|_| NameAnswer::Silence).await;
    let names = names(&server);
    assert!(look_up(&names, "localhost").await.unwrap().contains(&address(1)));
    assert_eq!(server.asked(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_name_server_blocks_no_thread_and_no_other_provider() {
    let silent = server(|_| NameAnswer::Silence).await;
    let (hanging, other) = (names(&silent), server(|_| one(7)).await);
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
    let before = threads();
    let mut waiting: JoinSet<LookupResult> = JoinSet::new();
    for number in 0..600 {
        waiting.spawn(hanging.look_up(format!("{number}.cloud.test")));
    }
    assert_eq!(look_up(&names(&other), "cloud.test").await, Ok(vec![address(7)]));
    assert!(waiting.len() >= 592, "{} wait", waiting.len());
    for failed in waiting.join_all().await {
        assert!(failed.is_err());
    }
    assert_eq!(threads(), before);
    // A lookup that waited for its permit may still begin in the last moment: a few more than eight
    // on a busy machine, and never all.
    let asked: BTreeSet<_> = silent.asked().into_iter().collect();
    assert!((MAX_CONCURRENT..=8 * MAX_CONCURRENT).contains(&asked.len()), "{}", asked.len());
}

#[tokio::test]
async fn failed_look_up_is_cached_for_one_second() {
    let server = server(|_| NameAnswer::NoSuchName).await;
    let names = names(&server);
    assert!(look_up(&names, "cloud.test").await.is_err());
    let asked = server.asked().len();
    assert!(look_up(&names, "cloud.test").await.is_err());
    assert_eq!(server.asked().len(), asked);
    advance_clock(Duration::from_secs(2)).await;
    assert!(look_up(&names, "cloud.test").await.is_err());
    assert!(server.asked().len() > asked);
}

#[tokio::test]
async fn truncated_udp_response_is_retried_over_tcp_and_capped() {
    let many = || (0..2_000_u32).map(|n| IpAddr::from((0x7f00_0000 + n).to_be_bytes())).collect();
    let server = server(move |_| NameAnswer::TooLong(many())).await;
    assert_eq!(look_up(&names(&server), "cloud.test").await.unwrap().len(), MAX_ADDRESSES);
}

#[tokio::test]
async fn endless_tcp_response_times_out_and_closes_connection() {
    let server = server(|_| NameAnswer::EndlessOverTcp).await;
    let names = names(&server);
    assert!(look_up(&names, "cloud.test").await.is_err());
    while server.endless_ended() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn endless_cname_chain_fails() {
    let server = server(|name| {
        let number: u32 = name.split('.').next().unwrap().parse().unwrap_or(0);
        NameAnswer::Alias(format!("{}.test", number + 1))
    })
    .await;
    assert!(look_up(&names(&server), "0.test").await.is_err());
    assert!(server.asked().len() < 100, "{}", server.asked().len());
}

#[tokio::test]
async fn name_cache_holds_max_names_and_others_still_resolve() {
    let server = server(|_| one(7)).await;
    let names = names(&server);
    for number in 0..2 * MAX_NAMES {
        let name = format!("{number}.cloud.test");
        assert_eq!(look_up(&names, &name).await, Ok(vec![address(7)]));
    }
    assert_eq!(lock(&names.cache).len(), MAX_NAMES);
}

#[test]
fn name_servers_parse_addresses_with_optional_port() {
    let read = |text: &str| text.parse::<NameServers>().map_err(|error| error.to_string());
    let expected = "NameServers([127.0.0.1:5353, 192.0.2.1:53, [::1]:53, [::1]:5353])";
    let named = read("127.0.0.1:5353, 192.0.2.1,::1,[::1]:5353").unwrap();
    assert_eq!(format!("{named:?}"), expected);
    assert_eq!(read(""), Ok(NameServers::default()));
    for bad in ["dns.example", "127.0.0.1:", "127.0.0.1:99999", "1.2.3", "127.0.0.1 ::1"] {
        assert!(read(bad).is_err(), "{bad}");
    }
    assert_eq!(read("here:53").unwrap_err(), "\"here:53\" is no address of a name server");
}
