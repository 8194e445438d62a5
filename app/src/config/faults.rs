//! What is wrong with a configuration.

use std::fmt;

/// What a configuration is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To serve.
    Serve,
    /// To look after plug-ins: nothing needs to be said about Azure.
    Plugins,
}

/// Every fault of a configuration, for the person who has to mend it.
#[derive(Debug, PartialEq, Eq)]
pub struct Faults {
    purpose: Purpose,
    faults: Vec<String>,
}

impl Faults {
    pub(super) fn new(purpose: Purpose, faults: Vec<String>) -> Self {
        Self { purpose, faults }
    }

    /// The faults one after the other, for a line of a log.
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
