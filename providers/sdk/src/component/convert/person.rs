//! The person whose resources are listed.

use portico_provider_model::{
    Person,
    identity::{Identity, InvalidIdentifier, Subject, TenantId},
};

use crate::component::bindings::wire;

pub(in crate::component) fn person(it: wire::Person) -> Result<Person, InvalidIdentifier> {
    let identity = Identity {
        subject: Subject::parse(it.subject)?,
        tenant: TenantId::parse(it.tenant)?,
        display_name: it.display_name,
        username: it.username,
    };
    Ok(Person { identity, token_reply: it.token_reply })
}
