//! Verifies access tokens for Resource Manager.

use serde_json::Value;

use super::error::ArmError;
use crate::base_url::BaseUrl;
use crate::directory::{RefusalKind, SignIn};
use crate::personas::{Membership, Person, Subscription, Tenant, WORLD};
use crate::state::EmulatorState;

/// The bearer of a token and its tenant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Caller {
    /// A person.
    Person(&'static Person, &'static Membership),
    /// The application.
    Application(&'static Tenant),
}

impl Caller {
    pub(crate) fn authenticate(
        token: &str,
        state: &EmulatorState,
        base: &BaseUrl,
    ) -> Result<Self, ArmError> {
        let claims = state.keys().verified_claims(token);
        let claims =
            claims.ok_or_else(|| ArmError::token(base, "Its signature cannot be verified."))?;
        check_lifetime(&claims, state.now()).map_err(|why| ArmError::token(base, why))?;
        if !claims["aud"].as_str().is_some_and(|audience| base.is_root(state, audience)) {
            let why = format!("Its audience is not '{base}/'.");
            return Err(ArmError::token(base, &why));
        }
        let caller = Self::from_claims(&claims);
        let caller = caller.ok_or_else(|| ArmError::token(base, "It is nobody's."))?;
        caller.check_sign_in(&claims, state, base)?;
        Ok(caller)
    }

    /// Refuses a person whose sign-in lacks what Resource Manager demands in the tenant of the token.
    fn check_sign_in(
        self,
        claims: &Value,
        state: &EmulatorState,
        base: &BaseUrl,
    ) -> Result<(), ArmError> {
        let Self::Person(person, membership) = self else { return Ok(()) };
        let sign_in: SignIn = serde_json::from_value(claims["sign_in"].clone()).unwrap_or_default();
        let refusal = state.directory().refusals.of(membership.tenant, person, &sign_in);
        match refusal.map(|refusal| refusal.kind) {
            Some(RefusalKind::ResourceManagerMfa) => Err(ArmError::second_factor(base)),
            _ => Ok(()),
        }
    }

    fn from_claims(claims: &Value) -> Option<Self> {
        let tenant = WORLD.tenant(claims["tid"].as_str()?)?;
        if claims["idtyp"] == "app" {
            return Some(Self::Application(tenant));
        }
        let oid = claims["oid"].as_str()?;
        WORLD.people.iter().find_map(|person| {
            let membership =
                person.membership(tenant.id).filter(|membership| membership.oid == oid)?;
            Some(Self::Person(person, membership))
        })
    }

    /// The tenant of the token.
    pub(crate) fn tenant(self) -> &'static Tenant {
        match self {
            Self::Person(_, membership) => membership.tenant,
            Self::Application(tenant) => tenant,
        }
    }

    /// The subscriptions that the bearer can list in the token's tenant.
    pub(crate) fn subscriptions(self) -> &'static [Subscription] {
        match self {
            Self::Person(_, membership) => membership.subscriptions,
            Self::Application(tenant) => tenant.subscriptions,
        }
    }

    /// Whether the bearer may not read the names of a tenant.
    pub(crate) fn names_hidden(self, tenant: &Tenant) -> bool {
        match self {
            Self::Person(person, _) => {
                person.membership(tenant.id).is_some_and(|membership| membership.names_hidden)
            }
            Self::Application(_) => false,
        }
    }

    /// The tenants that the bearer belongs to.
    pub(crate) fn tenants(self) -> Vec<&'static Tenant> {
        match self {
            Self::Person(person, _) => {
                person.memberships.iter().map(|membership| membership.tenant).collect()
            }
            Self::Application(tenant) => vec![tenant],
        }
    }
}

fn check_lifetime(claims: &Value, now: i64) -> Result<(), &'static str> {
    match (claims["nbf"].as_i64(), claims["exp"].as_i64()) {
        (Some(from), Some(until)) if now >= until || from > until => Err("It has expired."),
        (Some(from), Some(_)) if from > now => Err("It is not valid yet."),
        (Some(_), Some(_)) => Ok(()),
        _ => Err("It has no lifetime."),
    }
}
