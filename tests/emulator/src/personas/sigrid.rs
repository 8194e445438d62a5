//! A guest of many tenants: twenty, with a thousand subscriptions, some of them managed across tenants.

use std::sync::LazyLock;

use super::{
    Accounts, Membership, Person, Subscription, Tenant, aws, digitalocean, github, gitlab, google,
    heroku, oidc,
};
use crate::bytes::guid_from;

/// The names of the tenants; the first is the home tenant.
const NAMES: [&str; 20] = [
    "Adatum",
    "Adventure Works",
    "Alpine Ski House",
    "Bellows College",
    "Coho Winery",
    "Consolidated Messenger",
    "First Up Consultants",
    "Fourth Coffee",
    "Graphic Design Institute",
    "Humongous Insurance",
    "Lamna Healthcare",
    "Lucerne Publishing",
    "Nod Publishers",
    "Proseware",
    "Relecloud",
    "Southridge Video",
    "Trey Research",
    "VanArsdel",
    "Wide World Importers",
    "Woodgrove Bank",
];

/// Subscriptions that each tenant owns.
const OWNED: usize = 50;

/// The tenants whose first subscriptions the home tenant manages, and how many of each.
const MANAGED_TENANTS: std::ops::RangeInclusive<usize> = 1..=2;
const MANAGED: usize = 5;

/// The last tenants do not show their names in the list of tenants.
const NAMES_HIDDEN: usize = 2;

/// The tenants of [`SIGRID`], the home tenant first. Each owns fifty subscriptions. The home tenant also lists five of
/// the second and five of the third tenant, which it manages by Azure Lighthouse.
pub static SIGRIDS_TENANTS: LazyLock<Vec<Tenant>> = LazyLock::new(|| {
    let ids: Vec<&'static str> = NAMES.iter().map(|name| leak(guid_from(name))).collect();
    let home: &'static [&'static str] = vec![ids[0]].leak();
    let owned = |at: usize| {
        (0..OWNED).map(move |n| Subscription {
            id: leak(guid_from(&format!("{} {n}", NAMES[at]))),
            name: leak(format!("{} {:02}", NAMES[at], n + 1)),
            state: "Enabled",
            owner: None,
            managed_by: if MANAGED_TENANTS.contains(&at) && n < MANAGED { home } else { &[] },
        })
    };
    let managed = MANAGED_TENANTS.flat_map(|at| {
        let owner = Some(ids[at]);
        owned(at).take(MANAGED).map(move |subscription| Subscription { owner, ..subscription })
    });
    let managed: Vec<Subscription> = managed.collect();
    let mut listed: Vec<Vec<Subscription>> =
        (0..NAMES.len()).map(|at| owned(at).collect()).collect();
    listed[0].extend(managed);
    let tenants = NAMES.iter().zip(&ids).zip(listed).map(|((name, id), subscriptions)| Tenant {
        id,
        name,
        domain: leak(format!("{}.example", name.to_lowercase().replace(' ', ""))),
        country: "NO",
        wants_mfa: false,
        subscriptions: subscriptions.leak(),
    });
    tenants.collect()
});

/// Member of Adatum and guest of nineteen tenants, with a thousand subscriptions. Two of the tenants hide their names.
pub static SIGRID: LazyLock<Person> = LazyLock::new(|| {
    let tenants: &'static [Tenant] = &SIGRIDS_TENANTS;
    let memberships = tenants.iter().enumerate().map(|(at, tenant)| Membership {
        tenant,
        oid: leak(guid_from(&format!("Sigrid at {}", tenant.name))),
        subscriptions: tenant.subscriptions,
        names_hidden: at >= tenants.len() - NAMES_HIDDEN,
    });
    Person {
        user_name: "sigrid.halvorsen@adatum.example",
        name: "Sigrid Halvorsen",
        email: Some("sigrid.halvorsen@adatum.example"),
        about: "Adatum, guest of nineteen tenants, a thousand subscriptions",
        memberships: memberships.collect::<Vec<_>>().leak(),
        refuses_consent: false,
        accounts: Accounts {
            google: google::SIGRID,
            aws: aws::SIGRID,
            github: github::SIGRID,
            digitalocean: digitalocean::SIGRID,
            oidc: oidc::SIGRID,
            gitlab: gitlab::SIGRID,
            heroku: heroku::SIGRID,
        },
    }
});

fn leak(text: String) -> &'static str {
    text.leak()
}
