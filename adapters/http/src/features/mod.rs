//! What Portico does over HTTP, one folder for each feature: its routes, its handlers, its views, its
//! errors, and a state with the dependencies that it uses. A handler parses, calls one use case, and
//! answers.

mod accounts;
mod compose;
mod decision;
mod elapsed;
mod login;
mod operations;
mod pages;
mod providers;
mod session;

use std::sync::Arc;

pub use self::compose::Dependencies;
pub(crate) use self::compose::{Shared, compose};
#[cfg(feature = "testing")]
pub(crate) use self::login::{callback, login_request};
use crate::routing::{RouteInfo, Table, owns};

/// From one list of features: the struct of their states, the table of their routes, and the list of
/// routes that documents are held against.
macro_rules! features {
    ($($name:ident: $feature:ty),+ $(,)?) => {
        /// Each feature with its state.
        pub(crate) struct Features {
            $($name: Arc<$feature>,)+
        }

        impl Features {
            /// The table of every route.
            pub(crate) fn table(&self) -> Table {
                Table::default()$(.mount(<$feature>::ROUTES, &self.$name))+
            }
        }

        /// Every route of Portico, in the order of the table.
        pub fn routes() -> Vec<RouteInfo> {
            let mut routes = Vec::new();
            $(routes.extend(<$feature>::ROUTES.iter().map(|route| route.info()));)+
            routes
        }
    };
}

features! {
    // What apps ask with every request of their own is found first.
    session: session::SessionApi,
    accounts: accounts::Accounts,
    providers: providers::ProviderList,
    login: login::Login,
    decision: decision::Decide,
    pages: pages::Pages,
    operations: operations::Operations,
}

/// Whether a path is one of Portico's own: a route's, or below the first segment of a longer one.
fn owns_path(path: &str) -> bool {
    routes().iter().any(|route| owns(route.path, path))
}

/// Whether a path is that of a health check, which is answered even where all connections are taken.
pub(crate) fn is_health_check(path: &str) -> bool {
    operations::Operations::ROUTES.iter().any(|route| route.path == path)
}

#[cfg(test)]
mod tests;
