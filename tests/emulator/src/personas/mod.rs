//! The world: who exists, where they belong and what they may see.
//!
//! Fixed, so that a test or a demonstration can name what it expects. Nothing in here changes while the emulator runs.
//! What somebody sees at a cloud other than Azure is in the module named after it.

pub mod aws;
pub mod digitalocean;
pub mod github;
pub mod gitlab;
pub mod google;
pub mod heroku;
pub mod oidc;
mod people;
mod tenants;

pub use people::{AMARA, HARUKI, JOAQUIN, MINH_ANH, ZOFIA};
pub use tenants::{CONTOSO, FABRIKAM, NORTHWIND, TAILSPIN};

/// Everything there is.
#[derive(Debug)]
pub struct World {
    /// The one registered application.
    pub application: &'static Application,
    /// Every tenant.
    pub tenants: &'static [&'static Tenant],
    /// Everybody who can sign in, in the order the sign-in page shows them.
    pub people: &'static [&'static Person],
}

/// An application registration (confidential client).
#[derive(Debug)]
pub struct Application {
    /// The application (client) id, a GUID.
    pub client_id: &'static str,
    /// Its only client secret.
    pub client_secret: &'static str,
    /// What the sign-in page calls it.
    pub name: &'static str,
}

/// A directory.
#[derive(Debug)]
pub struct Tenant {
    /// The tenant id, a GUID.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Its default domain.
    pub domain: &'static str,
    /// ISO 3166 code of its country.
    pub country: &'static str,
    /// Whether a token for it needs a sign-in of its own (AADSTS50076 on a refresh from elsewhere).
    pub wants_mfa: bool,
    /// Its subscriptions; the application sees every one.
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
}

/// Somebody who can sign in.
#[derive(Debug)]
pub struct Person {
    /// What they type to sign in: `login_hint`, and the claim `preferred_username`.
    pub user_name: &'static str,
    /// The claim `name`.
    pub name: &'static str,
    /// The claim `email`, where they have one. Not verified by anybody, and not unique.
    pub email: Option<&'static str>,
    /// What the sign-in page says about them.
    pub about: &'static str,
    /// Where they belong; the first is their home.
    pub memberships: &'static [Membership],
    /// Whether they decline when asked to consent.
    pub refuses_consent: bool,
    /// Who they are and what they see at the other clouds.
    pub accounts: Accounts,
}

/// A person's account at each cloud that is not Azure.
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

/// A person's place in one tenant.
#[derive(Debug)]
pub struct Membership {
    /// The tenant.
    pub tenant: &'static Tenant,
    /// The person's object id there: another one in every tenant.
    pub oid: &'static str,
    /// The subscriptions the person sees there.
    pub subscriptions: &'static [Subscription],
}

impl World {
    /// The tenant with this id, in any case.
    pub fn tenant(&self, id: &str) -> Option<&'static Tenant> {
        self.tenants.iter().copied().find(|tenant| tenant.id.eq_ignore_ascii_case(id))
    }

    /// The person with this user name, in any case.
    pub fn person(&self, user_name: &str) -> Option<&'static Person> {
        self.people.iter().copied().find(|person| person.user_name.eq_ignore_ascii_case(user_name))
    }
}

impl Person {
    /// Whether the e-mail address is the person's own: the one they sign in with, which a provider has verified.
    pub fn owns_email(&self) -> bool {
        self.email == Some(self.user_name)
    }

    /// The tenant that keeps this person's account.
    pub fn home(&self) -> &'static Membership {
        &self.memberships[0]
    }

    /// The person's place in a tenant, if they have one.
    pub fn membership(&self, tenant_id: &str) -> Option<&'static Membership> {
        self.memberships
            .iter()
            .find(|membership| membership.tenant.id.eq_ignore_ascii_case(tenant_id))
    }
}

/// The world of every emulator.
pub static WORLD: World = World {
    application: &APPLICATION,
    tenants: &[&CONTOSO, &FABRIKAM, &NORTHWIND, &TAILSPIN],
    people: &[&ZOFIA, &AMARA, &MINH_ANH, &JOAQUIN, &HARUKI],
};

/// The registered application.
pub static APPLICATION: Application = Application {
    client_id: "7d0f3a5e-52c4-4b1e-9a6b-0c8d1e2f3a41",
    client_secret: "emulated~not.a.real-client_secret+0/8",
    name: "Portico",
};
