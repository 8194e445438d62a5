//! `providers.lock`: which file may be loaded, and what its tokens may be used for.
//!
//! `portico provider add` writes it after the operator has agreed; an operator may narrow it by
//! hand. It is law: a file that is not named here by its digest is not loaded, and a plug-in gets
//! no grant beyond those written here.

use std::{io, path::Path};

use portico_domain::{
    identity::ProviderId,
    provider::{Grant, Method, Placement, Principal},
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The name of the file, in the folder of plug-ins.
pub(crate) const LOCK_FILE: &str = "providers.lock";

/// A grant has a few hundred bytes.
const MOST_BYTES: u64 = 4 << 20;

const HEADER: &str = "# What was granted to the plug-ins in this folder. `portico provider add` \
                      writes it; to take\n# something back, remove it here.\n\n";

/// Everything that was granted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lock {
    /// One entry a plug-in, in the order of their ids.
    #[serde(default, rename = "provider")]
    pub providers: Vec<Granted>,
}

/// What was granted to one plug-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Granted {
    /// Its id: `github`.
    pub id: String,
    /// The version that it said it had, for a person.
    pub version: String,
    /// `sha256:` and 64 hexadecimal digits: of the file.
    pub digest: String,
    /// Where they are not the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitsEntry>,
    /// What each of its tokens may be used for.
    #[serde(default, rename = "grant", skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<GrantEntry>,
}

/// Limits of one login, in place of the usual ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsEntry {
    /// Memory in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
    /// Processor time in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_ms: Option<u32>,
    /// Length of what it may hand over, in KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_kib: Option<u32>,
}

/// One grant, as [`Grant`] has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantEntry {
    name: String,
    why: String,
    principal: Whose,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<String>,
    hosts: Vec<String>,
    paths: Vec<String>,
    methods: Vec<Verb>,
    /// The header that holds the token; the bearer token of RFC 6750 where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    header: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Whose {
    SignedInUser,
    Application,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Verb {
    Get,
    Post,
}

/// Why the lock cannot be used.
#[derive(Debug, Error)]
pub(crate) enum LockError {
    /// It cannot be read or written.
    #[error("{path} cannot be {done} ({error})")]
    Io {
        /// Which file.
        path: String,
        /// `read` or `written`.
        done: &'static str,
        /// Why.
        error: io::Error,
    },
    /// It is not what `portico provider add` writes.
    #[error("{path} cannot be understood ({reason}): mend it, or grant the plug-ins anew")]
    Unreadable {
        /// Which file.
        path: String,
        /// Where and why.
        reason: String,
    },
}

