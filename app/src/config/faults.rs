//! Faults of a configuration.

use std::fmt;

/// The purpose for which a configuration is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To serve.
    Serve,
    /// To manage plug-ins: Azure need not be configured.
    Plugins,
}

/// All faults of a configuration, for the operator.
#[derive(Debug, PartialEq, Eq)]
pub struct Faults {
    purpose: Purpose,
    faults: Vec<String>,
}

impl Faults {
    pub(super) fn new(purpose: Purpose, faults: Vec<String>) -> Self {
        Self { purpose, faults }
    }

    /// The faults on one line, for the log.
    pub fn sentences(&self) -> String {
        self.faults.join(" ")
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.purpose {
            Purpose::Serve => "Portico cannot start",
            Purpose::Plugins => "The configuration cannot be used",
        };
        match self.faults.len() {
            1 => write!(f, "{what}: one setting is wrong.")?,
            count => write!(f, "{what}: {count} settings are wrong.")?,
        }
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for Faults {}
