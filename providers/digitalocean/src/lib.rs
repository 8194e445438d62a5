//! DigitalOcean as a plug-in: the projects of the team that a person signs in for.

use portico_provider::{
    Fields, Get, Json, Next, Page, Pages, Person, Unreadable, Url, Wording,
    address::{below, required},
    describe::{self, Need, reads},
    identity::{Claims, Identity, TenantId},
    provider::{
        Descriptor, Endpoints, PlainEndpoints, Principal, Problem, Provider, Reply, Settings,
        SignIn, UserRecord,
    },
};

portico_provider::export!(DigitalOcean);

const GRANT: &str = "read";
const ACCOUNT: &str = "/v2/account";
const PROJECTS: &str = "/v2/projects";
const PERSON: Person = Person {
    subject: "/account/uuid",
    tenant: Some("/account/team/uuid"),
    name: "/account/name",
    username: "/account/email",
};
const PROJECT: Fields = Fields { id: "/id", name: "/name", state: None, tenant: None };
const WORDING: Wording = Wording {
    id: "digitalocean",
    cloud: "DigitalOcean",
    entries: "projects",
    principal: Principal::SignedInUser,
    address: "api-url",
    forbidden: "Ask an owner of the team to let you read its projects.",
    empty: None,
};

/// DigitalOcean.
pub struct DigitalOcean {
    url: Url,
    api: Url,
}

impl Provider for DigitalOcean {
    type Discovery = Pages;

    fn describe() -> Descriptor {
        let why = "reads who signed in, and lists the projects of their team";
        let name = "DigitalOcean";
        Descriptor {
            people: Some(PERSON.people()),
            settings: vec![
                describe::address(
                    "url",
                    "Address",
                    "where people sign in",
                    Need::Default("https://cloud.digitalocean.com"),
                ),
                describe::address(
                    "api-url",
                    "API",
                    "where projects are listed",
                    Need::Default("https://api.digitalocean.com"),
                ),
            ],
            grants: vec![reads(GRANT, why, &["{api-url}"], &[ACCOUNT, PROJECTS])],
            ..describe::descriptor("digitalocean", name, env!("CARGO_PKG_VERSION"), "project")
        }
    }

    fn create(settings: &Settings, _: Option<&TenantId>) -> Result<Self, Problem> {
        Ok(Self { url: required(settings, "url")?, api: required(settings, "api-url")? })
    }

    fn sign_in(&self) -> SignIn {
        let endpoints = PlainEndpoints {
            issuer: self.url.clone(),
            authorization: below(&self.url, "/v1/oauth/authorize"),
            token: below(&self.url, "/v1/oauth/token"),
            end_session: None,
            user_record: Some(UserRecord {
                url: below(&self.api, ACCOUNT),
                headers: vec![],
                grant: GRANT.into(),
            }),
        };
        describe::sign_in(Endpoints::Plain(endpoints), &["read"])
    }

    fn identify(&self, record: &Claims) -> Result<Identity, Problem> {
        PERSON.identify(record, &self.url)
    }

    fn discover(&self, _: &Identity) -> Result<Pages, Problem> {
        let first = Get::new(below(&self.api, PROJECTS), GRANT);
        Ok(Pages::new(WORDING, first.parameter("per_page", "100"), page))
    }
}

/// <https://docs.digitalocean.com/reference/api/digitalocean/#tag/Projects>: a list of one page has
/// no `pages` among its links.
fn page(reply: &Reply) -> Result<Page, Unreadable> {
    let body = Json::parse(&reply.body)?;
    let page = Page::of(body.at("/projects").ok_or(Unreadable)?, &PROJECT)?;
    Ok(page.then(Next::link(body.at("/links/pages/next"))))
}

#[cfg(test)]
mod tests;