impl Lock {
    /// Reads the lock of a folder; where there is none, nothing was granted.
    pub(crate) fn read(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join(LOCK_FILE);
        let text = match portico_files::read_text(&path, MOST_BYTES) {
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

    /// Reads the text of a lock.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
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

    /// Writes the lock of a folder, whole or not at all.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), LockError> {
        let path = folder.join(LOCK_FILE);
        let text = toml::to_string_pretty(self).map_err(|error| LockError::Unreadable {
            path: path.display().to_string(),
            reason: error.to_string(),
        })?;
        super::place(&path, (HEADER.to_owned() + &text).as_bytes())
            .map_err(|error| failed(&path, "written", error))
    }

    /// What was granted to this plug-in.
    pub(crate) fn find(&self, id: &ProviderId) -> Option<&Granted> {
        self.providers.iter().find(|granted| granted.id == id.as_str())
    }

    /// Grants to this plug-in what it has now, and nothing it had before.
    pub(crate) fn grant(&mut self, granted: Granted) {
        self.providers.retain(|other| other.id != granted.id);
        self.providers.push(granted);
        self.providers.sort_by(|a, b| a.id.cmp(&b.id));
    }
}

fn failed(path: &Path, done: &'static str, error: io::Error) -> LockError {
    LockError::Io { path: path.display().to_string(), done, error }
}

impl From<&Grant> for GrantEntry {
    fn from(grant: &Grant) -> Self {
        Self {
            name: grant.name.clone(),
            why: grant.why.clone(),
            principal: match grant.principal {
                Principal::SignedInUser => Whose::SignedInUser,
                Principal::Application => Whose::Application,
            },
            scopes: grant.scopes.clone(),
            hosts: grant.hosts.clone(),
            paths: grant.paths.clone(),
            methods: grant.methods.iter().map(verb).collect(),
            header: match &grant.placement {
                Placement::Bearer => None,
                Placement::Header(name) => Some(name.clone()),
            },
        }
    }
}

fn verb(method: &Method) -> Verb {
    match method {
        Method::Get => Verb::Get,
        Method::Post => Verb::Post,
    }
}

impl From<&GrantEntry> for Grant {
    fn from(entry: &GrantEntry) -> Self {
        let method = |verb: &Verb| match verb {
            Verb::Get => Method::Get,
            Verb::Post => Method::Post,
        };
        Self {
            name: entry.name.clone(),
            why: entry.why.clone(),
            principal: match entry.principal {
                Whose::SignedInUser => Principal::SignedInUser,
                Whose::Application => Principal::Application,
            },
            scopes: entry.scopes.clone(),
            hosts: entry.hosts.clone(),
            paths: entry.paths.clone(),
            methods: entry.methods.iter().map(method).collect(),
            placement: entry.header.clone().map_or(Placement::Bearer, Placement::Header),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn grant(placement: Placement) -> Grant {
        Grant {
            name: "list".into(),
            why: "lists".into(),
            principal: Principal::Application,
            scopes: vec!["{url}/.default".into()],
            hosts: vec!["{url}".into()],
            paths: vec!["/list".into()],
            methods: vec![Method::Get, Method::Post],
            placement,
        }
    }

    fn granted(id: &str) -> Granted {
        let grants = [grant(Placement::Bearer), grant(Placement::Header("x-token".into()))];
        Granted {
            id: id.into(),
            version: "1.0.0".into(),
            digest: "sha256:00".into(),
            limits: Some(LimitsEntry { memory_mib: Some(256), ..LimitsEntry::default() }),
            grants: grants.iter().map(GrantEntry::from).collect(),
        }
    }

    #[test]
    fn what_was_granted_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Lock::read(folder.path()).unwrap(), Lock::default());
        let mut lock = Lock::default();
        lock.grant(granted("github"));
        lock.grant(granted("aws"));
        lock.grant(Granted { version: "2.0.0".into(), ..granted("github") });
        lock.write(folder.path()).unwrap();
        let read = Lock::read(folder.path()).unwrap();
        assert_eq!(read, lock);
        let ids: Vec<_> = read.providers.iter().map(|it| (&*it.id, &*it.version)).collect();
        assert_eq!(ids, [("aws", "1.0.0"), ("github", "2.0.0")]);
        let back: Vec<Grant> = read.providers[0].grants.iter().map(Grant::from).collect();
        assert_eq!(back, [grant(Placement::Bearer), grant(Placement::Header("x-token".into()))]);
    }

    #[test]
    fn a_lock_that_cannot_be_understood_is_refused_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let twice = "[[provider]]\nid = \"a\"\nversion = \"1\"\ndigest = \"d\"\n".repeat(2);
        for (text, reason) in [
            ("provider = 7", "providers.lock cannot be understood"),
            ("[[provider]]\nid = \"A/b\"\nversion = \"1\"\ndigest = \"d\"\n", "no provider's id"),
            (twice.as_str(), "stands in it twice"),
            ("[[providers]]\n", "unknown field"),
        ] {
            fs::write(folder.path().join(LOCK_FILE), text).unwrap();
            let refused = Lock::read(folder.path()).unwrap_err().to_string();
            assert!(refused.contains(reason), "{refused}");
        }
    }
}
