//! The providers that are linked into the program, as they are configured now.

use std::sync::Arc;

use anyhow::Context;
use portico_azure::AzureProvider;
use portico_domain::{
    provider::{Registration, Revision},
    text::sentence,
};
use portico_plugins::{BuiltIn, Registrar};

use super::connector::CloudConnector;
use crate::config::Config;

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
    let registrar = Registrar::new(Arc::new(CloudConnector::new(config)));
    let revision = Revision::new(concat!("built-in ", env!("CARGO_PKG_VERSION")));
    let azure = config
        .azure
        .as_ref()
        .map(|azure| registrar.register_linked::<AzureProvider>(revision, azure.provider_config()));
    let azure = azure.transpose().context("Azure cannot be offered")?;
    Ok(azure.map(Arc::new).into_iter().collect())
}
