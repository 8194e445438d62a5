//! A full pipe at standard error: responses are not delayed, and dropped log lines are counted.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use portico_e2e::{Portico, world};
use portico_hostile::tried;
use reqwest::Client;
use tokio::time::timeout;

/// Timeout of any single step.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Sends so many requests for an unknown path, each of which is logged.
async fn ask(portico: &Portico, times: usize) {
    let (client, url) =
        (Client::builder().no_proxy().build().unwrap(), format!("{}/nothing", portico.base));
    for n in 0..times {
        let asked = timeout(TIMEOUT, client.get(&url).send()).await;
        let asked = asked.unwrap_or_else(|_| panic!("request {n} is not answered"));
        assert_eq!(asked.unwrap().status(), 404);
    }
}

/// The numbers of logged requests and of dropped lines.
fn logged(portico: &Portico) -> (usize, u64) {
    let lines = portico.log_lines();
    let named = lines.iter().filter(|line| line["fields"]["code"] == "not_found").count();
    let dropped = lines.iter().filter_map(|line| line["fields"]["dropped"].as_u64()).sum();
    (named, dropped)
}

#[tokio::test]
async fn full_log_pipe_delays_no_response_and_dropped_lines_are_counted() {
    let world = world(&[]).await;
    let portico = &world.portico;
    portico.read_log(false);
    // More than the pipe and the queue hold.
    let asked = 12_000;
    ask(portico, asked).await;
    portico.read_log(true);
    let all = |portico: &Portico| {
        let (named, dropped) = logged(portico);
        named + usize::try_from(dropped).unwrap() >= asked
    };
    let _ = timeout(TIMEOUT, portico.logged(all)).await;
    let (named, dropped) = logged(portico);
    assert_eq!(named + usize::try_from(dropped).unwrap(), asked, "{named} and {dropped}");
    assert!(dropped > 0, "everything fitted: the test asks too little");
    // And then it is as before.
    ask(portico, 1).await;
    tried(asked);
}

#[tokio::test]
async fn shutdown_completes_with_a_full_log_pipe() {
    let world = world(&[]).await;
    world.portico.read_log(false);
    ask(&world.portico, 1_000).await;
    let stopped = timeout(TIMEOUT, world.portico.stop()).await.expect("it does not stop");
    assert!(stopped.success());
    tried(1);
}

#[tokio::test]
async fn last_log_lines_are_written_before_exit() {
    let world = world(&[]).await;
    world.portico.read_log(false);
    ask(&world.portico, 1_000).await;
    world.portico.terminate().await;
    world.portico.read_log(true);
    let read = timeout(TIMEOUT, world.portico.wait_and_read()).await;
    let (stopped, log) = read.expect("it does not stop");
    assert!(stopped.success());
    assert!(log.ends_with("}"), "{log}");
    assert!(log.contains("Portico has stopped"), "the last line is missing");
    tried(1);
}
