//! Nobody reads the log: a full pipe behind standard error keeps no answer back, and what was lost
//! is counted.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use portico_e2e::{Portico, world};
use portico_hostile::tried;
use reqwest::Client;
use tokio::time::timeout;

/// How long anything here may take before it counts as stuck.
const STUCK: Duration = Duration::from_secs(120);

/// Asks so often for what is not there, which is one log line each.
async fn ask(portico: &Portico, times: usize) {
    let (client, url) =
        (Client::builder().no_proxy().build().unwrap(), format!("{}/nothing", portico.base));
    for n in 0..times {
        let asked = timeout(STUCK, client.get(&url).send()).await;
        let asked = asked.unwrap_or_else(|_| panic!("request {n} is not answered"));
        assert_eq!(asked.unwrap().status(), 404);
    }
}

/// How many requests the log names, and how many lines it says were dropped.
fn logged(portico: &Portico) -> (usize, u64) {
    let lines = portico.log_lines();
    let named = lines.iter().filter(|line| line["fields"]["code"] == "not_found").count();
    let dropped = lines.iter().filter_map(|line| line["fields"]["dropped"].as_u64()).sum();
    (named, dropped)
}

#[tokio::test]
async fn a_log_that_nobody_reads_keeps_no_answer_back_and_says_how_many_lines_it_lost() {
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
    let _ = timeout(STUCK, portico.logged(all)).await;
    let (named, dropped) = logged(portico);
    assert_eq!(named + usize::try_from(dropped).unwrap(), asked, "{named} and {dropped}");
    assert!(dropped > 0, "everything fitted: the test asks too little");
    // And then it is as before.
    ask(portico, 1).await;
    tried(asked);
}

#[tokio::test]
async fn a_portico_whose_log_nobody_reads_still_stops() {
    let world = world(&[]).await;
    world.portico.read_log(false);
    ask(&world.portico, 1_000).await;
    let stopped = timeout(STUCK, world.portico.stop()).await.expect("it does not stop");
    assert!(stopped.success());
    tried(1);
}

#[tokio::test]
async fn the_last_lines_are_written_before_the_process_ends() {
    let world = world(&[]).await;
    world.portico.read_log(false);
    ask(&world.portico, 1_000).await;
    world.portico.terminate().await;
    world.portico.read_log(true);
    let read = timeout(STUCK, world.portico.wait_and_read()).await;
    let (stopped, log) = read.expect("it does not stop");
    assert!(stopped.success());
    assert!(log.ends_with("}"), "{log}");
    assert!(log.contains("Portico has stopped"), "the last line is missing");
    tried(1);
}
