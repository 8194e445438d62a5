//! What the host holds a request against, and what it hands over of a reply. The words are those of
//! its fetcher (`adapters/oauth`).

use portico_domain::provider::{
    Descriptor, Grant, Method, Principal, Reply, Request, UserRecord,
    headers::{REPLY_HEADERS, REQUEST_HEADERS},
};
use url::Url;

/// The permission that the request names, which has to cover it and its headers.
#[track_caller]
pub(super) fn assert_request<'a>(descriptor: &'a Descriptor, request: &Request) -> &'a Grant {
    let credential = request.credential.as_ref().expect("a request names its permission");
    let permission = permitted(descriptor, &credential.grant, request.method, &request.url);
    assert_headers(permission, &request.headers);
    permission
}

/// A user record is fetched with the person's token, under a permission that covers it.
#[track_caller]
pub(super) fn assert_user_record(descriptor: &Descriptor, record: &UserRecord) {
    let permission = permitted(descriptor, &record.grant, Method::Get, &record.url);
    assert_eq!(permission.principal, Principal::SignedInUser, "whose token fetches a user record");
    assert_headers(permission, &record.headers);
}

/// The reply without the headers that the host keeps.
pub(super) fn handed_over(mut reply: Reply, permission: &Grant) -> Reply {
    reply.headers.retain_mut(|(name, _)| {
        name.make_ascii_lowercase();
        REPLY_HEADERS.contains(&name.as_str()) || is_among(&permission.reply_headers, name)
    });
    reply
}

#[track_caller]
fn permitted<'a>(descriptor: &'a Descriptor, name: &str, method: Method, url: &Url) -> &'a Grant {
    let permission = descriptor.grants.iter().find(|permission| permission.name == name);
    let permission = permission.filter(|permission| permission.covers(method, url));
    permission.unwrap_or_else(|| panic!("the permission {name:?} does not cover {url}"))
}

#[track_caller]
fn assert_headers(permission: &Grant, headers: &[(String, String)]) {
    for (name, _) in headers {
        let lower = name.to_ascii_lowercase();
        let is_sent = REQUEST_HEADERS.contains(&lower.as_str())
            || is_among(&permission.request_headers, name);
        assert!(is_sent, "the permission {:?} does not name the header {name}", permission.name);
    }
}

fn is_among(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}
