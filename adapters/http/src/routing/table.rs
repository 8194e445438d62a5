//! The table of routes: matches paths.

use std::sync::Arc;

use warp::http::Method;

use super::{
    methods::Methods,
    route::{Access, HandlerFuture, Route},
};
use crate::{request::Call, response::Rendering};

/// All routes by path, each bound to the state of its feature.
#[derive(Default)]
pub(crate) struct Table(Vec<PathRow>);

/// The routes of one path, by method.
pub(super) struct PathRow {
    pattern: &'static str,
    pub(super) access: Access,
    /// The value of `Allow` (RFC 9110 section 10.2.1).
    pub(super) allow: String,
    routes: Vec<BoundRoute>,
}

/// A route with its state.
pub(super) struct BoundRoute {
    methods: &'static Methods,
    pub(super) body_limit: usize,
    pub(super) rendering: Rendering,
    pub(super) handler: Box<dyn Fn(Arc<Call>) -> HandlerFuture + Send + Sync>,
}

impl PathRow {
    /// The route for this method.
    pub(super) fn route(&self, method: &Method) -> Option<&BoundRoute> {
        self.routes.iter().find(|route| route.methods.accepts(method))
    }

    /// The form of the error for another method.
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

    /// The row that matches the path, and the segment at its `{…}`, which is empty if it has none. A
    /// trailing slash is ignored; an empty path (CONNECT) is the root.
    pub(super) fn find<'a>(&self, path: &'a str) -> Option<(&PathRow, &'a str)> {
        let path = trimmed(path);
        self.0.iter().find_map(|row| Some((row, matched(row.pattern, path)?)))
    }
}

/// Whether the path matches the pattern, or is below the first segment of a pattern with several.
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

/// The last segment of a pattern that any further path matches.
const REST: &str = "{…}";

/// The segment at the `{…}` of the pattern, empty if it has none; `None` if the path does not match.
/// The pattern begins with a slash, the path does not.
fn matched<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let mut parameter = "";
    let (mut pattern, mut segments) = (pattern.split('/').skip(1), path.split('/'));
    loop {
        match (pattern.next(), segments.next()) {
            (None, None) => return Some(parameter),
            (Some(REST), Some(_)) => return Some(parameter),
            (Some(expected), Some(segment)) if expected.starts_with('{') && !segment.is_empty() => {
                parameter = segment;
            }
            (Some(expected), Some(segment)) if expected == segment => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::root("/", "", Some(""))]
    #[case::root_other_path("/", "x", None)]
    #[case::root_two_segments("/", "/", None)]
    #[case::literal("/dashboard", "dashboard", Some(""))]
    #[case::literal_other_case("/dashboard", "Dashboard", None)]
    #[case::literal_longer_path("/dashboard", "dashboard/x", None)]
    #[case::parameter("/api/login/{provider}", "api/login/azure", Some("azure"))]
    #[case::parameter_percent_encoded("/api/login/{provider}", "api/login/a%2Fb", Some("a%2Fb"))]
    #[case::parameter_empty("/api/login/{provider}", "api/login/", None)]
    #[case::parameter_missing("/api/login/{provider}", "api/login", None)]
    #[case::empty_segment("/api/login/{provider}", "api//azure", None)]
    #[case::inner_parameter("/api/accounts/{id}/list", "api/accounts/x/list", Some("x"))]
    #[case::rest_of_several_segments("/auth/envoy/{…}", "auth/envoy/a//b", Some(""))]
    #[case::rest_of_one_segment("/auth/envoy/{…}", "auth/envoy/", Some(""))]
    #[case::rest_missing("/auth/envoy/{…}", "auth/envoy", None)]
    #[case::inner_parameter_empty("/api/accounts/{id}/list", "api/accounts//list", None)]
    fn matched_compares_segments(
        #[case] pattern: &str,
        #[case] path: &str,
        #[case] parameter: Option<&str>,
    ) {
        assert_eq!(matched(pattern, path), parameter);
    }
}
