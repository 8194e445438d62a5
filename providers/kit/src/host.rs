//! What the host lets pass between a provider and its cloud, as its fetcher does (`adapters/oauth`).

use portico_domain::provider::{
    Descriptor, Grant, Reply, Request,
    headers::{
        LONGEST_REPLY_HEADER, REPLY_HEADERS, REQUEST_HEADER_PREFIXES, REQUEST_HEADERS, is_token,
        may_be_declared,
    },
};

/// The time of one listing, its waits included, as the host's budget has it by default.
pub(crate) const MOST_SECONDS: u64 = 20;
/// The requests of one listing, as the host's budget has them by default.
pub(crate) const MOST_REQUESTS: usize = 500;

/// The permission that a request names and that covers it.
pub(crate) fn permission<'a>(descriptor: &'a Descriptor, request: &Request) -> Option<&'a Grant> {
    let credential = request.credential.as_ref()?;
    let named = descriptor.grants.iter().find(|grant| grant.name == credential.grant);
    named.filter(|grant| grant.covers(request.method, &request.url))
}

/// Whether a permission covers the request: the one that it names, or any where it names none.
pub(crate) fn is_permitted(descriptor: &Descriptor, request: &Request) -> bool {
    if request.credential.is_some() {
        return permission(descriptor, request).is_some();
    }
    descriptor.grants.iter().any(|grant| grant.covers(request.method, &request.url))
}

/// The first header that the host would not send, and why.
pub(crate) fn header_complaint(
    headers: &[(String, String)],
    permission: Option<&Grant>,
) -> Option<String> {
    let declared = permission.map_or(&[][..], |grant| &grant.request_headers);
    headers.iter().find_map(|(name, value)| {
        if !is_token(name) || value.chars().any(|c| c.is_control() && c != '\t') {
            return Some(format!("the header {name:?}: {value:?} cannot be sent"));
        }
        let lower = name.to_ascii_lowercase();
        let usual = REQUEST_HEADERS.contains(&lower.as_str())
            || REQUEST_HEADER_PREFIXES.iter().any(|prefix| lower.starts_with(prefix));
        let may = usual || (is_among(declared, name) && may_be_declared(name));
        (!may).then(|| format!("no permission lets it send the header {name}"))
    })
}

/// Whether a provider gets to read this header of a reply.
pub(crate) fn is_handed_over(name: &str, permission: Option<&Grant>) -> bool {
    let lower = name.to_ascii_lowercase();
    let declared = permission.map_or(&[][..], |grant| &grant.reply_headers);
    REPLY_HEADERS.contains(&lower.as_str()) || (is_among(declared, name) && lower != "set-cookie")
}

/// The reply as a provider gets it: without the headers that the host keeps.
pub(crate) fn handed_over(mut reply: Reply, permission: Option<&Grant>) -> Reply {
    reply.headers.retain_mut(|(name, value)| {
        name.make_ascii_lowercase();
        value.len() <= LONGEST_REPLY_HEADER && is_handed_over(name, permission)
    });
    reply
}

fn is_among(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use portico_domain::{provider::Principal, testing::samples};

    use super::*;

    fn named(names: &[&str]) -> Vec<(String, String)> {
        names.iter().map(|name| ((*name).to_owned(), "1".to_owned())).collect()
    }

    fn declaring() -> Grant {
        Grant {
            request_headers: vec!["X-Version".into(), "Cookie".into()],
            reply_headers: vec!["X-Next-Cursor".into(), "Set-Cookie".into()],
            ..samples::grant("read", Principal::SignedInUser)
        }
    }

    #[test]
    fn a_request_carries_the_usual_headers_and_those_of_its_permission() {
        let usual = named(&["Accept", "content-type", "Range", "x-ms-version", "x-github-api"]);
        assert_eq!(header_complaint(&usual, None), None);
        assert_eq!(header_complaint(&named(&["x-version"]), Some(&declaring())), None);
        assert!(header_complaint(&named(&["x-version"]), None).is_some());
        for refused in ["Authorization", "Host", "Cookie", "x-other", "a b", ""] {
            assert!(
                header_complaint(&named(&[refused]), Some(&declaring())).is_some(),
                "{refused}"
            );
        }
    }

    #[test]
    fn a_reply_is_handed_over_with_the_usual_headers_and_those_of_its_permission() {
        let headers = named(&["Link", "ETag", "X-Next-Cursor", "Set-Cookie", "x-other"]);
        let names = |permission| {
            let reply = Reply { status: 200, headers: headers.clone(), body: String::new() };
            let kept = handed_over(reply, permission).headers.into_iter();
            kept.map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(names(None), ["link", "etag"]);
        assert_eq!(names(Some(&declaring())), ["link", "etag", "x-next-cursor"]);
    }
}
