//! Whose resources are listed.

use portico_provider_model::{
    Person,
    identity::{Identity, InvalidIdentifier, Subject, TenantId},
};

use crate::guest::bindings::wire;

/// Whose listing it is, as the host says.
pub(in crate::guest) fn person(it: wire::Person) -> Result<Person, InvalidIdentifier> {
    let identity = Identity {
        subject: Subject::parse(it.subject)?,
        tenant: TenantId::parse(it.tenant)?,
        display_name: it.display_name,
        username: it.username,
    };
    Ok(Person { identity, token_reply: it.token_reply })
}
