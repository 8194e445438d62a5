//! Permissions and capabilities in `providers.lock`.

use portico_domain::provider::{
    Capability, Method, Permission, Placement, Principal, SecretHeader,
};
use serde::{Deserialize, Serialize};

/// A permission: [`Permission`] in TOML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionEntry {
    name: String,
    why: String,
    principal: PrincipalEntry,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<String>,
    hosts: Vec<String>,
    paths: Vec<String>,
    methods: Vec<MethodEntry>,
    /// `bearer`, `basic`, `prefix PREFIX` or `header NAME`.
    placement: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    request_headers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reply_headers: Vec<String>,
    #[serde(default, rename = "secret_header", skip_serializing_if = "Vec::is_empty")]
    secret_headers: Vec<SecretHeaderEntry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PrincipalEntry {
    SignedInUser,
    Application,
    Nobody,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum MethodEntry {
    Get,
    Post,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretHeaderEntry {
    setting: String,
    header: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    prefix: String,
}

/// A capability: [`Capability`] in TOML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapabilityEntry {
    name: String,
    kind: String,
    why: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    extra: Vec<(String, String)>,
}

impl From<&Permission> for PermissionEntry {
    fn from(it: &Permission) -> Self {
        let method_entry = |method: &Method| match method {
            Method::Get => MethodEntry::Get,
            Method::Post => MethodEntry::Post,
        };
        let secret_header = |header: &SecretHeader| SecretHeaderEntry {
            setting: header.setting.clone(),
            header: header.header.clone(),
            prefix: header.prefix.clone(),
        };
        Self {
            name: it.name.clone(),
            why: it.why.clone(),
            principal: match it.principal {
                Principal::SignedInUser => PrincipalEntry::SignedInUser,
                Principal::Application => PrincipalEntry::Application,
                Principal::Nobody => PrincipalEntry::Nobody,
            },
            scopes: it.scopes.clone(),
            hosts: it.hosts.clone(),
            paths: it.paths.clone(),
            methods: it.methods.iter().map(method_entry).collect(),
            placement: match &it.placement {
                Placement::Bearer => "bearer".into(),
                Placement::Basic => "basic".into(),
                Placement::Prefix(prefix) => format!("prefix {prefix}"),
                Placement::Header(name) => format!("header {name}"),
            },
            request_headers: it.request_headers.clone(),
            reply_headers: it.reply_headers.clone(),
            secret_headers: it.secret_headers.iter().map(secret_header).collect(),
        }
    }
}

impl PermissionEntry {
    /// The permission; an error if its placement is unknown.
    pub(super) fn permission(&self) -> Result<Permission, String> {
        let method = |method_entry: &MethodEntry| match method_entry {
            MethodEntry::Get => Method::Get,
            MethodEntry::Post => Method::Post,
        };
        let secret_header = |header: &SecretHeaderEntry| SecretHeader {
            setting: header.setting.clone(),
            header: header.header.clone(),
            prefix: header.prefix.clone(),
        };
        let placement = match self.placement.split_once(' ') {
            None if self.placement == "bearer" => Placement::Bearer,
            None if self.placement == "basic" => Placement::Basic,
            Some(("prefix", prefix)) => Placement::Prefix(prefix.into()),
            Some(("header", name)) => Placement::Header(name.into()),
            _ => return Err(format!("{:?} is no placement of a token", self.placement)),
        };
        Ok(Permission {
            name: self.name.clone(),
            why: self.why.clone(),
            principal: match self.principal {
                PrincipalEntry::SignedInUser => Principal::SignedInUser,
                PrincipalEntry::Application => Principal::Application,
                PrincipalEntry::Nobody => Principal::Nobody,
            },
            scopes: self.scopes.clone(),
            hosts: self.hosts.clone(),
            paths: self.paths.clone(),
            methods: self.methods.iter().map(method).collect(),
            placement,
            request_headers: self.request_headers.clone(),
            reply_headers: self.reply_headers.clone(),
            secret_headers: self.secret_headers.iter().map(secret_header).collect(),
        })
    }
}

impl CapabilityEntry {
    /// The capability.
    pub(super) fn capability(&self) -> Capability {
        let Self { name, kind, why, extra } = self.clone();
        Capability { name, kind, why, extra }
    }
}

impl From<&Capability> for CapabilityEntry {
    fn from(it: &Capability) -> Self {
        Self {
            name: it.name.clone(),
            kind: it.kind.clone(),
            why: it.why.clone(),
            extra: it.extra.clone(),
        }
    }
}
