//! Withholds repairs of a listing that could not work or that the operator did not agree to.

use url::Url;

use crate::{
    account::{Listing, Mender, Repair, Tenant},
    identity::TenantId,
    listing::Incident,
    provider::{Endpoints, Registration},
};

/// Checks the repairs of a listing at this provider. Returns a note for the log for each link that is
/// withheld.
///
/// A sign-in to a tenant whose people may not sign in would end in an error: then the operator has to
/// allow the tenant. A link must be at a host of a permission or of the sign-in, because pages show it
/// as the provider's.
pub(super) fn check(listing: &mut Listing, provider: &Registration) -> Vec<Incident> {
    let mut incidents = vec![];
    for tenant in &mut listing.tenants {
        match &tenant.repair {
            Some(Repair::SignIn | Repair::Claims(_)) if !may_sign_in(tenant, provider) => {
                not_allowed(tenant, provider);
            }
            Some(Repair::Link(link)) if !is_own(link, provider) => {
                incidents.push(Incident {
                    what: format!("the repair of the tenant {}", tenant.id),
                    why: "its link is at no host of a permission or of the sign-in".into(),
                });
                tenant.repair = None;
            }
            _ => {}
        }
    }
    incidents
}

/// Whether people of the tenant may sign in. A provider without tenants of its own names its
/// organisations so, and a sign-in to them is one to the provider.
fn may_sign_in(tenant: &Tenant, provider: &Registration) -> bool {
    let id = TenantId::parse(tenant.id.as_str());
    !provider.sign_in.issuer_names_tenant() || id.is_ok_and(|id| provider.serves(&id))
}

fn not_allowed(tenant: &mut Tenant, provider: &Registration) {
    let variable = provider.id().as_str().replace('-', "_").to_ascii_uppercase();
    let advice = format!(
        "People of this tenant may not sign in here: whoever runs this Portico would have to add it to \
         {variable}_ALLOWED_TENANTS."
    );
    let reason = tenant.reason.take().map(|reason| format!("{reason} {advice}"));
    tenant.reason = Some(reason.unwrap_or(advice));
    (tenant.mender, tenant.repair) = (Some(Mender::Operator), None);
}

fn is_own(link: &str, provider: &Registration) -> bool {
    let link = Url::parse(link).ok();
    let is_plain = |url: &Url| url.username().is_empty() && url.password().is_none();
    let Some(link) = link.filter(is_plain) else { return false };
    let permissions = &provider.cloud.descriptor().permissions;
    let is_of_sign_in = || {
        let sign_in = provider.sign_in.at(None).ok()?;
        let addresses = match &sign_in.endpoints {
            Endpoints::OpenId(issuer) => vec![issuer.clone()],
            Endpoints::Plain(plain) => vec![plain.issuer.clone(), plain.authorization.clone()],
        };
        Some(addresses.iter().any(|address| address.origin() == link.origin()))
    };
    permissions.iter().any(|permission| permission.is_at_host(&link))
        || is_of_sign_in().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{account::TenantState, testing::doubles};

    fn listing(id: &str, repair: Repair) -> Listing {
        let tenant = Tenant {
            id: id.into(),
            display_name: id.into(),
            state: TenantState::WantsMfa,
            reason: Some("It wants a second factor.".into()),
            mender: Some(Mender::Person),
            repair: Some(repair),
            extra: vec![],
        };
        Listing { tenants: vec![tenant], ..Listing::default() }
    }

    fn checked(mut listing: Listing) -> (Tenant, usize) {
        let provider = doubles::Provider::silent().into_registration();
        let incidents = check(&mut listing, &provider);
        (listing.tenants.remove(0), incidents.len())
    }

    #[rstest]
    fn sign_in_to_an_allowed_tenant_stays(
        #[values(Repair::SignIn, Repair::Claims("{}".into()))] repair: Repair,
    ) {
        let listing = listing("fabrikam", repair);
        assert_eq!(checked(listing.clone()), (listing.tenants[0].clone(), 0));
    }

    #[rstest]
    fn sign_in_to_a_tenant_that_is_not_allowed_is_the_operators(
        #[values(Repair::SignIn, Repair::Claims("{}".into()))] repair: Repair,
    ) {
        let (tenant, _) = checked(listing("tailspin", repair));
        assert_eq!((tenant.mender, tenant.repair), (Some(Mender::Operator), None));
        let reason = tenant.reason.unwrap();
        assert!(reason.starts_with("It wants") && reason.contains("AZURE_ALLOWED_TENANTS"));
    }

    #[rstest]
    #[case::permission("https://cloud.example/consent", true)]
    #[case::sign_in("https://login.example/consent", true)]
    #[case::other_host("https://evil.example/consent", false)]
    #[case::host_as_prefix("https://cloud.example.evil.example/", false)]
    #[case::host_as_user("https://cloud.example@evil.example/", false)]
    #[case::user("https://me@cloud.example/", false)]
    #[case::other_port("https://cloud.example:8443/", false)]
    fn link_stays_at_a_host_that_the_operator_agreed_to(#[case] link: &str, #[case] stays: bool) {
        let (tenant, incidents) = checked(listing("fabrikam", Repair::Link(link.into())));
        assert_eq!((tenant.repair.is_some(), incidents == 0), (stays, stays), "{link}");
    }
}
