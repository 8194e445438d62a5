//! What Portico offers, and whether it is well.

use serde::Serialize;
use serde_json::json;
use warp::reply::{Reply, Response};

use super::Call;
use crate::failure::Failure;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProviderView<'a> {
    id: &'a str,
    name: &'a str,
    account_noun: &'a str,
    login: String,
}

/// `GET /api/providers`.
pub(crate) async fn providers(call: Call) -> Result<Response, Failure> {
    let view = |provider: &portico_domain::provider::Registration| {
        let descriptor = provider.cloud.descriptor();
        json!(ProviderView {
            id: descriptor.id.as_str(),
            name: &descriptor.name,
            account_noun: &descriptor.account_noun,
            login: format!("/api/login/{}", descriptor.id),
        })
    };
    let providers: Vec<_> = call.app.providers.iter().map(view).collect();
    Ok(warp::reply::json(&providers).into_response())
}

/// `GET /healthz`: the process answers.
pub(crate) async fn health(_: Call) -> Result<Response, Failure> {
    Ok(warp::reply::json(&json!({"status": "ok"})).into_response())
}

/// `GET /readyz`: logins and sessions can be kept. A provider that is away does not make Portico
/// unready: its own logins say so, and sessions go on.
pub(crate) async fn ready(call: Call) -> Result<Response, Failure> {
    call.app.sessions.check().await.map_err(|error| Failure::store(&error))?;
    Ok(warp::reply::json(&json!({"status": "ready"})).into_response())
}
