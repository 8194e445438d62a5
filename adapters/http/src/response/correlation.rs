//! The id that names an answer in the log: on every failure, login and logout.

use std::sync::Arc;

use portico_domain::ports::Entropy;
use warp::{
    http::{HeaderName, HeaderValue},
    reply::Response,
};

/// The header that carries it.
pub(crate) const CORRELATION: HeaderName = HeaderName::from_static("x-correlation-id");

/// Where correlation ids come from.
#[derive(Clone)]
pub(crate) struct CorrelationIds(pub(crate) Arc<dyn Entropy>);

impl CorrelationIds {
    /// Eight random bytes in hexadecimal.
    pub(crate) fn draw(&self) -> String {
        let mut bytes = [0_u8; 8];
        self.0.fill(&mut bytes);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Names an answer in the log.
pub(crate) fn name_in_log(response: &mut Response, correlation: &str) {
    // It is hexadecimal.
    if let Ok(value) = HeaderValue::from_str(correlation) {
        response.headers_mut().insert(CORRELATION, value);
    }
}
