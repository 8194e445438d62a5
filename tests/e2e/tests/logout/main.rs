//! Logouts that a provider begins.
//!
//! * `back_channel.rs`: a certified OpenID provider sends logout tokens;
//! * `front_channel.rs`: the emulated Entra has a browser load a frame.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod back_channel;
mod front_channel;

use portico_e2e::Browser;

/// Asserts that the browser's session was ended by its provider.
async fn assert_ended(browser: &mut Browser, base: &str) {
    let response = browser.session_now(base).await;
    assert_eq!(response.status, 401, "{response:?}");
    assert_eq!(response.code(), "session_ended");
    let body = response.json();
    assert_eq!(body["reason"], "ended_elsewhere");
    let words = body["error"].as_str().unwrap();
    assert!(words.contains("signed out at the cloud"), "{words}");
}
