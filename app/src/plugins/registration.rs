//! A plug-in with Portico's registration at its cloud.

use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use portico_domain::{
    identity::ProviderId,
    ports::Clock,
    provider::{
        AllowedTenants, ConfiguredSignIn, Descriptor, ProviderError, Registration, Revision,
        Settings,
    },
    text::sentence,
};
use portico_oauth::{
    CloudFetcher, HttpClient, IssuerSettings, NameServers, OpenIdProvider, Proxies,
};
use portico_wasm::Plugin;
use url::Url;

use super::{consented::Consented, lock::Consent};
use crate::config::{AzureConfig, PRIVATE_HOSTS, ProviderConfig, variable, where_to_set};

/// What every registration needs of Portico.
#[derive(Clone)]
pub(crate) struct Context {
    /// How browsers reach Portico.
    pub(crate) app_base_url: Url,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// What is said about Azure: it says who may sign in where the general variable does not.
    pub(crate) azure: Option<AzureConfig>,
    /// Who is asked for the addresses of clouds.
    pub(crate) name_servers: NameServers,
    /// By which proxies clouds are reached.
    pub(crate) proxies: Proxies,
}

impl Context {
    /// Where a provider's answers come. Azure's is the one that the endpoint Portico stays
    /// compatible with has registered.
    pub(crate) fn redirect_uri(&self, id: &ProviderId) -> anyhow::Result<Url> {
        let path = match id.as_str() {
            AZURE => "getAToken".to_owned(),
            id => format!("api/callback/{id}"),
        };
        self.app_base_url.join(&path).context("APP_BASE_URL")
    }

    /// The plug-in, ready for logins: as the operator agreed to it.
    pub(crate) async fn register(
        &self,
        plugin: &Plugin,
        digest: &str,
        consent: &Consent,
        config: ProviderConfig,
    ) -> anyhow::Result<Registration> {
        let private = hosts_in(&config.settings).into_iter().chain(config.private_hosts);
        let told_where = |problem| told_where(problem, plugin.descriptor());
        let settings = config.settings.complete(&plugin.descriptor().settings);
        let settings = settings.map_err(told_where)?;
        let consented = consent.hold(plugin.descriptor().clone()).with_settings(&settings);
        let tenant_pointer = consented.tenant_pointer().map(str::to_owned);
        let template = consented.sign_in.clone();
        if let Some(why) = written_issuer(&consented, &settings) {
            bail!("{why}");
        }
        let sign_in = ConfiguredSignIn::new(template, tenant_pointer.as_deref(), settings.clone());
        let sign_in = sign_in.map_err(told_where)?;
        if let Some(why) = other_host(&consented, &sign_in, &config.allowed_tenants) {
            tracing::warn!(why, "a setting may not do what is meant by it");
        }
        let id = consented.id.clone();
        let cloud = plugin.configure(settings).await.map_err(told_where)?;
        let cloud = Consented::new(cloud, consented);
        let http = HttpClient::guarded(private).context("the HTTP client cannot start")?;
        let http = http.asking(self.name_servers.clone()).through(self.proxies.clone());
        let http = http.exempting_by(variable(&id, PRIVATE_HOSTS));
        let (client_id, secret) = (config.client_id, config.client_secret);
        let identity = OpenIdProvider::new(http.clone(), self.clock.clone(), client_id, secret);
        let identity = identity.with_issuer_settings(issuer_settings(&sign_in, &id));
        Ok(Registration {
            cloud: Arc::new(cloud),
            sign_in,
            secrets: config.secrets,
            revision: Revision::new(digest),
            identity: Arc::new(identity),
            api: Arc::new(CloudFetcher::new(http)),
            redirect_uri: self.redirect_uri(&id)?,
            tenants: config.allowed_tenants,
        })
    }

    /// Who may sign in where the operator says it in Azure's own way.
    pub(super) fn allowed_by_default(&self, id: &ProviderId) -> Option<AllowedTenants> {
        let azure = self.azure.as_ref().filter(|_| id.as_str() == AZURE)?;
        Some(AllowedTenants::only(azure.allowed_tenants.clone()))
    }
}

/// What is wrong with a setting, with where an operator writes it: a plug-in, and the rules of its
/// settings, know it by its key alone.
pub(crate) fn told_where(problem: ProviderError, asked: &Descriptor) -> anyhow::Error {
    match &problem {
        ProviderError::Setting { key, .. }
            if asked.settings.iter().any(|spec| spec.key == *key) =>
        {
            anyhow!("{} {}", sentence(&problem.to_string()), where_to_set(&asked.id, key))
        }
        _ => problem.into(),
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
            variable(&descriptor.id, "allowed-tenants"),
            named.join(", ")
        )
    })
}

const AZURE: &str = "azure";

/// The ids of the providers that are linked into the program. A plug-in takes the place of one only
/// where the operator agreed to that by name, for it is given that one's client secret.
pub(crate) const BUILT_IN: [&str; 1] = [AZURE];

/// The variables that make the issuer of a provider with this id.
pub(crate) fn issuer_settings(sign_in: &ConfiguredSignIn, id: &ProviderId) -> IssuerSettings {
    let keys = sign_in.issuer_settings();
    IssuerSettings {
        variables: keys.into_iter().map(|key| variable(id, key)).collect(),
        is_whole: sign_in.issuer_is_a_setting(),
    }
}

/// The hosts of the addresses that the operator wrote: these may be private.
fn hosts_in(settings: &Settings) -> Vec<String> {
    let urls = settings.iter().filter_map(|(_, value)| Url::parse(value).ok());
    urls.filter_map(|url| private_host(&url)).collect()
}

/// The host of an address that the operator wrote, with its port: at no other port may a plug-in
/// reach what is not public.
pub(crate) fn private_host(url: &Url) -> Option<String> {
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}
