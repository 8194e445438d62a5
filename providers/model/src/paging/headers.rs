//! What a cloud says in the headers of a page.
//!
//! The host hands over `content-type`, `etag`, `link`, `next-range`, `x-next-page`, `retry-after`,
//! `www-authenticate` and a request's id; any other header stands in `reply_headers` of the
//! permission, or it is not there.

use std::time::Duration;

use super::Next;
use crate::listing::Reply;

/// The first header called `name`, in lower case.
pub fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
}

/// Where the header `Link` says the next page is (RFC 8288): GitHub's way.
pub fn next_link(reply: &Reply) -> Next {
    let links = reply.headers.iter().filter(|(name, _)| name == "link");
    let next = links.flat_map(|(_, value)| links_of(value)).find(|link| link.is_next());
    next.map_or(Next::Nothing, |link| Next::Link(link.target.into()))
}

/// Which number the header `x-next-page` gives the next page, put into the parameter `parameter`:
/// GitLab's way.
pub fn next_page(reply: &Reply, parameter: &'static str) -> Next {
    match header(reply, "x-next-page").map(str::trim).filter(|page| !page.is_empty()) {
        Some(page) => Next::Parameter(parameter, page.into()),
        None => Next::Nothing,
    }
}

/// How long a cloud that is asked too often, or is down for a moment, says to wait: the seconds in
/// `Retry-After` of a 429 or a 503 (RFC 9110 section 10.2.3). A date is none: a provider has no
/// clock.
pub fn retry_after(reply: &Reply) -> Option<Duration> {
    if !matches!(reply.status, 429 | 503) {
        return None;
    }
    let seconds = header(reply, "retry-after")?.trim();
    let is_number = seconds.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| seconds.parse().ok().map(Duration::from_secs)).flatten()
}

/// One link of a header: `<https://…>; rel="next"`.
struct Link<'a> {
    target: &'a str,
    parameters: &'a str,
}

impl Link<'_> {
    fn is_next(&self) -> bool {
        let rel = pieces(self.parameters, ';').into_iter().find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("rel").then(|| value.trim().trim_matches('"'))
        });
        // A link may stand in several relations at once (section 3.3).
        rel.is_some_and(|rel| {
            rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("next"))
        })
    }
}

fn links_of(value: &str) -> Vec<Link<'_>> {
    let link = |piece| {
        let (_, rest) = str::split_once(piece, '<')?;
        let (target, parameters) = rest.split_once('>')?;
        Some(Link { target, parameters })
    };
    pieces(value, ',').into_iter().filter_map(link).collect()
}

/// `text` at every `separator` that stands neither in quotes nor in an address.
fn pieces(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped, mut address) = (false, false, false);
    let is_separator = |c: char| {
        let literal = std::mem::take(&mut escaped);
        match c {
            '\\' if quoted && !literal => escaped = true,
            '"' if !literal && !address => quoted = !quoted,
            '<' if !quoted => address = true,
            '>' if !quoted => address = false,
            _ => return c == separator && !quoted && !address,
        }
        false
    };
    text.split(is_separator).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16) -> Reply {
        Reply { status, headers: vec![], body: String::new() }
    }

    fn next(link: &str) -> Option<String> {
        let mut reply = reply(200);
        reply.headers = vec![("link".into(), link.into())];
        match next_link(&reply) {
            Next::Link(link) => Some(link),
            _ => None,
        }
    }

    #[test]
    fn the_next_page_is_the_link_that_says_so() {
        for (header, link) in [
            (
                r#"<https://a.example/x?page=2>; rel="next", <https://a.example/x?page=9>; rel="last""#,
                "https://a.example/x?page=2",
            ),
            (
                r#"<https://a.example/1>; rel="prev", <https://a.example/3>; rel="next""#,
                "https://a.example/3",
            ),
            ("<u>;rel=next", "u"),
            (r#"<u>; REL = "Next""#, "u"),
            (r#"<u>; rel="last next""#, "u"),
            (r#"<a,b;c>; title="x, <y>; rel=\"next\""; rel="prev", <u>; rel="next""#, "u"),
            (r#"<u?a=1,2;b>; title="ż"; rel="next""#, "u?a=1,2;b"),
        ] {
            assert_eq!(next(header).as_deref(), Some(link), "{header}");
        }
    }

    #[test]
    fn a_header_without_one_or_broken_has_no_next_page() {
        for header in [
            "",
            ",",
            "<",
            ">",
            "<u",
            "<u>",
            "<u>; rel",
            "<u>; rel=",
            r#"<u>; rel="prev""#,
            r#"<u>; rel="nextish""#,
            r#"<u>; notrel="next""#,
            r#"<u>; title="rel=next""#,
            r#"<u>; title="; rel=next"#,
            r#"<u>; rel="prev"; rel="next""#,
            "rel=next",
            "\"\\",
        ] {
            assert_eq!(next(header), None, "{header}");
        }
    }

    #[test]
    fn a_number_of_the_next_page_goes_into_its_parameter_and_an_empty_one_ends_the_list() {
        let mut reply = reply(200);
        assert_eq!(next_page(&reply, "page"), Next::Nothing);
        reply.headers = vec![("x-next-page".into(), "2".into())];
        assert_eq!(next_page(&reply, "page"), Next::Parameter("page", "2".into()));
        reply.headers = vec![("x-next-page".into(), " ".into())];
        assert_eq!(next_page(&reply, "page"), Next::Nothing);
    }

    #[test]
    fn retry_after_is_the_seconds_of_a_429_or_503_and_of_nothing_else() {
        let waits = |status, value: &str| {
            let mut reply = reply(status);
            reply.headers = vec![("retry-after".into(), value.into())];
            retry_after(&reply).map(|wait| wait.as_secs())
        };
        for status in [429, 503] {
            for (value, seconds) in [("0", 0), ("2", 2), (" 10 ", 10), ("3600", 3600)] {
                assert_eq!(waits(status, value), Some(seconds), "{value}");
            }
        }
        for odd in
            ["", "-1", "+1", "1.5", "x", "99999999999999999999", "Fri, 31 Dec 1999 23:59:59 GMT"]
        {
            assert_eq!(waits(429, odd), None, "{odd}");
        }
        for status in [200, 403, 500, 502] {
            assert_eq!(waits(status, "2"), None, "{status}");
        }
        assert_eq!(retry_after(&reply(429)), None);
    }
}
