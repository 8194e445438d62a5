//! A plug-in with Portico's registration at its cloud.

use std::{error::Error, fmt, sync::Arc};

use portico_domain::{
    identity::ProviderId,
    ports::{CloudApi, CloudProvider, IdentityProvider},
    provider::{
        AllowedTenants, CallError, ClientCredential, ConfiguredSignIn, Descriptor, Linked,
        Provider, ProviderError, Registration, Revision, Settings,
    },
    text::sentence,
};
use portico_wasm::Plugin;
use thiserror::Error;
use url::Url;

use crate::{
    consented::Consented,
    lock::Consent,
    settings::{ALLOWED_TENANTS, ProviderConfig, variable, where_to_set},
};

/// The ids of the built-in providers. A plug-in replaces one only if the operator agreed to that
/// explicitly, since it then uses that provider's client secret.
pub const BUILT_IN: [&str; 1] = ["azure"];

/// Portico as a client of one cloud.
pub struct Client<'a> {
    /// The provider's id.
    pub id: &'a ProviderId,
    /// The sign-in that the operator agreed to.
    pub sign_in: &'a ConfiguredSignIn,
    /// Portico's client id at the cloud's identity provider.
    pub client_id: String,
    /// What it authenticates by there.
    pub credential: ClientCredential,
    /// The hosts that may be at a private address, each with its port.
    pub private_hosts: Vec<String>,
}

/// The clients of one cloud.
pub struct Connections {
    /// The client of its identity provider.
    pub identity: Arc<dyn IdentityProvider>,
    /// The client of its API.
    pub api: Arc<dyn CloudApi>,
}

/// Creates the clients of clouds.
pub trait Connector: Send + Sync {
    /// The clients for this registration. MUST refuse private addresses except those of
    /// `private_hosts`. Opens no connection yet.
    fn connect(&self, client: Client<'_>) -> Result<Connections, Box<dyn Error + Send + Sync>>;

    /// The redirect URI of the provider; each provider has its own.
    fn redirect_uri(&self, id: &ProviderId) -> Result<Url, url::ParseError>;
}

/// Why a plug-in cannot be registered.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// The plug-in or the rules of templates refuse its settings.
    #[error(transparent)]
    Refused(#[from] RefusedByProvider),
    /// The setting with the issuer is no issuer; the sentence suggests one.
    #[error("{0}")]
    Issuer(String),
    /// The clients of its cloud cannot be created.
    #[error("the HTTP client cannot start")]
    Connect(#[source] Box<dyn Error + Send + Sync>),
    /// It has no valid redirect URI.
    #[error("APP_BASE_URL")]
    RedirectUri(#[from] url::ParseError),
}

/// The error of a call to a provider, with an instruction where to configure the setting at fault. The
/// plug-in itself only knows the setting's key.
#[derive(Debug)]
pub struct RefusedByProvider {
    pub(crate) error: CallError,
    instruction: Option<String>,
}

impl fmt::Display for RefusedByProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.instruction {
            Some(instruction) => write!(f, "{} {instruction}", sentence(&self.error.to_string())),
            None => self.error.fmt(f),
        }
    }
}

impl Error for RefusedByProvider {}

/// The error, with an instruction if it names a setting that `descriptor` declares.
pub fn refused_by_provider(
    error: impl Into<CallError>,
    descriptor: &Descriptor,
) -> RefusedByProvider {
    let error = error.into();
    let instruction = match &error {
        CallError::Provider(ProviderError::Setting { key, .. }) => {
            let is_declared = descriptor.settings.iter().any(|spec| spec.key == *key);
            is_declared.then(|| where_to_set(&descriptor.id, key))
        }
        _ => None,
    };
    RefusedByProvider { error, instruction }
}

/// Registers plug-ins.
#[derive(Clone)]
pub struct Registrar(Arc<dyn Connector>);

impl Registrar {
    /// A registrar that creates clients with `connector`.
    pub fn new(connector: Arc<dyn Connector>) -> Self {
        Self(connector)
    }

    /// The registration of the plug-in, with what the operator agreed to.
    pub async fn register(
        &self,
        plugin: &Plugin,
        digest: &str,
        consent: &Consent,
        config: ProviderConfig,
    ) -> Result<Registration, RegisterError> {
        let refused = |error: CallError| refused_by_provider(error, plugin.descriptor());
        let settings = config.settings.clone().complete(&plugin.descriptor().settings);
        let settings = settings.map_err(|error| refused(error.into()))?;
        let consented = consent.apply_to(plugin.descriptor().clone()).with_settings(&settings);
        let sign_in = configured_sign_in(&consented, settings.clone(), &config)?;
        let cloud = plugin.configure(settings).await.map_err(refused)?;
        let cloud = Consented::new(cloud, consented);
        self.connected(Arc::new(cloud), sign_in, Revision::new(digest), config)
    }

