//! Which permission a request is made under, to name the rule that it breaks. The rules are the
//! domain's.

use portico_domain::provider::{Descriptor, Grant, Request, headers::refused_in};

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

/// Why the host would not send these headers.
pub(crate) fn header_complaint(
    headers: &[(String, String)],
    permission: Option<&Grant>,
) -> Option<String> {
    refused_in(headers, permission.map_or(&[], |grant| &grant.request_headers))
}

/// What a permission declares that the provider reads of a reply.
pub(crate) fn read_under(permission: Option<&Grant>) -> &[String] {
    permission.map_or(&[], |grant| &grant.reply_headers)
}
