//! The operator's settings, read once into what cannot be wrong.

use portico_provider::{
    Url,
    address::required,
    describe::{Need, address, setting, text},
    provider::{FieldKind, ProviderError, SettingSpec, Settings},
};

use crate::guid::is_guid;

/// Where people sign in to the public cloud.
pub const DEFAULT_AUTHORITY_HOST: &str = "https://login.microsoftonline.com";
/// The Azure Resource Manager of the public cloud.
pub const DEFAULT_RESOURCE_MANAGER_URL: &str = "https://management.azure.com";

const TENANT_ID: &str = "tenant-id";
const AUTHORITY_HOST: &str = "authority-host";
const RESOURCE_MANAGER_URL: &str = "resource-manager-url";
const SUBSCRIPTIONS_AS: &str = "subscriptions-as";

/// What an operator is asked for.
pub(crate) fn specs() -> Vec<SettingSpec> {
    let whose = FieldKind::Choice(vec!["application".into(), "user".into()]);
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
            whose,
            Need::Default("application"),
        ),
    ]
}

/// Settings that hold together. What people sign in with is read by the host, out of the
/// descriptor's templates.
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
    /// Reads the settings, their defaults filled in.
    pub(crate) fn read(settings: &Settings) -> Result<Self, ProviderError> {
        let given = |key: &str| settings.get(key).unwrap_or_default();
        if !is_tenant(given(TENANT_ID)) {
            return Err(wrong(TENANT_ID, TENANT));
        }
        required(settings, AUTHORITY_HOST).map_err(|_| wrong(AUTHORITY_HOST, AUTHORITY))?;
        let resource_manager = required(settings, RESOURCE_MANAGER_URL).ok();
        Ok(Self {
            resource_manager: resource_manager
                .filter(|url| url.path() == "/")
                .ok_or_else(|| wrong(RESOURCE_MANAGER_URL, RESOURCE_MANAGER))?,
            listing_as: match given(SUBSCRIPTIONS_AS) {
                "application" => ListingAs::Application,
                "user" => ListingAs::User,
                _ => return Err(wrong(SUBSCRIPTIONS_AS, "must be application or user")),
            },
        })
    }
}

/// One tenant, by its GUID in either case, or anybody's, as Entra calls them.
fn is_tenant(text: &str) -> bool {
    matches!(text, "organizations" | "common") || is_guid(text)
}

const TENANT: &str = "must be the GUID of the tenant (Azure portal, Microsoft Entra ID, Overview, \
                      Tenant ID), or organizations, or common";
const AUTHORITY: &str = "must be an https address such as https://login.microsoftonline.com (plain \
                         http on loopback only)";
const RESOURCE_MANAGER: &str = "must be an https address without a path, such as \
                                https://management.azure.com (plain http on loopback only)";

fn wrong(key: &str, why: &str) -> ProviderError {
    ProviderError::Setting { key: key.into(), why: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

    /// The defaults, with these changed; an empty one is not given.
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
    fn read_takes_the_public_cloud_and_the_application_where_nothing_else_is_given() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.resource_manager.as_str(), "https://management.azure.com/");
        assert_eq!(settings.listing_as, ListingAs::Application);
    }

    #[test]
    fn read_takes_a_tenant_that_is_a_guid_in_either_case_or_one_of_two_words() {
        for good in [GUID, &GUID.to_ascii_uppercase(), "organizations", "common"] {
            assert!(read(&[(TENANT_ID, good)]).is_ok(), "{good}");
        }
        for bad in ["", "contoso.onmicrosoft.com", "consumers", "Common", "../x", "{tenant}"] {
            assert_eq!(refused_key(&[(TENANT_ID, bad)]), TENANT_ID, "{bad}");
        }
    }

    #[test]
    fn read_refuses_addresses_that_are_not_https_or_loopback_or_more_than_an_address() {
        for key in [AUTHORITY_HOST, RESOURCE_MANAGER_URL] {
            for good in ["https://a.example", "http://127.0.0.1:4000", "http://localhost:4000/"] {
                assert!(read(&[(key, good)]).is_ok(), "{key} {good}");
            }
            for bad in [
                "http://a.example",
                "ftp://a.example",
                "a.example",
                "https://u:p@a.example",
                "https://a.example?x",
                "https://a.example#x",
                "http://127.0.0.1.evil.example",
                "nonsense",
            ] {
                assert_eq!(refused_key(&[(key, bad)]), key, "{key} {bad}");
            }
        }
        assert!(read(&[(AUTHORITY_HOST, "https://a.example/x")]).is_ok());
        let with_path = [(RESOURCE_MANAGER_URL, "https://a.example/x")];
        assert_eq!(refused_key(&with_path), RESOURCE_MANAGER_URL);
    }

    #[test]
    fn read_takes_the_application_or_the_user_to_list_as() {
        let listing_as = |word| read(&[(SUBSCRIPTIONS_AS, word)]).unwrap().listing_as;
        assert_eq!(listing_as("application"), ListingAs::Application);
        assert_eq!(listing_as("user"), ListingAs::User);
        assert_eq!(refused_key(&[(SUBSCRIPTIONS_AS, "root")]), SUBSCRIPTIONS_AS);
    }
}
