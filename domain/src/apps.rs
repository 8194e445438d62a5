//! Protected apps: web apps that have no login of their own, and ask Portico who their users are.
//!
//! `origin.rs` has the origins that an app is reached at, `access.rs` the rules about who may use it,
//! `told.rs` what it is told about them, `backend.rs` which cloud tokens its backend may ask for.

mod access;
mod backend;
mod origin;
mod told;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use thiserror::Error;

use crate::signing::SigningAlgorithm;

pub use self::{
    access::{AccessDenied, AccessRules, ClaimName, ClaimRule, InvalidClaimName, InvalidClaimRule},
    backend::{
        Backend, ClientKey, ExchangeRule, InvalidResource, InvalidSecretHash, MAX_CREDENTIALS,
        OPENID_SCOPES, Resource, SecretHash,
    },
    origin::{InvalidOrigin, WebOrigin},
    told::{InvalidToldClaim, ToldClaim},
};

pub(crate) use self::told::tell;

/// The most protected apps.
pub const MAX_APPS: usize = 1_000;

/// The longest id of an app, in bytes.
const MAX_ID_LEN: usize = 40;

/// Names a protected app: 1 to 40 lower-case letters, digits and hyphens. It begins with a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppId(String);

/// The text is no id of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an id has 1 to 40 lower-case letters, digits and hyphens, and begins with a letter")]
pub struct InvalidAppId;

impl AppId {
    /// Parses an id.
    pub fn parse(text: &str) -> Result<Self, InvalidAppId> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
        let is_valid = begins && text.len() <= MAX_ID_LEN && text.chars().all(plain);
        is_valid.then(|| Self(text.to_owned())).ok_or(InvalidAppId)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A protected app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedApp {
    /// Its id.
    pub id: AppId,
    /// The origins that browsers reach it at.
    pub origins: Vec<WebOrigin>,
    /// Who may use it.
    pub access: AccessRules,
    /// The claims of the person's ID token that its session JWTs have.
    pub claims: Vec<ToldClaim>,
    /// The algorithm by which its session JWTs are signed.
    pub algorithm: SigningAlgorithm,
    /// Its backend.
    pub backend: Backend,
}

impl ProtectedApp {
    /// An app at these origins, for everybody who is signed in.
    pub fn new(id: AppId, origins: Vec<WebOrigin>) -> Self {
        let (access, algorithm) = (AccessRules::default(), SigningAlgorithm::default());
        Self { id, origins, access, claims: Vec::new(), algorithm, backend: Backend::default() }
    }

    /// The audience of session JWTs for it: its first origin.
    pub fn audience(&self) -> &str {
        self.origins.first().map_or(self.id.as_str(), WebOrigin::as_str)
    }
}

/// Two apps that cannot be told apart.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AppConflict {
    /// Two apps have this id.
    #[error("there are two apps with the id {0}: an id names one app")]
    SameId(AppId),
    /// Two apps have this origin.
    #[error(
        "the apps {first} and {second} both claim the origin {origin}: an origin leads to one app"
    )]
    SameOrigin {
        /// The app that claims it first.
        first: AppId,
        /// Another app that claims it.
        second: AppId,
        /// The origin.
        origin: WebOrigin,
    },
}

/// Checks that each id names one app, and that each origin leads to one. Returns every conflict.
pub fn conflicts(apps: &[ProtectedApp]) -> Vec<AppConflict> {
    let mut conflicts = Vec::new();
    let mut ids = BTreeSet::new();
    let mut origins = BTreeMap::new();
    for app in apps {
        if !ids.insert(&app.id) {
            conflicts.push(AppConflict::SameId(app.id.clone()));
        }
        for origin in &app.origins {
            let first = *origins.entry(origin).or_insert(&app.id);
            if *first != app.id {
                let (first, second) = (first.clone(), app.id.clone());
                conflicts.push(AppConflict::SameOrigin { first, second, origin: origin.clone() });
            }
        }
    }
    conflicts
}

/// The protected apps; they may change while Portico runs. Clones share the list: a replacement is seen
/// by all of them.
#[derive(Clone, Debug, Default)]
pub struct Apps(Arc<RwLock<Arc<AppTable>>>);

/// The apps of one moment.
#[derive(Debug, Default)]
struct AppTable {
    apps: Vec<Arc<ProtectedApp>>,
    by_origin: BTreeMap<WebOrigin, Arc<ProtectedApp>>,
    by_id: BTreeMap<AppId, Arc<ProtectedApp>>,
}

impl Apps {
    /// These apps, which have no [`conflicts`]. Of two with one origin the first keeps it.
    pub fn new(apps: Vec<ProtectedApp>) -> Self {
        let list = Self::default();
        list.replace(apps);
        list
    }

    /// Replaces the apps with these, which have no [`conflicts`].
    pub fn replace(&self, apps: Vec<ProtectedApp>) {
        let apps: Vec<_> = apps.into_iter().map(Arc::new).collect();
        let mut by_origin = BTreeMap::new();
        for app in &apps {
            for origin in &app.origins {
                by_origin.entry(origin.clone()).or_insert_with(|| Arc::clone(app));
            }
        }
        let by_id = apps.iter().map(|app| (app.id.clone(), Arc::clone(app))).collect();
        let table = Arc::new(AppTable { apps, by_origin, by_id });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = table;
    }

    /// The app at this origin.
    pub fn at(&self, origin: &WebOrigin) -> Option<Arc<ProtectedApp>> {
        self.table().by_origin.get(origin).cloned()
    }

    /// The app with this id.
    pub fn named(&self, id: &AppId) -> Option<Arc<ProtectedApp>> {
        self.table().by_id.get(id).cloned()
    }

    /// All of them.
    pub fn all(&self) -> Vec<Arc<ProtectedApp>> {
        self.table().apps.clone()
    }

    fn table(&self) -> Arc<AppTable> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests;
