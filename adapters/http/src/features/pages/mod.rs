//! The sign-in page, the built-in dashboard, and their assets.

mod assets;
mod buttons;
mod dashboard;
mod icons;
mod scripts;
mod sign_in;

use std::sync::Arc;

use portico_domain::{provider::Providers, return_to::Destinations, session::Session};
use warp::reply::Response;

use self::assets::{FAVICON_ICO, FAVICON_SVG, SCRIPT, STYLE, asset, icon};
pub(crate) use self::icons::Icons;
use crate::{
    response::Rendering,
    routing::{Access, GET, NO_BODY, Route},
    session::SessionReader,
};

/// The style sheet of all pages.
pub(super) fn style() -> Response {
    asset(STYLE, "text/css; charset=utf-8")
}

/// The name of the person as pages show it.
pub(super) fn display_name(session: &Session) -> String {
    buttons::names(session).0
}

/// Dependencies of the feature.
pub(crate) struct Pages {
    pub(super) providers: Providers,
    pub(super) destinations: Destinations,
    pub(super) sessions: Arc<SessionReader>,
    pub(super) icons: Icons,
}

impl Pages {
    pub(super) const ROUTES: &[Route<Self>] = &[
        Route {
            name: "sign_in_page",
            methods: GET,
            path: "/",
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |pages, call| Box::pin(async move { sign_in::sign_in(&pages, &call).await }),
        },
        Route {
            name: "dashboard",
            methods: GET,
            path: "/dashboard",
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |pages, call| {
                Box::pin(async move { dashboard::dashboard(&pages, &call).await })
            },
        },
        Route {
            name: "style",
            methods: GET,
            path: "/assets/portico.css",
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |_, _| Box::pin(async { Ok(style()) }),
        },
        Route {
            name: "dashboard_script",
            methods: GET,
            path: "/assets/dashboard.js",
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |_, _| Box::pin(async { Ok(asset(SCRIPT, "text/javascript; charset=utf-8")) }),
        },
        Route {
            name: "favicon_svg",
            methods: GET,
            path: "/assets/favicon.svg",
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |_, _| Box::pin(async { Ok(asset(FAVICON_SVG, "image/svg+xml")) }),
        },
        Route {
            name: "favicon_ico",
            methods: GET,
            path: "/favicon.ico",
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |_, _| Box::pin(async { Ok(asset(FAVICON_ICO, "image/x-icon")) }),
        },
        Route {
            name: "provider_icon",
            methods: GET,
            path: "/assets/providers/{file}",
            body_limit: NO_BODY,
            rendering: Rendering::Page,
            access: Access::Browser,
            handler: |pages, call| Box::pin(async move { icon(&pages, &call) }),
        },
    ];
}
