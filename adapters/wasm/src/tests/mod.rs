//! The whole way of a plug-in, from its file to a listing.

mod child;
mod compiled;
mod fairness;
mod honest;
mod hostile;
mod inspection;
mod memory;
mod old;
mod rules;
mod shares;

use portico_domain::{
    identity::{Claims, Identity},
    ports::CloudProvider,
    provider::{Problem, Settings, Step},
};

use crate::{Limits, LoadError, Plugin, Sandbox, WasmProvider};

/// An issuer for guests that have a setting for it.
const ISSUER: &str = "http://127.0.0.1:4000/contoso";
const CLAIMS: &str =
    r#"{"iss":"http://127.0.0.1:4000/contoso","sub":"zofia","name":"Zofia Nowak"}"#;

async fn loaded(component: &[u8]) -> Result<Plugin, LoadError> {
    loaded_in(&Sandbox::new()?, component).await
}

async fn loaded_in(sandbox: &Sandbox, component: &[u8]) -> Result<Plugin, LoadError> {
    Plugin::load(sandbox, &sandbox.compile(component)?, Limits::default()).await
}

async fn configured(plugin: &Plugin) -> Result<WasmProvider, Problem> {
    plugin.configure(Settings::from_iter([("issuer", ISSUER)])).await
}

async fn provider(component: &[u8]) -> WasmProvider {
    configured(&loaded(component).await.unwrap()).await.unwrap()
}

async fn identified(provider: &WasmProvider) -> Result<Identity, Problem> {
    provider.identify(None, &Claims::parse(CLAIMS).unwrap()).await
}

/// The first step of a listing.
async fn listed(provider: &WasmProvider) -> Result<Step, Problem> {
    let identity = portico_domain::testing::samples::identity("contoso", "zofia");
    provider.discover(&identity).await?.next(vec![]).await
}
