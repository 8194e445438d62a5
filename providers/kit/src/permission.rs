//! Which permission covers a request, so that a check can name the rule that a request breaks. The
//! rules themselves are the domain's.

use portico_domain::provider::{Descriptor, Permission, Request, headers::refused_in};

/// The permission that a request names, if it covers the request.
pub(crate) fn covering_permission<'a>(
    descriptor: &'a Descriptor,
    request: &Request,
) -> Option<&'a Permission> {
    let credential = request.credential.as_ref()?;
    let named =
        descriptor.permissions.iter().find(|permission| permission.name == credential.permission);
    named.filter(|permission| permission.covers(request.method, &request.url))
}

/// Whether a request is permitted: by the permission it names, or by any if it names none.
pub(crate) fn is_permitted(descriptor: &Descriptor, request: &Request) -> bool {
    if request.credential.is_some() {
        return covering_permission(descriptor, request).is_some();
    }
    descriptor.permissions.iter().any(|permission| permission.covers(request.method, &request.url))
}

/// Why the host does not send these headers under this permission.
pub(crate) fn refused_header(
    headers: &[(String, String)],
    permission: Option<&Permission>,
) -> Option<String> {
    refused_in(headers, permission.map_or(&[], |permission| &permission.request_headers))
}

/// The reply headers that a permission declares.
pub(crate) fn declared_reply_headers(permission: Option<&Permission>) -> &[String] {
    permission.map_or(&[], |permission| &permission.reply_headers)
}
