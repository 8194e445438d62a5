//! The providers that are linked into the program, as they are configured now.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context;
use portico_azure::AzureProvider;
use portico_domain::{
    ports::CloudProvider,
    provider::{AllowedTenants, ConfiguredSignIn, Linked, Registration, Revision, Settings},
    text::sentence,
};
use portico_plugins::{BuiltIn, Client, Connections, Connector, private_host};

use super::connector::CloudConnector;
use crate::config::{AzureConfig, Config};

/// The providers that need no plug-in, as the configuration says now.
pub(crate) struct Configured {
    config: Config,
    registrations: Vec<Arc<Registration>>,
    /// Why it could not be read again the last time.
    refused: Option<String>,
}

/// Providers that stay as they are, for a command that has them otherwise.
pub(crate) struct Fixed(pub(crate) Vec<Arc<Registration>>);

impl BuiltIn for Fixed {
    fn registrations(&self) -> &[Arc<Registration>] {
        &self.0
    }

    fn refresh(&mut self) {}
}

/// What is linked into the program.
pub(crate) fn built_in(config: &Config) -> anyhow::Result<Box<dyn BuiltIn>> {
    let registrations = registrations(config)?;
    Ok(Box::new(Configured { config: config.clone(), registrations, refused: None }))
}

impl BuiltIn for Configured {
    fn registrations(&self) -> &[Arc<Registration>] {
        &self.registrations
    }

    /// Reads again what is said about Azure. A login under way keeps the registration that it holds;
    /// what cannot be read leaves the one before.
    fn refresh(&mut self) {
        let newer = match self.config.read_again().map_err(|faults| faults.sentences()) {
            Ok(newer) => newer,
            Err(why) => return self.refuse(why),
        };
        self.refused = None;
        if newer.azure == self.config.azure {
            return;
        }
        match registrations(&newer) {
            Ok(registrations) => {
                tracing::info!("what is said about Azure has changed and is used from now on");
                self.registrations = registrations;
                self.config = newer;
            }
            Err(error) => self.refuse(sentence(&format!("{error:#}"))),
        }
    }
}

impl Configured {
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

fn registrations(config: &Config) -> anyhow::Result<Vec<Arc<Registration>>> {
    let connector = CloudConnector::new(config);
    let azure = config.azure.as_ref().map(|it| azure(&connector, it)).transpose()?;
    Ok(azure.map(Arc::new).into_iter().collect())
}

/// The Azure provider, with Portico's registration at Entra ID.
fn azure(connector: &CloudConnector, azure: &AzureConfig) -> anyhow::Result<Registration> {
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
    let id = cloud.descriptor().id.clone();
    let client = Client {
        id: &id,
        sign_in: &sign_in,
        client_id: azure.client_id.clone(),
        client_secret: Some(azure.client_secret.clone()),
        private_hosts: named.collect(),
    };
    let connections = connector.connect(client).map_err(anyhow::Error::from_boxed);
    let Connections { identity, api } = connections.context("the HTTP client cannot start")?;
    Ok(Registration {
        cloud: Arc::new(cloud),
        sign_in,
        secrets: BTreeMap::new(),
        revision: Revision::new(concat!("built-in ", env!("CARGO_PKG_VERSION"))),
        identity,
        api,
        redirect_uri: connector.redirect_uri(&id).context("APP_BASE_URL")?,
        tenants: AllowedTenants::only(azure.allowed_tenants.clone()),
    })
}
