//! The result of a listing.

use portico_provider_model::listing::{Listing, Mender, Repair, Subscription, Tenant, TenantState};

use crate::component::bindings::wire;

pub(super) fn outcome(it: Listing) -> wire::Outcome {
    wire::Outcome {
        tenants: it.tenants.into_iter().map(tenant).collect(),
        subscriptions: it.subscriptions.into_iter().map(subscription).collect(),
        warnings: it.warnings,
        extra: vec![],
    }
}

fn tenant(it: Tenant) -> wire::Tenant {
    wire::Tenant {
        id: it.id,
        display_name: it.display_name,
        state: match it.state {
            TenantState::Ok => wire::TenantState::Ok,
            TenantState::Empty => wire::TenantState::Empty,
            TenantState::WantsMfa => wire::TenantState::WantsMfa,
            TenantState::WantsConsent => wire::TenantState::WantsConsent,
            TenantState::Blocked => wire::TenantState::Blocked,
            TenantState::Unreachable => wire::TenantState::Unreachable,
        },
        reason: it.reason,
        mender: it.mender.map(|mender| match mender {
            Mender::Person => wire::Mender::Person,
            Mender::Administrator => wire::Mender::Administrator,
            Mender::Operator => wire::Mender::Operator,
        }),
        repair: it.repair.map(|repair| match repair {
            Repair::SignIn => wire::Repair::SignIn,
            Repair::Claims(claims) => wire::Repair::Claims(claims),
            Repair::Link(link) => wire::Repair::Link(link),
        }),
        extra: it.extra,
    }
}

fn subscription(it: Subscription) -> wire::Subscription {
    wire::Subscription {
        id: it.id,
        display_name: it.display_name,
        state: it.state,
        tenant: it.tenant,
        extra: it.extra,
    }
}
