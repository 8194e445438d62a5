//! The operator's settings, parsed and checked once.

use portico_provider::{
    Url,
    address::required,
    describe::{Need, address, setting, text},
    provider::{FieldKind, ProviderError, SettingSpec, Settings},
};

use crate::guid::is_guid;

/// The authority host of the public cloud.
pub const DEFAULT_AUTHORITY_HOST: &str = "https://login.microsoftonline.com";
/// The Azure Resource Manager of the public cloud.
pub const DEFAULT_RESOURCE_MANAGER_URL: &str = "https://management.azure.com";

const TENANT_ID: &str = "tenant-id";
const AUTHORITY_HOST: &str = "authority-host";
const RESOURCE_MANAGER_URL: &str = "resource-manager-url";
const SUBSCRIPTIONS_AS: &str = "subscriptions-as";

/// The declared settings.
pub(crate) fn specs() -> Vec<SettingSpec> {
    let principals = FieldKind::Choice(vec!["application".into(), "user".into()]);
    vec![
        text(TENANT_ID, "Tenant", TENANT, Need::Required),
        address(
            AUTHORITY_HOST,
            "Authority host",
            "where people sign in; another in a sovereign cloud",
            Need::Default(DEFAULT_AUTHORITY_HOST),
        ),
        address(
            RESOURCE_MANAGER_URL,
            "Resource Manager",
            "where subscriptions are listed; another in a sovereign cloud",
            Need::Default(DEFAULT_RESOURCE_MANAGER_URL),
        ),
        setting(
            SUBSCRIPTIONS_AS,
            "List subscriptions as",
            "application lists what the application may see, user what each person may see",
            principals,
            Need::Default("application"),
        ),
    ]
}

/// The settings of a listing. Those of the sign-in are filled into its templates by the host.
#[derive(Clone, Debug)]
pub(crate) struct AzureSettings {
    pub(crate) resource_manager: Url,
    pub(crate) listing_as: ListingAs,
}

/// Whose token lists the subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListingAs {
    Application,
    User,
}

impl AzureSettings {
    /// Reads settings that have their defaults filled in.
    pub(crate) fn read(settings: &Settings) -> Result<Self, ProviderError> {
        let value = |key: &str| settings.get(key).unwrap_or_default();
        if !is_tenant(value(TENANT_ID)) {
            return Err(invalid(TENANT_ID, TENANT));
        }
        required(settings, AUTHORITY_HOST).map_err(|_| invalid(AUTHORITY_HOST, AUTHORITY))?;
        let resource_manager = required(settings, RESOURCE_MANAGER_URL).ok();
        Ok(Self {
            resource_manager: resource_manager
                .filter(|url| url.path() == "/")
                .ok_or_else(|| invalid(RESOURCE_MANAGER_URL, RESOURCE_MANAGER))?,
            listing_as: match value(SUBSCRIPTIONS_AS) {
                "application" => ListingAs::Application,
                "user" => ListingAs::User,
                _ => return Err(invalid(SUBSCRIPTIONS_AS, "must be application or user")),
            },
        })
    }
}

/// Whether `text` is the GUID of one tenant, or Entra ID's name for all tenants.
fn is_tenant(text: &str) -> bool {
    matches!(text, "organizations" | "common") || is_guid(text)
}

const TENANT: &str = "must be the GUID of the tenant (Azure portal, Microsoft Entra ID, Overview, \
                      Tenant ID), or organizations, or common";
const AUTHORITY: &str = "must be an https address such as https://login.microsoftonline.com (plain \
                         http on loopback only)";
const RESOURCE_MANAGER: &str = "must be an https address without a path, such as \
                                https://management.azure.com (plain http on loopback only)";

fn invalid(key: &str, why: &str) -> ProviderError {
    ProviderError::Setting { key: key.into(), why: why.into() }
}

#[cfg(test)]
mod tests;
