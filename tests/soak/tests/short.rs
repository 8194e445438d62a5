//! The soak in its short form. What it shows of memory is little; what it shows of the load is that
//! nobody's visit goes wrong, and that nothing is left open. `make soak` is the whole of it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use portico_soak::{beside, draw, soak, starvations};

/// 64 idle connections to each of four origins, 128 from the load, and what Portico has open itself.
const MOST_DESCRIPTORS: u64 = 512;

#[tokio::test(flavor = "multi_thread")]
async fn under_steady_load_nothing_goes_wrong_and_nothing_is_left_open() {
    let report = soak(Duration::from_secs(15)).await;
    assert_eq!(report.wrong, None);
    assert!(report.visits >= 15, "{report:?}");
    assert!(report.growth() < 0.5, "{report:?}");
    // In so short a time the pools of connections fill, to each origin and from the load: what they
    // keep is bounded, and only ten minutes show whether it comes back.
    let most = report.samples.iter().map(|it| it.descriptors).max().unwrap_or_default();
    assert!(most <= MOST_DESCRIPTORS, "{report:?}");
    println!("soak: {} visits, none went wrong", report.visits);
    let folder = tempfile::tempdir().unwrap();
    let plot = folder.path().join("soak.svg");
    draw(&report, &plot).unwrap();
    assert!(std::fs::read_to_string(plot).unwrap().contains("resident memory"));
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_plug_in_that_uses_up_what_it_can_sessions_are_read_and_memory_is_bounded() {
    for it in beside(Duration::from_secs(3)).await {
        println!("{}: {it:?}, {:.2} times", it.attack, it.ratio());
        assert!(it.reads > 0 && it.memory < 1 << 30, "{it:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_flood_and_a_provider_that_hangs_others_read_and_sign_in() {
    for starvation in starvations(Duration::from_secs(5)).await {
        assert_eq!(starvation.wrong, None, "{starvation:?}");
        assert!(starvation.reads > 100, "{starvation:?}");
        println!("{starvation:?}");
    }
}
