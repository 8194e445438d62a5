//! Whether Portico is well, for load balancers and operators.

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

/// What the answers about Portico's own state need.
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
    /// The routes for load balancers and operators.
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

    /// Logins and sessions can be kept. A provider that is away or still loading does not make Portico
    /// unready: its own logins say so, and sessions go on; it is in the answer with a word that says
    /// why. Nor does a plug-in that cannot be loaded: it is counted, and the version before goes on
    /// serving. Anybody may ask, so addresses, folders and files are in the log and in `portico
    /// provider list` alone.
    async fn ready(&self) -> Result<Response, Failure> {
        self.sessions.check().await.map_err(|error| Failure::store(&error))?;
        let faults = self.provider_faults.list().len();
        Ok(json(&Readiness {
            provider_faults: (faults > 0).then_some(faults),
            providers: self.provider_notes.shown(),
            status: "ready",
        }))
    }
}
