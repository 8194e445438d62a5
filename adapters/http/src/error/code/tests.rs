//! docs/errors.md is the table, and no word of it is missing or too many.

use std::collections::BTreeMap;

use super::*;

/// The rows as docs/errors.md has them.
fn table() -> String {
    let row = |code: &ErrorCode| {
        let Row { code, status, words, advice, retry_after } = code.row();
        let retry = retry_after.map_or_else(String::new, |seconds| format!("{seconds} s"));
        format!("| `{code}` | {} | {words} | {advice} | {retry} |\n", status.as_u16())
    };
    ErrorCode::ALL.iter().map(row).collect()
}

#[test]
fn errors_md_holds_the_rows_of_the_table_and_no_other() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
    let document = std::fs::read_to_string(path).unwrap();
    let rows = document.lines().filter(|line| line.starts_with("| `"));
    let documented: String = rows.map(|line| format!("{line}\n")).collect();
    let table = table();
    println!("{table}");
    assert_eq!(documented, table, "write the rows printed above into docs/errors.md");
}

#[test]
fn a_code_is_lower_case_words_and_has_one_status() {
    let mut statuses = BTreeMap::new();
    for code in ErrorCode::ALL {
        let Row { code, status, words, advice, .. } = code.row();
        assert!(code.bytes().all(|it| it.is_ascii_lowercase() || it == b'_'), "{code}");
        assert_eq!(*statuses.entry(code).or_insert(*status), *status, "{code}");
        assert!(status.is_client_error() || status.is_server_error(), "{code}");
        assert!(words.ends_with('.') && advice.ends_with('.'), "{code}");
    }
}

#[test]
fn advice_to_sign_in_again_is_for_sessions_and_logins_alone() {
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
fn a_429_or_503_has_retry_after_and_no_other_status_has() {
    for code in ErrorCode::ALL {
        let row = code.row();
        let waits = matches!(row.status.as_u16(), 429 | 503);
        assert_eq!(row.retry_after.is_some(), waits, "{code:?}");
    }
}

#[test]
fn oauth_errors_are_words_of_their_registries() {
    const AUTHORIZATION: [&str; 4] =
        ["login_required", "access_denied", "temporarily_unavailable", "server_error"];
    const TOKEN: [&str; 4] =
        ["invalid_request", "invalid_client", "temporarily_unavailable", "server_error"];
    for code in ErrorCode::ALL {
        assert!(AUTHORIZATION.contains(&code.authorization_error()), "{code:?}");
        assert!(TOKEN.contains(&code.token_error()), "{code:?}");
    }
    assert_eq!(ErrorCode::RegistrationRefused.authorization_error(), "server_error");
    assert_eq!(ErrorCode::ProviderRefused.authorization_error(), "access_denied");
    assert_eq!(ErrorCode::TooLarge.token_error(), "invalid_request");
}
