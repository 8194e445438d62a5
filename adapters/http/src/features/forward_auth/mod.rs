//! Forward authentication: proxies ask whether a request for a protected app may pass, and who sent it.
//!
//! * `target.rs`: the request that a proxy asks about, from the headers of its family;
//! * `decide.rs`: whether it may pass;
//! * `answer.rs`: the response in the form that the family passes on;
//! * `identity.rs`: the headers that tell the app who asks;
//! * `hand_off.rs`: how the browser gets a session at the host of the app;
//! * `sign_out.rs`: the way from an app to a sign-out;
//! * `rounds.rs`: hand-offs that go in a circle.

mod answer;
mod decide;
mod hand_off;
mod identity;
mod rounds;
mod sign_out;
mod target;

use std::sync::Arc;

use portico_domain::{
    apps::{Apps, WebOrigin},
    ports::Entropy,
    return_to::Destinations,
    use_cases::{HostSessions, SessionJwt},
};

use self::target::Family;
#[cfg(feature = "testing")]
pub(crate) use self::target::forwarded_url;
pub(super) use self::{identity::Identities, rounds::Rounds};
use super::pages::style;
use crate::{
    limits::LoginLimiter,
    request::Cookies,
    response::{CorrelationIds, Rendering},
    routing::{ANY, Access, GET, NO_BODY, Route},
    session::SessionReader,
};

/// Dependencies of the feature.
pub(crate) struct ForwardAuth {
    pub(super) apps: Apps,
    pub(super) destinations: Destinations,
    /// Portico's own origin, if an app can have it too.
    pub(super) own_host: Option<WebOrigin>,
    pub(super) host_sessions: HostSessions,
    pub(super) session_jwt: SessionJwt,
    pub(super) sessions: Arc<SessionReader>,
    pub(super) limiter: Arc<LoginLimiter>,
    /// Of Portico's own host.
    pub(super) cookies: Cookies,
    pub(super) correlations: CorrelationIds,
    /// For the ids of browsers.
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) identities: Identities,
    pub(super) rounds: Rounds,
}

impl ForwardAuth {
    pub(super) const ROUTES: &[Route<Self>] = &[
        Route {
            name: "verify",
            methods: ANY,
            path: "/auth/verify",
            body_limit: NO_BODY,
            rendering: Rendering::Json,
            access: Access::Browser,
            handler: |auth, call| Box::pin(async move { auth.answer(&call, Family::Other).await }),
        },
        Route {
            name: "verify_nginx",
            methods: ANY,
            path: "/auth/nginx",
            body_limit: NO_BODY,
            rendering: Rendering::Json,
            access: Access::Browser,
            handler: |auth, call| Box::pin(async move { auth.answer(&call, Family::Nginx).await }),
        },
        Route {
            name: "verify_forward",
            methods: ANY,
            path: "/auth/forward",
            body_limit: NO_BODY,
            rendering: Rendering::Json,
            access: Access::Browser,
            handler: |auth, call| {
                Box::pin(async move { auth.answer(&call, Family::Forward).await })
            },
        },
        Route {
            name: "verify_envoy",
            methods: ANY,
            path: "/auth/envoy/{…}",
            body_limit: NO_BODY,
            rendering: Rendering::Json,
            access: Access::Browser,
            handler: |auth, call| Box::pin(async move { auth.answer(&call, Family::Envoy).await }),
        },
        Route {
            name: "hand_off",
            methods: GET,
            path: "/auth/hand-off",
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |auth, call| Box::pin(async move { auth.hand_off(&call).await }),
        },
        Route {
            name: "host_start",
            methods: GET,
            path: "/portico/start",
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |auth, call| Box::pin(async move { auth.start(&call) }),
        },
        Route {
            name: "host_callback",
            methods: GET,
            path: "/portico/callback",
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |auth, call| Box::pin(async move { auth.callback(&call).await }),
        },
        Route {
            name: "host_sign_out",
            methods: GET,
            path: "/portico/sign-out",
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |auth, call| Box::pin(async move { auth.leave(&call) }),
        },
        Route {
            name: "host_style",
            methods: GET,
            path: "/portico/portico.css",
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |_, _| Box::pin(async { Ok(style()) }),
        },
        Route {
            name: "sign_out_page",
            methods: GET,
            path: "/auth/sign-out",
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |auth, call| Box::pin(async move { auth.sign_out_page(&call).await }),
        },
    ];
}
