//! Portico's registration with Entra ID, by the variables that a plug-in of the id `azure` would have.

use std::collections::BTreeMap;

use portico_azure::{DEFAULT_AUTHORITY_HOST, is_guid};
use portico_domain::{
    identity::TenantId,
    provider::{AllowedTenants, Settings},
    secret::ClientSecret,
};
use portico_plugins::ProviderConfig;
use url::Url;

use super::{
    addresses::{cloud_url, private_hosts},
    secret::client_secret,
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
            help: "the directory's GUID (in either case; a domain is refused), `organizations` or `common`. Where plug-ins are granted, nothing needs to be said about Azure at all",
        }
        client_id: String = client_id {
            open: "AZURE_CLIENT_ID", key: "azure.client_id",
            required: "write the application (client) id that the Azure portal shows under App registrations",
            help: "the application (client) id",
        }
        client_secret: ClientSecret = client_secret {
            secret: "AZURE_CLIENT_SECRET", key: "azure.client_secret",
            required: "write the value of a client secret of the app registration, or its file's name into AZURE_CLIENT_SECRET_FILE",
            help: "its secret, or a file that holds it",
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
            help: "more hosts that may be at a private address, `HOST:PORT` each, comma separated: where keys or tokens come from another host than the two above. The log names the host that was refused",
        }
    }
    check allow_the_configured(tenant, allowed_tenants)
}

impl AzureConfig {
    /// The same as a plug-in of the id `azure` would get it.
    pub(crate) fn provider_config(&self) -> ProviderConfig {
        let settings = [
            ("tenant-id", self.tenant.as_str()),
            ("authority-host", self.authority_host.as_str()),
            ("resource-manager-url", self.resource_manager_url.as_str()),
            ("subscriptions-as", self.subscriptions_as.as_str()),
        ];
        ProviderConfig {
            client_id: self.client_id.clone(),
            client_secret: Some(self.client_secret.clone()),
            allowed_tenants: AllowedTenants::only(self.allowed_tenants.clone()),
            private_hosts: self.private_hosts.clone(),
            settings: Settings::from_iter(settings),
            secrets: BTreeMap::new(),
        }
    }
}

/// Whose token lists subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionsAs {
    /// Portico's own: everybody sees what the application may see.
    Application,
    /// The signed-in person's: everybody sees what they may see.
    User,
}

impl SubscriptionsAs {
    /// As the Azure provider's setting says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::User => "user",
        }
    }
}

/// Where nothing is said about it, the configured directory's people may sign in.
fn allow_the_configured(
    s: &mut Sources,
    tenant: &mut Option<String>,
    allowed: &mut Option<Vec<TenantId>>,
) {
    if let (None, Some(tenant)) = (&allowed, tenant) {
        *allowed = s.keep("AZURE_ALLOWED_TENANTS", tenants_of(tenant));
    }
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
    directory(text).map_err(|mend| format!("{mend}; or write organizations, or common"))
}

/// A directory's GUID. A domain of its is no name to go by: it may become another directory's.
fn directory(text: &str) -> Result<String, String> {
    let is_domain = text.contains('.') && text.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
    if is_domain {
        return Err(format!(
            "write the directory's id, a GUID, and not its domain: it stands in the issuer that \
             {DEFAULT_AUTHORITY_HOST}/{text}/v2.0/.well-known/openid-configuration shows"
        ));
    }
    guid(text).map_err(|mend| {
        mend.unwrap_or_else(|| "write the directory's id, a GUID, and not its name".to_owned())
    })
}

/// A GUID in small letters, as Entra ID writes it in tokens: case does not matter in one (RFC 9562
/// section 4). What is one in another form is refused with the right one.
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

/// The directories whose people may sign in to the built-in provider, whatever else is said about it.
pub(super) fn own_tenants(s: &mut Sources) -> Option<Vec<TenantId>> {
    let setting = |name: &str| AzureConfig::SETTINGS.iter().find(|it| it.variable() == name);
    let named = s.quiet(setting("AZURE_ALLOWED_TENANTS")?, tenants);
    named.or_else(|| tenants_of(&s.quiet(setting("AZURE_TENANT_ID")?, azure_tenant)?).ok())
}

/// The text as Entra ID writes it where it is a GUID.
pub(super) fn normalise_guid(text: &str) -> String {
    guid(text).unwrap_or_else(|_| text.to_owned())
}

fn is_many_tenants(text: &str) -> bool {
    matches!(text, "organizations" | "common")
}

fn client_id(text: &str) -> Result<String, String> {
    let mend = "write the application (client) id, a GUID".to_owned();
    guid(text).map_err(|other| other.unwrap_or(mend))
}

/// GUIDs, comma separated.
fn tenants(text: &str) -> Result<Vec<TenantId>, String> {
    let mend = |why: &str| format!("write the GUIDs of directories, comma separated: {why}");
    text.split(',')
        .map(|text| {
            let text = trimmed(text);
            let id = directory(text).map_err(|why| mend(&format!("instead of {text:?} {why}")))?;
            TenantId::parse(id).map_err(|_| mend("there is one that is none"))
        })
        .collect()
}

/// The tenants that may sign in where the operator named none: the configured one.
fn tenants_of(tenant: &str) -> Result<Vec<TenantId>, String> {
    if is_many_tenants(tenant) {
        return Err(format!(
            "AZURE_TENANT_ID is {tenant}, which lets everybody's directory in: write the GUIDs of \
             those that may sign in, comma separated"
        ));
    }
    tenants(tenant)
}
