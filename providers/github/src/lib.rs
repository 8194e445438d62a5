//! GitHub as a plug-in: the signed-in user and their organisations.

use portico_provider::{
    Fields, Get, Json, Page, Pages, Person, Unreadable, Url, Wording,
    account::Subscription,
    address::{below, required},
    describe::{self, Need, reads},
    headers::next_link,
    identity::{Claims, Identity, TenantId},
    provider::{
        Descriptor, Endpoints, PlainEndpoints, Principal, Problem, Provider, Reply, Settings,
        SignIn, UserRecord,
    },
};

portico_provider::export!(GitHub);

const GRANT: &str = "user";
const ACCEPT: (&str, &str) = ("accept", "application/vnd.github+json");
/// The number stays when somebody changes their login.
const PERSON: Person = Person { subject: "/id", tenant: None, name: "/name", username: "/login" };
/// By its login an organisation stands in GitHub's addresses.
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

/// GitHub, or an Enterprise Server.
pub struct GitHub {
    url: Url,
    api: Url,
}

impl Provider for GitHub {
    type Discovery = Pages;

    fn describe() -> Descriptor {
        let why = "reads who signed in, and lists the organisations they belong to";
        Descriptor {
            people: Some(PERSON.people()),
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
            grants: vec![reads(GRANT, why, &["{api-url}"], &["/user"])],
            ..describe::descriptor("github", "GitHub", env!("CARGO_PKG_VERSION"), "organisation")
        }
    }

    fn create(settings: &Settings, _: Option<&TenantId>) -> Result<Self, Problem> {
        Ok(Self { url: required(settings, "url")?, api: required(settings, "api-url")? })
    }

    fn sign_in(&self) -> SignIn {
        let endpoints = PlainEndpoints {
            issuer: self.issuer(),
            authorization: below(&self.url, "/login/oauth/authorize"),
            token: below(&self.url, "/login/oauth/access_token"),
            end_session: None,
            user_record: Some(UserRecord {
                url: below(&self.api, "/user"),
                headers: vec![(ACCEPT.0.into(), ACCEPT.1.into())],
                grant: GRANT.into(),
            }),
        };
        describe::sign_in(Endpoints::Plain(endpoints), &["read:user", "read:org"])
    }

    fn identify(&self, user: &Claims) -> Result<Identity, Problem> {
        PERSON.identify(user, &self.issuer())
    }

    fn discover(&self, identity: &Identity) -> Result<Pages, Problem> {
        let first = Get::new(below(&self.api, "/user/orgs"), GRANT).header(ACCEPT.0, ACCEPT.1);
        let pages = Pages::new(WORDING, first.parameter("per_page", "100"), page);
        // What somebody owns themselves is in no organisation.
        Ok(match &identity.username {
            Some(login) => pages.with(own(login)),
            None => pages,
        })
    }
}

impl GitHub {
    fn issuer(&self) -> Url {
        below(&self.url, "/login/oauth")
    }
}

fn own(login: &str) -> Subscription {
    let display_name = format!("{login} (personal)");
    Subscription { id: login.into(), display_name, state: None, tenant: None }
}

/// <https://docs.github.com/en/rest/orgs/orgs#list-organizations-for-the-authenticated-user>
fn page(reply: &Reply) -> Result<Page, Unreadable> {
    Ok(Page::of(Json::parse(&reply.body)?, &ORGANISATION)?.then(next_link(reply)))
}

#[cfg(test)]
mod tests;
