//! Kills and stops of Portico during a refresh.

use super::*;

/// Waits until the emulator has received a refresh.
async fn wait_for_refresh(emulator: &Emulator) {
    while refreshes(emulator).is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn kill_before_the_new_tokens_are_stored_leaves_a_session_that_needs_a_sign_in() {
    let mut world = world(&[]).await;
    let mut browser = signed_in(&world, 0).await;
    world.emulator.fault(of_refreshes(FaultKind::Hang));
    browser.session(&world.portico.base).await;
    wait_for_refresh(&world.emulator).await;
    drop(world.portico);
    // The provider has replaced the refresh token, and does not take the former one again.
    world.emulator.clear_faults();
    world.emulator.fault(refusal("invalid_grant"));
    world.portico = Portico::start(&world.settings).await;
    wait_for_token(&world, &mut browser, "needs_sign_in").await;
    assert_eq!(browser.session(&world.portico.base).await.status.as_u16(), 200);
}

#[tokio::test]
async fn stop_waits_for_a_refresh_and_stores_its_tokens() {
    let mut world = world(&[]).await;
    let mut browser = signed_in(&world, 0).await;
    world.emulator.fault(of_refreshes(FaultKind::Slow { millis: 2_000 }));
    browser.session(&world.portico.base).await;
    wait_for_refresh(&world.emulator).await;
    world.portico.terminate().await;
    let (status, log) = world.portico.wait_and_read().await;
    assert!(status.success() && log.contains("\"outcome\":\"refreshed\""), "{log}");
    world.portico = Portico::start(&world.settings).await;
    assert_eq!(account(&browser.session(&world.portico.base).await)["token"], "ok");
    assert_eq!(refreshes(&world.emulator).len(), 1, "{}", world.portico.log());
}
