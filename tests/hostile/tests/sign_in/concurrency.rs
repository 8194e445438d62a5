//! Concurrent requests of several browsers.

use std::collections::BTreeSet;

use portico_e2e::Browser;

use crate::scenario::HostileScenario;

/// Runs all futures concurrently and returns their outputs.
pub(crate) async fn join<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut pending: Vec<_> = futures.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = pending.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in pending.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        match done.iter().all(Option::is_some) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

/// The number of live sessions of these browsers.
pub(crate) async fn live_sessions(scenario: &HostileScenario, browsers: &[Browser]) -> usize {
    let session_id = |browser: &Browser| browser.cookie(scenario.base(), "portico_session");
    let ids: BTreeSet<_> = browsers.iter().filter_map(session_id).collect();
    let mut live = 0;
    for id in ids {
        let mut browser = Browser::default();
        browser.set_cookie(scenario.base(), "portico_session", &id);
        live += usize::from(browser.session(scenario.base()).await.status == 200);
    }
    live
}
