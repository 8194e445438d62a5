//! A guest that computes for ever is stopped, and whatever runs beside it goes on.

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

use super::{ZOFIA, configured, listed, listing_of, loaded_in};
use crate::{
    Limits, Plugin, Sandbox, WasmProvider,
    testing::{Guest, asks_for_nothing},
};

fn looping() -> Vec<u8> {
    let mut guest = Guest::honest("loops");
    guest.next = "(call $forever)".into();
    guest.build()
}

/// A guest that computes for a while in each step of a listing, and asks for one more.
fn computing(rounds: u32) -> Vec<u8> {
    let mut guest = Guest::honest("computes");
    let again = guest.answer(asks_for_nothing);
    guest.next = format!("(call $compute (i32.const {rounds})) {again}");
    guest.build()
}

async fn within(component: &[u8], time: Duration) -> WasmProvider {
    let sandbox = Sandbox::new().unwrap();
    let limits = Limits { time, ..Limits::default() };
    let compiled = sandbox.compile(component).unwrap();
    configured(&Plugin::load(&sandbox, &compiled, limits).await.unwrap()).await.unwrap()
}

/// A guest that nothing stops while a test runs.
async fn without_end(sandbox: &Sandbox) -> WasmProvider {
    let limits = Limits { time: Duration::from_secs(60 * 60), ..Limits::default() };
    let compiled = sandbox.compile(&looping()).unwrap();
    configured(&Plugin::load(sandbox, &compiled, limits).await.unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_loop_is_stopped_while_other_guests_go_on() {
    let sandbox = Sandbox::new().unwrap();
    let endless = without_end(&sandbox).await;
    let endless = tokio::spawn(async move { listed(&endless).await });
    let bad = configured(&loaded_in(&sandbox, &looping()).await.unwrap()).await.unwrap();
    let bad = tokio::spawn(async move { listed(&bad).await });
    let good = loaded_in(&sandbox, &Guest::honest("good").build()).await.unwrap();
    let good = configured(&good).await.unwrap();
    for _ in 0..10 {
        listed(&good).await.unwrap();
    }
    let ended = bad.await.unwrap();
    let Err(CallError::Broken(why)) = ended else { panic!("{ended:?}") };
    assert!(why.contains("500 ms of processor time"), "{why}");
    assert!(!endless.is_finished(), "what went on did so after the loop");
    endless.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_loop_keeps_nobody_from_the_network() {
    let sandbox = Sandbox::new().unwrap();
    let endless = without_end(&sandbox).await;
    let looping = tokio::spawn(async move { listed(&endless).await.is_err() });
    tokio::spawn(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        for _ in 0..5 {
            near.write_all(b"x").await.unwrap();
            assert_eq!(far.read_u8().await.unwrap(), b'x');
        }
    })
    .await
    .unwrap();
    assert!(!looping.is_finished(), "the loop was stopped before anything else was served");
    looping.abort();
}

#[tokio::test]
async fn the_time_of_all_calls_of_a_login_is_one_budget_whatever_each_of_them_takes() {
    // A step takes less than a tick: no call of them is ever looked at while it runs.
    let provider = within(&computing(1_000_000), Duration::from_millis(100)).await;
    let mut run = provider.list(&listing_of(ZOFIA)).await.unwrap();
    let mut steps = 0;
    let ended = loop {
        match run.next(vec![]).await {
            Ok(Step::Fetch { .. }) => steps += 1,
            ended => break ended,
        }
        assert!(steps < 10_000, "nothing ends it");
    };
    let Err(CallError::Broken(why)) = ended else { panic!("{ended:?}") };
    assert!(why.contains("100 ms of processor time in one login"), "{why}");
    assert!(steps > 1, "{steps}");
}

#[tokio::test]
async fn what_others_compute_on_a_busy_machine_does_not_count() {
    // Some 100 ms of its own.
    let provider = within(&computing(100_000_000), Duration::from_millis(500)).await;
    let stop = Arc::new(AtomicBool::new(false));
    let others: Vec<_> = (0..16)
        .map(|_| {
            let stop = Arc::clone(&stop);
            thread::spawn(move || while !stop.load(Ordering::Relaxed) {})
        })
        .collect();
    let stepped = listed(&provider).await;
    stop.store(true, Ordering::Relaxed);
    others.into_iter().for_each(|it| it.join().unwrap());
    assert!(matches!(stepped, Ok(Step::Fetch { .. })), "{stepped:?}");
}

#[tokio::test]
async fn an_operator_can_grant_more_and_less() {
    let sandbox = Sandbox::new().unwrap();
    let compiled = sandbox.compile(&looping()).unwrap();
    let limits = Limits { time: Duration::from_millis(30), ..Limits::default() };
    let plugin = Plugin::load(&sandbox, &compiled, limits).await.unwrap();
    let provider = configured(&plugin).await.unwrap();
    let ended = listed(&provider).await.unwrap_err().to_string();
    assert!(ended.contains("more than 30 ms of processor time"), "{ended}");
    let limits = Limits { memory: 1 << 20, ..Limits::default() };
    let refused = Plugin::load(&sandbox, &compiled, limits).await.err().unwrap().to_string();
    assert!(refused.contains("it needed more than 1 MiB of memory"), "{refused}");
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_ends() {
    let sandbox = Sandbox::new().unwrap();
    let bad = configured(&loaded_in(&sandbox, &looping()).await.unwrap()).await.unwrap();
    let within = Duration::from_millis(50);
    assert!(tokio::time::timeout(within, listed(&bad)).await.is_err());
    assert!(bad.list(&listing_of(ZOFIA)).await.is_ok());
}
