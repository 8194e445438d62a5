//! The providers that Portico offers; they may change while it runs.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use url::Url;

use super::{ConfiguredSignIn, Permission, SecretHeader};
use crate::{
    identity::{ProviderId, Revision, TenantId},
    login::ATTEMPT_LIFETIME,
    ports::{CloudApi, CloudProvider, IdentityProvider},
    secret::ProviderSecret,
    time::Timestamp,
};

/// One offered provider: its declaration, its identity provider and its API.
#[derive(Clone)]
pub struct Registration {
    /// The provider.
    pub cloud: Arc<dyn CloudProvider>,
    /// The sign-in that the operator agreed to.
    pub sign_in: ConfiguredSignIn,
    /// The operator's secrets for secret headers, by the keys of their settings.
    pub secrets: BTreeMap<String, ProviderSecret>,
    /// Its build.
    pub revision: Revision,
    /// Its identity provider.
    pub identity: Arc<dyn IdentityProvider>,
    /// Its API.
    pub api: Arc<dyn CloudApi>,
    /// Its redirect URI; no two providers share one.
    pub redirect_uri: Url,
    /// The tenants whose people may sign in.
    pub tenants: AllowedTenants,
}

impl Registration {
    /// The provider's id.
    pub fn id(&self) -> &ProviderId {
        &self.cloud.descriptor().id
    }

    /// The secret headers of this permission. A secret that the operator did not configure is left
    /// out: the cloud's response says what is missing.
    pub(crate) fn secret_headers<'a>(
        &'a self,
        permission: &'a Permission,
    ) -> Vec<(&'a SecretHeader, &'a ProviderSecret)> {
        let configured =
            |header: &'a SecretHeader| Some((header, self.secrets.get(&header.setting)?));
        permission.secret_headers.iter().filter_map(configured).collect()
    }

    /// Whether people of this tenant may sign in.
    pub fn signs_in(&self, tenant: &TenantId) -> bool {
        self.cloud.descriptor().people.is_some() && self.tenants.allow(tenant)
    }

    /// Whether an account of this tenant may be connected. The allowed tenants do not apply to a
    /// connect-only provider.
    pub fn serves(&self, tenant: &TenantId) -> bool {
        self.cloud.descriptor().people.is_none() || self.tenants.allow(tenant)
    }
}

/// The tenants whose people may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedTenants {
    /// Every tenant. Only by explicit configuration.
    Everybody,
    /// These tenants, in lower case.
    Only(BTreeSet<String>),
}

impl AllowedTenants {
    /// These tenants. GUIDs and domains are compared without case.
    pub fn only(tenants: impl IntoIterator<Item = TenantId>) -> Self {
        let lower = |tenant: TenantId| tenant.as_str().to_ascii_lowercase();
        Self::Only(tenants.into_iter().map(lower).collect())
    }

    /// Whether people of `tenant` may sign in.
    pub fn allow(&self, tenant: &TenantId) -> bool {
        match self {
            Self::Everybody => true,
            Self::Only(tenants) => tenants.contains(&tenant.as_str().to_ascii_lowercase()),
        }
    }
}

/// Whether a provider that a session uses is offered.
pub enum Availability {
    /// It is offered.
    Offered(Arc<Registration>),
    /// The operator agreed to it, but it cannot be loaded now.
    Away,
    /// It is not configured any more.
    Gone,
}

/// The providers that the operator agreed to and that cannot be loaded now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Away {
    /// These.
    Only(BTreeSet<ProviderId>),
    /// Every provider that is not offered, because the lock file cannot be read.
    Everything,
}

impl Default for Away {
    fn default() -> Self {
        Self::Only(BTreeSet::new())
    }
}

/// How many replaced registrations are kept for the logins that began with them. Bounded, so that a
/// folder that is rewritten every second does not use up the memory.
const MAX_RETIRED: usize = 64;

/// The offered providers, in the order of the sign-in page. Clones share the list: a replacement is
/// seen by all of them.
#[derive(Clone, Default)]
pub struct Providers(Arc<Shared>);

#[derive(Default)]
struct Shared {
    offer: RwLock<Offer>,
    version: AtomicU64,
}

/// Counts the changes of the offered providers. What was decided by them under one version holds as long
/// as it is the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferVersion(u64);

