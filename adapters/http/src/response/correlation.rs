//! Correlation ids: in the response and the log line of each failure, login and logout.

use std::sync::Arc;

use portico_domain::ports::Entropy;
use warp::{
    http::{HeaderName, HeaderValue},
    reply::Response,
};

/// The header of the id.
pub(crate) const CORRELATION: HeaderName = HeaderName::from_static("x-correlation-id");

/// Generates ids.
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

/// Sets the header.
pub(crate) fn set_correlation(response: &mut Response, correlation: &str) {
    // Hexadecimal is valid in a header.
    if let Ok(value) = HeaderValue::from_str(correlation) {
        response.headers_mut().insert(CORRELATION, value);
    }
}
