//! The rows of the table, and docs/errors.md.

use std::collections::BTreeMap;

use super::*;

/// The rows in the form of docs/errors.md.
fn table() -> String {
    let row = |code: &ErrorCode| {
        let Row { code, status, message, advice, retry_after } = code.row();
        let retry = retry_after.map_or_else(String::new, |seconds| format!("{seconds} s"));
        format!("| `{code}` | {} | {message} | {advice} | {retry} |\n", status.as_u16())
    };
    ErrorCode::ALL.iter().map(row).collect()
}

#[test]
fn errors_md_equals_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
    let document = std::fs::read_to_string(path).unwrap();
    let rows = document.lines().filter(|line| line.starts_with("| `"));
    let documented: String = rows.map(|line| format!("{line}\n")).collect();
    let table = table();
    println!("{table}");
    assert_eq!(documented, table, "copy the rows printed above to docs/errors.md");
}

#[test]
fn error_codes_are_snake_case_with_one_status_each() {
    let mut statuses = BTreeMap::new();
    for code in ErrorCode::ALL {
        let Row { code, status, message, advice, .. } = code.row();
        assert!(code.bytes().all(|it| it.is_ascii_lowercase() || it == b'_'), "{code}");
        assert_eq!(*statuses.entry(code).or_insert(*status), *status, "{code}");
        assert!(status.is_client_error() || status.is_server_error(), "{code}");
        assert!(message.ends_with('.') && advice.ends_with('.'), "{code}");
    }
}

#[test]
fn errors_of_the_request_do_not_advise_to_sign_in_again() {
    for code in [
        ErrorCode::BadHost,
        ErrorCode::RepeatedParameter,
        ErrorCode::BadPrompt,
        ErrorCode::BadLogOutBody,
        ErrorCode::MethodNotAllowed,
        ErrorCode::BodyTooSlow,
        ErrorCode::TooLarge,
        ErrorCode::AddressTooLong,
    ] {
        assert!(!code.row().advice.contains("sign in again"), "{code:?}");
    }
}

#[test]
fn retry_after_is_set_for_429_and_503_only() {
    for code in ErrorCode::ALL {
        let row = code.row();
        let temporary = matches!(row.status.as_u16(), 429 | 503);
        assert_eq!(row.retry_after.is_some(), temporary, "{code:?}");
    }
}

#[test]
fn oauth_errors_are_registered_values() {
    const AUTHORIZATION: [&str; 4] =
        ["login_required", "access_denied", "temporarily_unavailable", "server_error"];
    const TOKEN: [&str; 2] = ["temporarily_unavailable", "server_error"];
    for code in ErrorCode::ALL {
        assert!(AUTHORIZATION.contains(&code.authorization_error()), "{code:?}");
        let token_error = code.token_error();
        assert!(TOKEN.contains(&token_error) || OAUTH.contains(&token_error), "{code:?}");
    }
    assert_eq!(ErrorCode::RegistrationRefused.authorization_error(), "server_error");
    assert_eq!(ErrorCode::ProviderRefused.authorization_error(), "access_denied");
    assert_eq!(ErrorCode::TooLarge.token_error(), "invalid_request");
    assert_eq!(ErrorCode::FixedTarget.token_error(), "invalid_target");
    assert_eq!(ErrorCode::BackendProviderAway.token_error(), "temporarily_unavailable");
}
