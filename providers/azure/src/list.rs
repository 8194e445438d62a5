//! The listing of subscriptions (Azure Resource Manager, Subscriptions - List,
//! <https://learn.microsoft.com/rest/api/resources/subscriptions/list>).

use portico_provider::{
    Fields, Get, Json, Next, Page, Pages, Unreadable, Url, Wording,
    address::below,
    provider::{Principal, Reply},
};

use crate::settings::{AzureSettings, ListingAs};

/// The permission that lists with the application's own token.
pub(crate) const AS_APPLICATION: &str = "subscriptions-as-application";
/// The permission that lists with the signed-in person's token.
pub(crate) const AS_USER: &str = "subscriptions-as-user";

/// The path of the list.
pub(crate) const PATH: &str = "/subscriptions";
const API_VERSION: &str = "2022-12-01";
/// The host's limit of requests in a listing.
const MAX_PAGES: usize = 500;
/// The longest id, in bytes. Azure's have 36.
const MAX_ID_LEN: usize = 128;

const SUBSCRIPTION: Fields = Fields {
    id: "/subscriptionId",
    name: "/displayName",
    state: Some("/state"),
    tenant: Some("/tenantId"),
};

const AS_USER_WORDING: Wording = Wording {
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

/// All subscriptions that are visible to the configured token.
pub(crate) fn subscriptions(settings: &AzureSettings) -> Pages {
    let (wording, permission) = match settings.listing_as {
        ListingAs::Application => (AS_APPLICATION_WORDING, AS_APPLICATION),
        ListingAs::User => (AS_USER_WORDING, AS_USER),
    };
    let first = Get::new(below(&settings.resource_manager, PATH), permission)
        .parameter("api-version", API_VERSION)
        .header("accept", "application/json");
    Pages::new(wording, first, page).at_most(MAX_PAGES)
}

fn page(reply: &Reply) -> Result<Page, Unreadable> {
    let body = Json::parse(&reply.body)?;
    let page = Page::of(body.at("/value").ok_or(Unreadable)?, &SUBSCRIPTION)?;
    let next = next(body.at("/nextLink"))?;
    Ok(page.keeping(|subscription| is_id(&subscription.id)).then(next))
}

fn is_id(text: &str) -> bool {
    text.len() <= MAX_ID_LEN && text.bytes().all(|b| b.is_ascii_graphic())
}

/// The next page. Azure links are absolute and have the path of the list itself.
fn next(link: Option<Json>) -> Result<Next, Unreadable> {
    let Some(link) = link.filter(|link| !link.is_null()) else { return Ok(Next::Nothing) };
    let link = link.text().ok_or(Unreadable)?;
    let is_list = |url: &Url| url.path().trim_end_matches('/') == PATH;
    Ok(match Url::parse(&link) {
        _ if link.is_empty() => Next::Nothing,
        Ok(url) if is_list(&url) => Next::Link(link),
        _ => Next::Unclear,
    })
}

#[cfg(test)]
mod tests;
