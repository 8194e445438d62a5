//! Whether the providers and tenants of a session are still offered and allowed.

use crate::{
    account::AccountId,
    identity::{ProviderId, TenantId},
    provider::{Availability, Providers, Registration},
    session::Session,
};

/// The validity of a session under the present providers and allowed tenants.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Validity {
    /// Every account is allowed.
    Valid,
    /// These accounts are not allowed any more.
    WithoutAccounts(Vec<AccountId>),
    /// Its person may not sign in any more: the session must end.
    Invalid,
    /// The plug-in that its person signed in with cannot be loaded. Whether they may still sign in is
    /// unknown, so the session is neither returned nor ended.
    ProviderAway(ProviderId),
}

/// Whether one account is allowed now.
#[derive(PartialEq, Eq)]
enum Access {
    Allowed,
    /// Unknown: the plug-in of its provider cannot be loaded.
    Away,
    Denied,
}

/// The validity of this session.
pub(super) fn validity(session: &Session, providers: &Providers) -> Validity {
    // The first account is always the one that the session began with.
    let Some((own, others)) = session.accounts.split_first() else { return Validity::Invalid };
    match owners_access(&own.provider, &own.identity.tenant, providers) {
        Access::Allowed => {}
        Access::Away => return Validity::ProviderAway(own.provider.clone()),
        Access::Denied => return Validity::Invalid,
    }
    let lost = others.iter().filter(|account| {
        access(&account.provider, &account.identity.tenant, providers) == Access::Denied
    });
    let lost: Vec<_> = lost.map(|account| account.id.clone()).collect();
    if lost.is_empty() { Validity::Valid } else { Validity::WithoutAccounts(lost) }
}

/// The access of the account that the session began with.
fn owners_access(id: &ProviderId, tenant: &TenantId, providers: &Providers) -> Access {
    access_if(id, providers, |provider| provider.signs_in(tenant))
}

/// The access of an account that was connected.
fn access(id: &ProviderId, tenant: &TenantId, providers: &Providers) -> Access {
    access_if(id, providers, |provider| provider.serves(tenant))
}

fn access_if(
    id: &ProviderId,
    providers: &Providers,
    is_allowed: impl FnOnce(&Registration) -> bool,
) -> Access {
    match providers.availability(id) {
        Availability::Offered(provider) if is_allowed(&provider) => Access::Allowed,
        Availability::Away => Access::Away,
        Availability::Offered(_) | Availability::Gone => Access::Denied,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        account::Account,
        provider::{AllowedTenants, Away, Descriptor},
        testing::{doubles, samples},
        time::Timestamp,
    };

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

    fn provider(id: &str, tenants: &[&str]) -> Arc<Registration> {
        let id = ProviderId::parse(id).unwrap();
        let descriptor = Descriptor { id, ..samples::descriptor() };
        let registration = doubles::Provider::described_as(descriptor).into_registration();
        let tenants = tenants.iter().map(|tenant| TenantId::parse(*tenant).unwrap());
        Arc::new(Registration { tenants: AllowedTenants::only(tenants), ..registration })
    }

    fn connect_only(id: &str) -> Arc<Registration> {
        let id = ProviderId::parse(id).unwrap();
        let descriptor = Descriptor { id, people: None, ..samples::descriptor() };
        let registration = doubles::Provider::described_as(descriptor).into_registration();
        Arc::new(Registration { tenants: AllowedTenants::only([]), ..registration })
    }

    /// Zofia of contoso at `azure`, with an account of fabrikam there and one at `aws`.
    fn session() -> Session {
        let mut session = samples::session("contoso", "zofia", NOW);
        session.accounts.push(samples::account("fabrikam", "guest", NOW));
        let aws = samples::account("d-1.awsapps.example", "zofia", NOW);
        session.accounts.push(Account {
            id: AccountId::from_text("aws"),
            provider: ProviderId::parse("aws").unwrap(),
            ..aws
        });
        session
    }

    fn validity_with(offered: Vec<Arc<Registration>>, away: Away) -> Validity {
        let providers = Providers::default();
        providers.offer(offered, away, NOW);
        validity(&session(), &providers)
    }

    fn away(ids: &[&str]) -> Away {
        Away::Only(ids.iter().map(|id| ProviderId::parse(*id).unwrap()).collect())
    }

    fn all() -> Vec<Arc<Registration>> {
        vec![provider("azure", &["contoso", "fabrikam"]), connect_only("aws")]
    }

    #[test]
    fn validity_is_valid_when_every_account_is_allowed() {
        assert_eq!(validity_with(all(), away(&[])), Validity::Valid);
    }

    #[test]
    fn validity_is_invalid_without_the_owners_tenant_or_provider() {
        assert_eq!(
            validity_with(vec![provider("azure", &["fabrikam"])], away(&[])),
            Validity::Invalid
        );
        assert_eq!(validity_with(vec![connect_only("aws")], away(&["aws"])), Validity::Invalid);
        assert_eq!(validity_with(vec![connect_only("azure")], away(&[])), Validity::Invalid);
        let nothing = Session { accounts: vec![], ..session() };
        assert_eq!(validity(&nothing, &Providers::new([])), Validity::Invalid);
    }

    #[test]
    fn validity_lists_accounts_without_their_tenant_or_provider() {
        let fabrikam = session().accounts[1].id.clone();
        let aws = AccountId::from_text("aws");
        let contoso = || provider("azure", &["contoso"]);
        let lost = validity_with(vec![contoso(), connect_only("aws")], away(&[]));
        assert_eq!(lost, Validity::WithoutAccounts(vec![fabrikam.clone()]));
        assert_eq!(
            validity_with(vec![contoso()], away(&[])),
            Validity::WithoutAccounts(vec![fabrikam, aws])
        );
    }

    #[test]
    fn validity_is_provider_away_while_the_plug_in_cannot_be_loaded() {
        let azure = || vec![provider("azure", &["contoso", "fabrikam"])];
        assert_eq!(validity_with(azure(), away(&["aws"])), Validity::Valid);
        assert_eq!(validity_with(azure(), Away::Everything), Validity::Valid);
        let id = samples::azure();
        for unread in [away(&["azure"]), Away::Everything] {
            assert_eq!(
                validity_with(vec![connect_only("aws")], unread),
                Validity::ProviderAway(id.clone())
            );
        }
    }
}
