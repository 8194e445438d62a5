//! What Portico offers, and whether it is well.

use std::sync::Arc;

use portico_domain::provider::Registration;
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
    /// False where it can only be connected to a session.
    signs_in: bool,
    login: String,
}

/// `GET /api/providers`.
pub(crate) async fn providers(call: Call) -> Result<Response, Failure> {
    let view = |provider: &Arc<Registration>| {
        let descriptor = provider.cloud.descriptor();
        json!(ProviderView {
            id: descriptor.id.as_str(),
            name: &descriptor.name,
            account_noun: &descriptor.account_noun,
            signs_in: descriptor.people.is_some(),
            login: format!("/api/login/{}", descriptor.id),
        })
    };
    let providers: Vec<_> = call.app.providers.all().iter().map(view).collect();
    Ok(warp::reply::json(&providers).into_response())
}

/// `GET /healthz`: the process answers.
pub(crate) async fn health(_: Call) -> Result<Response, Failure> {
    Ok(warp::reply::json(&json!({"status": "ok"})).into_response())
}

/// `GET /readyz`: logins and sessions can be kept. A provider that is away or still loading does not
/// make Portico unready: its own logins say so, and sessions go on; it stands in the answer with a word
/// that says why. Nor does a plug-in that cannot be loaded: it is counted, and the version before goes on
/// serving. Anybody may ask, so addresses, folders and files stand in the log and in `portico provider
/// list` alone.
pub(crate) async fn ready(call: Call) -> Result<Response, Failure> {
    call.app.sessions.check().await.map_err(|error| Failure::store(&error))?;
    let mut body = json!({"status": "ready"});
    let faults = call.app.provider_faults.list().len();
    if faults > 0 {
        body["providerFaults"] = json!(faults);
    }
    let notes = call.app.provider_notes.shown();
    if !notes.is_empty() {
        body["providers"] = notes.into();
    }
    Ok(warp::reply::json(&body).into_response())
}
