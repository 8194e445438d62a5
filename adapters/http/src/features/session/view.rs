//! The body of `GET /api/session`.

use portico_domain::{
    account::Account, provider::Providers, time::Timestamp, use_cases::LiveSession,
};

use crate::{
    features::accounts::{
        MAX_DETAILS, listing_state, next_page, write_identity, write_subscription, write_tenant,
        write_token,
    },
    response::{Json, Object, rfc3339},
};

/// `{user, person, accounts, expiresAt}`.
pub(super) fn session_json(live: &LiveSession, providers: &Providers) -> Vec<u8> {
    Json::object(|session| {
        session
            // The claims are stored as JSON, and written unparsed.
            .raw("user", live.session.user.json());
        match live.session.own_account() {
            Some(own) => session.object("person", |person| write_identity(person, own)),
            None => session.raw("person", "null"),
        };
        session
            .objects("accounts", &live.session.accounts, |object, account| {
                write_account(object, account, live.read_at);
                write_token(object, account, providers, live.read_at);
            })
            .text("expiresAt", &rfc3339(live.expires_at));
    })
}

fn write_account(object: &mut Object<'_>, account: &Account, now: Timestamp) {
    let shown = account.subscriptions.len().min(MAX_DETAILS);
    let details = &account.subscriptions[..shown];
    object
        .text("id", account.id.as_str())
        .text("provider", account.provider.as_str())
        .text("tenantId", account.identity.tenant.as_str())
        .text("displayName", &account.identity.display_name)
        .object("identity", |identity| write_identity(identity, account))
        .texts("subscriptions", &account.subscriptions, |subscription| &subscription.id)
        .objects("subscriptionDetails", details, write_subscription)
        .optional("subscriptionDetailsNext", next_page(account, shown).as_deref())
        .objects("tenants", &account.tenants, |object, tenant| {
            write_tenant(object, &account.provider, tenant);
        })
        .texts("warnings", &account.all_warnings(), |warning| warning)
        .text("listing", listing_state(account.listing_state(now)))
        .text("connectedAt", &rfc3339(account.connected_at))
        .text("refreshedAt", &rfc3339(account.refreshed_at));
}

#[cfg(test)]
mod tests;
