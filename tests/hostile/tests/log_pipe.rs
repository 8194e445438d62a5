//! A log pipe that nobody reads: responses are not delayed, and dropped log lines are counted.

use std::time::Duration;

use portico_e2e::{Portico, world};
use portico_hostile::tried;
use reqwest::Client;
use tokio::time::{sleep, timeout};

/// Timeout of any single step.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Sends this number of requests for an unknown path. Each is logged.
async fn send_logged_requests(portico: &Portico, count: usize) {
    let (client, url) =
        (Client::builder().no_proxy().build().unwrap(), format!("{}/nothing", portico.base));
    for n in 0..count {
        let response = timeout(TIMEOUT, client.get(&url).send()).await;
        let response = response.unwrap_or_else(|_| panic!("request {n} has no response"));
        assert_eq!(response.unwrap().status(), 404);
    }
}

/// The numbers of logged requests and of dropped log lines.
fn logged_and_dropped(portico: &Portico) -> (usize, u64) {
    let lines = portico.log_lines();
    let logged = lines.iter().filter(|line| line["fields"]["code"] == "not_found").count();
    let dropped = lines.iter().filter_map(|line| line["fields"]["dropped"].as_u64()).sum();
    (logged, dropped)
}

#[tokio::test]
async fn full_log_pipe_delays_no_response_and_dropped_lines_are_counted() {
    let world = world(&[]).await;
    let portico = &world.portico;
    portico.read_log(false);
    // More than the pipe and the queue hold.
    let sent = 12_000;
    send_logged_requests(portico, sent).await;
    portico.read_log(true);
    let all = |portico: &Portico| {
        let (logged, dropped) = logged_and_dropped(portico);
        logged + usize::try_from(dropped).unwrap() >= sent
    };
    let read = async {
        // A look reads the whole log, so there is not one after each line.
        while !all(portico) {
            sleep(Duration::from_millis(200)).await;
        }
    };
    let _ = timeout(TIMEOUT, read).await;
    let (logged, dropped) = logged_and_dropped(portico);
    assert_eq!(logged + usize::try_from(dropped).unwrap(), sent, "{logged} and {dropped}");
    assert!(dropped > 0, "all lines fitted: the test sends too few requests");
    send_logged_requests(portico, 1).await;
    tried(sent);
}

#[tokio::test]
async fn shutdown_completes_with_a_full_log_pipe() {
    let world = world(&[]).await;
    world.portico.read_log(false);
    send_logged_requests(&world.portico, 1_000).await;
    let stopped = timeout(TIMEOUT, world.portico.stop()).await.expect("Portico does not stop");
    assert!(stopped.success());
    tried(1);
}

#[tokio::test]
async fn last_log_lines_are_written_before_exit() {
    let world = world(&[]).await;
    world.portico.read_log(false);
    send_logged_requests(&world.portico, 1_000).await;
    world.portico.terminate().await;
    world.portico.read_log(true);
    let read = timeout(TIMEOUT, world.portico.wait_and_read()).await;
    let (stopped, log) = read.expect("Portico does not stop");
    assert!(stopped.success());
    assert!(log.ends_with("}"), "{log}");
    assert!(log.contains("Portico has stopped"), "the last line is missing");
    tried(1);
}
