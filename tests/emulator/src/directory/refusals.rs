//! The tenants that refuse, and what mends it.

use std::collections::{BTreeMap, HashSet};

use super::{RESOURCE_MANAGER_CLAIM, Refusal, RefusalKind, SignIn, policy_id};
use crate::personas::{Person, Tenant};

/// What each tenant refuses, at most one thing each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusals {
    /// By tenant id.
    active: BTreeMap<&'static str, Active>,
    /// User name and tenant id of those who consented since their tenant demanded it.
    consents: HashSet<(&'static str, &'static str)>,
    /// Number of refusals that were ever set.
    set: u64,
}

#[derive(Clone, Debug)]
struct Active {
    refusal: Refusal,
    /// The value of [`Refusals::set`] with this refusal. Sign-ins before it do not mend it.
    since: u64,
}

impl Refusals {
    /// Makes a tenant refuse until it is [accepted](Self::accept), or mended by a sign-in.
    pub(crate) fn refuse(&mut self, tenant: &'static Tenant, refusal: Refusal) {
        self.set += 1;
        self.consents.retain(|(_, consented)| *consented != tenant.id);
        self.active.insert(tenant.id, Active { refusal, since: self.set });
    }

    pub(crate) fn accept(&mut self, tenant: &Tenant) {
        self.active.remove(tenant.id);
    }

    /// Tenant ids with what they refuse.
    pub(crate) fn list(&self) -> BTreeMap<&'static str, Refusal> {
        self.active.iter().map(|(id, active)| (*id, active.refusal.clone())).collect()
    }

    /// Records a sign-in of a person to a tenant that satisfied a claims request with these values.
    pub(crate) fn signed_in(
        &mut self,
        person: &'static Person,
        tenant: &'static Tenant,
        mut claims: Vec<String>,
    ) -> SignIn {
        self.consents.insert((person.user_name, tenant.id));
        // Without a refusal set by a test, a tenant demands its own second factor at its sign-in.
        if tenant.wants_mfa && !self.active.contains_key(tenant.id) {
            claims.push(policy_id(tenant));
        }
        SignIn { tenant: tenant.id.to_owned(), claims, at: self.set, session: None }
    }

    /// Why the tenant refuses a person with this sign-in, if it does.
    pub(crate) fn of(
        &self,
        tenant: &'static Tenant,
        person: &'static Person,
        sign_in: &SignIn,
    ) -> Option<Refusal> {
        let Some(Active { refusal, since }) = self.active.get(tenant.id) else {
            let has_second_factor = sign_in.claims.contains(&policy_id(tenant));
            return (tenant.wants_mfa && !has_second_factor).then(|| RefusalKind::Mfa.into());
        };
        let is_later = sign_in.at >= *since;
        let has = |claim: &str| is_later && sign_in.claims.iter().any(|own| own == claim);
        use RefusalKind::*;
        let is_mended = match refusal.kind {
            Mfa | MfaEnrollment | ExternalChallenge => has(&policy_id(tenant)),
            ResourceManagerMfa => has(RESOURCE_MANAGER_CLAIM),
            Consent => self.consents.contains(&(person.user_name, tenant.id)),
            Expired | Inactive | Revoked => is_later && sign_in.tenant == tenant.id,
            Blocked | NotAGuest | UnknownUser | Gone | NotInstalled => false,
        };
        (!is_mended).then(|| refusal.clone())
    }
}
