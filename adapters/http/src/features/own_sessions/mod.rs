//! The sessions of a person, for that person: the list, and the end of one.

mod view;

use std::sync::Arc;

use portico_domain::{
    return_to::Destinations,
    session::{Session, SessionKey},
    use_cases::{Asking, OwnSessions},
};
use warp::{
    http::{HeaderValue, StatusCode, header},
    reply::{Reply, Response},
};

use crate::{
    error::{ErrorCode, Failure, wrong_origin},
    limits::LoginLimiter,
    request::{Call, Cookies, is_allowed_origin},
    response::{CorrelationIds, Rendering, private_json, set_correlation},
    routing::{Access, DELETE, GET, NO_BODY, Route},
    session::SessionReader,
};

/// Dependencies of the feature.
pub(crate) struct SessionList {
    pub(super) own_sessions: OwnSessions,
    pub(super) destinations: Destinations,
    pub(super) limiter: Arc<LoginLimiter>,
    pub(super) sessions: Arc<SessionReader>,
    pub(super) cookies: Cookies,
    pub(super) correlations: CorrelationIds,
}

impl SessionList {
    pub(super) const ROUTES: &[Route<Self>] = &[
        Route {
            name: "own_sessions",
            methods: GET,
            path: "/api/sessions",
            body_limit: NO_BODY,
            rendering: Rendering::Json,
            access: Access::Scripts,
            handler: |list, call| Box::pin(async move { list.show(&call).await }),
        },
        Route {
            name: "end_own_session",
            methods: DELETE,
            path: "/api/sessions/{id}",
            body_limit: NO_BODY,
            rendering: Rendering::Json,
            access: Access::Scripts,
            handler: |list, call| Box::pin(async move { list.end(&call).await }),
        },
    ];

    async fn show(&self, call: &Call) -> Result<Response, Failure> {
        let live = self.sessions.require(call).await?;
        let asking = self.asking(call, &live.session)?;
        let listed = self.own_sessions.list(&asking).await;
        let listed = listed.map_err(|error| Failure::store(&error))?;
        let render = || view::sessions_json(&listed);
        let response = self.sessions.respond(call, &live, None, render).await?;
        Ok(private_json(response))
    }

    async fn end(&self, call: &Call) -> Result<Response, Failure> {
        if !is_allowed_origin(call.headers(), &self.destinations) {
            return Err(wrong_origin(call.headers()));
        }
        let live = self.sessions.require(call).await?;
        let asking = self.asking(call, &live.session)?;
        let ended = self.own_sessions.end(&asking, &call.parameter).await;
        let ended = ended.map_err(|error| Failure::store(&error))?;
        let ended = ended.ok_or(ErrorCode::UnknownSession)?;
        self.sessions.forget(&ended);
        let correlation = self.correlations.draw();
        self.log(call, &live.session, &correlation);
        let mut response =
            warp::reply::with_status(warp::reply(), StatusCode::NO_CONTENT).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if ended == asking.session {
            headers.append(header::SET_COOKIE, self.cookies.clear_session()?);
        }
        set_correlation(&mut response, &correlation);
        Ok(response)
    }

    fn asking(&self, call: &Call, session: &Session) -> Result<Asking, Failure> {
        let key: Option<SessionKey> = self.sessions.key(call);
        let key = key.ok_or(ErrorCode::NoSession)?;
        Ok(Asking { person: session.person, session: key })
    }

    /// The log line of a session that its person has ended.
    fn log(&self, call: &Call, session: &Session, correlation: &str) {
        let address = self.limiter.client(call.head.peer.0, call.headers());
        let provider = session.provider.as_str();
        let identity = session.own_account().map(|account| &account.identity);
        let tenant = identity.map(|identity| identity.tenant.as_str());
        let subject = identity.map(|identity| identity.subject.as_str());
        tracing::info!(provider, tenant, subject, %address, correlation, "session ended");
    }
}
