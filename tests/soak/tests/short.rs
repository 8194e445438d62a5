//! A short soak. It shows that no visit fails and that descriptors are bounded, but too little of
//! memory growth: that needs `make soak`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use portico_soak::{Attack, Measure, draw, soak, starvation};

/// 64 idle connections to each of four origins, 128 from the load, and Portico's own files.
const MAX_DESCRIPTORS: u64 = 512;

#[tokio::test(flavor = "multi_thread")]
async fn steady_load_has_no_failed_visit_and_bounded_descriptors() {
    let report = soak(Duration::from_secs(15)).await;
    assert_eq!(report.first_error, None);
    assert!(report.visits >= 15, "{report:?}");
    assert!(report.growth() < 0.5, "{report:?}");
    // In 15 seconds the connection pools still fill, so only the bound is checked here.
    let most = report.samples.iter().map(|it| it.descriptors).max().unwrap_or_default();
    assert!(most <= MAX_DESCRIPTORS, "{report:?}");
    println!("soak: {} visits, no error", report.visits);
    let folder = tempfile::tempdir().unwrap();
    let plot = folder.path().join("soak.svg");
    draw(&report, &plot).unwrap();
    assert!(std::fs::read_to_string(plot).unwrap().contains("resident memory"));
}

#[tokio::test(flavor = "multi_thread")]
async fn attacks_leave_reads_and_logins_working_and_memory_bounded() {
    let measure = Measure { turns: 1, turn: Duration::from_secs(2), alone: false };
    // One after the other: attacks side by side would disturb each other's measurement.
    let mut failed = Vec::new();
    for attack in Attack::ALL {
        let result = starvation(attack, measure).await;
        println!("{attack}: {result:?}, {:.2} times", result.ratio());
        let is_measured = result.reads > 50 && result.attempts > 0;
        if result.first_error.is_some() || !is_measured || result.memory >= 1 << 30 {
            failed.push(result);
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
