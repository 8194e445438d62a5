//! The status of one plug-in for operators: in the log and `portico provider list`; `/readyz` counts
//! them.

use std::path::Path;

use portico_domain::{identity::ProviderId, provider::Away, text::clean};

/// Characters of a file name that are shown: the maximum of common file systems.
const MAX_NAME_LEN: usize = 255;

/// The status of one plug-in of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its id, or its file name if that is no id.
    pub id: String,
    /// The version that is offered, or that was granted.
    pub version: Option<String>,
    /// Whether people can sign in with it or connect it.
    pub state: State,
}

/// Whether a plug-in is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// People can use it.
    Offered,
    /// The previous version is offered; the sentence says why.
    Outdated(String),
    /// It is not offered; the sentence says why.
    NotOffered(String),
    /// It is granted and being loaded.
    Loading {
        /// Whether it replaces a built-in provider, which is then not offered meanwhile.
        replaces_built_in: bool,
    },
    /// People see it but cannot sign in; the sentence says why.
    Failing(String),
}

impl Status {
    /// The fault, in a sentence.
    pub fn fault(&self) -> Option<String> {
        match &self.state {
            State::Offered | State::Loading { .. } => None,
            State::Outdated(why) => {
                Some(format!("{}: {why} The version before goes on serving.", self.id))
            }
            State::NotOffered(why) | State::Failing(why) => Some(format!("{}: {why}", self.id)),
        }
    }
}

/// The plug-ins that are granted and not loaded: sessions of their people wait for them. A plug-in
/// without grant or file is gone, and its sessions end.
pub(crate) fn away(statuses: &[Status]) -> Away {
    let not_loaded = statuses
        .iter()
        .filter(|it| matches!(it.state, State::NotOffered(_) | State::Loading { .. }));
    // Only a granted plug-in has a known version before it is loaded.
    let granted = not_loaded.filter(|status| status.version.is_some());
    Away::Only(granted.filter_map(|status| ProviderId::parse(&status.id).ok()).collect())
}

pub(crate) fn misnamed(path: &Path) -> Status {
    // On one line, so that a file name cannot imitate another plug-in's status.
    let name = clean(&path.file_name().unwrap_or_default().to_string_lossy(), MAX_NAME_LEN);
    let why = "its name is no provider's id: call it by the id of the plug-in, such as \
               github.wasm.";
    Status { id: name, version: None, state: State::NotOffered(why.into()) }
}
