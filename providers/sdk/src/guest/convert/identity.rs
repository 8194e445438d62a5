//! Who signed in.

use portico_domain::identity::{Identity, InvalidIdentifier, Subject, TenantId};

use crate::guest::bindings::wire;

pub(in crate::guest) fn identity(it: Identity) -> wire::Identity {
    wire::Identity {
        subject: it.subject.as_str().into(),
        tenant: it.tenant.as_str().into(),
        display_name: it.display_name,
        username: it.username,
        extra: vec![],
    }
}

/// Whose listing it is, as the host says.
pub(in crate::guest) fn whose(it: wire::Identity) -> Result<Identity, InvalidIdentifier> {
    Ok(Identity {
        subject: Subject::parse(it.subject)?,
        tenant: TenantId::parse(it.tenant)?,
        display_name: it.display_name,
        username: it.username,
    })
}
