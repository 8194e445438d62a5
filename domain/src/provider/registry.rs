//! The providers that Portico offers; they may change while it runs.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, PoisonError, RwLock},
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

/// One cloud, ready for logins: what it is, who vouches for its people, and its API.
#[derive(Clone)]
pub struct Registration {
    /// What the cloud is.
    pub cloud: Arc<dyn CloudProvider>,
    /// How people sign in, as the operator agreed to it.
    pub sign_in: ConfiguredSignIn,
    /// The operator's secrets that grants put into headers, by the keys of their settings.
    pub secrets: BTreeMap<String, ProviderSecret>,
    /// Which build of it.
    pub revision: Revision,
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

    /// The secrets that this grant puts into headers. One that the operator did not give is left
    /// out: the cloud says what is missing.
    pub(crate) fn secret_headers<'a>(
        &'a self,
        permission: &'a Permission,
    ) -> Vec<(&'a SecretHeader, &'a ProviderSecret)> {
        let known = |header: &'a SecretHeader| Some((header, self.secrets.get(&header.setting)?));
        permission.secret_headers.iter().filter_map(known).collect()
    }

    /// Whether people of this tenant may sign in.
    pub fn signs_in(&self, tenant: &TenantId) -> bool {
        self.cloud.descriptor().people.is_some() && self.tenants.allow(tenant)
    }

    /// Whether an account of this tenant may be connected. Where a provider signs nobody in, its
    /// accounts are of no tenant that could be allowed.
    pub fn serves(&self, tenant: &TenantId) -> bool {
        self.cloud.descriptor().people.is_none() || self.tenants.allow(tenant)
    }
}

/// The tenants whose people may sign in. Nobody else is let in, whatever their token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedTenants {
    /// Everybody whom the provider knows: the operator has to say so.
    Everybody,
    /// The people of these, in lower case.
    Only(BTreeSet<String>),
}

impl AllowedTenants {
    /// Just these. Case does not matter in a GUID or a domain, so it does not here.
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

/// What is known of a provider that somebody has signed in with or connected.
pub enum Availability {
    /// It is offered.
    Offered(Arc<Registration>),
    /// The operator has granted it, and it cannot be loaded now.
    Away,
    /// There is no such provider any more.
    Gone,
}

/// The providers that the operator has granted and that cannot be loaded now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Away {
    /// These.
    Only(BTreeSet<ProviderId>),
    /// Every one that is not offered: what was granted cannot be read.
    Everything,
}

impl Default for Away {
    fn default() -> Self {
        Self::Only(BTreeSet::new())
    }
}

/// How many replaced registrations are kept for logins that began with them: a folder that is
/// rewritten every second does not fill the memory.
const MAX_RETIRED: usize = 64;

/// The providers that Portico offers, in the order the sign-in page shows them. Clones are the
/// same list: what one replaces, all see.
#[derive(Clone, Default)]
pub struct Providers(Arc<RwLock<Offer>>);

