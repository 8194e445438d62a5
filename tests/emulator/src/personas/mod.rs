//! Fixed test data: people, tenants, memberships and resources.
//!
//! Constant, so that a test or demonstration can name what it expects. Accounts at a cloud other than Azure are in the
//! module named after it.

use std::sync::LazyLock;

pub mod aws;
pub mod digitalocean;
pub mod github;
pub mod gitlab;
pub mod google;
pub mod heroku;
pub mod oidc;
mod people;
mod sigrid;
mod tenants;

pub use people::{AMARA, HARUKI, JOAQUIN, MINH_ANH, ZOFIA};
pub use sigrid::{SIGRID, SIGRIDS_TENANTS};
pub use tenants::{CONTOSO, FABRIKAM, NORTHWIND, TAILSPIN};

/// All test data.
#[derive(Debug)]
pub struct World {
    /// The one registered application.
    pub application: &'static Application,
    /// The tenants.
    pub tenants: &'static [&'static Tenant],
    /// The people who can sign in, in the order of the sign-in page.
    pub people: &'static [&'static Person],
}

/// An application registration (confidential client).
#[derive(Debug)]
pub struct Application {
    /// The application (client) id, a GUID.
    pub client_id: &'static str,
    /// Its only client secret.
    pub client_secret: &'static str,
    /// The name on the sign-in page.
    pub name: &'static str,
}

/// An Entra ID tenant.
#[derive(Debug)]
pub struct Tenant {
    /// The tenant id, a GUID.
    pub id: &'static str,
    /// The display name.
    pub name: &'static str,
    /// Its default domain.
    pub domain: &'static str,
    /// ISO 3166 code of its country.
    pub country: &'static str,
    /// Whether it requires a second factor: a refresh from a sign-in without one fails with AADSTS50076.
    pub wants_mfa: bool,
    /// Its subscriptions; the application can list all of them.
    pub subscriptions: &'static [Subscription],
}

/// A subscription of a tenant.
#[derive(Debug)]
pub struct Subscription {
    /// The subscription id, a GUID.
    pub id: &'static str,
    /// Its display name.
    pub name: &'static str,
    /// `Enabled`, `Warned`, `PastDue`, `Disabled` or `Deleted`, as Resource Manager spells it.
    pub state: &'static str,
    /// The id of the tenant that owns it, if it is listed in another one: the other one manages it (Azure Lighthouse).
    pub owner: Option<&'static str>,
    /// The ids of the tenants that manage it.
    pub managed_by: &'static [&'static str],
}

/// A person who can sign in.
#[derive(Debug)]
pub struct Person {
    /// The user name: `login_hint`, and the claim `preferred_username`.
    pub user_name: &'static str,
    /// The claim `name`.
    pub name: &'static str,
    /// The claim `email`; not verified and not unique.
    pub email: Option<&'static str>,
    /// The description on the sign-in page.
    pub about: &'static str,
    /// The memberships; the first is the home tenant.
    pub memberships: &'static [Membership],
    /// Whether the person declines to consent.
    pub refuses_consent: bool,
    /// The accounts at the other clouds.
    pub accounts: Accounts,
}

/// A person's account at each cloud other than Azure.
#[derive(Debug)]
#[allow(missing_docs, reason = "each is named after its cloud")]
pub struct Accounts {
    pub google: google::Account,
    pub aws: aws::Account,
    pub github: github::Account,
    pub digitalocean: digitalocean::Account,
    pub oidc: oidc::Account,
    pub gitlab: gitlab::Account,
    pub heroku: heroku::Account,
}

/// A person's membership in a tenant.
#[derive(Debug)]
pub struct Membership {
    /// The tenant.
    pub tenant: &'static Tenant,
    /// The person's object id, which differs in each tenant.
    pub oid: &'static str,
    /// The subscriptions that the person can list.
    pub subscriptions: &'static [Subscription],
    /// Whether Resource Manager leaves out the names and the category of the tenant, for want of rights in it.
    pub names_hidden: bool,
}

impl World {
    /// The tenant with this id, ignoring case.
    pub fn tenant(&self, id: &str) -> Option<&'static Tenant> {
        self.tenants.iter().copied().find(|tenant| tenant.id.eq_ignore_ascii_case(id))
    }

    /// The person with this user name, ignoring case.
    pub fn person(&self, user_name: &str) -> Option<&'static Person> {
        self.people.iter().copied().find(|person| person.user_name.eq_ignore_ascii_case(user_name))
    }
}

impl Person {
    /// Whether the e-mail address is verified: it equals the user name.
    pub fn owns_email(&self) -> bool {
        self.email == Some(self.user_name)
    }

    /// The membership in the home tenant.
    pub fn home(&self) -> &'static Membership {
        &self.memberships[0]
    }

    /// The person's membership in a tenant.
    pub fn membership(&self, tenant_id: &str) -> Option<&'static Membership> {
        self.memberships
            .iter()
            .find(|membership| membership.tenant.id.eq_ignore_ascii_case(tenant_id))
    }
}

/// The test data of every emulator.
pub static WORLD: LazyLock<World> = LazyLock::new(|| World {
    application: &APPLICATION,
    tenants: [&CONTOSO, &FABRIKAM, &NORTHWIND, &TAILSPIN]
        .into_iter()
        .chain(SIGRIDS_TENANTS.iter())
        .collect::<Vec<_>>()
        .leak(),
    people: vec![&ZOFIA, &AMARA, &MINH_ANH, &JOAQUIN, &HARUKI, &*SIGRID].leak(),
});

/// The registered application.
pub static APPLICATION: Application = Application {
    client_id: "7d0f3a5e-52c4-4b1e-9a6b-0c8d1e2f3a41",
    client_secret: "emulated~not.a.real-client_secret+0/8",
    name: "Portico",
};
