//! Reads requests: head, query, cookies, body, and the page that a request comes from. Policy is left
//! to the callers.

mod body;
mod call;
mod cookies;
mod head;
mod navigation;
mod origin;
mod query;
mod user_agent;

pub(crate) use self::{
    body::{BodyError, read},
    call::Call,
    cookies::Cookies,
    head::{Admitted, Peer, RequestHead},
    navigation::is_navigation,
    origin::{allowed_origins, is_allowed_origin, is_own_origin, is_own_page, single},
    query::{Query, Repeated},
    user_agent::session_client,
};
