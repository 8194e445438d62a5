//! The operator's settings of the OpenID provider and of the list.

use portico_provider::{
    address::optional_with_query,
    describe::{Need, address, text},
    provider::{ProviderError, SettingSpec, Settings},
};

use crate::list::List;

pub(crate) fn specs() -> Vec<SettingSpec> {
    let pointer = |key, label, help, default| text(key, label, help, Need::Default(default));
    vec![
        address(
            "issuer",
            "Issuer",
            "the address of the OpenID provider, as it names itself",
            Need::Required,
        ),
        text(
            "scopes",
            "Scopes",
            "what to ask for, with spaces between; openid among them",
            Need::Default("openid profile email"),
        ),
        address(
            "list-url",
            "List",
            "an address that lists what a person can reach, as JSON",
            Need::Optional,
        ),
        pointer("items-pointer", "Items", "where the list stands in a page of it", "/items"),
        pointer("id-pointer", "Id", "where its id stands in an item", "/id"),
        pointer("name-pointer", "Name", "where its name stands in an item", "/name"),
        pointer(
            "next-pointer",
            "Next page",
            "where the address of the next page stands, if there is one",
            "/next",
        ),
    ]
}

/// The configured list, if there is one.
///
/// # Errors
/// The scopes lack `openid`, without which there is no ID token; or a setting of the list is invalid.
pub(crate) fn list(settings: &Settings) -> Result<Option<List>, ProviderError> {
    let scopes = settings.get("scopes").unwrap_or_default();
    if !scopes.split_whitespace().any(|scope| scope == "openid") {
        return Err(invalid("scopes", "must have openid among them, or there is no ID token"));
    }
    let [items, id, name, next] = ["items-pointer", "id-pointer", "name-pointer", "next-pointer"]
        .map(|key| pointer(settings, key));
    let (items, id, name, next) = (items?, id?, name?, next?);
    // The address may need a query. The permission covers it with any query.
    let url = optional_with_query(settings, "list-url")?;
    Ok(url.map(|url| List { url, items, id, name, next }))
}

/// A JSON Pointer, which begins with a slash or is empty. Another text is refused here, because it would
/// find nothing without an error.
fn pointer(settings: &Settings, key: &str) -> Result<String, ProviderError> {
    let pointer = settings.get(key).unwrap_or_default();
    if pointer.starts_with('/') || pointer.is_empty() {
        return Ok(pointer.into());
    }
    Err(invalid(key, "must be a JSON pointer such as /items"))
}

fn invalid(key: &str, why: &str) -> ProviderError {
    ProviderError::Setting { key: key.into(), why: why.into() }
}
