//! Paging and retry headers.
//!
//! A provider gets `content-type`, `etag`, `link`, `next-range`, `x-next-page`, `retry-after`,
//! `www-authenticate` and request ids, and the headers that its permission declares in `reply_headers`.

use std::time::Duration;

use super::Next;
pub use super::challenge::claims_challenge;
use crate::listing::Reply;

/// The first header of this name, which is in lower case.
pub fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
}

/// The next page in the header `Link` (RFC 8288), as GitHub uses it.
pub fn next_link(reply: &Reply) -> Next {
    let links = reply.headers.iter().filter(|(name, _)| name == "link");
    let next = links.flat_map(|(_, value)| links_of(value)).find(|link| link.is_next());
    next.map_or(Next::Nothing, |link| Next::Link(link.target.into()))
}

/// The next page with the number in `x-next-page`, as GitLab uses it, in this parameter of the query.
pub fn next_page(reply: &Reply, parameter: &'static str) -> Next {
    match header(reply, "x-next-page").map(str::trim).filter(|page| !page.is_empty()) {
        Some(page) => Next::Parameter(parameter, page.into()),
        None => Next::Nothing,
    }
}

/// The seconds in `Retry-After` of a 429 or a 503 (RFC 9110 section 10.2.3). A date is ignored: a
/// provider has no clock.
pub fn retry_after(reply: &Reply) -> Option<Duration> {
    if !matches!(reply.status, 429 | 503) {
        return None;
    }
    let seconds = header(reply, "retry-after")?.trim();
    let is_number = seconds.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| seconds.parse().ok().map(Duration::from_secs)).flatten()
}

/// A link value: `<https://…>; rel="next"`.
struct Link<'a> {
    target: &'a str,
    parameters: &'a str,
}

impl Link<'_> {
    fn is_next(&self) -> bool {
        let rel = split_unquoted(self.parameters, ';').into_iter().find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("rel").then(|| value.trim().trim_matches('"'))
        });
        // A link may have several relation types (section 3.3).
        rel.is_some_and(|rel| {
            rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("next"))
        })
    }
}

fn links_of(value: &str) -> Vec<Link<'_>> {
    let link = |text| {
        let (_, rest) = str::split_once(text, '<')?;
        let (target, parameters) = rest.split_once('>')?;
        Some(Link { target, parameters })
    };
    split_unquoted(value, ',').into_iter().filter_map(link).collect()
}

/// Splits at every separator that is neither in a quoted string nor between `<` and `>`.
fn split_unquoted(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped, mut address) = (false, false, false);
    let is_separator = |c: char| {
        let is_escaped = std::mem::take(&mut escaped);
        match c {
            '\\' if quoted && !is_escaped => escaped = true,
            '"' if !is_escaped && !address => quoted = !quoted,
            '<' if !quoted => address = true,
            '>' if !quoted => address = false,
            _ => return c == separator && !quoted && !address,
        }
        false
    };
    text.split(is_separator).collect()
}

#[cfg(test)]
mod tests;
