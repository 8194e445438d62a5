//! The GitHub plug-in: lists the signed-in user and their organisations.

mod single_sign_on;

use portico_provider::{
    Fields, Get, Json, Page, Pages, Url, Wording,
    address::{below, required},
    describe::{self, Need, pairs, people, plain, reads, user_record},
    headers::next_link,
    listing::Subscription,
    provider::{
        Descriptor, Permission, Person, Principal, Provider, ProviderError, Settings,
        SignInTemplate, UserRecordTemplate,
    },
};
use single_sign_on::{HEADER, SingleSignOn};

portico_provider::export!(GitHub);

const PERMISSION: &str = "user";
const ACCEPT: (&str, &str) = ("accept", "application/vnd.github+json");
/// An organisation's id is its login, because GitHub's addresses contain that.
const ORGANISATION: Fields = Fields { id: "/login", name: "/login", state: None, tenant: None };
const WORDING: Wording = Wording {
    id: "github",
    cloud: "GitHub",
    entries: "organisations",
    principal: Principal::SignedInUser,
    address: "api-url",
    forbidden: "Ask the owners of the organisations to approve this application.",
    empty: None,
};

/// GitHub, or a GitHub Enterprise Server.
pub struct GitHub {
    /// The address of the web site.
    site: Url,
    api: Url,
}

impl Provider for GitHub {
    type Discovery = Pages;

    fn describe() -> Descriptor {
        let why = "reads who signed in, and lists the organisations they belong to";
        let (name, version) = ("GitHub", env!("CARGO_PKG_VERSION"));
        Descriptor {
            icon: Some(include_str!("icon.svg").trim_end().into()),
            settings: vec![
                describe::address(
                    "url",
                    "Address",
                    "where people sign in: github.com, or your own Enterprise Server",
                    Need::Default("https://github.com"),
                ),
                describe::address(
                    "api-url",
                    "API",
                    "where organisations are listed; of an Enterprise Server https://HOST/api/v3",
                    Need::Default("https://api.github.com"),
                ),
            ],
            // The numeric id stays the same if somebody changes their login.
            people: Some(people("/id", None, &["/name", "/login"], &["/login"])),
            permissions: vec![Permission {
                reply_headers: vec![HEADER.into()],
                ..reads(PERMISSION, why, &["{api-url}"], &["/user"])
            }],
            ..describe::descriptor("github", name, version, "organisation", sign_in())
        }
    }

    fn create(settings: &Settings) -> Result<Self, ProviderError> {
        Ok(Self { site: required(settings, "url")?, api: required(settings, "api-url")? })
    }

    /// <https://docs.github.com/en/rest/orgs/orgs#list-organizations-for-the-authenticated-user>
    fn discover(&self, person: &Person) -> Result<Pages, ProviderError> {
        let first = Get::new(below(&self.api, "/user/orgs"), PERMISSION);
        let first = first.header(ACCEPT.0, ACCEPT.1).parameter("per_page", "100");
        let (mut partial, refused) = (SingleSignOn::at(&self.site), SingleSignOn::at(&self.site));
        let pages = Pages::new(WORDING, first, move |reply| {
            let body = Json::parse(&reply.body)?;
            let page = Page::of(body, &ORGANISATION)?.then(next_link(reply));
            partial.add(reply, body);
            Ok(Page { hidden: partial.organisations(), missing: partial.unnamed(), ..page })
        });
        let pages = pages.explained(move |reply| refused.refusal(reply));
        // The user's own repositories are in no organisation.
        Ok(match &person.identity.username {
            Some(login) => pages.prepend(personal(login)),
            None => pages,
        })
    }
}

fn sign_in() -> SignInTemplate {
    let record = user_record("{api-url}/user", PERMISSION);
    SignInTemplate {
        user_records: vec![UserRecordTemplate { headers: pairs(&[ACCEPT]), ..record }],
        ..plain(
            "{url}/login/oauth",
            "{url}/login/oauth/authorize",
            "{url}/login/oauth/access_token",
            &["read:user", "read:org"],
        )
    }
}

fn personal(login: &str) -> Subscription {
    let display_name = format!("{login} (personal)");
    Subscription { id: login.into(), display_name, state: None, tenant: None, extra: vec![] }
}

#[cfg(test)]
mod tests;
