//! What a page of another origin is told that may not ask: which part of its request is at fault.

use portico_domain::text::clean;
use warp::http::{HeaderMap, StatusCode, header};

use super::{CALLER, Failure};
use crate::origin::CorsFault;

impl Failure {
    /// 403 for a call from a page that may not make it.
    pub(crate) fn wrong_origin(headers: &HeaderMap) -> Self {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let said = match (origins.next(), origins.next()) {
            (None, _) => "it has no Origin header".to_owned(),
            (Some(origin), None) => format!("its Origin header says {}", shown(origin.as_bytes())),
            (Some(_), Some(_)) => "it has more than one Origin header".to_owned(),
        };
        let message =
            format!("This call must come from a page of Portico or of the dashboard: {said}.");
        let advice = "Make the call from such a page, or set DASHBOARD_URL to the page's origin.";
        Self::new(StatusCode::FORBIDDEN, "wrong_origin", &message, advice)
    }

    /// 403 for what CORS lets no page of another origin do (Fetch standard section 3.3).
    pub(crate) fn cors(fault: &CorsFault<'_>, headers: &HeaderMap) -> Self {
        let (code, message) = match fault {
            CorsFault::Origin => return Self::wrong_origin(headers),
            CorsFault::Method { sent, allowed } => (
                "wrong_method",
                format!("A page of another origin may not send {}, but {allowed}.", shown(sent)),
            ),
            CorsFault::Header { sent, allowed } => (
                "wrong_header",
                format!(
                    "A page of another origin may not send the header {}: of those that need a \
                     preflight it may send {allowed} alone.",
                    shown(sent)
                ),
            ),
        };
        Self::new(StatusCode::FORBIDDEN, code, &message, CALLER)
    }
}

/// Somebody else's text.
fn shown(sent: &[u8]) -> String {
    clean(&String::from_utf8_lossy(sent), 100)
}
