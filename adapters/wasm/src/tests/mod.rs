//! Tests of the public API: from a component's file to a listing.

mod cache;
mod child;
mod cpu_time;
mod hostile;
mod inspection;
mod memory_budget;
mod memory_observer;
mod provider;
mod rules;
mod v1;
mod v1_declaration;

use portico_domain::{
    ports::CloudProvider,
    provider::{CallError, Person, Settings, Step},
};

use crate::{
    error::LoadError, limits::Limits, plugin::Plugin, provider::WasmProvider, sandbox::Sandbox,
};

/// The value of the setting `issuer`.
const ISSUER: &str = "http://127.0.0.1:4000/contoso";
/// The subject of the person who has signed in.
const ZOFIA: &str = "zofia";

async fn load(component: &[u8]) -> Result<Plugin, LoadError> {
    load_in(&Sandbox::new()?, component).await
}

async fn load_in(sandbox: &Sandbox, component: &[u8]) -> Result<Plugin, LoadError> {
    Plugin::load(sandbox, &sandbox.compile(component)?, Limits::default()).await
}

async fn configure(plugin: &Plugin) -> Result<WasmProvider, CallError> {
    plugin.configure(Settings::from_iter([("issuer", ISSUER)])).await
}

async fn configured(component: &[u8]) -> WasmProvider {
    configure(&load(component).await.unwrap()).await.unwrap()
}

async fn configured_in(sandbox: &Sandbox, component: &[u8]) -> WasmProvider {
    configure(&load_in(sandbox, component).await.unwrap()).await.unwrap()
}

fn person(subject: &str) -> Person {
    let identity = portico_domain::testing::samples::identity("contoso", subject);
    Person { identity, token_reply: vec![] }
}

/// The first step of a listing.
async fn first_step(provider: &WasmProvider) -> Result<Step, CallError> {
    provider.list(&person(ZOFIA)).await?.next(vec![]).await
}
