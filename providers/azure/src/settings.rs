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
mod tests {
    use rstest::rstest;

    use super::*;

    const GUID: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

    /// The defaults with these changes. An empty value is the same as none.
    fn read(changed: &[(&str, &str)]) -> Result<AzureSettings, ProviderError> {
        let mut pairs = std::collections::BTreeMap::from([(TENANT_ID, GUID)]);
        pairs.extend(changed.iter().copied());
        AzureSettings::read(&Settings::from_iter(pairs).complete(&specs())?)
    }

    fn refused_key(changed: &[(&str, &str)]) -> String {
        match read(changed).unwrap_err() {
            ProviderError::Setting { key, .. } => key,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn read_defaults_to_public_cloud_and_application() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.resource_manager.as_str(), "https://management.azure.com/");
        assert_eq!(settings.listing_as, ListingAs::Application);
    }

    #[rstest]
    #[case::guid(GUID)]
    #[case::guid_in_upper_case(&GUID.to_ascii_uppercase())]
    #[case::organizations("organizations")]
    #[case::common("common")]
    fn read_takes_tenant(#[case] tenant: &str) {
        assert!(read(&[(TENANT_ID, tenant)]).is_ok());
    }

    #[rstest]
    #[case::empty("")]
    #[case::domain("contoso.onmicrosoft.com")]
    #[case::consumers("consumers")]
    #[case::upper_case("Common")]
    #[case::path("../x")]
    #[case::placeholder("{tenant}")]
    fn read_refuses_tenant(#[case] tenant: &str) {
        assert_eq!(refused_key(&[(TENANT_ID, tenant)]), TENANT_ID);
    }

    #[rstest]
    fn read_takes_https_and_loopback_addresses(
        #[values(AUTHORITY_HOST, RESOURCE_MANAGER_URL)] key: &str,
        #[values("https://a.example", "http://127.0.0.1:4000", "http://localhost:4000/")]
        address: &str,
    ) {
        assert!(read(&[(key, address)]).is_ok());
    }

    #[rstest]
    #[case::http("http://a.example")]
    #[case::ftp("ftp://a.example")]
    #[case::no_scheme("a.example")]
    #[case::user("https://u:p@a.example")]
    #[case::query("https://a.example?x")]
    #[case::fragment("https://a.example#x")]
    #[case::loopback_as_label("http://127.0.0.1.evil.example")]
    #[case::word("nonsense")]
    fn read_refuses_address(
        #[values(AUTHORITY_HOST, RESOURCE_MANAGER_URL)] key: &str,
        #[case] address: &str,
    ) {
        assert_eq!(refused_key(&[(key, address)]), key);
    }

    #[test]
    fn read_takes_path_in_authority_host_only() {
        assert!(read(&[(AUTHORITY_HOST, "https://a.example/x")]).is_ok());
        let with_path = [(RESOURCE_MANAGER_URL, "https://a.example/x")];
        assert_eq!(refused_key(&with_path), RESOURCE_MANAGER_URL);
    }

    #[test]
    fn read_takes_application_or_user_to_list_as() {
        let listing_as = |word| read(&[(SUBSCRIPTIONS_AS, word)]).unwrap().listing_as;
        assert_eq!(listing_as("application"), ListingAs::Application);
        assert_eq!(listing_as("user"), ListingAs::User);
        assert_eq!(refused_key(&[(SUBSCRIPTIONS_AS, "root")]), SUBSCRIPTIONS_AS);
    }
}
