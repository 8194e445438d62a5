//! The log line of a failure.

use std::net::IpAddr;

use super::{ErrorCode, Failure};
use crate::request::RequestHead;

/// Logs a failure: `warn` where Portico or a provider is at fault, `info` otherwise.
pub(super) fn log(failure: &Failure, head: &RequestHead, address: IpAddr, correlation: &str) {
    let row = failure.code.row();
    let (status, code, detail) = (row.status.as_u16(), row.code, &failure.detail);
    let (method, path) = (head.logged_method(), head.logged_path());
    let login = failure.login.as_deref();
    let person = login.and_then(|login| login.person.as_ref());
    let provider = login.map(|login| login.provider.as_str());
    let tenant = person.map(|person| person.tenant.as_str());
    let subject = person.map(|person| person.subject.as_str());
    let completion = login.and_then(|login| login.completion.as_ref());
    let check = completion.map(|completion| completion.check.unwrap_or(code));
    let milliseconds = completion.map(|completion| completion.milliseconds);
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
                outcome = completion.map(|_| $outcome),
                check,
                milliseconds,
                $message
            )
        };
    }
    // A logout that was not carried out is answered 400, as its specification requires.
    if row.status.is_server_error() || failure.code == ErrorCode::LogoutUndone {
        line!(warn, "failed", "request failed");
    } else {
        line!(info, "refused", "request refused");
    }
}
