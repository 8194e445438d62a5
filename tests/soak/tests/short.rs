//! The soak in its short form. What it shows of memory is little; what it shows of the load is that
//! nobody's visit goes wrong, and that nothing is left open. `make soak` is the whole of it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use portico_soak::{draw, soak, starvations};

#[tokio::test(flavor = "multi_thread")]
async fn under_steady_load_nothing_goes_wrong_and_nothing_is_left_open() {
    let report = soak(Duration::from_secs(15)).await;
    assert_eq!(report.wrong, None);
    assert!(report.visits >= 15, "{report:?}");
    assert!(report.growth() < 0.5, "{report:?}");
    assert!(report.more_descriptors() <= 32, "{report:?}");
    println!("soak: {} visits, none went wrong", report.visits);
    let folder = tempfile::tempdir().unwrap();
    let plot = folder.path().join("soak.svg");
    draw(&report, &plot).unwrap();
    assert!(std::fs::read_to_string(plot).unwrap().contains("resident memory"));
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_flood_and_a_provider_that_hangs_others_read_and_sign_in() {
    for starvation in starvations(Duration::from_secs(5)).await {
        assert_eq!(starvation.wrong, None, "{starvation:?}");
        assert!(starvation.reads > 100, "{starvation:?}");
        println!("{starvation:?}");
    }
}
