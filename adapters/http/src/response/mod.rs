//! Builds responses: redirects, pages and JSON with their headers, and correlation ids.

mod correlation;
mod json;
mod json_writer;
mod page;
mod redirect;
mod rendering;
mod security_headers;

pub use self::rendering::Rendering;
pub(crate) use self::{
    correlation::{CORRELATION, CorrelationIds, set_correlation},
    json::{json, private_json, rfc3339},
    json_writer::{Json, Object},
    page::{POLICY, PageHost, as_page, html, message_page, page},
    redirect::{redirect, see_other},
    security_headers::{FRAMEABLE, harden},
};
