//! `providers.lock`: which file may be loaded, and what its tokens may be used for.
//!
//! `portico provider add` writes it after the operator has agreed; an operator may narrow it by
//! hand. It is law: a file that is not named here by its digest is not loaded, people sign in as it
//! stands here, and a plug-in has no permission beyond those written here.

use std::{collections::BTreeSet, io, path::Path};

use portico_domain::{
    identity::ProviderId,
    provider::{Descriptor, SubjectMapping},
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

mod consent;

pub(crate) use self::consent::Consent;
use self::consent::{CapabilityEntry, PeopleEntry, PermissionEntry, SignInEntry};

/// The name of the file, in the folder of plug-ins.
pub(crate) const LOCK_FILE: &str = "providers.lock";

/// A grant has a few hundred bytes.
const MAX_BYTES: u64 = 4 << 20;

const HEADER: &str = "# What was granted to the plug-ins in this folder. `portico provider add` \
                      writes it; `portico\n# provider remove` takes something back.\n\n";

/// Everything that was granted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lock {
    /// One entry a plug-in, in the order of their ids.
    #[serde(default, rename = "provider")]
    pub providers: Vec<Granted>,
}

/// What was granted to one plug-in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Granted {
    /// Its id: `github`.
    pub id: String,
    /// The version that it said it had, for a person.
    pub version: String,
    /// `sha256:` and 64 hexadecimal digits: of the file.
    pub digest: String,
    /// Whether the operator agreed that it takes the place of a provider that is built in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaces_built_in: bool,
    /// Where they are not the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitsEntry>,
    /// How people sign in. An entry without it was written before operators were shown that, and is
    /// no consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignInEntry>,
    /// Where a person stands in the claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<PeopleEntry>,
    /// What each of its tokens may be used for.
    #[serde(default, rename = "permission", skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<PermissionEntry>,
    /// What a later version may do for apps.
    #[serde(default, rename = "capability", skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<CapabilityEntry>,
    /// What the first format called permissions: read, so that such a lock can be told from one
    /// that is damaged, and never used.
    #[serde(default, rename = "grant", skip_serializing)]
    first_format: Vec<toml::Table>,
}

impl Lock {
    /// Whose grants there are.
    pub(crate) fn ids(&self) -> BTreeSet<ProviderId> {
        self.providers.iter().filter_map(|it| ProviderId::parse(it.id.as_str()).ok()).collect()
    }
}

