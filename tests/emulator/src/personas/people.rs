//! The people.

use super::tenants::{CONTOSO, FABRIKAM, NORTHWIND, TAILSPIN};
use super::{
    Accounts, Membership, Person, Tenant, aws, digitalocean, github, gitlab, google, heroku, oidc,
};

/// Member of Contoso; can list its seven subscriptions.
pub static ZOFIA: Person = Person {
    user_name: "zofia.nowak@contoso.example",
    name: "Zofia Nowak",
    email: Some("zofia.nowak@contoso.example"),
    about: "Contoso, seven subscriptions",
    memberships: &[member(&CONTOSO, "a1f5c8d2-0b3e-4c79-9d64-8e2f1a7b5c31")],
    refuses_consent: false,
    accounts: Accounts {
        google: google::ZOFIA,
        aws: aws::ZOFIA,
        github: github::ZOFIA,
        digitalocean: digitalocean::ZOFIA,
        oidc: oidc::ZOFIA,
        gitlab: gitlab::ZOFIA,
        heroku: heroku::ZOFIA,
    },
};

/// Member of Tailspin Toys; has no subscription and no e-mail address.
pub static AMARA: Person = Person {
    user_name: "amara.okafor@tailspin.example",
    name: "Amara Okafor",
    email: None,
    about: "Tailspin Toys, no subscription",
    memberships: &[member(&TAILSPIN, "b2e6d9c3-1c4f-4d8a-8e75-9f3a2b8c6d42")],
    refuses_consent: false,
    accounts: Accounts {
        google: google::AMARA,
        aws: aws::AMARA,
        github: github::AMARA,
        digitalocean: digitalocean::AMARA,
        oidc: oidc::AMARA,
        gitlab: gitlab::AMARA,
        heroku: heroku::AMARA,
    },
};

/// Member of Contoso (three subscriptions); guest of Fabrikam (two) and of Northwind, which requires a second factor.
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
            names_hidden: false,
        },
        member(&FABRIKAM, "d408fbe5-3e61-4fac-8097-b15c4dae8f64"),
        member(&NORTHWIND, "e5190cf6-4f72-40bd-91a8-c26d5ebf9075"),
    ],
    refuses_consent: false,
    accounts: Accounts {
        google: google::MINH_ANH,
        aws: aws::MINH_ANH,
        github: github::MINH_ANH,
        digitalocean: digitalocean::MINH_ANH,
        oidc: oidc::MINH_ANH,
        gitlab: gitlab::MINH_ANH,
        heroku: heroku::MINH_ANH,
    },
};

/// Declines to consent.
pub static JOAQUIN: Person = Person {
    user_name: "joaquin.herrera@contoso.example",
    name: "Joaquín Herrera",
    email: Some("joaquin.herrera@contoso.example"),
    about: "Contoso, declines to consent",
    memberships: &[member(&CONTOSO, "f62a1d07-5083-41ce-82b9-d37e6fc0a186")],
    refuses_consent: true,
    accounts: Accounts {
        google: google::JOAQUIN,
        aws: aws::JOAQUIN,
        github: github::JOAQUIN,
        digitalocean: digitalocean::JOAQUIN,
        oidc: oidc::JOAQUIN,
        gitlab: gitlab::JOAQUIN,
        heroku: heroku::JOAQUIN,
    },
};

/// Member of Fabrikam with the (unverified) e-mail address of Zofia Nowak.
pub static HARUKI: Person = Person {
    user_name: "haruki.sato@fabrikam.example",
    name: "Haruki Sato",
    email: Some("zofia.nowak@contoso.example"),
    about: "Fabrikam, says that Zofia's e-mail address is his",
    memberships: &[member(&FABRIKAM, "073b2e18-6194-42df-93ca-e48f70d1b297")],
    refuses_consent: false,
    accounts: Accounts {
        google: google::HARUKI,
        aws: aws::HARUKI,
        github: github::HARUKI,
        digitalocean: digitalocean::HARUKI,
        oidc: oidc::HARUKI,
        gitlab: gitlab::HARUKI,
        heroku: heroku::HARUKI,
    },
};

const fn member(tenant: &'static Tenant, oid: &'static str) -> Membership {
    Membership { tenant, oid, subscriptions: tenant.subscriptions, names_hidden: false }
}
