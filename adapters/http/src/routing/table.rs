//! The table of routes: which row a path belongs to.

use std::sync::Arc;

use warp::http::Method;

use super::{
    methods::Methods,
    route::{Access, Answer, Route},
};
use crate::{request::Call, response::Rendering};

/// Every route, each bound to the state of its feature, by path.
#[derive(Default)]
pub(crate) struct Table(Vec<PathRow>);

/// A path and the routes that it has, one for each method.
pub(super) struct PathRow {
    pattern: &'static str,
    pub(super) access: Access,
    /// Every method that it takes, as `Allow` names them (RFC 9110 section 10.2.1).
    pub(super) allow: String,
    routes: Vec<BoundRoute>,
}

/// A route that is bound to its state.
pub(super) struct BoundRoute {
    methods: &'static Methods,
    pub(super) body_limit: usize,
    pub(super) rendering: Rendering,
    pub(super) handler: Box<dyn Fn(Arc<Call>) -> Answer + Send + Sync>,
}

/// The row of a request's path, and what stands at its `{…}`.
#[derive(Clone)]
pub(super) struct Found {
    table: Arc<Table>,
    row: usize,
    pub(super) parameter: String,
}

impl Found {
    pub(super) fn row(&self) -> &PathRow {
        &self.table.0[self.row]
    }
}

impl PathRow {
    /// The route for this method.
    pub(super) fn route(&self, method: &Method) -> Option<&BoundRoute> {
        self.routes.iter().find(|route| route.methods.taken.contains(method))
    }

    /// In which form the path answers a method that it does not take.
    pub(super) fn rendering(&self) -> Rendering {
        self.routes.first().map_or(Rendering::Json, |route| route.rendering)
    }
}

impl Table {
    /// Adds the routes of one feature.
    pub(crate) fn mount<S>(mut self, routes: &'static [Route<S>], state: &Arc<S>) -> Self
    where
        S: Send + Sync + 'static,
    {
        for route in routes {
            let (state, handler) = (state.clone(), route.handler);
            let bound = BoundRoute {
                methods: &route.methods,
                body_limit: route.body_limit,
                rendering: route.rendering,
                handler: Box::new(move |call| handler(state.clone(), call)),
            };
            if let Some(row) = self.0.iter_mut().find(|row| row.pattern == route.path) {
                row.allow.push_str(", ");
                row.allow.push_str(route.methods.allow);
                row.routes.push(bound);
            } else {
                let (pattern, allow) = (route.path, route.methods.allow.to_owned());
                self.0.push(PathRow { pattern, access: route.access, allow, routes: vec![bound] });
            }
        }
        self
    }

    /// The row of this path. A slash at its end makes no difference, and an empty path, as that of
    /// CONNECT, is the root.
    pub(super) fn find(self: &Arc<Self>, path: &str) -> Option<Found> {
        let path = trimmed(path);
        let mut rows = self.0.iter().enumerate();
        rows.find_map(|(row, it)| {
            let parameter = matched(it.pattern, path)?.to_owned();
            Some(Found { table: self.clone(), row, parameter })
        })
    }
}

/// Whether the route of this pattern has this path to itself: the path itself, and what is below the
/// first segment of a pattern of several.
pub(crate) fn owns(pattern: &str, path: &str) -> bool {
    let path = trimmed(path);
    let below = |first: &str| path.strip_prefix(first).is_some_and(|rest| rest.starts_with('/'));
    let first = pattern.trim_start_matches('/').split_once('/').map(|(first, _)| first);
    matched(pattern, path).is_some() || first.is_some_and(below)
}

fn trimmed(path: &str) -> &str {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path)
}

/// What stands at the `{…}` of this pattern, which begins with a slash, in this path, which does not;
/// empty where the pattern has none. `None` where the path is another.
fn matched<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let mut parameter = "";
    let (mut wanted, mut segments) = (pattern.split('/').skip(1), path.split('/'));
    loop {
        match (wanted.next(), segments.next()) {
            (None, None) => return Some(parameter),
            (Some(wanted), Some(segment)) if wanted.starts_with('{') && !segment.is_empty() => {
                parameter = segment;
            }
            (Some(wanted), Some(segment)) if wanted == segment => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matched_compares_segment_by_segment_and_takes_the_one_in_braces() {
        for (pattern, path, parameter) in [
            ("/", "", Some("")),
            ("/", "x", None),
            ("/", "/", None),
            ("/dashboard", "dashboard", Some("")),
            ("/dashboard", "Dashboard", None),
            ("/dashboard", "dashboard/x", None),
            ("/api/login/{provider}", "api/login/azure", Some("azure")),
            ("/api/login/{provider}", "api/login/a%2Fb", Some("a%2Fb")),
            ("/api/login/{provider}", "api/login/", None),
            ("/api/login/{provider}", "api/login", None),
            ("/api/login/{provider}", "api//azure", None),
            ("/api/accounts/{id}/subscriptions", "api/accounts/x/subscriptions", Some("x")),
            ("/api/accounts/{id}/subscriptions", "api/accounts//subscriptions", None),
        ] {
            assert_eq!(matched(pattern, path), parameter, "{pattern} {path}");
        }
    }
}
