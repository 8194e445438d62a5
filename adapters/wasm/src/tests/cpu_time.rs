//! The limit of processor time: an endless loop is stopped, and delays nothing else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use portico_domain::{
    ports::CloudProvider,
    provider::{CallError, Step},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{ZOFIA, configure, configured_in, first_step, person};
use crate::{
    limits::Limits,
    plugin::Plugin,
    provider::WasmProvider,
    sandbox::Sandbox,
    testing::{PluginBuilder, fetch_nothing},
};

/// A plug-in whose `next` loops for ever.
fn looping() -> Vec<u8> {
    let mut plugin = PluginBuilder::honest("loops");
    plugin.next = "(call $forever)".into();
    plugin.build()
}

/// A plug-in whose `next` computes for some time and returns a step without requests.
fn computing(rounds: u32) -> Vec<u8> {
    let mut plugin = PluginBuilder::honest("computes");
    let fetch = plugin.returning(fetch_nothing);
    plugin.next = format!("(call $compute (i32.const {rounds})) {fetch}");
    plugin.build()
}

async fn with_time_limit(sandbox: &Sandbox, component: &[u8], time: Duration) -> WasmProvider {
    let limits = Limits { time, ..Limits::default() };
    let compiled = sandbox.compile(component).unwrap();
    configure(&Plugin::load(sandbox, &compiled, limits).await.unwrap()).await.unwrap()
}

/// A plug-in that loops for longer than a test runs.
async fn endless(sandbox: &Sandbox) -> WasmProvider {
    with_time_limit(sandbox, &looping(), Duration::from_secs(60 * 60)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn loop_is_stopped_at_time_limit_while_other_plugins_list() {
    let sandbox = Sandbox::new().unwrap();
    let endless = endless(&sandbox).await;
    let endless = tokio::spawn(async move { first_step(&endless).await });
    let limited = configured_in(&sandbox, &looping()).await;
    let limited = tokio::spawn(async move { first_step(&limited).await });
    let other = configured_in(&sandbox, &PluginBuilder::honest("good").build()).await;
    for _ in 0..10 {
        first_step(&other).await.unwrap();
    }
    let result = limited.await.unwrap();
    let Err(CallError::Broken(why)) = result else { panic!("{result:?}") };
    assert!(why.contains("1000 ms of processor time"), "{why}");
    assert!(!endless.is_finished(), "the other plug-ins listed only after the loop");
    endless.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn loop_does_not_delay_network_io() {
    let sandbox = Sandbox::new().unwrap();
    let endless = endless(&sandbox).await;
    let looping = tokio::spawn(async move { first_step(&endless).await.is_err() });
    tokio::spawn(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        for _ in 0..5 {
            client.write_all(b"x").await.unwrap();
            assert_eq!(server.read_u8().await.unwrap(), b'x');
        }
    })
    .await
    .unwrap();
    assert!(!looping.is_finished(), "the loop ended before the network was served");
    looping.abort();
}

#[tokio::test]
async fn time_limit_is_of_all_calls_of_a_login_together() {
    // A step takes less than a tick, so the epoch callback never runs during one.
    let sandbox = Sandbox::new().unwrap();
    let limit = Duration::from_millis(100);
    let provider = with_time_limit(&sandbox, &computing(1_000_000), limit).await;
    let mut run = provider.list(&person(ZOFIA)).await.unwrap();
    let mut steps = 0;
    let result = loop {
        match run.next(vec![]).await {
            Ok(Step::Fetch { .. }) => steps += 1,
            result => break result,
        }
        assert!(steps < 10_000, "the limit was not applied");
    };
    let Err(CallError::Broken(why)) = result else { panic!("{result:?}") };
    assert!(why.contains("100 ms of processor time in one login"), "{why}");
    assert!(steps > 1, "{steps}");
}

#[tokio::test]
async fn time_limit_ignores_time_of_other_threads_on_a_busy_machine() {
    // The step takes about 100 ms of processor time.
    let sandbox = Sandbox::new().unwrap();
    let limit = Duration::from_millis(500);
    let provider = with_time_limit(&sandbox, &computing(100_000_000), limit).await;
    let stop = Arc::new(AtomicBool::new(false));
    let busy_threads: Vec<_> = (0..16)
        .map(|_| {
            let stop = Arc::clone(&stop);
            thread::spawn(move || while !stop.load(Ordering::Relaxed) {})
        })
        .collect();
    let step = first_step(&provider).await;
    stop.store(true, Ordering::Relaxed);
    busy_threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert!(matches!(step, Ok(Step::Fetch { .. })), "{step:?}");
}

#[tokio::test]
async fn load_applies_time_limit_of_the_operator() {
    let sandbox = Sandbox::new().unwrap();
    let provider = with_time_limit(&sandbox, &looping(), Duration::from_millis(30)).await;
    let error = first_step(&provider).await.unwrap_err().to_string();
    assert!(error.contains("more than 30 ms of processor time"), "{error}");
}

#[tokio::test]
async fn load_applies_memory_limit_of_the_operator() {
    let sandbox = Sandbox::new().unwrap();
    let compiled = sandbox.compile(&looping()).unwrap();
    let limits = Limits { memory: 1 << 20, ..Limits::default() };
    let error = Plugin::load(&sandbox, &compiled, limits).await.err().unwrap().to_string();
    assert!(error.contains("it needed more than 1 MiB of memory"), "{error}");
}

#[tokio::test]
async fn dropping_the_future_of_a_call_leaves_the_provider_usable() {
    let sandbox = Sandbox::new().unwrap();
    let provider = configured_in(&sandbox, &looping()).await;
    let timeout = Duration::from_millis(50);
    assert!(tokio::time::timeout(timeout, first_step(&provider)).await.is_err());
    assert!(provider.list(&person(ZOFIA)).await.is_ok());
}
