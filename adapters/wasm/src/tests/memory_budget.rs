//! The memory budget of all instances: it is bounded, and no plug-in takes what others need.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use portico_domain::{
    ports::{CloudProvider, ListingRun},
    provider::CallError,
};
use rstest::rstest;

use super::{ZOFIA, configured_in, first_step, person};
use crate::{
    memory::MemoryBudget, provider::WasmProvider, sandbox::Sandbox, testing::PluginBuilder,
};

const MIB: usize = 1 << 20;

/// A sandbox with this budget and a short wait for memory.
fn sandbox(memory: usize) -> Sandbox {
    let max_wait = Duration::from_millis(500);
    Sandbox::with_budget(MemoryBudget::new(memory, max_wait)).unwrap()
}

/// A plug-in whose `discover` takes 10 MiB, and then runs `then`.
async fn taking_10_mib(sandbox: &Sandbox, then: &str) -> WasmProvider {
    let mut plugin = PluginBuilder::honest("greedy");
    plugin.discover = format!("(call $take (i32.const 160)) {then}");
    configured_in(sandbox, &plugin.build()).await
}

/// Starts `count` listings at once and returns those that got memory.
async fn start_listings(provider: &WasmProvider, count: usize) -> Vec<Box<dyn ListingRun>> {
    let person = person(ZOFIA);
    // The first instance sets the estimate for the next ones.
    drop(provider.list(&person).await);
    let mut starting: FuturesUnordered<_> = (0..count).map(|_| provider.list(&person)).collect();
    let mut started = vec![];
    while let Some(result) = starting.next().await {
        match result {
            Ok(run) => started.push(run),
            Err(error) => assert_eq!(error, CallError::Overloaded),
        }
    }
    started
}

#[tokio::test]
async fn greedy_plugin_gets_half_of_the_budget_and_another_one_lists() {
    let sandbox = sandbox(100 * MIB);
    let greedy = taking_10_mib(&sandbox, "(call $begin)").await;
    let other = configured_in(&sandbox, &PluginBuilder::honest("good").build()).await;
    let started = start_listings(&greedy, 24).await;
    // 13.5 MiB each: 10 MiB, the initial 2 MiB, and the stack.
    assert_eq!(started.len(), 3);
    first_step(&other).await.unwrap();
    drop(started);
    assert_eq!(start_listings(&greedy, 4).await.len(), 3, "the memory was released");
}

#[tokio::test]
async fn memory_of_instances_that_trap_or_exceed_the_limit_is_released() {
    let sandbox = sandbox(60 * MIB);
    let trapping = taking_10_mib(&sandbox, "unreachable").await;
    let exceeding = taking_10_mib(&sandbox, "(call $take_all)").await;
    for provider in [&trapping, &exceeding].into_iter().cycle().take(20) {
        let error = provider.list(&person(ZOFIA)).await.err().unwrap();
        assert!(matches!(error, CallError::Broken(_)), "{error:?}");
    }
    let honest = taking_10_mib(&sandbox, "(call $begin)").await;
    assert_eq!(start_listings(&honest, 4).await.len(), 2);
}

#[rstest]
#[case::initial_memory(|plugin: &mut PluginBuilder| plugin.pages = 160, 3)]
#[case::tables(|plugin: &mut PluginBuilder| plugin.items = "(table 65536 funcref)".into(), 8)]
#[tokio::test]
async fn budget_counts_what_an_instance_starts_with(
    #[case] change: fn(&mut PluginBuilder),
    #[case] concurrent: usize,
) {
    let mut plugin = PluginBuilder::honest("large");
    change(&mut plugin);
    let provider = configured_in(&sandbox(80 * MIB), &plugin.build()).await;
    assert_eq!(start_listings(&provider, 24).await.len(), concurrent);
}

#[tokio::test]
async fn memory_limit_is_lowered_to_the_share_of_one_plugin() {
    let sandbox = sandbox(30 * MIB);
    let exceeding = taking_10_mib(&sandbox, "(call $take_all)").await;
    let error = exceeding.list(&person(ZOFIA)).await.err().unwrap().to_string();
    assert!(error.contains("it needed more than 13 MiB of memory"), "{error}");
}

#[tokio::test]
async fn list_waits_for_memory_that_is_released_in_time() {
    let budget = MemoryBudget::new(60 * MIB, Duration::from_secs(60));
    let sandbox = Sandbox::with_budget(budget).unwrap();
    let provider = Arc::new(taking_10_mib(&sandbox, "(call $begin)").await);
    let mut first = vec![];
    for _ in 0..2 {
        first.push(provider.list(&person(ZOFIA)).await.unwrap());
    }
    let waiting = Arc::clone(&provider);
    let waiting = tokio::spawn(async move { waiting.list(&person(ZOFIA)).await.is_ok() });
    while !waiting.is_finished() {
        tokio::task::yield_now().await;
        first.pop();
    }
    assert!(waiting.await.unwrap());
}

#[tokio::test]
async fn budget_counts_host_memory_of_functions() {
    // wasmtime needs memory in each instance for each function that can be called by pointer.
    let mut plugin = PluginBuilder::honest("functions");
    plugin.items = format!(
        "{} (table 60000 funcref) (elem (i32.const 0) func {})",
        (0..60_000).map(|n| format!("(func $f{n}) ")).collect::<String>(),
        (0..60_000).map(|n| format!("$f{n} ")).collect::<String>(),
    );
    let provider = configured_in(&sandbox(100 * MIB), &plugin.build()).await;
    let concurrent = start_listings(&provider, 24).await.len();
    assert!((3..=7).contains(&concurrent), "{concurrent}");
}
