//! The table of routes, and the dispatch of requests: match the path, check method and body limit,
//! call the handler, render a failure in the form of the route.

mod cors;
mod dispatch;
mod filters;
mod methods;
mod route;
mod table;

pub use self::route::RouteInfo;
pub(crate) use self::{
    filters::filter,
    methods::{ANY, DELETE, GET, POST},
    route::{Access, NO_BODY, Route},
    table::{Table, owns},
};

#[cfg(test)]
mod tests;
