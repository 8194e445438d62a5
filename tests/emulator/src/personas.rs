//! The world: who exists, where they belong and what they may see.
//!
//! Fixed, so that a test or a demonstration can name what it expects. Nothing in here changes while the emulator runs.

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

/// Seven subscriptions: three pages.
pub static CONTOSO: Tenant = Tenant {
    id: "3f1c2b7a-9d4e-4f60-8a15-6b2c7d8e9f01",
    name: "Contoso",
    domain: "contoso.example",
    country: "PL",
    wants_mfa: false,
    subscriptions: &[
        subscription("0a6e4c1d-1111-4b7a-9c3e-5d2f8a7b6c01", "Contoso Production", "Enabled"),
        subscription("0a6e4c1d-2222-4b7a-9c3e-5d2f8a7b6c02", "Contoso Staging", "Enabled"),
        subscription("0a6e4c1d-3333-4b7a-9c3e-5d2f8a7b6c03", "Contoso Data & Analytics", "Enabled"),
        subscription("0a6e4c1d-4444-4b7a-9c3e-5d2f8a7b6c04", "Contoso Łódź", "Enabled"),
        subscription("0a6e4c1d-5555-4b7a-9c3e-5d2f8a7b6c05", "Contoso Identity", "Enabled"),
        subscription("0a6e4c1d-6666-4b7a-9c3e-5d2f8a7b6c06", "Contoso Sandbox", "Warned"),
        subscription("0a6e4c1d-7777-4b7a-9c3e-5d2f8a7b6c07", "Contoso Archive", "Disabled"),
    ],
};

/// Two subscriptions, a guest among its people.
pub static FABRIKAM: Tenant = Tenant {
    id: "8b6d1e90-2c3f-4a75-b4d8-1f0e9c8b7a62",
    name: "Fabrikam",
    domain: "fabrikam.example",
    country: "JP",
    wants_mfa: false,
    subscriptions: &[
        subscription("5c9b2e7f-1111-4d30-8e41-7a6b5c4d3e01", "Fabrikam Manufacturing", "Enabled"),
        subscription("5c9b2e7f-2222-4d30-8e41-7a6b5c4d3e02", "Fabrikam Research", "Enabled"),
    ],
};

/// Wants a second factor: no token from a refresh that began elsewhere.
pub static NORTHWIND: Tenant = Tenant {
    id: "c4a9f2d3-7e61-4b08-9f5c-3d2e1a0b9c83",
    name: "Northwind Traders",
    domain: "northwind.example",
    country: "CA",
    wants_mfa: true,
    subscriptions: &[subscription(
        "e1d7a3b5-1111-4c26-a8f9-2b4c6d8e0f01",
        "Northwind Logistics",
        "Enabled",
    )],
};

/// No subscription at all.
pub static TAILSPIN: Tenant = Tenant {
    id: "d5e8b1c6-4a92-4d37-8c0b-9e7f6a5d4b24",
    name: "Tailspin Toys",
    domain: "tailspin.example",
    country: "NG",
    wants_mfa: false,
    subscriptions: &[],
};

/// Sees all seven subscriptions of Contoso.
pub static ZOFIA: Person = Person {
    user_name: "zofia.nowak@contoso.example",
    name: "Zofia Nowak",
    email: Some("zofia.nowak@contoso.example"),
    about: "Contoso, seven subscriptions",
    memberships: &[member(&CONTOSO, "a1f5c8d2-0b3e-4c79-9d64-8e2f1a7b5c31")],
    refuses_consent: false,
};

/// Sees no subscription, and has no e-mail address.
pub static AMARA: Person = Person {
    user_name: "amara.okafor@tailspin.example",
    name: "Amara Okafor",
    email: None,
    about: "Tailspin Toys, no subscription",
    memberships: &[member(&TAILSPIN, "b2e6d9c3-1c4f-4d8a-8e75-9f3a2b8c6d42")],
    refuses_consent: false,
};

/// At home in Contoso (three subscriptions), guest of Fabrikam (two) and of Northwind, which wants a second factor.
pub static MINH_ANH: Person = Person {
    user_name: "minhanh.nguyen@contoso.example",
    name: "Nguyễn Minh Anh",
    email: Some("minhanh.nguyen@contoso.example"),
    about: "Contoso, guest of Fabrikam and Northwind",
    memberships: &[
        Membership {
            tenant: &CONTOSO,
            oid: "c3f7ead4-2d50-4e9b-9f86-a04b3c9d7e53",
            subscriptions: CONTOSO.subscriptions.split_at(3).0,
        },
        member(&FABRIKAM, "d408fbe5-3e61-4fac-8097-b15c4dae8f64"),
        member(&NORTHWIND, "e5190cf6-4f72-40bd-91a8-c26d5ebf9075"),
    ],
    refuses_consent: false,
};

/// Declines to consent.
pub static JOAQUIN: Person = Person {
    user_name: "joaquin.herrera@contoso.example",
    name: "Joaquín Herrera",
    email: Some("joaquin.herrera@contoso.example"),
    about: "Contoso, declines to consent",
    memberships: &[member(&CONTOSO, "f62a1d07-5083-41ce-82b9-d37e6fc0a186")],
    refuses_consent: true,
};

/// Another person, in another tenant, with Zofia Nowak's e-mail address.
pub static HARUKI: Person = Person {
    user_name: "haruki.sato@fabrikam.example",
    name: "Haruki Sato",
    email: Some("zofia.nowak@contoso.example"),
    about: "Fabrikam, says that Zofia's e-mail address is his",
    memberships: &[member(&FABRIKAM, "073b2e18-6194-42df-93ca-e48f70d1b297")],
    refuses_consent: false,
};

const fn subscription(id: &'static str, name: &'static str, state: &'static str) -> Subscription {
    Subscription { id, name, state }
}

const fn member(tenant: &'static Tenant, oid: &'static str) -> Membership {
    Membership { tenant, oid, subscriptions: tenant.subscriptions }
}
