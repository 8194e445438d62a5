//! The session API: show and log out.

mod log_out;
mod record;
mod view;

use std::sync::Arc;

use portico_domain::{return_to::Destinations, use_cases::LogOut};
use warp::reply::Response;

use crate::{
    error::Failure,
    limits::LoginLimiter,
    request::{Call, Cookies},
    response::{CorrelationIds, Rendering, private_json},
    routing::{Access, GET, NO_BODY, POST, Route},
    session::{SessionReader, View},
};

/// Dependencies of the feature.
pub(crate) struct SessionApi {
    pub(super) log_out: LogOut,
    pub(super) destinations: Destinations,
    pub(super) limiter: Arc<LoginLimiter>,
    pub(super) sessions: Arc<SessionReader>,
    pub(super) cookies: Cookies,
    pub(super) correlations: CorrelationIds,
}

impl SessionApi {
    pub(super) const ROUTES: &[Route<Self>] = &[
        Route {
            name: "session",
            methods: GET,
            path: "/api/session",
            body_limit: NO_BODY,
            rendering: Rendering::Json,
            access: Access::Scripts,
            handler: |session, call| Box::pin(async move { session.show(&call).await }),
        },
        Route {
            name: "logout",
            methods: POST,
            path: "/api/logout",
            body_limit: 4_096,
            rendering: Rendering::Json,
            access: Access::Scripts,
            handler: |session, call| {
                Box::pin(async move { log_out::log_out(&session, &call).await })
            },
        },
    ];

    async fn show(&self, call: &Call) -> Result<Response, Failure> {
        if let Some(response) = self.sessions.cached(call, &View::Session).await? {
            return Ok(private_json(response));
        }
        let live = self.sessions.require(call).await?;
        let render = || view::session_json(&live, &self.sessions.providers);
        let response = self.sessions.respond(call, &live, Some(View::Session), render).await?;
        Ok(private_json(response))
    }
}
