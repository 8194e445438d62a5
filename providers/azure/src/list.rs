//! The listing of subscriptions (Azure Resource Manager, Subscriptions - List,
//! <https://learn.microsoft.com/rest/api/resources/subscriptions/list>).

use std::collections::BTreeMap;

use portico_provider::{
    Fields, Get, Json, Next, Page, Pages, Unreadable, Url, Wording,
    address::below,
    identity::TenantId,
    provider::{Principal, Reply},
};

use crate::{
    guid::is_guid,
    settings::{AzureSettings, ListingAs},
};

/// The permission that lists with the application's own token.
pub(crate) const AS_APPLICATION: &str = "subscriptions-as-application";
/// The permission that lists with the signed-in person's token.
pub(crate) const AS_USER: &str = "subscriptions-as-user";

/// The path of the list.
pub(crate) const PATH: &str = "/subscriptions";
pub(crate) const API_VERSION: &str = "2022-12-01";
/// The host's limit of requests in a listing.
const MAX_PAGES: usize = 500;
/// The longest id, in bytes. Azure's have 36.
const MAX_ID_LEN: usize = 128;

/// The member of an entry's `extra` with the tenants that manage it, and how many fit in it.
const MANAGED_BY: &str = "managedByTenants";
const MAX_MANAGERS: usize = 6;

const SUBSCRIPTION: Fields = Fields {
    id: "/subscriptionId",
    name: "/displayName",
    state: Some("/state"),
    tenant: Some("/tenantId"),
};

pub(crate) const AS_USER_WORDING: Wording = Wording {
    id: "azure",
    cloud: "Azure",
    entries: "subscriptions",
    principal: Principal::SignedInUser,
    address: "resource-manager-url",
    forbidden: "Ask an administrator for the Reader role on the subscriptions.",
    empty: None,
};
const AS_APPLICATION_WORDING: Wording = Wording {
    principal: Principal::Application,
    forbidden: "Give the application the Reader role on the subscriptions, or set \
                AZURE_SUBSCRIPTIONS_AS=user.",
    empty: Some(
        "The application can see no Azure subscription in this tenant. Where there are some, give \
         the application the Reader role on them, or set AZURE_SUBSCRIPTIONS_AS=user.",
    ),
    ..AS_USER_WORDING
};

/// All subscriptions that are visible to the configured token, in the tenant signed in to or in this
/// one.
pub(crate) fn subscriptions(settings: &AzureSettings, tenant: Option<TenantId>) -> Pages {
    let (wording, permission) = match settings.listing_as {
        ListingAs::Application => (AS_APPLICATION_WORDING, AS_APPLICATION),
        ListingAs::User => (AS_USER_WORDING, AS_USER),
    };
    let first = Get::new(below(&settings.resource_manager, PATH), permission)
        .parameter("api-version", API_VERSION)
        .header("accept", "application/json");
    let first = match tenant {
        Some(tenant) => first.in_tenant(tenant),
        None => first,
    };
    let read = match settings.listing_as {
        ListingAs::Application => page,
        ListingAs::User => page_with_managers,
    };
    Pages::new(wording, first, read).at_most(MAX_PAGES)
}

fn page(reply: &Reply) -> Result<Page, Unreadable> {
    let body = Json::parse(&reply.body)?;
    let page = Page::of(body.at("/value").ok_or(Unreadable)?, &SUBSCRIPTION)?;
    let next = next(body.at("/nextLink"), PATH)?;
    Ok(page.keeping(|subscription| is_id(&subscription.id)).then(next))
}

/// As [`page`], with the tenants that manage each subscription (Azure Lighthouse) for apps.
fn page_with_managers(reply: &Reply) -> Result<Page, Unreadable> {
    let body = Json::parse(&reply.body)?;
    let managed = |entry: &Json| Some((SUBSCRIPTION.read(*entry)?.id, managers(*entry)?));
    let entries = body.at("/value").and_then(Json::items).ok_or(Unreadable)?;
    let managers: BTreeMap<_, _> = entries.iter().filter_map(managed).collect();
    let mut page = page(reply)?;
    for subscription in &mut page.subscriptions {
        let managers = managers.get(&subscription.id).cloned();
        subscription.extra.extend(managers.map(|it| (MANAGED_BY.to_owned(), it)));
    }
    Ok(page)
}

/// The ids in `managedByTenants`, separated by commas; `None` if nobody manages the subscription.
fn managers(entry: Json) -> Option<String> {
    let tenants = entry.at("/managedByTenants")?.items()?;
    let ids = tenants.iter().filter_map(|it| it.at("/tenantId")?.text()).filter(|id| is_guid(id));
    let ids: Vec<_> = ids.take(MAX_MANAGERS).collect();
    (!ids.is_empty()).then(|| ids.join(","))
}

fn is_id(text: &str) -> bool {
    text.len() <= MAX_ID_LEN && text.bytes().all(|b| b.is_ascii_graphic())
}

/// The next page. Azure links are absolute and have the path of the list itself.
pub(crate) fn next(link: Option<Json>, path: &str) -> Result<Next, Unreadable> {
    let Some(link) = link.filter(|link| !link.is_null()) else { return Ok(Next::Nothing) };
    let link = link.text().ok_or(Unreadable)?;
    let is_list = |url: &Url| url.path().trim_end_matches('/') == path;
    Ok(match Url::parse(&link) {
        _ if link.is_empty() => Next::Nothing,
        Ok(url) if is_list(&url) => Next::Link(link),
        _ => Next::Unclear,
    })
}

#[cfg(test)]
mod tests;