    /// The registration of a provider that is linked into the program. What it declares needs no consent:
    /// it is part of what the operator runs.
    pub fn register_linked<P: Provider + 'static>(
        &self,
        revision: Revision,
        config: ProviderConfig,
    ) -> Result<Registration, RegisterError> {
        let cloud = Linked::<P>::new(config.settings.clone());
        let cloud = cloud.map_err(|error| refused_by_provider(error, &P::describe()))?;
        let sign_in = configured_sign_in(cloud.descriptor(), cloud.settings().clone(), &config)?;
        self.connected(Arc::new(cloud), sign_in, revision, config)
    }

    fn connected(
        &self,
        cloud: Arc<dyn CloudProvider>,
        sign_in: ConfiguredSignIn,
        revision: Revision,
        config: ProviderConfig,
    ) -> Result<Registration, RegisterError> {
        let id = cloud.descriptor().id.clone();
        // The operator wrote these addresses: a sovereign or emulated cloud may be a private one.
        let private_hosts = hosts_in(&config.settings).into_iter().chain(config.private_hosts);
        let client = Client {
            id: &id,
            sign_in: &sign_in,
            client_id: config.client_id,
            credential: config.credential,
            private_hosts: private_hosts.collect(),
        };
        let Connections { identity, api } =
            self.0.connect(client).map_err(RegisterError::Connect)?;
        let redirect_uri = self.0.redirect_uri(&id)?;
        Ok(Registration {
            cloud,
            sign_in,
            secrets: config.secrets,
            revision,
            identity,
            api,
            redirect_uri,
            tenants: config.allowed_tenants,
        })
    }
}

/// How people sign in with a provider whose settings are filled in.
fn configured_sign_in(
    descriptor: &Descriptor,
    settings: Settings,
    config: &ProviderConfig,
) -> Result<ConfiguredSignIn, RegisterError> {
    if let Some(why) = issuer_fault(descriptor, &settings) {
        return Err(RegisterError::Issuer(why));
    }
    let template = descriptor.sign_in.clone();
    let sign_in = ConfiguredSignIn::new(template, descriptor.tenant_pointer(), settings);
    let sign_in = sign_in.map_err(|error| refused_by_provider(error, descriptor))?;
    if let Some(why) = allowed_tenants_fault(descriptor, &sign_in, &config.allowed_tenants) {
        tracing::warn!(why, "a setting may not do what is meant by it");
    }
    Ok(sign_in)
}

/// The fault of an issuer that is a discovery URL, which operators tend to copy, or has a query or
/// fragment (RFC 8414 section 2).
fn issuer_fault(descriptor: &Descriptor, settings: &Settings) -> Option<String> {
    let template = descriptor.sign_in.endpoints.issuer();
    let key = template.strip_prefix('{')?.strip_suffix('}')?;
    let written = settings.get(key)?;
    let mut right = Url::parse(written).ok()?;
    let end = right.path().find("/.well-known").unwrap_or(right.path().len());
    let path = right.path()[..end].to_owned();
    let is_right = path == right.path() && right.query().is_none() && right.fragment().is_none();
    right.set_path(&path);
    right.set_query(None);
    right.set_fragment(None);
    let right = right.as_str().trim_end_matches('/');
    (!is_right).then(|| {
        format!(
            "{} is {written:?}: write the issuer alone, which is probably {right}",
            variable(&descriptor.id, key)
        )
    })
}

/// The fault of a list of tenants that lets nobody in: for a cloud without tenants, the tenant is the
/// issuer's host, which must be in the list.
fn allowed_tenants_fault(
    descriptor: &Descriptor,
    sign_in: &ConfiguredSignIn,
    allowed: &AllowedTenants,
) -> Option<String> {
    let people = descriptor.people.as_ref().filter(|people| people.tenant.is_none());
    let (AllowedTenants::Only(named), Some(_)) = (allowed, people) else { return None };
    let host = sign_in.at(None).ok()?.issuer().host_str()?.to_owned();
    (!named.contains(&host)).then(|| {
        let named: Vec<_> = named.iter().map(String::as_str).collect();
        format!(
            "{} is {:?}, and everybody of this cloud is of {host}: write that, or * for everybody",
            variable(&descriptor.id, ALLOWED_TENANTS),
            named.join(", ")
        )
    })
}

/// The hosts of the URLs in the settings, which may be private.
fn hosts_in(settings: &Settings) -> Vec<String> {
    let urls = settings.iter().filter_map(|(_, value)| Url::parse(value).ok());
    urls.filter_map(|url| private_host(&url)).collect()
}

/// The host and port of a URL in the settings. A plug-in must not reach other ports of a private host.
fn private_host(url: &Url) -> Option<String> {
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}
