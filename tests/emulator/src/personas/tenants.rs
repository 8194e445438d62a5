//! The tenants of Entra ID, and their subscriptions.

use super::{Subscription, Tenant};

/// Seven subscriptions, so three pages.
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

/// Two subscriptions; one of its people is a guest.
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

/// Requires a second factor: a refresh from a sign-in without one fails.
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

/// No subscriptions.
pub static TAILSPIN: Tenant = Tenant {
    id: "d5e8b1c6-4a92-4d37-8c0b-9e7f6a5d4b24",
    name: "Tailspin Toys",
    domain: "tailspin.example",
    country: "NG",
    wants_mfa: false,
    subscriptions: &[],
};

const fn subscription(id: &'static str, name: &'static str, state: &'static str) -> Subscription {
    Subscription { id, name, state, owner: None, managed_by: &[] }
}
