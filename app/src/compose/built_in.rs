//! The built-in providers, which are linked into the program, with their current configuration.

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

/// The built-in providers; a refresh reads their settings again.
pub(crate) struct Configured {
    config: Config,
    registrations: Vec<Arc<Registration>>,
    /// Why the last refresh failed.
    failure: Option<String>,
}

/// Fixed registrations, which a refresh does not change.
pub(crate) struct Fixed(pub(crate) Vec<Arc<Registration>>);

impl BuiltIn for Fixed {
    fn registrations(&self) -> &[Arc<Registration>] {
        &self.0
    }

    fn refresh(&mut self) {}
}

/// The built-in providers, as configured.
pub(crate) fn built_in(config: &Config) -> anyhow::Result<Box<dyn BuiltIn>> {
    let registrations = registrations(config)?;
    Ok(Box::new(Configured { config: config.clone(), registrations, failure: None }))
}

impl BuiltIn for Configured {
    fn registrations(&self) -> &[Arc<Registration>] {
        &self.registrations
    }

    /// Reads the settings of Azure again; after an error the previous registration stays. A login in
    /// progress keeps the registration that it began with.
    fn refresh(&mut self) {
        let newer = match self.config.read_again().map_err(|faults| faults.sentences()) {
            Ok(newer) => newer,
            Err(why) => return self.log_failure(why),
        };
        self.failure = None;
        if newer.azure == self.config.azure {
            return;
        }
        match registrations(&newer) {
            Ok(registrations) => {
                tracing::info!("the settings of Azure have changed and are used from now on");
                self.registrations = registrations;
                self.config = newer;
            }
            Err(error) => self.log_failure(sentence(&format!("{error:#}"))),
        }
    }
}

impl Configured {
    /// Logs why the refresh failed, unless the last one failed for the same reason.
    fn log_failure(&mut self, why: String) {
        if self.failure.as_ref() != Some(&why) {
            tracing::error!(
                why,
                "the configuration cannot be read again: the previous one stays in use"
            );
        }
        self.failure = Some(why);
    }
}

fn registrations(config: &Config) -> anyhow::Result<Vec<Arc<Registration>>> {
    let registrar = Registrar::new(Arc::new(CloudConnector::of_built_in(config)));
    let revision = Revision::new(concat!("built-in ", env!("CARGO_PKG_VERSION")));
    let azure = config
        .azure
        .as_ref()
        .map(|azure| registrar.register_linked::<AzureProvider>(revision, azure.provider_config()));
    let azure = azure.transpose().context("Azure cannot be offered")?;
    Ok(azure.map(Arc::new).into_iter().collect())
}
