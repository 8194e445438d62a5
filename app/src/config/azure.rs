//! Portico's registration with Entra ID. The variables are those that a plug-in with the id `azure` has.

use std::{collections::BTreeMap, path::PathBuf};

use portico_azure::{DEFAULT_AUTHORITY_HOST, is_guid};
use portico_domain::{
    identity::TenantId,
    provider::{AllowedTenants, ClientCredential, Settings},
    secret::ClientSecret,
};
use portico_plugins::ProviderConfig;
use url::Url;

use super::{
    addresses::{cloud_url, private_hosts},
    credential::{Content, CredentialFile, only_file, path},
    secret::secret,
    section::section,
    sources::Sources,
    text::trimmed,
};

section! {
    /// Portico's registration with Entra ID.
    #[derive(PartialEq, Eq)]
    AzureConfig {
        tenant: String = azure_tenant {
            open: "AZURE_TENANT_ID", key: "azure.tenant_id",
            required: "write your directory's (tenant) id, a GUID that the Azure portal shows under Microsoft Entra ID, Overview",
            help: "the directory's GUID (in either case; a domain is refused), `organizations` or `common`. If plug-ins are granted, Azure need not be configured",
        }
        client_id: String = client_id {
            open: "AZURE_CLIENT_ID", key: "azure.client_id",
            required: "write the application (client) id that the Azure portal shows under App registrations",
            help: "the application (client) id",
        }
        credential: ClientCredential = secret_credential {
            secret: "AZURE_CLIENT_SECRET", key: "azure.client_secret",
            derived: "this, or one of the next two, is required",
            help: "its client secret, or a file with it",
        }
        federated_token_file: Option<PathBuf> = path {
            open: "AZURE_FEDERATED_TOKEN_FILE", key: "azure.federated_token_file",
            optional: "none",
            help: "instead of a secret, a file with a token of another issuer that the app registration trusts (workload identity federation); Azure Kubernetes Service sets it",
        }
        client_certificate_path: Option<PathBuf> = path {
            open: "AZURE_CLIENT_CERTIFICATE_PATH", key: "azure.client_certificate_path",
            optional: "none",
            help: "instead of a secret, a file with a certificate of the app registration and its RSA private key, in PEM, not encrypted",
        }
        allowed_tenants: Vec<TenantId> = tenants {
            open: "AZURE_ALLOWED_TENANTS", key: "azure.allowed_tenants",
            derived: "the configured tenant",
            help: "GUIDs of the directories whose people may sign in; required with `organizations` and `common`",
        }
        subscriptions_as: SubscriptionsAs = subscriptions_as {
            open: "AZURE_SUBSCRIPTIONS_AS", key: "azure.subscriptions_as",
            default: "application",
            help: "`application` or `user`, see above",
        }
        authority_host: Url = cloud_url {
            open: "AZURE_AUTHORITY_HOST", key: "azure.authority_host",
            default: "https://login.microsoftonline.com",
            help: "for sovereign clouds",
        }
        resource_manager_url: Url = cloud_url {
            open: "AZURE_RESOURCE_MANAGER_URL", key: "azure.resource_manager_url",
            default: "https://management.azure.com",
            help: "for sovereign clouds",
        }
        private_hosts: Vec<String> = private_hosts {
            open: "AZURE_PRIVATE_HOSTS", key: "azure.private_hosts",
            default: "",
            help: "more hosts that may have a private address, `HOST:PORT` each, comma separated: needed if keys or tokens come from another host than the two above. The log names a refused host",
        }
    }
    check default_allowed_tenants(tenant, allowed_tenants)
    check only_credential(credential, federated_token_file, client_certificate_path)
}

impl AzureConfig {
    /// The configuration as a plug-in with the id `azure` would get it.
    pub(crate) fn provider_config(&self) -> ProviderConfig {
        let settings = [
            ("tenant-id", self.tenant.as_str()),
            ("authority-host", self.authority_host.as_str()),
            ("resource-manager-url", self.resource_manager_url.as_str()),
            ("subscriptions-as", self.subscriptions_as.as_str()),
        ];
        ProviderConfig {
            client_id: self.client_id.clone(),
            credential: self.credential.clone(),
            allowed_tenants: AllowedTenants::only(self.allowed_tenants.clone()),
            private_hosts: self.private_hosts.clone(),
            settings: Settings::from_iter(settings),
            secrets: BTreeMap::new(),
        }
    }
}

/// The token that lists subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionsAs {
    /// The application's: everybody sees what the application can access.
    Application,
    /// The signed-in person's: each person sees what they can access.
    User,
}

impl SubscriptionsAs {
    /// The value of the Azure provider's setting.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::User => "user",
        }
    }
}

/// By default, people of the configured directory may sign in.
fn default_allowed_tenants(
    s: &mut Sources,
    tenant: &mut Option<String>,
    allowed: &mut Option<Vec<TenantId>>,
) {
    if let (None, Some(tenant)) = (&allowed, tenant) {
        *allowed = s.computed("AZURE_ALLOWED_TENANTS", tenants_of(tenant));
    }
}

