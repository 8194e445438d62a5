//! What people ran into elsewhere with their identity providers: metadata that says something else
//! than most, documents that are written loosely, proxies, and settings that do not fit.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "field_provider/configuration.rs"]
mod configuration;
#[path = "field_provider/metadata.rs"]
mod metadata;
#[path = "field_provider/proxies.rs"]
mod proxies;
#[path = "field_provider/writing.rs"]
mod writing;

use portico_e2e::{Answer, Browser, Fault, FaultKind, Portico, Target, World, hint, personas};
use serde_json::Value;

/// Has a target do this until it is cleared.
fn tell(world: &World, target: Target, kind: FaultKind) {
    world.emulator.fault(Fault::always(target, kind));
}

/// The same clouds, and a Portico before them that was started anew with this variable changed.
async fn restarted(mut world: World, name: &str, value: &str) -> World {
    world.settings.set(name, value);
    world.portico.stop().await;
    let portico = Portico::start(&world.settings).await;
    World { portico, ..world }
}

/// A member of a document, with this value.
fn member(name: &str, value: impl Into<Value>) -> FaultKind {
    FaultKind::SetMember { name: name.into(), value: value.into() }
}

/// A whole login with this provider: the callback's answer.
async fn sign_in(world: &World, provider: &str) -> Answer {
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let redirect = browser.begin(base, provider, &hint(personas::ZOFIA.user_name)).await;
    assert_eq!(redirect.status, 302, "{redirect:?}\n{}", world.portico.log());
    let signed_in = browser.get(redirect.location()).await;
    browser.get(signed_in.location()).await
}

/// The login succeeds.
async fn assert_signs_in(world: &World, provider: &str) {
    let response = sign_in(world, provider).await;
    assert!(
        response.status == 302 && response.gives_a_session(),
        "{response:?}\n{}",
        world.portico.log()
    );
}

/// What the log says of this failure.
async fn detail(portico: &Portico, response: &Answer) -> String {
    let correlation = response.json()["correlation"].as_str().unwrap().to_owned();
    let lines = portico.failure(&correlation).await;
    lines[0]["fields"]["detail"].as_str().unwrap().to_owned()
}

/// A login cannot begin: the settings are wrong, waiting does not help, and the log says all of this.
async fn assert_misconfigured(portico: &Portico, provider: &str, said: &[&str]) {
    let response = Browser::default().begin(&portico.base, provider, "").await;
    portico_e2e::assert_refused(&response, 502, "provider_misconfigured");
    assert!(!response.headers.contains_key("retry-after"), "{response:?}");
    assert!(response.headers.get("set-cookie").is_none(), "{response:?}");
    let detail = detail(portico, &response).await;
    for text in said {
        assert!(detail.contains(text), "{text:?} is not in {detail:?}");
    }
}
