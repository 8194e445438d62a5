//! Portico as a client of one provider: its id and its credential, which may be replaced while it is in
//! use.

mod assertion;
mod signing_key;

use std::sync::{Arc, PoisonError, RwLock};

use portico_domain::{provider::ClientCredential, secret::ClientSecret, time::Timestamp};
use tokio::sync::Mutex;

pub(crate) use self::assertion::JWT_BEARER;
pub use self::signing_key::InvalidCredential;
pub(crate) use self::signing_key::SigningKey;

/// Checks that a credential can be used at `now`: that a key can be read and sign, and that a
/// certificate is the key's and has not expired.
///
/// # Errors
/// What is wrong with it and what to do, in the words of a file: "it has no certificate: …".
pub fn check_credential(
    credential: &ClientCredential,
    now: Timestamp,
) -> Result<(), InvalidCredential> {
    match Credential::read(credential)?.key {
        Some(key) => key.unexpired(now).map(drop),
        None => Ok(()),
    }
}

/// Reads the configured credential again; `None` if it cannot be read now. It may block.
pub type ReadCredential = Arc<dyn Fn() -> Option<ClientCredential> + Send + Sync>;

/// Portico's client registration.
pub(crate) struct Application {
    pub(crate) id: String,
    credential: RwLock<Arc<Credential>>,
    read: Option<ReadCredential>,
    /// Held while the credential is read again, so that many refused requests read it once.
    reading: Mutex<()>,
}

/// A credential, ready for use.
pub(crate) struct Credential {
    configured: ClientCredential,
    /// The key in it.
    key: Option<SigningKey>,
}

/// What is in a credential.
pub(crate) enum Material<'a> {
    /// Nothing: a public client.
    None,
    Secret(&'a ClientSecret),
    /// A key that signs an assertion for each request.
    Key(&'a SigningKey),
    /// An assertion of another issuer.
    Assertion(&'a ClientSecret),
}

impl Credential {
    fn read(configured: &ClientCredential) -> Result<Self, InvalidCredential> {
        let key = match configured {
            ClientCredential::PrivateKey(pem) => Some(SigningKey::of_key(pem.expose())?),
            ClientCredential::Certificate(pem) => Some(SigningKey::of_certificate(pem.expose())?),
            ClientCredential::Public
            | ClientCredential::Secret(_)
            | ClientCredential::FederatedToken(_) => None,
        };
        Ok(Self { configured: configured.clone(), key })
    }

    /// Whether it authenticates by an assertion (`private_key_jwt`).
    pub(crate) fn is_assertion(&self) -> bool {
        matches!(self.material(), Material::Key(_) | Material::Assertion(_))
    }

    pub(crate) fn material(&self) -> Material<'_> {
        match (&self.configured, &self.key) {
            (ClientCredential::Secret(secret), _) => Material::Secret(secret),
            (ClientCredential::FederatedToken(token), _) => Material::Assertion(token),
            (_, Some(key)) => Material::Key(key),
            _ => Material::None,
        }
    }
}

impl Application {
    /// A client with a secret, or a public one. An empty secret counts as none.
    pub(crate) fn with_secret(id: String, secret: Option<ClientSecret>) -> Self {
        let secret = secret.filter(|secret| !secret.expose().is_empty());
        let configured = secret.map_or(ClientCredential::Public, ClientCredential::Secret);
        let credential = Credential { configured, key: None };
        Self {
            id,
            credential: RwLock::new(Arc::new(credential)),
            read: None,
            reading: Mutex::default(),
        }
    }

    /// Sets the credential, and where it is read from when the provider refuses it.
    pub(crate) fn set(
        &mut self,
        configured: &ClientCredential,
        read: ReadCredential,
    ) -> Result<(), InvalidCredential> {
        self.credential = RwLock::new(Arc::new(Credential::read(configured)?));
        self.read = Some(read);
        Ok(())
    }

    /// The current credential.
    pub(crate) fn credential(&self) -> Arc<Credential> {
        self.credential.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The text of the current credential that a response could repeat.
    pub(crate) fn secret(&self) -> Option<ClientSecret> {
        self.credential().configured.text().cloned()
    }

    /// The credential that has replaced the `refused` one, if any: set meanwhile, or read now. From then
    /// on all requests use it.
    pub(crate) async fn successor(&self, refused: &Arc<Credential>) -> Option<Arc<Credential>> {
        let read = self.read.clone()?;
        let _reading = self.reading.lock().await;
        let current = self.credential();
        if !Arc::ptr_eq(&current, refused) {
            return Some(current);
        }
        // A file on a network drive may take its time.
        let read = tokio::task::spawn_blocking(move || read()).await.ok()??;
        if read == refused.configured {
            return None;
        }
        let newer = Arc::new(Credential::read(&read).ok()?);
        *self.credential.write().unwrap_or_else(PoisonError::into_inner) = newer.clone();
        Some(newer)
    }
}
