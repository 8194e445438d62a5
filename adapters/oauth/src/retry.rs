//! Retries of GET requests, with `Retry-After` or a back-off.

use std::time::Duration;

use http::{
    HeaderMap, StatusCode,
    header::{DATE, HeaderName, RETRY_AFTER},
};

/// The waits before the retries if the response has no `Retry-After`.
const BACK_OFF: [Duration; 2] = [Duration::from_millis(250), Duration::from_millis(500)];

/// The remaining retries of one request.
pub(crate) struct Retries(std::slice::Iter<'static, Duration>);

impl Retries {
    /// Two retries for an idempotent request, else none.
    pub(crate) fn of(is_idempotent: bool) -> Self {
        Self(if is_idempotent { BACK_OFF.iter() } else { [].iter() })
    }

    /// Takes the next retry and returns how long to wait before it. `response` is `None` after a
    /// broken connection. `None` if no retry is left or the response is final.
    pub(crate) fn next_wait(
        &mut self,
        response: Option<(StatusCode, &HeaderMap)>,
    ) -> Option<Duration> {
        let back_off = match response {
            Some((StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE, _)) | None => {
                *self.0.next()?
            }
            Some(_) => return None,
        };
        Some(response.and_then(|(_, headers)| retry_after(headers)).unwrap_or(back_off))
    }
}

/// `Retry-After` (RFC 9110 section 10.2.3). A date is relative to the response's own `Date`, so the
/// local clock does not matter.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let after = text(RETRY_AFTER)?;
    if let Ok(seconds) = after.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text| httpdate::parse_http_date(text).ok();
    Some(date(after)?.duration_since(date(text(DATE)?)?).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(&'static str, &'static str)]) -> Option<Duration> {
        let headers = headers.iter().map(|(name, value)| {
            (HeaderName::from_static(name), http::HeaderValue::from_static(value))
        });
        let headers = HeaderMap::from_iter(headers);
        Retries::of(true).next_wait(Some((StatusCode::SERVICE_UNAVAILABLE, &headers)))
    }

    #[test]
    fn next_wait_reads_retry_after_in_seconds_or_date() {
        assert_eq!(wait(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        let dated = [
            ("date", "Wed, 21 Oct 2015 07:27:50 GMT"),
            ("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ];
        assert_eq!(wait(&dated), Some(Duration::from_secs(10)));
        assert_eq!(wait(&[dated[0], ("retry-after", dated[0].1)]), Some(Duration::ZERO));
    }

    #[test]
    fn next_wait_uses_back_off_for_unreadable_retry_after() {
        for after in ["", "soon", "-1", "1.5", "Wed, 21 Oct 2015 07:28:00 GMT"] {
            assert_eq!(wait(&[("retry-after", after)]), Some(BACK_OFF[0]), "{after}");
        }
        assert_eq!(wait(&[]), Some(BACK_OFF[0]));
    }

    #[test]
    fn next_wait_allows_two_retries_of_repeatable_requests() {
        let mut retries = Retries::of(true);
        let waits = [(); 3].map(|()| retries.next_wait(None));
        assert_eq!(waits, [Some(BACK_OFF[0]), Some(BACK_OFF[1]), None]);
        assert_eq!(Retries::of(false).next_wait(None), None);
    }

    #[test]
    fn next_wait_returns_none_for_final_status() {
        for status in [StatusCode::OK, StatusCode::FORBIDDEN, StatusCode::INTERNAL_SERVER_ERROR] {
            let response = Some((status, &HeaderMap::new()));
            assert_eq!(Retries::of(true).next_wait(response), None, "{status}");
        }
    }
}
