//! Clients of the clouds: OpenID Connect, OAuth and the clouds' APIs, over one guarded HTTP client per
//! provider.

use std::{error::Error, sync::Arc};

use portico_domain::{
    identity::ProviderId,
    ports::Clock,
    provider::{ClientCredential, ConfiguredSignIn},
};
use portico_oauth::{
    CloudFetcher, HttpClient, IssuerSettings, NameServers, OpenIdProvider, Proxies, ReadCredential,
};
use portico_plugins::{BUILT_IN, Client, Connections, Connector, PRIVATE_HOSTS, variable};
use portico_system::SystemClock;
use url::Url;

use crate::config::{Config, ProviderSources};

/// Makes the clients of a provider, with the configured name servers and proxies.
pub(crate) struct CloudConnector {
    app_base_url: Url,
    clock: Arc<dyn Clock>,
    name_servers: NameServers,
    proxies: Proxies,
    /// The configuration of the built-in provider; `None` for plug-ins.
    built_in: Option<Arc<Config>>,
    provider_sources: ProviderSources,
}

impl CloudConnector {
    /// The connector of plug-ins.
    pub(super) fn new(config: &Config) -> Self {
        Self {
            built_in: None,
            provider_sources: config.provider_sources.clone(),
            app_base_url: config.server.app_base_url.clone(),
            clock: Arc::new(SystemClock),
            name_servers: config.backends.name_servers(),
            proxies: config.proxies.clone(),
        }
    }

    /// The connector of the built-in provider, whose settings are a section of the configuration.
    pub(super) fn of_built_in(config: &Config) -> Self {
        Self { built_in: Some(Arc::new(config.clone())), ..Self::new(config) }
    }

    /// Reads the credential of a provider again from its variables and files.
    fn credential_source(&self, id: &ProviderId, now: &ClientCredential) -> ReadCredential {
        let is_public = *now == ClientCredential::Public;
        let (id, sources) = (id.clone(), self.provider_sources.clone());
        match self.built_in.clone() {
            Some(config) => {
                Arc::new(move || config.read_again().ok()?.azure.map(|azure| azure.credential))
            }
            None => Arc::new(move || sources.credential(&id, is_public)),
        }
    }
}

impl Connector for CloudConnector {
    fn connect(&self, client: Client<'_>) -> Result<Connections, Box<dyn Error + Send + Sync>> {
        let Client { id, sign_in, client_id, credential, private_hosts } = client;
        let http = HttpClient::guarded(private_hosts)?;
        let http = http.asking(self.name_servers.clone()).through(self.proxies.clone());
        let http = http.exempting_by(variable(id, PRIVATE_HOSTS));
        let clock = self.clock.clone();
        let identity = OpenIdProvider::new(http.clone(), clock, client_id, None)
            .with_credential(&credential, self.credential_source(id, &credential))?
            .with_issuer_settings(issuer_settings(sign_in, id));
        Ok(Connections { identity: Arc::new(identity), api: Arc::new(CloudFetcher::new(http)) })
    }

    /// Azure's is that of the endpoint that Portico replaces, so that existing app registrations work.
    fn redirect_uri(&self, id: &ProviderId) -> Result<Url, url::ParseError> {
        match id.as_str() {
            id if BUILT_IN.contains(&id) => self.app_base_url.join("getAToken"),
            id => self.app_base_url.join(&format!("api/callback/{id}")),
        }
    }
}

/// The variables whose values form the issuer of this provider.
fn issuer_settings(sign_in: &ConfiguredSignIn, id: &ProviderId) -> IssuerSettings {
    let keys = sign_in.issuer_settings();
    IssuerSettings {
        variables: keys.into_iter().map(|key| variable(id, key)).collect(),
        is_whole: sign_in.issuer_is_a_setting(),
    }
}
