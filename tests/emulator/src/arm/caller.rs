//! Who calls Resource Manager: the bearer of an access token that this emulator issued for it.

use serde_json::Value;

use super::problem::Problem;
use crate::base::Base;
use crate::personas::{Membership, Person, Subscription, Tenant, WORLD};
use crate::state::Running;

/// The bearer, in the token's tenant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Caller {
    /// A person.
    Person(&'static Person, &'static Membership),
    /// The application itself.
    Application(&'static Tenant),
}

impl Caller {
    pub(crate) fn authenticate(
        token: &str,
        running: &Running,
        base: &Base,
    ) -> Result<Self, Problem> {
        let claims = running.keys().verified_claims(token);
        let claims =
            claims.ok_or_else(|| Problem::token(base, "Its signature cannot be verified."))?;
        timely(&claims, running.now()).map_err(|why| Problem::token(base, why))?;
        if !claims["aud"].as_str().is_some_and(|audience| base.is_root(running, audience)) {
            let why = format!("Its audience is not '{base}/'.");
            return Err(Problem::token(base, &why));
        }
        Self::of(&claims).ok_or_else(|| Problem::token(base, "It is nobody's."))
    }

    fn of(claims: &Value) -> Option<Self> {
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

    /// What the bearer sees there.
    pub(crate) fn subscriptions(self) -> &'static [Subscription] {
        match self {
            Self::Person(_, membership) => membership.subscriptions,
            Self::Application(tenant) => tenant.subscriptions,
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

fn timely(claims: &Value, now: i64) -> Result<(), &'static str> {
    match (claims["nbf"].as_i64(), claims["exp"].as_i64()) {
        (Some(from), Some(until)) if now >= until || from > until => Err("It has expired."),
        (Some(from), Some(_)) if from > now => Err("It is not valid yet."),
        (Some(_), Some(_)) => Ok(()),
        _ => Err("It has no lifetime."),
    }
}
