//! A guest that computes for ever is stopped, and whatever else runs on its worker goes on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use portico_domain::{ports::CloudProvider, provider::Problem};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{configured, identified, loaded_in};
use crate::{Limits, Plugin, Sandbox, testing::Guest};

fn looping() -> Vec<u8> {
    let mut guest = Guest::honest("loops");
    guest.identify = "(call $forever)".into();
    guest.build()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_loop_ends_within_a_second_while_others_go_on_on_the_same_worker() {
    let sandbox = Sandbox::new().unwrap();
    let bad = loaded_in(&sandbox, &looping()).await.unwrap();
    let bad = configured(&bad).await.unwrap();
    let good = loaded_in(&sandbox, &Guest::honest("good").build()).await.unwrap();
    let good = Arc::new(configured(&good).await.unwrap());

    let began = Instant::now();
    let calls = Arc::new(AtomicUsize::new(0));
    let (count, other) = (Arc::clone(&calls), Arc::clone(&good));
    let others = tokio::spawn(async move {
        loop {
            identified(&other).await.unwrap();
            count.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    let ended = tokio::spawn(async move { identified(&bad).await }).await.unwrap();
    others.abort();
    let Err(Problem::Broken(why)) = ended else { panic!("{ended:?}") };
    assert!(why.contains("500 ms of processor time"), "{why}");
    // Half a second of its own, and as much for the others.
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(calls.load(Ordering::Relaxed) >= 20, "{calls:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_loop_does_not_keep_its_worker_from_the_network() {
    let sandbox = Sandbox::new().unwrap();
    let bad = configured(&loaded_in(&sandbox, &looping()).await.unwrap()).await.unwrap();
    let looping = tokio::spawn(async move {
        let began = Instant::now();
        (identified(&bad).await.is_err(), began.elapsed())
    });
    let echoes = tokio::spawn(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        for _ in 0..5 {
            near.write_all(b"x").await.unwrap();
            assert_eq!(far.read_u8().await.unwrap(), b'x');
        }
        Instant::now()
    });
    let began = Instant::now();
    let echoed = echoes.await.unwrap() - began;
    let (stopped, took) = looping.await.unwrap();
    assert!(stopped);
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(echoed < took, "the echoes took {echoed:?}, the loop {took:?}");
}

#[tokio::test]
async fn an_operator_can_grant_more_and_less() {
    let sandbox = Sandbox::new().unwrap();
    let compiled = sandbox.compile(&looping()).unwrap();
    let limits = Limits { time: Duration::from_millis(30), ..Limits::default() };
    let plugin = Plugin::load(&sandbox, &compiled, limits).await.unwrap();
    let provider = configured(&plugin).await.unwrap();
    let ended = identified(&provider).await.unwrap_err().to_string();
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
    assert!(tokio::time::timeout(within, identified(&bad)).await.is_err());
    assert!(bad.sign_in(None).await.is_ok());
}
