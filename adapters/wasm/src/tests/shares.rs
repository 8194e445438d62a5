//! What all instances hold together is bounded, and no plug-in takes what others need.

use std::{sync::Arc, time::Duration};

use portico_domain::{
    ports::{CloudProvider, ListingRun},
    provider::CallError,
};

use futures_util::{StreamExt, stream::FuturesUnordered};

use super::{ZOFIA, configured, listed, listing_of, loaded_in};
use crate::{Sandbox, WasmProvider, memory::MemoryBudget, testing::Guest};

const MIB: usize = 1 << 20;

/// A sandbox in which nobody waits long for memory.
fn sandbox(memory: usize) -> Sandbox {
    let patience = Duration::from_millis(500);
    Sandbox::with_budget(MemoryBudget::new(memory, patience)).unwrap()
}

/// A plug-in whose listings begin with taking 10 MiB.
async fn greedy(sandbox: &Sandbox, then: &str) -> WasmProvider {
    let mut guest = Guest::honest("greedy");
    guest.discover = format!("(call $take (i32.const 160)) {then}");
    configured(&loaded_in(sandbox, &guest.build()).await.unwrap()).await.unwrap()
}

/// As many listings as can be under way, of so many that begin at once.
async fn begin_all(provider: &WasmProvider, tries: usize) -> Vec<Box<dyn ListingRun>> {
    let person = listing_of(ZOFIA);
    // From now on it is known what one of them takes.
    drop(provider.list(&person).await);
    let begun = (0..tries).map(|_| provider.list(&person));
    let (mut under_way, mut begun) = (vec![], begun.collect::<FuturesUnordered<_>>());
    while let Some(begun) = begun.next().await {
        match begun {
            Ok(run) => under_way.push(run),
            Err(problem) => assert_eq!(problem, CallError::Overloaded),
        }
    }
    under_way
}

#[tokio::test]
async fn a_plug_in_that_takes_all_it_gets_gets_half_and_others_go_on() {
    let sandbox = sandbox(100 * MIB);
    let greedy = greedy(&sandbox, "(call $begin)").await;
    let good = loaded_in(&sandbox, &Guest::honest("good").build()).await.unwrap();
    let good = configured(&good).await.unwrap();
    let under_way = begin_all(&greedy, 24).await;
    // 13.5 MiB each, with the two it begins with and its stack.
    assert_eq!(under_way.len(), 3);
    listed(&good).await.unwrap();
    drop(under_way);
    assert_eq!(begin_all(&greedy, 4).await.len(), 3, "what ended was given back");
}

#[tokio::test]
async fn what_an_instance_held_is_given_back_however_it_ends() {
    let sandbox = sandbox(60 * MIB);
    let traps = greedy(&sandbox, "unreachable").await;
    let full = greedy(&sandbox, "(call $take_all)").await;
    for provider in [&traps, &full].into_iter().cycle().take(20) {
        let ended = provider.list(&listing_of(ZOFIA)).await.err().unwrap();
        assert!(matches!(ended, CallError::Broken(_)), "{ended:?}");
    }
    let honest = greedy(&sandbox, "(call $begin)").await;
    assert_eq!(begin_all(&honest, 4).await.len(), 2);
}

#[tokio::test]
async fn tables_and_what_a_plug_in_begins_with_count_too() {
    let sandbox = sandbox(80 * MIB);
    let mut large = Guest::honest("large");
    large.pages = 160;
    let mut tables = Guest::honest("tables");
    tables.beside = "(table 65536 funcref)".into();
    for (guest, at_once) in [(large, 3), (tables, 8)] {
        let plugin = loaded_in(&sandbox, &guest.build()).await.unwrap();
        let provider = configured(&plugin).await.unwrap();
        assert_eq!(begin_all(&provider, 24).await.len(), at_once);
    }
}

#[tokio::test]
async fn a_limit_that_one_plug_in_can_never_have_is_its_share() {
    let sandbox = sandbox(30 * MIB);
    let full = greedy(&sandbox, "(call $take_all)").await;
    let ended = full.list(&listing_of(ZOFIA)).await.err().unwrap().to_string();
    assert!(ended.contains("it needed more than 13 MiB of memory"), "{ended}");
}

#[tokio::test]
async fn who_finds_no_memory_gets_what_is_given_back_in_time() {
    let sandbox =
        Sandbox::with_budget(MemoryBudget::new(60 * MIB, Duration::from_secs(60))).unwrap();
    let greedy = Arc::new(greedy(&sandbox, "(call $begin)").await);
    let mut first = vec![];
    for _ in 0..2 {
        first.push(greedy.list(&listing_of(ZOFIA)).await.unwrap());
    }
    let late = Arc::clone(&greedy);
    let late = tokio::spawn(async move { late.list(&listing_of(ZOFIA)).await.is_ok() });
    while !late.is_finished() {
        tokio::task::yield_now().await;
        first.pop();
    }
    assert!(late.await.unwrap());
}

#[tokio::test]
async fn what_the_host_keeps_of_an_instance_counts_too() {
    // Each of 60,000 functions that can be called by pointer has its place in every instance.
    let mut guest = Guest::honest("functions");
    guest.beside = format!(
        "{} (table 60000 funcref) (elem (i32.const 0) func {})",
        (0..60_000).map(|n| format!("(func $f{n}) ")).collect::<String>(),
        (0..60_000).map(|n| format!("$f{n} ")).collect::<String>(),
    );
    let sandbox = sandbox(100 * MIB);
    let plugin = loaded_in(&sandbox, &guest.build()).await.unwrap();
    let provider = configured(&plugin).await.unwrap();
    let at_once = begin_all(&provider, 24).await.len();
    assert!((3..=7).contains(&at_once), "{at_once}");
}
