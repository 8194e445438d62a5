//! The providers that are linked into the program, as they are configured now.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context;
use portico_azure::AzureProvider;
use portico_domain::{
    ports::{Clock, CloudProvider},
    provider::{AllowedTenants, ConfiguredSignIn, Linked, Registration, Revision, Settings},
    text::sentence,
};
use portico_oauth::{CloudFetcher, HttpClient, OpenIdProvider};

use super::{issuer_settings, private_host};
use crate::{AzureConfig, Config};

/// What needs no plug-in.
pub(crate) struct BuiltIn {
    /// Where its configuration is read again; `None` where it stays as it is.
    config: Option<Config>,
    clock: Arc<dyn Clock>,
    registrations: Vec<Arc<Registration>>,
    /// Why it could not be read again the last time.
    refused: Option<String>,
}

impl BuiltIn {
    /// As the configuration says, and follows it.
    pub(crate) fn following(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let registrations = registrations(config, &clock)?;
        Ok(Self { config: Some(config.clone()), clock, registrations, refused: None })
    }

    /// These, for good.
    pub(crate) fn fixed(registrations: Vec<Arc<Registration>>, clock: Arc<dyn Clock>) -> Self {
        Self { config: None, clock, registrations, refused: None }
    }

    /// The providers.
    pub(super) fn registrations(&self) -> &[Arc<Registration>] {
        &self.registrations
    }

    /// Reads again what is said about Azure, and says whether that has changed. A login under way keeps
    /// the registration that it holds; what cannot be read leaves the one before.
    pub(super) fn refresh(&mut self) -> Option<Option<AzureConfig>> {
        let config = self.config.as_ref()?;
        let newer = match config.read_again().map_err(|faults| faults.sentences()) {
            Ok(newer) => newer,
            Err(why) => {
                self.refuse(why);
                return None;
            }
        };
        self.refused = None;
        if newer.azure == config.azure {
            return None;
        }
        match registrations(&newer, &self.clock) {
            Ok(registrations) => {
                tracing::info!("what is said about Azure has changed and is used from now on");
                self.registrations = registrations;
                let azure = newer.azure.clone();
                self.config = Some(newer);
                Some(azure)
            }
            Err(error) => {
                self.refuse(sentence(&format!("{error:#}")));
                None
            }
        }
    }

    /// Says once why something cannot be read again.
    fn refuse(&mut self, why: String) {
        if self.refused.as_ref() != Some(&why) {
            tracing::error!(
                why,
                "the configuration cannot be read again: what was said before is used"
            );
        }
        self.refused = Some(why);
    }
}

fn registrations(
    config: &Config,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Vec<Arc<Registration>>> {
    let azure = config.azure.as_ref().map(|it| azure(config, it, clock.clone())).transpose()?;
    Ok(azure.map(Arc::new).into_iter().collect())
}

/// The Azure provider, with Portico's registration at Entra ID.
fn azure(
    config: &Config,
    azure: &AzureConfig,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Registration> {
    let settings = Settings::from_iter([
        ("tenant-id", azure.tenant.as_str()),
        ("authority-host", azure.authority_host.as_str()),
        ("resource-manager-url", azure.resource_manager_url.as_str()),
        ("subscriptions-as", azure.subscriptions_as.as_str()),
    ]);
    let cloud = Linked::<AzureProvider>::new(settings).context("the Azure settings are refused")?;
    let template = cloud.descriptor().sign_in.clone();
    let tenant_pointer = cloud.descriptor().tenant_pointer();
    let sign_in = ConfiguredSignIn::new(template, tenant_pointer, cloud.settings().clone())
        .context("the Azure settings are refused")?;
    // The operator wrote these addresses: a sovereign or emulated cloud may be a private one.
    let named = [&azure.authority_host, &azure.resource_manager_url];
    let named = named.into_iter().filter_map(private_host).chain(azure.private_hosts.clone());
    let http = HttpClient::guarded(named).context("the HTTP client cannot start")?;
    let http = http.asking(config.name_servers.clone()).through(config.proxies.clone());
    let http = http.exempting_by("AZURE_PRIVATE_HOSTS");
    let issuer = issuer_settings(&sign_in, &cloud.descriptor().id);
    let (id, secret) = (azure.client_id.clone(), Some(azure.client_secret.clone()));
    Ok(Registration {
        cloud: Arc::new(cloud),
        sign_in,
        secrets: BTreeMap::new(),
        revision: Revision::new(concat!("built-in ", env!("CARGO_PKG_VERSION"))),
        identity: Arc::new(
            OpenIdProvider::new(http.clone(), clock, id, secret).with_issuer_settings(issuer),
        ),
        api: Arc::new(CloudFetcher::new(http)),
        // The address that the endpoint Portico stays compatible with has registered.
        redirect_uri: config.app_base_url.join("getAToken").context("APP_BASE_URL")?,
        tenants: AllowedTenants::only(azure.allowed_tenants.clone()),
    })
}
