//! What a request says: its head, its parameters, its cookies, its body, and which page it comes
//! from. Nothing here decides what becomes of it.

mod body;
mod call;
mod cookies;
mod head;
mod navigation;
mod origin;
mod query;

pub(crate) use self::{
    body::{BodyError, read},
    call::Call,
    cookies::Cookies,
    head::{Peer, RequestHead, RequestPath},
    navigation::is_navigation,
    origin::{is_own, is_own_page, may_change_state, spelled},
    query::{Query, Repeated},
};
