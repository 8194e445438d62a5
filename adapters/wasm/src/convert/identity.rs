//! Whom a plug-in of interface 1 names. Whether it is true the domain sees in the claims.

use portico_domain::{
    identity::{Identity, Subject, TenantId},
    text::clean,
};

use super::rules::{Checked, broken};
use crate::upgrade::V1Identity;

/// What a session keeps of a name, in characters.
const MAX_NAME_LEN: usize = 256;

pub(crate) fn identity(it: V1Identity) -> Checked<Identity> {
    Ok(Identity {
        subject: Subject::parse(it.subject).map_err(broken)?,
        tenant: TenantId::parse(it.tenant).map_err(broken)?,
        // People write these themselves, so no rule is broken by what stands in them.
        display_name: clean(&it.display_name, MAX_NAME_LEN),
        username: it.username.map(|name| clean(&name, MAX_NAME_LEN)),
    })
}
