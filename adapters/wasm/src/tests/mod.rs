//! The whole way of a plug-in, from its file to a listing.

mod child;
mod compiled;
mod fairness;
mod honest;
mod hostile;
mod inspection;
mod memory;
mod rules;
mod shares;
mod v1;
mod v1_rules;

use portico_domain::{
    ports::CloudProvider,
    provider::{CallError, Person, Settings, Step},
};

use crate::{Limits, LoadError, Plugin, Sandbox, WasmProvider};

/// An issuer for guests that have a setting for it.
const ISSUER: &str = "http://127.0.0.1:4000/contoso";
/// Who has signed in.
const ZOFIA: &str = "zofia";

async fn loaded(component: &[u8]) -> Result<Plugin, LoadError> {
    loaded_in(&Sandbox::new()?, component).await
}

async fn loaded_in(sandbox: &Sandbox, component: &[u8]) -> Result<Plugin, LoadError> {
    Plugin::load(sandbox, &sandbox.compile(component)?, Limits::default()).await
}

async fn configured(plugin: &Plugin) -> Result<WasmProvider, CallError> {
    plugin.configure(Settings::from_iter([("issuer", ISSUER)])).await
}

async fn provider(component: &[u8]) -> WasmProvider {
    configured(&loaded(component).await.unwrap()).await.unwrap()
}

fn listing_of(subject: &str) -> Person {
    let identity = portico_domain::testing::samples::identity("contoso", subject);
    Person { identity, token_reply: vec![] }
}

/// The first step of a listing.
async fn listed(provider: &WasmProvider) -> Result<Step, CallError> {
    provider.list(&listing_of(ZOFIA)).await?.next(vec![]).await
}
