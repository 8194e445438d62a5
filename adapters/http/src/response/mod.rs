//! What answers are made of: redirects, pages and JSON with their headers, and the id that names an
//! answer in the log.

mod correlation;
mod json;
mod json_writer;
mod page;
mod redirect;
mod rendering;
mod security_headers;

pub use self::rendering::Rendering;
pub(crate) use self::{
    correlation::{CORRELATION, CorrelationIds, name_in_log},
    json::{json, json_of_this_browser, rfc3339},
    json_writer::{Json, Object},
    page::{POLICY, as_page, message_page, rendered, text_of},
    redirect::{redirect, redirect_to_see},
    security_headers::harden,
};
