//! `providers.lock`: the grants of an operator to plug-ins.
//!
//! `portico provider add` writes it after the operator has agreed; an operator may narrow an entry by
//! hand. Only a file whose digest is in it is loaded, with the sign-in, subject mapping and permissions
//! of its entry, whatever the plug-in declares.

use std::{collections::BTreeSet, io, path::Path};

use portico_domain::{
    identity::ProviderId,
    provider::{Descriptor, SubjectMapping},
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use self::{
    consent::{PeopleEntry, SignInEntry},
    permission::{CapabilityEntry, PermissionEntry},
};
use crate::folder::{LOCK_FILE, place};

mod consent;
mod permission;

pub use self::consent::Consent;

/// The size limit of the file; an entry has a few hundred bytes.
const MAX_BYTES: u64 = 4 << 20;

const HEADER: &str = "# What was granted to the plug-ins in this folder. `portico provider add` \
                      writes it; `portico\n# provider remove` takes something back.\n\n";

/// All grants.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// One entry per plug-in, sorted by id.
    #[serde(default, rename = "provider")]
    pub providers: Vec<Granted>,
}

/// The grant of one plug-in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Granted {
    /// Its id: `github`.
    pub id: String,
    /// The version that it declared, for display only.
    pub version: String,
    /// The digest of its file: `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// Whether the operator agreed that it replaces a built-in provider.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaces_built_in: bool,
    /// Its limits, if they differ from the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitsEntry>,
    /// The sign-in. An entry without it is of the first format, whose consent did not cover the sign-in,
    /// and is no consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignInEntry>,
    /// The subject mapping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<PeopleEntry>,
    /// Its permissions.
    #[serde(default, rename = "permission", skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<PermissionEntry>,
    /// Its capabilities: tokens in other tenants; others are for later versions.
    #[serde(default, rename = "capability", skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<CapabilityEntry>,
    /// The permissions of the first format. Parsed so that such a lock differs from a damaged one; never
    /// used.
    #[serde(default, rename = "grant", skip_serializing)]
    first_format: Vec<toml::Table>,
}

impl Lock {
    /// The ids of the plug-ins with a grant.
    pub fn ids(&self) -> BTreeSet<ProviderId> {
        self.providers.iter().filter_map(|it| ProviderId::parse(it.id.as_str()).ok()).collect()
    }
}

impl Granted {
    /// The grant of all that the descriptor requests.
    pub fn everything(
        descriptor: &Descriptor,
        digest: String,
        limits: Option<LimitsEntry>,
        replaces_built_in: bool,
    ) -> Self {
        Self {
            id: descriptor.id.to_string(),
            version: descriptor.version.clone(),
            digest,
            replaces_built_in,
            limits,
            sign_in: Some(SignInEntry::from(&descriptor.sign_in)),
            people: descriptor.people.as_ref().map(PeopleEntry::from),
            permissions: descriptor.permissions.iter().map(PermissionEntry::from).collect(),
            capabilities: descriptor.capabilities.iter().map(CapabilityEntry::from).collect(),
            first_format: Vec::new(),
        }
    }

    /// The consent; `None` for an entry of the first format, whose consent did not cover the
    /// sign-in.
    pub fn consent(&self) -> Result<Option<Consent>, String> {
        let Some(sign_in) = self.sign_in.as_ref().filter(|_| self.first_format.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(Consent {
            sign_in: sign_in.template()?,
            people: self.people.as_ref().map(SubjectMapping::from),
            permissions: self
                .permissions
                .iter()
                .map(PermissionEntry::permission)
                .collect::<Result<_, _>>()?,
            capabilities: self.capabilities.iter().map(CapabilityEntry::capability).collect(),
        }))
    }
}

/// Limits of one login, in place of the default ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsEntry {
    /// Memory in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
    /// Processor time in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_ms: Option<u32>,
    /// The size of a return value in KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_kib: Option<u32>,
}

/// Why the lock cannot be used.
#[derive(Debug, Error)]
pub enum LockError {
    /// It cannot be read or written.
    #[error("{path} cannot be {done} ({error})")]
    Io {
        /// The file.
        path: String,
        /// `read` or `written`.
        done: &'static str,
        /// Why.
        error: io::Error,
    },
    /// It is not what `portico provider add` writes.
    #[error("{path} cannot be understood ({reason}): mend it, or grant the plug-ins anew")]
    Unreadable {
        /// The file.
        path: String,
        /// Where and why.
        reason: String,
    },
}

impl Lock {
    /// Reads the lock of a folder; without the file there are no grants.
    pub fn read(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join(LOCK_FILE);
        let text = match portico_files::read_text(&path, MAX_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(failed(&path, "read", error)),
        };
        let unreadable = |reason: String| LockError::Unreadable {
            path: path.display().to_string(),
            reason: reason.trim().replace('\n', " "),
        };
        Self::parse(&text).map_err(unreadable)
    }

    /// Parses the text of a lock. An invalid consent in an entry is no error here and affects its own
    /// plug-in only: [`Granted::consent`] fails, or `Plugin::check` refuses what no plug-in may declare.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lock: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        for (index, granted) in lock.providers.iter().enumerate() {
            if ProviderId::parse(granted.id.as_str()).is_err() {
                return Err(format!("{:?} is no provider's id", granted.id));
            }
            if lock.providers[..index].iter().any(|other| other.id == granted.id) {
                return Err(format!("{} stands in it twice", granted.id));
            }
        }
        Ok(lock)
    }

    /// Writes the lock of a folder atomically.
    pub fn write(&self, folder: &Path) -> Result<(), LockError> {
        let path = folder.join(LOCK_FILE);
        let text = toml::to_string_pretty(self).map_err(|error| LockError::Unreadable {
            path: path.display().to_string(),
            reason: error.to_string(),
        })?;
        place(&path, (HEADER.to_owned() + &text).as_bytes())
            .map_err(|error| failed(&path, "written", error))
    }

    /// The grant of this plug-in.
    pub fn find(&self, id: &ProviderId) -> Option<&Granted> {
        self.providers.iter().find(|granted| granted.id == id.as_str())
    }

    /// Revokes the grant of this plug-in; `false` if there is none.
    pub fn revoke(&mut self, id: &ProviderId) -> bool {
        let before = self.providers.len();
        self.providers.retain(|other| other.id != id.as_str());
        self.providers.len() < before
    }

    /// Adds a grant, which replaces the previous one of the same plug-in.
    pub fn grant(&mut self, granted: Granted) {
        self.providers.retain(|other| other.id != granted.id);
        self.providers.push(granted);
        self.providers.sort_by(|a, b| a.id.cmp(&b.id));
    }
}

fn failed(path: &Path, done: &'static str, error: io::Error) -> LockError {
    LockError::Io { path: path.display().to_string(), done, error }
}

#[cfg(test)]
mod tests;