impl Granted {
    /// What an operator who agrees to all of it grants.
    pub(crate) fn everything(
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

    /// What was agreed to; `None` where the entry is of the first format, which did not say how
    /// people sign in.
    pub(crate) fn consent(&self) -> Result<Option<Consent>, String> {
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
        }))
    }
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

    /// Reads the text of a lock.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let lock: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        for (index, granted) in lock.providers.iter().enumerate() {
            if ProviderId::parse(granted.id.as_str()).is_err() {
                return Err(format!("{:?} is no provider's id", granted.id));
            }
            granted.consent()?;
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

    /// Takes back what was granted to this plug-in; whether anything was.
    pub(crate) fn revoke(&mut self, id: &ProviderId) -> bool {
        let before = self.providers.len();
        self.providers.retain(|other| other.id != id.as_str());
        self.providers.len() < before
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

#[cfg(test)]
mod tests {
    use std::fs;

    use portico_domain::{
        provider::{
            ClientAuthentication, EndpointTemplates, Method, Permission, Placement, Principal,
            ScopeSeparator, SecretHeader, SignInTemplate, TokenEncoding, UserRecordTemplate,
        },
        testing::samples,
    };

    use super::*;

    fn granted(id: &str) -> Granted {
        let descriptor = Descriptor { id: ProviderId::parse(id).unwrap(), ..samples::descriptor() };
        let limits = LimitsEntry { memory_mib: Some(256), ..LimitsEntry::default() };
        Granted::everything(&descriptor, "sha256:00".into(), Some(limits), false)
    }

    /// Everything that a descriptor can say, each in another way than the sample's.
    fn unusual() -> Descriptor {
        let [one, other] =
            ["one", "other"].map(|name| samples::permission(name, Principal::SignedInUser));
        let secret = SecretHeader {
            setting: "api-key".into(),
            header: "x-key".into(),
            prefix: "Key ".into(),
        };
        let record = |member: Option<&str>| UserRecordTemplate {
            member: member.map(Into::into),
            url: "{url}/me".into(),
            headers: vec![("accept".into(), "application/json".into())],
            permission: "one".into(),
        };
        Descriptor {
            sign_in: SignInTemplate {
                endpoints: EndpointTemplates::Plain {
                    issuer: "{url}/{tenant}".into(),
                    authorization: "{url}/authorize".into(),
                    token: "{url}/token".into(),
                    end_session: Some("{url}/logout".into()),
                },
                default_tenant: Some("{tenant-id}".into()),
                scopes: vec!["{scopes}".into()],
                scope_separator: ScopeSeparator::Comma,
                parameters: vec![("access_type".into(), "offline".into())],
                token_encoding: TokenEncoding::JsonSnakeCase,
                client_authentication: ClientAuthentication::Basic,
                token_reply: vec!["instance_url".into()],
                user_records: vec![record(None), record(Some("emails"))],
            },
            people: None,
            permissions: vec![
                Permission {
                    placement: Placement::Prefix("token".into()),
                    request_headers: vec!["x-version".into()],
                    reply_headers: vec!["x-next".into()],
                    secret_headers: vec![secret],
                    ..one
                },
                Permission { placement: Placement::Basic, principal: Principal::Nobody, ..other },
                Permission {
                    placement: Placement::Header("x-token".into()),
                    methods: vec![Method::Get, Method::Post],
                    ..samples::permission("third", Principal::Application)
                },
            ],
            ..samples::descriptor()
        }
    }

    #[test]
    fn consent_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        for descriptor in [samples::descriptor(), unusual()] {
            let mut lock = Lock::default();
            lock.grant(Granted::everything(&descriptor, "sha256:00".into(), None, true));
            lock.write(folder.path()).unwrap();
            let read = Lock::read(folder.path()).unwrap();
            assert_eq!(read, lock);
            let consent = read.providers[0].consent().unwrap().unwrap();
            assert_eq!(consent.hold(descriptor.clone()), descriptor);
        }
    }

    #[test]
    fn an_entry_of_the_first_format_is_no_consent_and_survives_others() {
        let folder = tempfile::tempdir().unwrap();
        let first = "[[provider]]\nid = \"old\"\nversion = \"1.0.0\"\ndigest = \"sha256:00\"\n\
                     [[provider.grant]]\nname = \"list\"\nwhy = \"lists\"\n\
                     principal = \"application\"\nhosts = [\"a.example\"]\npaths = [\"/\"]\n\
                     methods = [\"GET\"]\n";
        fs::write(folder.path().join(LOCK_FILE), first).unwrap();
        let mut lock = Lock::read(folder.path()).unwrap();
        assert_eq!(lock.providers[0].consent(), Ok(None));
        lock.grant(granted("github"));
        lock.write(folder.path()).unwrap();
        let read = Lock::read(folder.path()).unwrap();
        let consented: Vec<_> = read
            .providers
            .iter()
            .map(|it| (it.id.as_str(), it.consent().unwrap().is_some()))
            .collect();
        assert_eq!(consented, [("github", true), ("old", false)]);
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
    }

    #[test]
    fn a_lock_that_cannot_be_understood_is_refused_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let twice = "[[provider]]\nid = \"a\"\nversion = \"1\"\ndigest = \"d\"\n".repeat(2);
        let half = "[[provider]]\nid = \"a\"\nversion = \"1\"\ndigest = \"d\"\n\
                    [provider.sign_in]\nissuer = \"{url}\"\ntoken = \"{url}\"\n\
                    token_encoding = \"form\"\nclient_authentication = \"post\"\n"
            .to_owned();
        for (text, reason) in [
            ("provider = 7", "providers.lock cannot be understood"),
            ("[[provider]]\nid = \"A/b\"\nversion = \"1\"\ndigest = \"d\"\n", "no provider's id"),
            (twice.as_str(), "stands in it twice"),
            ("[[providers]]\n", "unknown field"),
            (half.as_str(), "or neither"),
        ] {
            fs::write(folder.path().join(LOCK_FILE), text).unwrap();
            let refused = Lock::read(folder.path()).unwrap_err().to_string();
            assert!(refused.contains(reason), "{refused}");
        }
    }
}
