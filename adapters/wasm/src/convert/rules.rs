//! Validation rules that several values share. Each error names the rule and the value.

use std::{collections::HashSet, fmt::Display, hash::Hash};

use portico_domain::{
    address::may_be_called,
    provider::{CallError, headers::is_token},
    text::is_plain,
};
use url::Url;

/// A valid value, or [`CallError::Broken`] with the broken rule.
pub(crate) type Checked<T> = Result<T, CallError>;

/// The plug-in broke this rule.
pub(crate) fn broken(rule: impl Display) -> CallError {
    CallError::Broken(rule.to_string())
}

pub(crate) fn ensure(holds: bool, rule: impl Display) -> Checked<()> {
    if holds { Ok(()) } else { Err(broken(rule)) }
}

pub(crate) fn at_most<T>(list: &[T], max: usize, what: &str) -> Checked<()> {
    let len = list.len();
    ensure(len <= max, format_args!("it gives {len} {what}, and {max} are allowed"))
}

/// A duplicate would be ambiguous.
pub(crate) fn all_differ<T: Eq + Hash>(
    values: impl IntoIterator<Item = T>,
    what: &str,
) -> Checked<()> {
    let mut seen = HashSet::new();
    let differ = values.into_iter().all(|value| seen.insert(value));
    ensure(differ, format_args!("two of its {what} are the same"))
}

/// One line of 1 to `max_len` visible characters, shown to people.
pub(crate) fn line<T: AsRef<str>>(text: T, max_len: usize, what: &str) -> Checked<T> {
    let is_line = is_plain(text.as_ref(), max_len);
    ensure(is_line, format_args!("{what} is not one line of 1 to {max_len} visible characters"))?;
    Ok(text)
}

/// A text of at most `max_len` bytes without control characters.
pub(crate) fn text<T: AsRef<str>>(it: T, max_len: usize, what: &str) -> Checked<T> {
    let is_text = it.as_ref().len() <= max_len && !it.as_ref().chars().any(char::is_control);
    ensure(is_text, format_args!("{what} has a control character or more than {max_len} bytes"))?;
    Ok(it)
}

/// A text of 1 to `max_len` visible ASCII characters, without spaces.
pub(crate) fn visible_ascii<T: AsRef<str>>(text: T, max_len: usize, what: &str) -> Checked<T> {
    let bytes = text.as_ref().as_bytes();
    let is_visible = (1..=max_len).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    ensure(
        is_visible,
        format_args!("{what} is not a word of 1 to {max_len} visible ASCII characters"),
    )?;
    Ok(text)
}

/// Whether the text is a setting's key, such as `authority-host`.
pub(crate) fn is_key(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Names and values of request headers: at most 32, 8 KiB together. Which of them may be sent is
/// decided where they are sent.
pub(crate) fn headers<T: AsRef<[(String, String)]>>(it: T) -> Checked<T> {
    let headers = it.as_ref();
    at_most(headers, 32, "headers of a request")?;
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    ensure(bytes <= 8 << 10, "the headers of a request have more than 8 KiB")?;
    for (name, value) in headers {
        ensure(is_token(name), "a header of a request has a name that is none")?;
        let is_clean = !value.chars().any(char::is_control);
        ensure(is_clean, "a header of a request has a control character in its value")?;
    }
    Ok(it)
}

/// A JSON Pointer (RFC 6901 section 3) to a member.
pub(crate) fn pointer<T: AsRef<str>>(it: T, what: &str) -> Checked<T> {
    let text = it.as_ref();
    let is_pointer =
        text.starts_with('/') && text.len() <= 256 && !text.chars().any(char::is_control);
    ensure(is_pointer, format_args!("{what} is not a JSON pointer that starts with '/'"))?;
    Ok(it)
}

/// Bytes of a URL.
const MAX_URL_LEN: usize = 8 << 10;

/// An absolute http or https URL without user information.
pub(crate) fn web_address(text: &str, what: &str) -> Checked<Url> {
    let too_long = || format!("{what} has more than {} KiB", MAX_URL_LEN >> 10);
    ensure(text.len() <= MAX_URL_LEN, too_long())?;
    let url = Url::parse(text).map_err(|error| broken(format_args!("{what}: {error}")))?;
    let web = matches!(url.scheme(), "https" | "http");
    ensure(web, format_args!("{what} is neither https nor http"))?;
    let anonymous = url.username().is_empty() && url.password().is_none();
    ensure(anonymous, format_args!("{what} carries a user's name"))?;
    Ok(url)
}

/// A URL whose responses are trusted: https, or a loopback address.
pub(crate) fn trusted_address(text: &str, what: &str) -> Checked<Url> {
    let url = web_address(text, what)?;
    ensure(may_be_called(&url), format_args!("{what} is neither https nor of this machine"))?;
    ensure(url.fragment().is_none(), format_args!("{what} has a fragment"))?;
    Ok(url)
}
