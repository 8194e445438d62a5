//! The claims that a repair of one of a session's tenants or accounts wants.

use super::Session;
use crate::{
    account::Repair,
    identity::{Claims, ProviderId, TenantId},
};

impl Session {
    /// The claims that a tenant of a listing, or the refusal of an account's token, wants of a new
    /// sign-in to this tenant, if they are these: the same JSON object, however it is written. `None` for any others: a login requests no claims that a link of
    /// somebody else's brings along, because they decide how the identity provider signs people in.
    pub fn repair_claims(
        &self,
        provider: &ProviderId,
        tenant: &TenantId,
        claims: &str,
    ) -> Option<&str> {
        let requested = Claims::parse(claims).ok()?.members();
        let accounts = || self.accounts.iter().filter(|account| account.provider == *provider);
        let is_same = |id: &str| id.eq_ignore_ascii_case(tenant.as_str());
        let listed = accounts().flat_map(|account| &account.tenants);
        let listed = listed.filter_map(|listed| match &listed.repair {
            Some(Repair::Claims(claims)) if is_same(&listed.id) => Some(claims.as_str()),
            _ => None,
        });
        let own = accounts().filter(|account| is_same(account.identity.tenant.as_str()));
        let refused = own.filter_map(|account| account.token.as_ref()?.challenge.as_ref());
        let refused = refused.filter_map(|challenge| challenge.claims.as_deref());
        let mut held = listed.chain(refused);
        held.find(|held| Claims::parse(*held).is_ok_and(|held| held.members() == requested))
    }
}

#[cfg(test)]
mod tests;
