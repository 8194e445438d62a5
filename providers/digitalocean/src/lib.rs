//! The DigitalOcean plug-in: lists the projects of the team that a person signs in to.

use portico_provider::{
    Fields, Get, Json, Next, Page, Pages, Unreadable, Url, Wording,
    address::{below, required},
    describe::{self, Need, people, plain, reads, user_record},
    provider::{
        Descriptor, Person, Principal, Provider, ProviderError, Reply, Settings, SignInTemplate,
        SubjectMapping,
    },
};

portico_provider::export!(DigitalOcean);

const PERMISSION: &str = "read";
const ACCOUNT: &str = "/v2/account";
const PROJECTS: &str = "/v2/projects";
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
pub struct DigitalOcean(Url);

impl Provider for DigitalOcean {
    type Discovery = Pages;

    fn describe() -> Descriptor {
        let why = "reads who signed in, and lists the projects of their team";
        let (name, version) = ("DigitalOcean", env!("CARGO_PKG_VERSION"));
        Descriptor {
            icon: Some(include_str!("icon.svg").trim_end().into()),
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
            people: Some(identity()),
            permissions: vec![reads(PERMISSION, why, &["{api-url}"], &[ACCOUNT, PROJECTS])],
            ..describe::descriptor("digitalocean", name, version, "project", sign_in())
        }
    }

    fn create(settings: &Settings) -> Result<Self, ProviderError> {
        required(settings, "api-url").map(Self)
    }

    fn discover(&self, _: &Person) -> Result<Pages, ProviderError> {
        let first = Get::new(below(&self.0, PROJECTS), PERMISSION);
        Ok(Pages::new(WORDING, first.parameter("per_page", "100"), page))
    }
}

fn identity() -> SubjectMapping {
    let names = &["/account/name", "/account/email"];
    people("/account/uuid", Some("/account/team/uuid"), names, &["/account/email"])
}

fn sign_in() -> SignInTemplate {
    SignInTemplate {
        user_records: vec![user_record(&format!("{{api-url}}{ACCOUNT}"), PERMISSION)],
        ..plain("{url}", "{url}/v1/oauth/authorize", "{url}/v1/oauth/token", &["read"])
    }
}

/// <https://docs.digitalocean.com/reference/api/digitalocean/#tag/Projects>. The links of a single page
/// have no `pages`.
fn page(reply: &Reply) -> Result<Page, Unreadable> {
    let body = Json::parse(&reply.body)?;
    let page = Page::of(body.at("/projects").ok_or(Unreadable)?, &PROJECT)?;
    let page = page.of_total(body.at("/meta/total"));
    Ok(page.then(Next::link(body.at("/links/pages/next"))))
}

#[cfg(test)]
mod tests;
