//! Example Cloud. The host signs people in by the descriptor; `discover` returns requests, which the host
//! sends. The same inputs must give the same outputs.

use portico_provider::{
    Fields, Get, Json, Next, Page, Pages, Unreadable, Url, Wording,
    address::{below, required},
    describe::{self, Need, openid, people, reads},
    provider::{Descriptor, Person, Principal, Provider, ProviderError, Reply, Settings},
};

const PERMISSION: &str = "read";
const PATH: &str = "/api/projects";
const PROJECT: Fields = Fields { id: "/id", name: "/name", state: None, tenant: None };
const WORDING: Wording = Wording {
    id: "example-cloud",
    cloud: "Example Cloud",
    entries: "projects",
    principal: Principal::SignedInUser,
    address: "address",
    forbidden: "Ask an owner of the projects to let you read them.",
    empty: None,
};

/// Example Cloud with the operator's settings.
pub struct ExampleCloud(Url);

impl Provider for ExampleCloud {
    type Discovery = Pages;

    fn describe() -> Descriptor {
        let (name, version) = ("Example Cloud", env!("CARGO_PKG_VERSION"));
        let sign_in = openid("{address}", &["openid", "profile", "projects"]);
        let why = "lists the projects that the signed-in person can see";
        Descriptor {
            settings: vec![describe::address(
                "address",
                "Address",
                "where the cloud is, for people and for its API",
                Need::Default("https://cloud.example"),
            )],
            people: Some(people("/sub", None, &["/name"], &["/email"])),
            permissions: vec![reads(PERMISSION, why, &["{address}"], &[PATH])],
            ..describe::descriptor("example-cloud", name, version, "project", sign_in)
        }
    }

    fn create(settings: &Settings) -> Result<Self, ProviderError> {
        required(settings, "address").map(Self)
    }

    fn discover(&self, _: &Person) -> Result<Pages, ProviderError> {
        let first = Get::new(below(&self.0, PATH), PERMISSION).parameter("page", "1");
        let mut number = 1;
        Ok(Pages::new(WORDING, first, move |reply| page(reply, &mut number)))
    }
}

/// A page of projects. `more` is true if there is another.
fn page(reply: &Reply, number: &mut u32) -> Result<Page, Unreadable> {
    let body = Json::parse(&reply.body)?;
    let page = Page::of(body.at("/projects").ok_or(Unreadable)?, &PROJECT)?;
    Ok(page.then(if body.at("/more").is_some_and(Json::is_true) {
        *number += 1;
        Next::Parameter("page", number.to_string())
    } else {
        Next::Nothing
    }))
}
