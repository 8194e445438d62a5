//! Interoperability with identity providers, from bug reports of comparable projects: unusual metadata,
//! lenient documents, proxies, and settings that do not fit the provider.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "field_provider/configuration.rs"]
mod configuration;
#[path = "field_provider/metadata.rs"]
mod metadata;
#[path = "field_provider/proxies.rs"]
mod proxies;
#[path = "field_provider/writing.rs"]
mod writing;

use portico_e2e::{Browser, Fault, FaultKind, Portico, Response, Target, World, hint, personas};
use serde_json::Value;

/// Injects a fault until faults are cleared.
fn inject(world: &World, target: Target, kind: FaultKind) {
    world.emulator.fault(Fault::always(target, kind));
}

/// Restarts Portico with this variable changed.
async fn restarted(mut world: World, name: &str, value: &str) -> World {
    world.settings.set(name, value);
    world.portico.stop().await;
    let portico = Portico::start(&world.settings).await;
    World { portico, ..world }
}

/// The fault that sets a member of a document.
fn member(name: &str, value: impl Into<Value>) -> FaultKind {
    FaultKind::SetMember { name: name.into(), value: value.into() }
}

/// Signs in with this provider and returns the response to the callback.
async fn sign_in(world: &World, provider: &str) -> Response {
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let redirect = browser.begin(base, provider, &hint(personas::ZOFIA.user_name)).await;
    assert_eq!(redirect.status, 302, "{redirect:?}\n{}", world.portico.log());
    let signed_in = browser.get(redirect.location()).await;
    browser.get(signed_in.location()).await
}

/// Asserts that a login with this provider succeeds.
async fn assert_signs_in(world: &World, provider: &str) {
    let response = sign_in(world, provider).await;
    assert!(
        response.status == 302 && response.sets_session_cookie(),
        "{response:?}\n{}",
        world.portico.log()
    );
}

/// The field `detail` of the log line of this error.
async fn detail(portico: &Portico, response: &Response) -> String {
    let correlation = response.json()["correlation"].as_str().unwrap().to_owned();
    let lines = portico.failure(&correlation).await;
    lines[0]["fields"]["detail"].as_str().unwrap().to_owned()
}

/// Asserts that a login cannot begin because of a setting, without `Retry-After`, and that the log line
/// contains these texts.
async fn assert_misconfigured(portico: &Portico, provider: &str, texts: &[&str]) {
    let response = Browser::default().begin(&portico.base, provider, "").await;
    portico_e2e::assert_refused(&response, 502, "provider_misconfigured");
    assert!(!response.headers.contains_key("retry-after"), "{response:?}");
    assert!(response.headers.get("set-cookie").is_none(), "{response:?}");
    let detail = detail(portico, &response).await;
    for text in texts {
        assert!(detail.contains(text), "{text:?} is not in {detail:?}");
    }
}
