//! A list with a configured address and configured JSON Pointers.

use portico_provider::{
    Fields, Get, Json, Next, Page, Pages, Unreadable, Url, Wording,
    provider::{Principal, Reply},
};

/// The permission that lists.
pub(crate) const PERMISSION: &str = "list";

const WORDING: Wording = Wording {
    id: "oidc",
    cloud: "OpenID Connect",
    entries: "environments",
    principal: Principal::SignedInUser,
    address: "list-url",
    forbidden: "Ask an administrator to give you access to them.",
    empty: None,
};

/// The address of the list, and JSON Pointers (RFC 6901) into its pages.
#[derive(Clone, Debug)]
pub(crate) struct List {
    pub(crate) url: Url,
    pub(crate) items: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) next: String,
}

impl List {
    pub(crate) fn pages(&self) -> Pages {
        let list = self.clone();
        let first = Get::new(self.url.clone(), PERMISSION);
        Pages::new(WORDING, first, move |reply| list.page(reply))
    }

    fn page(&self, reply: &Reply) -> Result<Page, Unreadable> {
        let body = Json::parse(&reply.body)?;
        let fields = Fields { id: &self.id, name: &self.name, state: None, tenant: None };
        let page = Page::of(body.at(&self.items).ok_or(Unreadable)?, &fields)?;
        Ok(page.then(Next::link(body.at(&self.next))))
    }
}

/// The empty listing of a provider without a list; it has no warning.
pub(crate) fn empty() -> Pages {
    Pages::empty(WORDING)
}
