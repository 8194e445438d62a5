//! The failure of a request whose `Origin` is not allowed.

use portico_domain::text::clean;
use warp::http::{HeaderMap, header};

use super::{ErrorCode, Failure};

/// 403, with what is wrong with `Origin` in the message.
pub(crate) fn wrong_origin(headers: &HeaderMap) -> Failure {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let why = match (origins.next(), origins.next()) {
        (None, _) => "it has no Origin header".to_owned(),
        (Some(origin), None) => {
            let origin = String::from_utf8_lossy(origin.as_bytes());
            format!("its Origin header says {}", clean(&origin, 100))
        }
        (Some(_), Some(_)) => "it has more than one Origin header".to_owned(),
    };
    Failure::with(ErrorCode::WrongOrigin, &[("why", &why)])
}