#[derive(Default)]
struct Offer {
    current: Vec<Arc<Registration>>,
    away: Away,
    /// Replaced, each with when, the latest last.
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
        Self(Arc::new(RwLock::new(Offer { current, ..Offer::default() })))
    }

    /// The provider with this id.
    pub fn find(&self, id: &ProviderId) -> Option<Arc<Registration>> {
        self.read(|offer| offer.current.iter().find(|known| known.id() == id).cloned())
    }

    /// The provider with this id as it was when a login began: of this revision, though it was
    /// replaced or removed since, or else the current one.
    pub fn find_revision(&self, id: &ProviderId, revision: &Revision) -> Option<Arc<Registration>> {
        self.read(|offer| {
            let retired = offer.retired.iter().rev().map(|(_, known)| known);
            let mut all = offer.current.iter().chain(retired);
            all.find(|known| known.id() == id && known.revision == *revision).cloned()
        })
        .or_else(|| self.find(id))
    }

    /// Whether the provider with this id is offered, or why not.
    pub fn availability(&self, id: &ProviderId) -> Availability {
        self.read(|offer| match offer.current.iter().find(|known| known.id() == id) {
            Some(known) => Availability::Offered(Arc::clone(known)),
            None if offer.is_away(id) => Availability::Away,
            None => Availability::Gone,
        })
    }

    /// All of them.
    pub fn all(&self) -> Vec<Arc<Registration>> {
        self.read(|offer| offer.current.clone())
    }

    /// Offers these from now on. What was offered and no longer is stays for the logins that began
    /// with it, as long as those may last.
    pub fn replace(&self, registrations: Vec<Arc<Registration>>, now: Timestamp) {
        self.offer(registrations, Away::default(), now);
    }

    /// The same, where these others cannot be loaded now.
    pub fn offer(&self, registrations: Vec<Arc<Registration>>, away: Away, now: Timestamp) {
        let mut offer = self.0.write().unwrap_or_else(PoisonError::into_inner);
        offer.away = away;
        let replaced = std::mem::replace(&mut offer.current, registrations);
        let goes = |old: &Arc<Registration>| !offer.current.iter().any(|new| Arc::ptr_eq(old, new));
        let gone: Vec<_> = replaced.into_iter().filter(goes).map(|old| (now, old)).collect();
        offer.retired.extend(gone);
        offer.retired.retain(|(since, _)| now < since.plus(ATTEMPT_LIFETIME));
        let too_many = offer.retired.len().saturating_sub(MAX_RETIRED);
        offer.retired.drain(..too_many);
    }

    fn read<T>(&self, read: impl FnOnce(&Offer) -> T) -> T {
        read(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{doubles, samples};

    #[test]
    fn only_the_named_tenants_are_allowed_in_either_case() {
        let tenant = |text: &str| TenantId::parse(text).unwrap();
        let allowed = AllowedTenants::only([tenant("7F7A-1")]);
        assert!(allowed.allow(&tenant("7f7a-1")));
        assert!(!allowed.allow(&tenant("7f7a-2")));
        assert!(!AllowedTenants::only([]).allow(&tenant("7f7a-1")));
        assert!(AllowedTenants::Everybody.allow(&tenant("7f7a-1")));
    }

    fn azure(revision: &str) -> Arc<Registration> {
        let registration = doubles::Provider::silent().into_registration();
        Arc::new(Registration { revision: Revision::new(revision), ..registration })
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    fn found(providers: &Providers, revision: &str) -> Option<String> {
        let found = providers.find_revision(&samples::azure(), &Revision::new(revision))?;
        Some(found.revision.to_string())
    }

    #[test]
    fn a_login_finds_the_revision_it_began_with_while_it_may_last() {
        let providers = Providers::default();
        providers.replace(vec![azure("one")], at(0));
        providers.replace(vec![azure("two")], at(100));
        assert_eq!(found(&providers, "one").as_deref(), Some("one"));
        assert_eq!(found(&providers, "two").as_deref(), Some("two"));
        assert_eq!(found(&providers, "unheard of").as_deref(), Some("two"));
        assert_eq!(providers.find(&samples::azure()).unwrap().revision, Revision::new("two"));
        providers.replace(providers.all(), at(100 + ATTEMPT_LIFETIME.as_secs()));
        assert_eq!(found(&providers, "one").as_deref(), Some("two"));
    }

    #[test]
    fn what_is_removed_is_offered_no_more_and_ends_the_logins_it_began() {
        let providers = Providers::default();
        let clone = providers.clone();
        providers.replace(vec![azure("one")], at(0));
        assert_eq!(clone.all().len(), 1);
        providers.replace(vec![], at(100));
        assert!(clone.all().is_empty());
        assert!(clone.find(&samples::azure()).is_none());
        assert_eq!(found(&clone, "one").as_deref(), Some("one"));
        assert_eq!(found(&clone, "unheard of"), None);
    }

    #[test]
    fn replacing_without_end_keeps_a_bounded_number() {
        let providers = Providers::default();
        for revision in 0..=MAX_RETIRED + 1 {
            providers.replace(vec![azure(&revision.to_string())], at(0));
        }
        let newest = (MAX_RETIRED + 1).to_string();
        assert_eq!(found(&providers, "0").as_deref(), Some(newest.as_str()));
        assert_eq!(found(&providers, "1").as_deref(), Some("1"));
    }
}
