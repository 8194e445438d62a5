//! The features of Portico over HTTP: routes, handlers, views, errors, and a state with dependencies
//! for each. A handler parses the request, calls one use case, and builds the response.

mod accounts;
mod backends;
mod compose;
mod decision;
mod elapsed;
mod events;
mod failures;
mod forward_auth;
mod login;
mod operations;
mod own_sessions;
mod pages;
mod provider_logout;
mod providers;
mod public_keys;
mod session;
mod shared;

use std::sync::Arc;

pub use self::compose::Dependencies;
#[cfg(feature = "testing")]
pub(crate) use self::{
    backends::{basic_credentials, exchange_request},
    forward_auth::forwarded_url,
    login::{callback, login_request},
};
pub(crate) use self::{compose::compose, forward_auth::ForwardAuth, shared::Shared};
use crate::routing::{RouteInfo, Table, owns};

/// Generates from one list of features: the struct of their states, the table of their routes, and the
/// list of routes that documents are compared with.
macro_rules! features {
    ($($name:ident: $feature:ty),+ $(,)?) => {
        /// The state of each feature.
        pub(crate) struct Features {
            $($name: Arc<$feature>,)+
        }

        impl Features {
            /// The checks of proxies.
            pub(crate) fn forward_auth(&self) -> Arc<forward_auth::ForwardAuth> {
                self.forward_auth.clone()
            }

            /// All routes.
            pub(crate) fn table(&self) -> Table {
                Table::default()$(.mount(<$feature>::ROUTES, &self.$name))+
            }
        }

        /// All routes, in the order of the table.
        pub fn routes() -> Vec<RouteInfo> {
            let mut routes = Vec::new();
            $(routes.extend(<$feature>::ROUTES.iter().map(|route| route.info()));)+
            routes
        }
    };
}

features! {
    // First, since apps request it often, and the table is searched in order.
    session: session::SessionApi,
    forward_auth: forward_auth::ForwardAuth,
    accounts: accounts::Accounts,
    events: events::Events,
    own_sessions: own_sessions::SessionList,
    provider_logout: provider_logout::ProviderLogout,
    providers: providers::ProviderList,
    login: login::Login,
    decision: decision::Decide,
    pages: pages::Pages,
    operations: operations::Operations,
    public_keys: public_keys::PublicKeys,
    backends: backends::Backends,
}

/// Whether a path belongs to Portico: it matches a route, or is below the first segment of one with
/// several.
fn owns_path(path: &str) -> bool {
    routes().iter().any(|route| owns(route.path, path))
}

/// Whether a path is a health check, which is answered also over the connection limit.
pub(crate) fn is_health_check(path: &str) -> bool {
    operations::Operations::ROUTES.iter().any(|route| route.path == path)
}

#[cfg(test)]
mod tests;