#[derive(Default)]
struct Offer {
    current: Vec<Arc<Registration>>,
    away: Away,
    /// Replaced registrations with the time of their replacement, the latest last.
    retired: VecDeque<(Timestamp, Arc<Registration>)>,
}

impl Offer {
    fn is_away(&self, id: &ProviderId) -> bool {
        match &self.away {
            Away::Only(ids) => ids.contains(id),
            Away::Everything => true,
        }
    }
}

impl Providers {
    /// These providers, in this order.
    pub fn new(registrations: impl IntoIterator<Item = Registration>) -> Self {
        let current = registrations.into_iter().map(Arc::new).collect();
        let offer = RwLock::new(Offer { current, ..Offer::default() });
        Self(Arc::new(Shared { offer, version: AtomicU64::new(0) }))
    }

    /// The version of the offer. Read it before the providers: then they are of this version or a later
    /// one.
    pub fn version(&self) -> OfferVersion {
        OfferVersion(self.0.version.load(Ordering::Acquire))
    }

    /// The provider with this id.
    pub fn find(&self, id: &ProviderId) -> Option<Arc<Registration>> {
        self.read(|offer| offer.current.iter().find(|known| known.id() == id).cloned())
    }

    /// The provider with this id that a login began with: the one of this revision, even if it was
    /// replaced or removed since, or else the current one.
    pub fn find_revision(&self, id: &ProviderId, revision: &Revision) -> Option<Arc<Registration>> {
        self.read(|offer| {
            let retired = offer.retired.iter().rev().map(|(_, known)| known);
            let mut all = offer.current.iter().chain(retired);
            all.find(|known| known.id() == id && known.revision == *revision).cloned()
        })
        .or_else(|| self.find(id))
    }

    /// Whether the provider with this id is offered.
    pub fn availability(&self, id: &ProviderId) -> Availability {
        self.read(|offer| match offer.current.iter().find(|known| known.id() == id) {
            Some(known) => Availability::Offered(Arc::clone(known)),
            None if offer.is_away(id) => Availability::Away,
            None => Availability::Gone,
        })
    }

    /// Whether the provider with this id is offered, and serves this tenant.
    pub fn availability_for(&self, id: &ProviderId, tenant: &TenantId) -> Availability {
        match self.availability(id) {
            Availability::Offered(known) if !known.serves(tenant) => Availability::Gone,
            availability => availability,
        }
    }

    /// All of them.
    pub fn all(&self) -> Vec<Arc<Registration>> {
        self.read(|offer| offer.current.clone())
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.read(|offer| offer.current.len())
    }

    /// Replaces the offered providers. Former ones stay available to the logins that began with them,
    /// for [`ATTEMPT_LIFETIME`].
    pub fn replace(&self, registrations: Vec<Arc<Registration>>, now: Timestamp) {
        self.offer(registrations, Away::default(), now);
    }

    /// Like [`Providers::replace`], with the providers that cannot be loaded now.
    pub fn offer(&self, registrations: Vec<Arc<Registration>>, away: Away, now: Timestamp) {
        let mut offer = self.0.offer.write().unwrap_or_else(PoisonError::into_inner);
        let is_same = registrations.len() == offer.current.len()
            && registrations.iter().zip(&offer.current).all(|(new, old)| Arc::ptr_eq(new, old));
        if !is_same || away != offer.away {
            // Readers wait for the lock, so none sees the new version with the former providers.
            self.0.version.fetch_add(1, Ordering::Release);
        }
        offer.away = away;
        let replaced = std::mem::replace(&mut offer.current, registrations);
        let is_replaced =
            |old: &Arc<Registration>| !offer.current.iter().any(|new| Arc::ptr_eq(old, new));
        let gone: Vec<_> = replaced.into_iter().filter(is_replaced).map(|old| (now, old)).collect();
        offer.retired.extend(gone);
        offer.retired.retain(|(since, _)| now < since.plus(ATTEMPT_LIFETIME));
        let excess = offer.retired.len().saturating_sub(MAX_RETIRED);
        offer.retired.drain(..excess);
    }

    fn read<T>(&self, read: impl FnOnce(&Offer) -> T) -> T {
        read(&self.0.offer.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests;
