//! How one plug-in is, for operators: in the log, in `portico provider list`, counted in `/readyz`.

use std::path::Path;

use portico_domain::{identity::ProviderId, provider::Away, text::clean};

/// What is shown of a file's name, in characters: no file system has longer ones.
const MAX_NAME_LEN: usize = 255;

/// How one plug-in of the folder is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its id, or the file whose name is none.
    pub id: String,
    /// The version that serves, or that was granted.
    pub version: Option<String>,
    /// Whether people can sign in with it or connect it.
    pub state: State,
}

/// Whether a plug-in is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// People can use it.
    Offered,
    /// The version before serves; the sentence says why.
    Outdated(String),
    /// It is not there for anybody; the sentence says why.
    NotOffered(String),
    /// It is granted and being loaded; whether it takes the place of a provider that is built in.
    Loading {
        /// Whether that one is not offered meanwhile.
        replaces_built_in: bool,
    },
    /// People see it and cannot sign in; the sentence says why.
    Failing(String),
}

impl Status {
    /// What is wrong, in one sentence.
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

/// What was granted and cannot be loaded: its people's sessions wait for it. What was not granted,
/// or has no file any more, is gone, and with it what rests on it.
pub(crate) fn away(statuses: &[Status]) -> Away {
    let not_loaded = statuses
        .iter()
        .filter(|it| matches!(it.state, State::NotOffered(_) | State::Loading { .. }));
    // Only what was granted has a version that is known without loading it.
    let granted = not_loaded.filter(|status| status.version.is_some());
    Away::Only(granted.filter_map(|status| ProviderId::parse(&status.id).ok()).collect())
}

pub(crate) fn misnamed(path: &Path) -> Status {
    // On one line: nothing that could be taken for another plug-in's.
    let name = clean(&path.file_name().unwrap_or_default().to_string_lossy(), MAX_NAME_LEN);
    let why = "its name is no provider's id: call it by the id of the plug-in, such as \
               github.wasm.";
    Status { id: name, version: None, state: State::NotOffered(why.into()) }
}
