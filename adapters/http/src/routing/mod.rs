//! The table of routes, and how a request goes through it: found by its path, held against the
//! route's methods and body limit, handed to the handler, and a failure rendered as the route says.

mod cors;
mod dispatch;
mod filters;
mod methods;
mod route;
mod table;

pub use self::route::RouteInfo;
pub(crate) use self::{
    filters::filter,
    methods::{GET, POST},
    route::{Access, NO_BODY, Route},
    table::{Table, owns},
};

#[cfg(test)]
mod tests;
