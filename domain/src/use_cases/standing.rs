//! Whether a session may go on: what it rests on, its providers and their tenants, is still offered
//! and allowed.

use crate::{
    account::{Account, AccountId},
    identity::ProviderId,
    provider::{Availability, Providers},
    session::Session,
};

/// How a session stands with what is offered and allowed now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// As it is.
    Whole,
    /// Without these accounts.
    Without(Vec<AccountId>),
    /// Its person may not sign in any more: it must end.
    Fallen,
    /// The plug-in that its person signed in with cannot be loaded. Nobody can say whether they may
    /// still come in, so the session is not handed out, and not ended either.
    Away(ProviderId),
}

/// How this session stands.
pub(super) fn standing(session: &Session, providers: &Providers) -> Standing {
    // The account that a session began with is its first, and stays that.
    let Some((own, others)) = session.accounts.split_first() else { return Standing::Fallen };
    match availability(own, providers) {
        Availability::Offered(provider) if provider.signs_in(&own.identity.tenant) => {}
        Availability::Away => return Standing::Away(own.provider.clone()),
        Availability::Offered(_) | Availability::Gone => return Standing::Fallen,
    }
    let lost = others.iter().filter(|account| match availability(account, providers) {
        Availability::Offered(provider) => !provider.serves(&account.identity.tenant),
        Availability::Away => false,
        Availability::Gone => true,
    });
    let lost: Vec<_> = lost.map(|account| account.id.clone()).collect();
    if lost.is_empty() { Standing::Whole } else { Standing::Without(lost) }
}

fn availability(account: &Account, providers: &Providers) -> Availability {
    providers.availability(&account.provider)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        identity::TenantId,
        provider::{AllowedTenants, Away, Descriptor, Registration},
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

    fn stands(offered: Vec<Arc<Registration>>, away: Away) -> Standing {
        let providers = Providers::default();
        providers.offer(offered, away, NOW);
        standing(&session(), &providers)
    }

    fn away(ids: &[&str]) -> Away {
        Away::Only(ids.iter().map(|id| ProviderId::parse(*id).unwrap()).collect())
    }

    fn all() -> Vec<Arc<Registration>> {
        vec![provider("azure", &["contoso", "fabrikam"]), connect_only("aws")]
    }

    #[test]
    fn a_session_whose_providers_and_tenants_are_allowed_is_whole() {
        assert_eq!(stands(all(), away(&[])), Standing::Whole);
    }

    #[test]
    fn a_session_whose_own_tenant_or_provider_is_gone_falls() {
        assert_eq!(stands(vec![provider("azure", &["fabrikam"])], away(&[])), Standing::Fallen);
        assert_eq!(stands(vec![connect_only("aws")], away(&["aws"])), Standing::Fallen);
        assert_eq!(stands(vec![connect_only("azure")], away(&[])), Standing::Fallen);
        let nothing = Session { accounts: vec![], ..session() };
        assert_eq!(standing(&nothing, &Providers::new([])), Standing::Fallen);
    }

    #[test]
    fn an_account_of_a_tenant_or_provider_that_is_gone_is_lost() {
        let fabrikam = session().accounts[1].id.clone();
        let aws = AccountId::from_text("aws");
        let contoso = || provider("azure", &["contoso"]);
        let lost = stands(vec![contoso(), connect_only("aws")], away(&[]));
        assert_eq!(lost, Standing::Without(vec![fabrikam.clone()]));
        assert_eq!(stands(vec![contoso()], away(&[])), Standing::Without(vec![fabrikam, aws]));
    }

    #[test]
    fn a_plug_in_that_cannot_be_loaded_ends_nothing() {
        let azure = || vec![provider("azure", &["contoso", "fabrikam"])];
        assert_eq!(stands(azure(), away(&["aws"])), Standing::Whole);
        assert_eq!(stands(azure(), Away::Everything), Standing::Whole);
        let id = samples::azure();
        for unread in [away(&["azure"]), Away::Everything] {
            assert_eq!(stands(vec![connect_only("aws")], unread), Standing::Away(id.clone()));
        }
    }
}
