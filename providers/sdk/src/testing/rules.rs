//! The host's checks of requests and its filter of reply headers.

use portico_provider_model::{
    Descriptor, Method, Permission, Principal, Reply, Request, UserRecord,
    headers::{refused_in, split},
};
use url::Url;

/// The permission that the request names. Panics unless it covers the request and its headers.
#[track_caller]
pub(super) fn assert_request<'a>(descriptor: &'a Descriptor, request: &Request) -> &'a Permission {
    let credential = request.credential.as_ref().expect("a request names its permission");
    let permission = permitted(descriptor, &credential.permission, request.method, &request.url);
    assert_headers(permission, &request.headers);
    permission
}

/// Panics unless the user record's permission covers it and is one of the signed-in person.
#[track_caller]
pub(super) fn assert_user_record(descriptor: &Descriptor, record: &UserRecord) {
    let permission = permitted(descriptor, &record.permission, Method::Get, &record.url);
    assert_eq!(permission.principal, Principal::SignedInUser, "whose token fetches a user record");
    assert_headers(permission, &record.headers);
}

/// The reply without the headers that the host withholds.
pub(super) fn readable(reply: Reply, permission: &Permission) -> Reply {
    Reply { headers: split(reply.headers, &permission.reply_headers).0, ..reply }
}

#[track_caller]
fn permitted<'a>(
    descriptor: &'a Descriptor,
    name: &str,
    method: Method,
    url: &Url,
) -> &'a Permission {
    let permission = descriptor.permissions.iter().find(|permission| permission.name == name);
    let permission = permission.filter(|permission| permission.covers(method, url));
    permission.unwrap_or_else(|| panic!("the permission {name:?} does not cover {url}"))
}

#[track_caller]
fn assert_headers(permission: &Permission, headers: &[(String, String)]) {
    for header in headers {
        let why = refused_in(std::slice::from_ref(header), &permission.request_headers);
        let (permission, name) = (&permission.name, &header.0);
        if let Some(why) = why {
            panic!("the permission {permission:?} does not name the header {name}: {why}");
        }
    }
}
