//! The providers that Portico offers.

use std::{collections::BTreeSet, sync::Arc};

use url::Url;

use crate::{
    identity::{ProviderId, TenantId},
    ports::{CloudApi, CloudProvider, IdentityProvider},
};

/// One cloud, ready for logins: what it is, who vouches for its people, and its API.
#[derive(Clone)]
pub struct Registration {
    /// What the cloud is.
    pub cloud: Arc<dyn CloudProvider>,
    /// Its identity provider.
    pub identity: Arc<dyn IdentityProvider>,
    /// Its API.
    pub api: Arc<dyn CloudApi>,
    /// Where its answers come; no two providers share one.
    pub redirect_uri: Url,
    /// Whose people may sign in.
    pub tenants: AllowedTenants,
}

impl Registration {
    /// The provider's id.
    pub fn id(&self) -> &ProviderId {
        &self.cloud.descriptor().id
    }
}

/// The tenants whose people may sign in. Nobody else is let in, whatever their token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedTenants(BTreeSet<String>);

impl AllowedTenants {
    /// Just these. Case does not matter in a GUID, so it does not here.
    pub fn only(tenants: impl IntoIterator<Item = TenantId>) -> Self {
        Self(tenants.into_iter().map(|tenant| tenant.as_str().to_ascii_lowercase()).collect())
    }

    /// Whether people of `tenant` may sign in.
    pub fn allow(&self, tenant: &TenantId) -> bool {
        self.0.contains(&tenant.as_str().to_ascii_lowercase())
    }
}

/// The providers that Portico offers, in the order the sign-in page shows them.
#[derive(Clone, Default)]
pub struct Providers(Vec<Arc<Registration>>);

impl Providers {
    /// These providers, in this order.
    pub fn new(registrations: impl IntoIterator<Item = Registration>) -> Self {
        Self(registrations.into_iter().map(Arc::new).collect())
    }

    /// The provider with this id.
    pub fn find(&self, id: &ProviderId) -> Option<Arc<Registration>> {
        self.0.iter().find(|registration| registration.id() == id).cloned()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Registration> {
        self.0.iter().map(Arc::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_tenants_are_allowed_in_either_case() {
        let tenant = |text: &str| TenantId::parse(text).unwrap();
        let allowed = AllowedTenants::only([tenant("7F7A-1")]);
        assert!(allowed.allow(&tenant("7f7a-1")));
        assert!(!allowed.allow(&tenant("7f7a-2")));
        assert!(!AllowedTenants::only([]).allow(&tenant("7f7a-1")));
    }
}
