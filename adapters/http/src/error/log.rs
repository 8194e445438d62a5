//! The one log line of a failure.

use std::net::IpAddr;

use super::Failure;
use crate::request::RequestHead;

/// Logs a failure: `warn` where Portico or a provider is at fault, `info` where the client is.
pub(super) fn log(failure: &Failure, head: &RequestHead, address: IpAddr, correlation: &str) {
    let row = failure.code.row();
    let (status, code, detail) = (row.status.as_u16(), row.code, &failure.detail);
    let (method, path) = (head.shown_method(), head.shown_path());
    let login = failure.login.as_deref();
    let person = login.and_then(|login| login.person.as_ref());
    let provider = login.map(|login| login.provider.as_str());
    let tenant = person.map(|person| person.tenant.as_str());
    let subject = person.map(|person| person.subject.as_str());
    let ended = login.and_then(|login| login.ended.as_ref());
    let check = ended.map(|ended| ended.check.unwrap_or(code));
    let milliseconds = ended.map(|ended| ended.milliseconds);
    macro_rules! line {
        ($level:ident, $outcome:literal, $message:literal) => {
            tracing::$level!(
                status,
                code,
                correlation,
                detail,
                method,
                path,
                %address,
                provider,
                tenant,
                subject,
                outcome = ended.map(|_| $outcome),
                check,
                milliseconds,
                $message
            )
        };
    }
    if row.status.is_server_error() {
        line!(warn, "failed", "request failed");
    } else {
        line!(info, "refused", "request refused");
    }
}