/// Reads the credential from the one file that is set, or reports that there is none or more than one.
fn only_credential(
    s: &mut Sources,
    credential: &mut Option<ClientCredential>,
    token: &mut Option<Option<PathBuf>>,
    certificate: &mut Option<Option<PathBuf>>,
) {
    let Some(setting) = AzureConfig::SETTINGS.iter().find(|it| it.variable() == CLIENT_SECRET)
    else {
        return;
    };
    let files = [
        CredentialFile::of_azure(Content::FederatedToken, token.clone().flatten()),
        CredentialFile::of_azure(Content::Certificate, certificate.clone().flatten()),
    ];
    let is_secret_set = s.is_any_set(std::slice::from_ref(setting));
    match only_file(s, (CLIENT_SECRET, is_secret_set), &files) {
        Ok(Some(file)) => *credential = file.read(s),
        // Otherwise the secret has a fault, which was reported.
        Ok(None) if !is_secret_set => {
            drop(s.required_or(setting, NO_CREDENTIAL, secret_credential))
        }
        Ok(None) => {}
        Err(()) => *credential = None,
    }
}

const CLIENT_SECRET: &str = "AZURE_CLIENT_SECRET";
const NO_CREDENTIAL: &str = "write the value of a client secret of the app registration, or its file's \
    name into AZURE_CLIENT_SECRET_FILE; or name another credential's file by AZURE_FEDERATED_TOKEN_FILE \
    or AZURE_CLIENT_CERTIFICATE_PATH";

/// The credential of a client secret.
fn secret_credential(text: &str) -> Result<ClientCredential, String> {
    secret(text).map(|text| ClientCredential::Secret(ClientSecret::new(text)))
}

fn subscriptions_as(text: &str) -> Result<SubscriptionsAs, String> {
    match text {
        "application" => Ok(SubscriptionsAs::Application),
        "user" => Ok(SubscriptionsAs::User),
        _ => Err("write application or user".into()),
    }
}

/// A directory's GUID, `organizations` or `common`.
fn azure_tenant(text: &str) -> Result<String, String> {
    if is_many_tenants(text) {
        return Ok(text.to_owned());
    }
    directory(text).map_err(|hint| format!("{hint}; or write organizations, or common"))
}

/// A directory's GUID. A domain is refused, because it can be moved to another directory.
fn directory(text: &str) -> Result<String, String> {
    let is_domain = text.contains('.') && text.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
    if is_domain {
        return Err(format!(
            "write the directory's id, a GUID, not its domain: the id is in the issuer shown at \
             {DEFAULT_AUTHORITY_HOST}/{text}/v2.0/.well-known/openid-configuration"
        ));
    }
    guid(text).map_err(|hint| {
        hint.unwrap_or_else(|| "write the directory's id, a GUID, not its name".to_owned())
    })
}

/// A GUID in lower case, as in Entra ID's tokens; its case is insignificant (RFC 9562 section 4). The error
/// of a GUID in another notation contains the correct form.
fn guid(text: &str) -> Result<String, Option<String>> {
    if is_guid(text) {
        return Ok(text.to_ascii_lowercase());
    }
    let bare = text.strip_prefix("urn:uuid:").unwrap_or(text);
    let bare: String = bare.chars().filter(|c| !matches!(c, '{' | '}' | '(' | ')' | '-')).collect();
    let is_other_form = bare.len() == 32 && bare.bytes().all(|b| b.is_ascii_hexdigit());
    Err(is_other_form.then(|| {
        let bare = bare.to_ascii_lowercase();
        let groups = [0..8, 8..12, 12..16, 16..20, 20..32].map(|at| &bare[at]);
        format!("write it as {}", groups.join("-"))
    }))
}

/// The directories whose people may sign in with the built-in provider, without reporting faults.
pub(super) fn built_in_tenants(s: &mut Sources) -> Option<Vec<TenantId>> {
    let setting = |name: &str| AzureConfig::SETTINGS.iter().find(|it| it.variable() == name);
    let named = s.quiet(setting("AZURE_ALLOWED_TENANTS")?, tenants);
    named.or_else(|| tenants_of(&s.quiet(setting("AZURE_TENANT_ID")?, azure_tenant)?).ok())
}

/// A GUID in lower case; other texts unchanged.
pub(super) fn normalise_guid(text: &str) -> String {
    guid(text).unwrap_or_else(|_| text.to_owned())
}

fn is_many_tenants(text: &str) -> bool {
    matches!(text, "organizations" | "common")
}

fn client_id(text: &str) -> Result<String, String> {
    let hint = "write the application (client) id, a GUID".to_owned();
    guid(text).map_err(|other| other.unwrap_or(hint))
}

/// GUIDs, comma separated.
fn tenants(text: &str) -> Result<Vec<TenantId>, String> {
    let hint = |why: &str| format!("write the GUIDs of directories, comma separated: {why}");
    text.split(',')
        .map(|text| {
            let text = trimmed(text);
            let id = directory(text).map_err(|why| hint(&format!("instead of {text:?} {why}")))?;
            TenantId::parse(id).map_err(|_| hint("one of them is not a tenant id"))
        })
        .collect()
}

/// The default of the allowed tenants: the configured one.
fn tenants_of(tenant: &str) -> Result<Vec<TenantId>, String> {
    if is_many_tenants(tenant) {
        return Err(format!(
            "AZURE_TENANT_ID is {tenant}, which includes every directory: write the GUIDs of those \
             that may sign in, comma separated"
        ));
    }
    tenants(tenant)
}
