//! The operator's settings, read once into what cannot be wrong.

use portico_domain::{
    address::may_be_called,
    identity::TenantId,
    provider::{FieldKind, Problem, SettingSpec, Settings},
};
use url::Url;

use crate::guid::is_guid;

/// Where people sign in to the public cloud.
pub const DEFAULT_AUTHORITY_HOST: &str = "https://login.microsoftonline.com";
/// The Azure Resource Manager of the public cloud.
pub const DEFAULT_RESOURCE_MANAGER_URL: &str = "https://management.azure.com";

const TENANT_ID: &str = "tenant-id";

/// What an operator is asked for.
pub(crate) fn specs() -> Vec<SettingSpec> {
    let spec = |key: &str, label: &str, help: &str, kind, default: Option<&str>| SettingSpec {
        key: key.into(),
        label: label.into(),
        help: help.into(),
        kind,
        required: default.is_none(),
        default: default.map(Into::into),
    };
    let whose = FieldKind::Choice(vec!["application".into(), "user".into()]);
    vec![
        spec(TENANT_ID, "Tenant", TENANT, FieldKind::Text, None),
        spec(
            "authority-host",
            "Authority host",
            "where people sign in; another in a sovereign cloud",
            FieldKind::Url,
            Some(DEFAULT_AUTHORITY_HOST),
        ),
        spec(
            "resource-manager-url",
            "Resource Manager",
            "where subscriptions are listed; another in a sovereign cloud",
            FieldKind::Url,
            Some(DEFAULT_RESOURCE_MANAGER_URL),
        ),
        spec(
            "subscriptions-as",
            "List subscriptions as",
            "application lists what the application may see, user what each person may see",
            whose,
            Some("application"),
        ),
    ]
}

/// Settings that hold together.
#[derive(Clone, Debug)]
pub(crate) struct AzureSettings {
    pub(crate) authority: Url,
    pub(crate) tenant: Tenant,
    pub(crate) resource_manager: Url,
    pub(crate) listing_as: ListingAs,
}

/// Whose people sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tenant {
    /// Those of one tenant, by its GUID in lower case.
    One(String),
    /// Anybody's, as Entra calls it: `organizations` or `common`.
    Any(&'static str),
}

/// Whose token lists the subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListingAs {
    Application,
    User,
}

impl Tenant {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::One(guid) => guid,
            Self::Any(word) => word,
        }
    }

    /// Entra names itself by the GUID in lower case, however it was asked.
    fn parse(text: &str) -> Option<Self> {
        match text {
            "organizations" => Some(Self::Any("organizations")),
            "common" => Some(Self::Any("common")),
            _ => is_guid(text).then(|| Self::One(text.to_ascii_lowercase())),
        }
    }
}

impl AzureSettings {
    /// Reads the settings; `tenant` goes before the configured one.
    pub(crate) fn read(settings: &Settings, tenant: Option<&TenantId>) -> Result<Self, Problem> {
        let configured = required(settings, TENANT_ID, TENANT)?;
        let configured = Tenant::parse(configured).ok_or_else(|| wrong(TENANT_ID, TENANT))?;
        let tenant = match tenant {
            None => configured,
            Some(asked) => match Tenant::parse(asked.as_str()) {
                Some(one @ Tenant::One(_)) => one,
                Some(Tenant::Any(_)) | None => {
                    return Err(wrong(TENANT_ID, "was asked to be a tenant that is not a GUID"));
                }
            },
        };
        let authority = settings.get("authority-host").unwrap_or(DEFAULT_AUTHORITY_HOST);
        let resource_manager = required(settings, "resource-manager-url", RESOURCE_MANAGER)?;
        Ok(Self {
            authority: address(authority)
                .ok_or_else(|| wrong("authority-host", &must_be(DEFAULT_AUTHORITY_HOST)))?,
            tenant,
            resource_manager: address(resource_manager)
                .filter(|url| url.path() == "/")
                .ok_or_else(|| wrong("resource-manager-url", RESOURCE_MANAGER))?,
            listing_as: match settings.get("subscriptions-as") {
                None | Some("application") => ListingAs::Application,
                Some("user") => ListingAs::User,
                Some(_) => return Err(wrong("subscriptions-as", "must be application or user")),
            },
        })
    }
}

