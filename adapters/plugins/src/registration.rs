//! A plug-in with Portico's registration at its cloud.

use std::{error::Error, fmt, sync::Arc};

use portico_domain::{
    identity::ProviderId,
    ports::{CloudApi, IdentityProvider},
    provider::{
        AllowedTenants, CallError, ConfiguredSignIn, Descriptor, ProviderError, Registration,
        Revision, Settings,
    },
    secret::ClientSecret,
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

/// The ids of the providers that are linked into the program. A plug-in takes the place of one only
/// where the operator agreed to that by name, for it is given that one's client secret.
pub const BUILT_IN: [&str; 1] = ["azure"];

/// Portico as a client of one cloud.
pub struct Client<'a> {
    /// The provider's id.
    pub id: &'a ProviderId,
    /// How people sign in, as the operator agreed to it.
    pub sign_in: &'a ConfiguredSignIn,
    /// Portico's client id at the cloud's identity provider.
    pub client_id: String,
    /// Its secret; `None` for a public client.
    pub client_secret: Option<ClientSecret>,
    /// The hosts that may be at a private address, each with its port.
    pub private_hosts: Vec<String>,
}

/// What talks to one cloud.
pub struct Connections {
    /// To its identity provider.
    pub identity: Arc<dyn IdentityProvider>,
    /// To its API.
    pub api: Arc<dyn CloudApi>,
}

/// Makes what talks to clouds.
pub trait Connector: Send + Sync {
    /// Connections for this client. MUST refuse private addresses but those of its hosts, and connects
    /// to nothing yet.
    fn connect(&self, client: Client<'_>) -> Result<Connections, Box<dyn Error + Send + Sync>>;

    /// Where the provider's answers come; no two providers share one.
    fn redirect_uri(&self, id: &ProviderId) -> Result<Url, url::ParseError>;
}

/// Why a plug-in cannot be registered.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// Its settings are refused, by its own rules or by those of templates.
    #[error(transparent)]
    Refused(#[from] RefusedByProvider),
    /// A setting that is the whole issuer is spelled as no issuer is, in a sentence.
    #[error("{0}")]
    Issuer(String),
    /// Nothing can talk to its cloud.
    #[error("the HTTP client cannot start")]
    Connect(#[source] Box<dyn Error + Send + Sync>),
    /// Its answers cannot come back.
    #[error("APP_BASE_URL")]
    RedirectUri(#[from] url::ParseError),
}

/// Why a call to a provider gave no result, with the place where an operator writes the setting that is
/// wrong. A plug-in knows a setting by its key alone.
#[derive(Debug)]
pub struct RefusedByProvider {
    pub(crate) error: CallError,
    place: Option<String>,
}

impl fmt::Display for RefusedByProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{} {place}", sentence(&self.error.to_string())),
            None => self.error.fmt(f),
        }
    }
}

impl Error for RefusedByProvider {}

/// The error with the place of the setting that it names, where `descriptor` declares that setting.
pub fn refused_by_provider(
    error: impl Into<CallError>,
    descriptor: &Descriptor,
) -> RefusedByProvider {
    let error = error.into();
    let place = match &error {
        CallError::Provider(ProviderError::Setting { key, .. }) => {
            let is_declared = descriptor.settings.iter().any(|spec| spec.key == *key);
            is_declared.then(|| where_to_set(&descriptor.id, key))
        }
        _ => None,
    };
    RefusedByProvider { error, place }
}

/// Registers plug-ins.
#[derive(Clone)]
pub struct Registrar(Arc<dyn Connector>);

impl Registrar {
    /// A registrar of plug-ins whose clouds are talked to so.
    pub fn new(connector: Arc<dyn Connector>) -> Self {
        Self(connector)
    }

    /// The plug-in, ready for logins: as the operator agreed to it.
    pub async fn register(
        &self,
        plugin: &Plugin,
        digest: &str,
        consent: &Consent,
        config: ProviderConfig,
    ) -> Result<Registration, RegisterError> {
        let named = hosts_in(&config.settings).into_iter();
        let private_hosts = named.chain(config.private_hosts).collect();
        let refused = |error: CallError| refused_by_provider(error, plugin.descriptor());
        let settings = config.settings.complete(&plugin.descriptor().settings);
        let settings = settings.map_err(|error| refused(error.into()))?;
        let consented = consent.hold(plugin.descriptor().clone()).with_settings(&settings);
        let tenant_pointer = consented.tenant_pointer().map(str::to_owned);
        let template = consented.sign_in.clone();
        if let Some(why) = written_issuer(&consented, &settings) {
            return Err(RegisterError::Issuer(why));
        }
        let sign_in = ConfiguredSignIn::new(template, tenant_pointer.as_deref(), settings.clone());
        let sign_in = sign_in.map_err(|error| refused(error.into()))?;
        if let Some(why) = other_host(&consented, &sign_in, &config.allowed_tenants) {
            tracing::warn!(why, "a setting may not do what is meant by it");
        }
        let id = consented.id.clone();
        let cloud = plugin.configure(settings).await.map_err(refused)?;
        let cloud = Consented::new(cloud, consented);
        let (client_id, client_secret) = (config.client_id, config.client_secret);
        let client = Client { id: &id, sign_in: &sign_in, client_id, client_secret, private_hosts };
        let Connections { identity, api } =
            self.0.connect(client).map_err(RegisterError::Connect)?;
        let redirect_uri = self.0.redirect_uri(&id)?;
        Ok(Registration {
            cloud: Arc::new(cloud),
            sign_in,
            secrets: config.secrets,
            revision: Revision::new(digest),
            identity,
            api,
            redirect_uri,
            tenants: config.allowed_tenants,
        })
    }
}

/// What an issuer's spelling tells. A discovery document is found below its issuer, so that people
/// copy its address; what a query would mean nobody knows (RFC 8414 section 2).
fn written_issuer(descriptor: &Descriptor, settings: &Settings) -> Option<String> {
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

/// Where a cloud has no tenants, its people's tenant is the host of its issuer: a list without it lets
/// nobody in.
fn other_host(
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

/// The hosts of the addresses that the operator wrote: these may be private.
fn hosts_in(settings: &Settings) -> Vec<String> {
    let urls = settings.iter().filter_map(|(_, value)| Url::parse(value).ok());
    urls.filter_map(|url| private_host(&url)).collect()
}

/// The host of an address that the operator wrote, with its port: at no other port may a plug-in
/// reach what is not public.
pub fn private_host(url: &Url) -> Option<String> {
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}
