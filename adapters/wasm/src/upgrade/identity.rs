//! The result of `identify`, which only interface 1 has. The domain compares it with the claims.

use portico_domain::{
    identity::{Identity, Subject, TenantId},
    text::clean,
};

use super::v1;
use crate::convert::rules::{Checked, broken};

/// Characters of a name that a session stores.
const MAX_NAME_LEN: usize = 256;

pub(crate) fn identity(identity: v1::Identity) -> Checked<Identity> {
    Ok(Identity {
        subject: Subject::parse(identity.subject).map_err(broken)?,
        tenant: TenantId::parse(identity.tenant).map_err(broken)?,
        // People choose these names themselves, so an odd one is no fault of the plug-in.
        display_name: clean(&identity.display_name, MAX_NAME_LEN),
        username: identity.username.map(|name| clean(&name, MAX_NAME_LEN)),
    })
}
