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
    assert_eq!(validity_with(vec![provider("azure", &["fabrikam"])], away(&[])), Validity::Invalid);
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
