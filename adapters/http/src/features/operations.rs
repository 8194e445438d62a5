//! Health and readiness, for load balancers and operators.

use std::{collections::BTreeMap, sync::Arc};

use portico_domain::ports::Sessions;
use serde::Serialize;
use warp::reply::Response;

use crate::{
    error::Failure,
    providers::{ProviderFaults, ProviderNote, ProviderNotes},
    response::{Rendering, json},
    routing::{Access, GET, NO_BODY, Route},
};

/// Dependencies of the feature.
pub(crate) struct Operations {
    pub(super) sessions: Arc<dyn Sessions>,
    pub(super) provider_faults: ProviderFaults,
    pub(super) provider_notes: ProviderNotes,
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Readiness {
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_faults: Option<usize>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    providers: BTreeMap<String, ProviderNote>,
    status: &'static str,
}

impl Operations {
    pub(super) const ROUTES: &[Route<Self>] = &[
        Route {
            name: "health",
            methods: GET,
            path: "/healthz",
            body_limit: NO_BODY,
            rendering: Rendering::Json,
            access: Access::Browser,
            handler: |_, _| Box::pin(async { Ok(json(&Health { status: "ok" })) }),
        },
        Route {
            name: "readiness",
            methods: GET,
            path: "/readyz",
            body_limit: NO_BODY,
            rendering: Rendering::Json,
            access: Access::Browser,
            handler: |operations, _| Box::pin(async move { operations.ready().await }),
        },
    ];

    /// Ready if the store works. Providers do not affect readiness: one that is unreachable or loading
    /// fails its own logins only, and is listed with a reason; a plug-in that cannot be loaded is
    /// counted, and its previous version stays in use. The response is public, so details are in the
    /// log and in `portico provider list` only.
    async fn ready(&self) -> Result<Response, Failure> {
        self.sessions.check().await.map_err(|error| Failure::store(&error))?;
        let faults = self.provider_faults.list().len();
        Ok(json(&Readiness {
            provider_faults: (faults > 0).then_some(faults),
            providers: self.provider_notes.view(),
            status: "ready",
        }))
    }
}