const TENANT: &str = "must be the GUID of the tenant (Azure portal, Microsoft Entra ID, Overview, \
                      Tenant ID), or organizations, or common";
const RESOURCE_MANAGER: &str = "must be an https address without a path, such as \
                                https://management.azure.com (plain http on loopback only)";

fn must_be(example: &str) -> String {
    format!("must be an https address such as {example} (plain http on loopback only)")
}

fn required<'a>(settings: &'a Settings, key: &str, why: &str) -> Result<&'a str, Problem> {
    settings.get(key).filter(|text| !text.is_empty()).ok_or_else(|| wrong(key, why))
}

fn wrong(key: &str, why: &str) -> Problem {
    Problem::Setting { key: key.into(), why: why.into() }
}

/// The address of a server that a token may go to, without anything that is not an address.
fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    (may_be_called(&url) && is_bare).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

    fn read(changed: &[(&str, &str)], tenant: Option<&str>) -> Result<AzureSettings, Problem> {
        let mut pairs = std::collections::BTreeMap::from([
            ("tenant-id", GUID),
            ("resource-manager-url", DEFAULT_RESOURCE_MANAGER_URL),
        ]);
        pairs.extend(changed.iter().copied());
        let tenant = tenant.map(|tenant| TenantId::parse(tenant).unwrap());
        AzureSettings::read(&Settings::from_iter(pairs), tenant.as_ref())
    }

    fn refused_key(changed: &[(&str, &str)], tenant: Option<&str>) -> String {
        match read(changed, tenant).unwrap_err() {
            Problem::Setting { key, .. } => key,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_is_left_out_is_the_public_cloud_and_the_application() {
        let settings = read(&[], None).unwrap();
        assert_eq!(settings.authority.as_str(), "https://login.microsoftonline.com/");
        assert_eq!(settings.listing_as, ListingAs::Application);
        assert_eq!(settings.tenant, Tenant::One(GUID.into()));
    }

    #[test]
    fn a_tenant_is_a_guid_in_either_case_or_one_of_two_words() {
        let upper = GUID.to_ascii_uppercase();
        assert_eq!(read(&[("tenant-id", &upper)], None).unwrap().tenant, Tenant::One(GUID.into()));
        for word in ["organizations", "common"] {
            assert_eq!(read(&[("tenant-id", word)], None).unwrap().tenant.as_str(), word);
        }
        for bad in ["", "contoso.onmicrosoft.com", "consumers", "Common", "../x"] {
            assert_eq!(refused_key(&[("tenant-id", bad)], None), TENANT_ID, "{bad}");
        }
    }

    #[test]
    fn the_tenant_asked_for_goes_before_the_configured_one_and_is_a_guid() {
        let settings = read(&[("tenant-id", "organizations")], Some(GUID)).unwrap();
        assert_eq!(settings.tenant, Tenant::One(GUID.into()));
        for bad in ["organizations", "common", "contoso", "x/../y"] {
            assert_eq!(refused_key(&[], Some(bad)), TENANT_ID, "{bad}");
        }
    }

    #[test]
    fn addresses_are_https_or_loopback_and_nothing_but_addresses() {
        for key in ["authority-host", "resource-manager-url"] {
            for good in ["https://a.example", "http://127.0.0.1:4000", "http://localhost:4000/"] {
                assert!(read(&[(key, good)], None).is_ok(), "{key} {good}");
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
                assert_eq!(refused_key(&[(key, bad)], None), key, "{key} {bad}");
            }
        }
        assert_eq!(
            refused_key(&[("resource-manager-url", "https://a.example/x")], None),
            "resource-manager-url"
        );
    }

    #[test]
    fn subscriptions_are_listed_as_the_application_or_the_user() {
        let listing_as = |word| read(&[("subscriptions-as", word)], None).unwrap().listing_as;
        assert_eq!(listing_as("application"), ListingAs::Application);
        assert_eq!(listing_as("user"), ListingAs::User);
        assert_eq!(refused_key(&[("subscriptions-as", "root")], None), "subscriptions-as");
    }
}
