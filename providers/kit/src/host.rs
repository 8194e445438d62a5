//! Which permission a request is made under, to name the rule that it breaks. The rules are the
//! domain's.

use portico_domain::provider::{Descriptor, Permission, Request, headers::refused_in};

/// The permission that a request names and that covers it.
pub(crate) fn covering_permission<'a>(
    descriptor: &'a Descriptor,
    request: &Request,
) -> Option<&'a Permission> {
    let credential = request.credential.as_ref()?;
    let named =
        descriptor.permissions.iter().find(|permission| permission.name == credential.permission);
    named.filter(|permission| permission.covers(request.method, &request.url))
}

/// Whether a permission covers the request: the one that it names, or any where it names none.
pub(crate) fn is_permitted(descriptor: &Descriptor, request: &Request) -> bool {
    if request.credential.is_some() {
        return covering_permission(descriptor, request).is_some();
    }
    descriptor.permissions.iter().any(|permission| permission.covers(request.method, &request.url))
}

/// Why the host would not send these headers.
pub(crate) fn header_complaint(
    headers: &[(String, String)],
    permission: Option<&Permission>,
) -> Option<String> {
    refused_in(headers, permission.map_or(&[], |permission| &permission.request_headers))
}

/// What a permission declares that the provider reads of a reply.
pub(crate) fn read_under(permission: Option<&Permission>) -> &[String] {
    permission.map_or(&[], |permission| &permission.reply_headers)
}
