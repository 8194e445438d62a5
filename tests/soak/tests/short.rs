//! The soak in its short form. What it shows of memory is little; what it shows of the load is that
//! nobody's visit goes wrong, and that nothing is left open. `make soak` is the whole of it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use portico_soak::{Attack, Measure, draw, soak, starvation};

/// 64 idle connections to each of four origins, 128 from the load, and what Portico has open itself.
const MAX_DESCRIPTORS: u64 = 512;

#[tokio::test(flavor = "multi_thread")]
async fn under_steady_load_nothing_goes_wrong_and_nothing_is_left_open() {
    let report = soak(Duration::from_secs(15)).await;
    assert_eq!(report.wrong, None);
    assert!(report.visits >= 15, "{report:?}");
    assert!(report.growth() < 0.5, "{report:?}");
    // In so short a time the pools of connections fill, to each origin and from the load: what they
    // keep is bounded, and only ten minutes show whether it comes back.
    let most = report.samples.iter().map(|it| it.descriptors).max().unwrap_or_default();
    assert!(most <= MAX_DESCRIPTORS, "{report:?}");
    println!("soak: {} visits, none went wrong", report.visits);
    let folder = tempfile::tempdir().unwrap();
    let plot = folder.path().join("soak.svg");
    draw(&report, &plot).unwrap();
    assert!(std::fs::read_to_string(plot).unwrap().contains("resident memory"));
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_every_attack_others_read_and_sign_in_and_memory_is_bounded() {
    let measure = Measure { turns: 1, turn: Duration::from_secs(2), alone: false };
    for attack in Attack::ALL {
        let it = starvation(attack, measure).await;
        println!("{attack}: {it:?}, {:.2} times", it.ratio());
        assert_eq!(it.wrong, None, "{it:?}");
        assert!(it.reads > 50 && it.attempts > 0 && it.memory < 1 << 30, "{it:?}");
    }
}
